"""A campaign that is not opened, because a name or the file is wrong, leaves no event and no key behind."""

from pathlib import Path

import pytest

from deploy.commands.campaign import opening_body
from deploy.commands.refusals import ServiceRefusal
from tests.files import CAMPAIGN_FILE
from tests.unit.submission import hosted

BROKEN = Path(__file__).parents[2] / "moderation" / "campaign_file" / "broken" / "overlap.toml"


@pytest.fixture
def town(tmp_path: Path) -> hosted.Town:
    return hosted.Town(tmp_path)


@pytest.mark.parametrize(
    ("file", "names", "code"),
    [
        pytest.param(CAMPAIGN_FILE, ["olga", ""], "invalid", id="an empty name"),
        pytest.param(CAMPAIGN_FILE, ["olga", "o/../o"], "invalid", id="a name that is a path"),
        pytest.param(CAMPAIGN_FILE, ["olga", "o" * 200], "invalid", id="a name that is too long"),
        pytest.param(CAMPAIGN_FILE, ["olga", "ot\nto"], "invalid", id="a name of two lines"),
        pytest.param(BROKEN, ["olga", "otto"], "campaign-file-broken", id="a broken file"),
    ],
)
def test_campaign_that_is_refused_writes_nothing(town: hosted.Town, file: Path, names: list[str], code: str):
    answer = town.call("open_campaign", "operator", "operator", **opening_body(file, names, rehearsal=True))

    assert ServiceRefusal(answer).code == code
    assert town.ledger.head("moderation") == 0
    assert not any(town.vault.holds(f"staff.{name}") for name in names if name)


def test_campaign_is_opened_once_and_the_second_opening_writes_nothing(town: hosted.Town):
    body = opening_body(CAMPAIGN_FILE, ["olga", "otto", "olga"], rehearsal=True)

    first = town.call("open_campaign", "operator", "operator", **body)
    other = opening_body(CAMPAIGN_FILE, ["a", "b"], rehearsal=False)
    again = town.call("open_campaign", "operator", "operator", **other)

    assert sorted(first["ok"]["links"]) == ["olga", "otto"]
    assert ServiceRefusal(again).code == "campaign-is-open"
    assert town.ledger.head("moderation") == 1
