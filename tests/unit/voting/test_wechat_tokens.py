"""Tests of fetching tokens and JS tickets from the WeChat simulator, over its public protocol."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from gateway.wechat import jssdk
from gateway.wechat.account import Account
from services.voting.tokens import TokenSource, TokenUnavailable
from services.voting.wechat_tokens import TRIES_MOST, Accounts, WeChatTokens, accounts_of
from tests.unit.voting.token_stores import MemoryTokenStore
from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator

pytestmark = pytest.mark.slow  # processes or sockets of its own

ACCESS, TICKET = "service/access", "service/ticket"


@pytest.fixture
def at() -> Iterator[SimulatorClient]:
    with running_simulator() as simulator:
        yield simulator


def tokens(at: SimulatorClient, accounts: Accounts | None = None) -> TokenSource:
    """Return a token source with a store of its own."""
    known = accounts or {"service": (at.accounts["service"].appid, at.accounts["service"].secret)}

    def access(account: str, stale: str) -> str:
        return source.token(f"{account}/access", stale=stale).token

    fetch = WeChatTokens(str(at.http.base_url), known, access=access)
    source = TokenSource(MemoryTokenStore(), fetch, me="one")
    return source


def counted(call: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("baijia_wechat_calls_total", {"call": call, "outcome": outcome}) or 0.0


def test_token_is_what_wechat_takes(at: SimulatorClient):
    kept = tokens(at).token(ACCESS)

    assert at.get("/cgi-bin/ticket/getticket", type="jsapi", access_token=kept.token)["errcode"] == 0


def test_ticket_is_asked_with_the_token(at: SimulatorClient):
    source = tokens(at)

    assert source.token(TICKET).token == at.get(
        "/cgi-bin/ticket/getticket", type="jsapi", access_token=source.token(ACCESS).token
    )["ticket"]  # fmt: skip


def test_forced_token_ends_the_one_before(at: SimulatorClient):
    source = tokens(at)
    before = source.token(ACCESS).token

    after = source.token(ACCESS, stale=before).token

    told = [at.get("/cgi-bin/user/info", access_token=each, openid="oNobody")["errcode"] for each in (before, after)]
    assert (after != before, told) == (True, [40001, 40003])


def test_ticket_signs_a_page_that_the_phone_takes(at: SimulatorClient):
    ticket = tokens(at).token(TICKET).token
    service = Account(**at.secret())

    signed = jssdk.config(service, ticket=ticket, url="https://vote.example/e#top", now_s=1)

    assert at.order("jssdk", url="https://vote.example/e", **signed)["right"]


def test_ticket_whose_access_token_is_refused_is_asked_with_a_fresh_one(at: SimulatorClient):
    source = tokens(at)
    died = source.token(ACCESS).token
    at.stable(force=True)

    ticket = source.token(TICKET)

    assert ticket.token
    assert source.token(ACCESS).token != died


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("-1", "busy"), ("45009", "quota"), ("45011", "pace"), ("40164", "misconfigured"), ("40125", "misconfigured"),
        ("99999", "refused"), ("down", "away"), ("cut", "away"),
    ],
)  # fmt: skip
def test_failure_is_counted_by_what_it_means(at: SimulatorClient, fault: str, outcome: str):
    at.order("faults", fault=fault, call="stable_token")
    before = counted("stable_token", outcome)

    with pytest.raises(TokenUnavailable) as told:
        tokens(at).token(ACCESS)

    assert counted("stable_token", outcome) == before + (TRIES_MOST if outcome == "busy" else 1)
    assert at.accounts["service"].secret not in str(told.value)


def test_wechat_that_is_busy_is_asked_again(at: SimulatorClient):
    at.order("faults", fault="-1", call="stable_token", times=TRIES_MOST - 1)

    assert tokens(at).token(ACCESS).token


def test_ticket_is_asked_for_again_while_wechat_is_busy(at: SimulatorClient):
    at.order("faults", fault="-1", call="ticket/getticket", times=TRIES_MOST - 1)

    assert tokens(at).token(TICKET).token


def test_proxy_of_the_environment_sees_no_secret(at: SimulatorClient, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        proxy = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("urllib.request._opener", None)  # `urlopen` keeps the proxies of its first call

    assert tokens(at).token(TICKET).token


def test_success_is_counted(at: SimulatorClient):
    before = counted("stable_token", "ok"), counted("getticket", "ok")

    tokens(at).token(TICKET)

    assert (counted("stable_token", "ok"), counted("getticket", "ok")) == (before[0] + 1, before[1] + 1)


def test_account_that_is_in_no_file_has_no_token(at: SimulatorClient, tmp_path: Path):
    with pytest.raises(TokenUnavailable, match="no such account"):
        tokens(at, accounts_of(tmp_path / "none.toml") or {"other": ("a", "b")}).token(ACCESS)
