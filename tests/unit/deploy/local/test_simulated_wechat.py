"""WeChat simulated beside a stack: the settings of the product, and the campaigns for which it does not run."""

from pathlib import Path

import pytest

from deploy.local import simulated_wechat
from deploy.run import is_live
from gateway.wechat import account
from services.voting.wechat_tokens import accounts_of
from shared.commit import Head, Stamp, form
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.voting.stories import opened
from tests.wechat_sim import accounts
from tests.wechat_sim.__main__ import arguments

GATEWAY, WECHAT = "http://127.0.0.1:8321", "http://127.0.0.1:9110"


def environment_of(data: Path) -> dict[str, str]:
    return simulated_wechat.environment(data, wechat=WECHAT, gateway=GATEWAY)


def test_secrets_are_what_gateway_voting_and_simulator_read(tmp_path: Path):
    file = Path(environment_of(tmp_path)["BAIJIA_WECHAT_FILE"])

    accounts_read = account.read(file)

    assert accounts_read.service.mode == accounts_read.subscription.mode == "safe"
    assert {name: each.appid for name, each in accounts.read(file).items()} == {
        name: appid for name, (appid, _) in accounts_of(file).items()
    }


def test_secrets_are_invented_once_and_for_their_owner_alone(tmp_path: Path):
    file = Path(environment_of(tmp_path)["BAIJIA_WECHAT_FILE"])
    first = file.read_text()

    environment_of(tmp_path)

    assert (file.read_text(), file.stat().st_mode & 0o777) == (first, 0o600)


def test_another_folder_has_other_secrets(tmp_path: Path):
    (tmp_path / "other").mkdir()
    files = [Path(environment_of(each)["BAIJIA_WECHAT_FILE"]).read_text() for each in (tmp_path, tmp_path / "other")]

    assert files[0] != files[1]


def test_simulator_is_started_with_words_that_it_knows(tmp_path: Path):
    words = simulated_wechat.command(tmp_path / "wechat.toml", port=9110, gateway=GATEWAY)

    parsed = arguments().parse_args(words[2:])

    assert words[:2] == ["-m", simulated_wechat.MODULE]
    assert (parsed.port, parsed.accounts) == (9110, tmp_path / "wechat.toml")
    assert parsed.callback == [f"service={GATEWAY}/wechat", f"subscription={GATEWAY}/wechat"]


@pytest.mark.parametrize(("rehearsal", "live"), [(True, False), (False, True)], ids=["rehearsal", "live"])
def test_campaign_is_live_unless_it_is_a_rehearsal(rehearsal: bool, live: bool):
    ledger = MemoryLedger()
    ledger.insert(form(Head("moderation"), opened(rehearsal=rehearsal), commands=[], stamp=Stamp("u", bytes(32), 1)))

    assert is_live(ledger) is live


def test_campaign_that_is_not_open_is_not_live():
    assert is_live(MemoryLedger()) is False
