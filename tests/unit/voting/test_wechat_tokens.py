"""Asking WeChat for tokens, against the simulator: what voting keeps is what phones and WeChat take."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.wechat import account, jssdk
from services.voting.tokens import TokenAway
from services.voting.wechat_tokens import WeChatTokens, accounts_of
from tests.unit.wechat_sim.phone import Phone, phone
from tests.wechat_sim.accounts import written


@pytest.fixture(scope="module")
def at() -> Iterator[Phone]:
    with phone() as made:
        yield made


def desk(at: Phone, folder: Path, **changed: str) -> WeChatTokens:
    """What asks, with a secrets file in which some of the service account's fields are `changed`."""
    file = folder / "wechat.toml"
    file.write_text(written({**at.accounts, "service": replace(at.accounts["service"], **changed)}))
    return WeChatTokens(str(at.http.base_url), accounts_of(file), access=lambda _: at.stable())


def test_access_token_is_the_one_that_wechat_keeps(at: Phone, tmp_path: Path):
    asked = desk(at, tmp_path)("service/access", False)

    assert (asked.token, 0 < asked.lasts_s <= 7_200) == (at.stable(), True)


def test_forced_access_token_ends_the_one_before(at: Phone, tmp_path: Path):
    ask = desk(at, tmp_path)
    before = ask("service/access", False).token

    after = ask("service/access", True).token

    told = [at.get("/cgi-bin/user/info", access_token=each, openid="oNobody")["errcode"] for each in (before, after)]
    assert (after != before, told) == (True, [40001, 40003])


def test_ticket_signs_a_page_that_the_phone_takes(at: Phone, tmp_path: Path):
    ticket = desk(at, tmp_path)("service/ticket", False).token
    service = account.read(tmp_path / "wechat.toml").service

    signed = jssdk.config(service, ticket=ticket, url="https://vote.example/e#top", now_s=1)

    assert at.order("jssdk", url="https://vote.example/e", **signed)["right"]


def test_wrong_secret_is_told_without_the_secret(at: Phone, tmp_path: Path):
    with pytest.raises(TokenAway, match="40125") as told:
        desk(at, tmp_path, secret="wrong-and-secret")("service/access", False)

    assert "wrong-and-secret" not in str(told.value)


def test_platform_that_is_down_has_no_token(at: Phone, tmp_path: Path):
    at.order("faults", fault="down", call="stable_token", times=1)

    with pytest.raises(TokenAway, match="does not answer"):
        desk(at, tmp_path)("service/access", False)
