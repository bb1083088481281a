"""The client against the simulator over real sockets: what each of WeChat's answers leads to."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway.wechat import account, calls, miniprogram, oauth
from gateway.wechat.account import Account, Accounts
from gateway.wechat.calls import Call, Caller
from gateway.wechat.client import WeChat
from gateway.wechat.errors import (
    Away,
    BreakerOpen,
    Busy,
    CallFailed,
    CodeRefused,
    Misconfigured,
    NotAFollower,
    PaceSpent,
    QuotaSpent,
    Refused,
    TokenRefused,
    UserBlocked,
)
from services.voting.wechat_tokens import WeChatTokens, accounts_of
from shared.metrics import WECHAT_BREAKER, WECHAT_CALLS
from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator
from tests.wechat_sim.accounts import to_toml

pytestmark = pytest.mark.slow  # starts processes and opens sockets

BUDGET_S = 5.0
Work = Callable[["Desk"], Awaitable[Any]]


@dataclass(slots=True)
class Tokens:
    """A source of access tokens like the voting service's, which remembers the tokens that it was told are stale."""

    asked: WeChatTokens
    kept: str = ""
    stale: list[str] = field(default_factory=list)

    async def token(self, account: Account, *, stale: str | None) -> str:  # noqa: ARG002 -- a TokenSource's signature
        if stale is not None:
            self.stale.append(stale)
        if not self.kept or stale is not None:
            self.kept = (await asyncio.to_thread(self.asked, "service/access", stale is not None)).token
        return self.kept


@dataclass(slots=True)
class Desk:
    """The gateway's side of one test: its client, its token source and its account."""

    wechat: WeChat
    tokens: Tokens
    accounts: Accounts

    @property
    def service(self) -> Account:
        return self.accounts.service

    async def follower(self, openid: str = "oNobody", *, budget_s: float = BUDGET_S) -> Any:
        return await self.wechat.follower(self.service, openid, budget_s=budget_s)


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatorClient]:
    with running_simulator() as made:
        yield made


@pytest.fixture
def at(shared: SimulatorClient) -> SimulatorClient:
    return shared.settle()


@pytest.fixture
def run(at: SimulatorClient, tmp_path: Path) -> Callable[[Work], Any]:
    """Return a function that runs some work with a desk of its own and returns the result."""
    path = tmp_path / "wechat.toml"
    path.write_text(to_toml(at.accounts))

    async def at_a_desk(work: Work) -> Any:
        api = str(at.http.base_url)
        async with calls.connect(api, verify=False) as http:
            tokens = Tokens(WeChatTokens(api, accounts_of(path), access=str))
            caller = Caller(http, jitter=lambda low, _high: low)
            return await work(Desk(WeChat(caller, tokens), tokens, account.read(path)))

    return lambda work: asyncio.run(at_a_desk(work))


@contextmanager
def counted(call: str, outcome: str) -> Iterator[list[float]]:
    """Yield a list that afterwards holds by how much the metric has grown."""
    counter = WECHAT_CALLS.labels(call, outcome)._value
    before, more = counter.get(), []
    yield more
    more.append(counter.get() - before)


def count_calls(at: SimulatorClient, what: str) -> int:
    return sum(each["what"] == what for each in at.journal("call"))


def code(at: SimulatorClient, *, name: str = "voter-1") -> str:
    params = {
        "appid": at.accounts["service"].appid,
        "redirect_uri": "https://vote.example/back",
        "response_type": "code",
        "scope": "snsapi_base",
        "as": name,
    }
    response = at.http.get("/connect/oauth2/authorize", params=params)
    return parse_qs(urlsplit(response.headers["location"]).query)["code"][0]


def test_person_who_follows_is_known_as_one(at: SimulatorClient, run: Callable[[Work], Any]):
    (person,) = at.order("people", count=1, prefix="follower-", follow=True)["people"]

    follower = run(lambda desk: desk.follower(person["openid"]))

    assert (follower.follows, follower.unionid, follower.since_s > 0) == (True, person["unionid"], True)


def test_person_who_does_not_follow_is_known_too(at: SimulatorClient, run: Callable[[Work], Any]):
    assert not run(lambda desk: desk.follower(at.openid("stranger-"))).follows


def test_code_of_the_authorise_page_tells_the_person(at: SimulatorClient, run: Callable[[Work], Any]):
    identity = run(lambda desk: desk.wechat.identity(desk.service, code(at), budget_s=BUDGET_S))

    assert (identity.openid, identity.is_snapshot) == (at.openid("voter-"), False)


def test_address_of_ours_is_one_that_the_authorise_page_takes(at: SimulatorClient, run: Callable[[Work], Any]):
    async def sent(desk: Desk) -> str:
        state = oauth.make_state(b"k" * 32, "A012", browser="cookie", now_s=int(time.time()))
        base = str(at.http.base_url).rstrip("/")
        return oauth.authorize_url(desk.service, base=base, redirect="https://vote.example/back?a=b", state=state)

    page = at.http.get(f"{run(sent).partition('#')[0]}&as=voter-1")

    said = parse_qs(urlsplit(page.headers["location"]).query)
    state = oauth.read_state(b"k" * 32, said["state"][0], browser="cookie", now_s=int(time.time()))
    assert (state.reference, said["a"]) == ("A012", ["b"])


def test_snapshot_page_is_flagged(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="snapshot", times=1)

    identity = run(lambda desk: desk.wechat.identity(desk.service, code(at), budget_s=BUDGET_S))

    assert (identity.is_snapshot, identity.openid != at.openid("voter-")) == (True, True)


def test_login_of_the_mini_program_tells_the_person_and_opens_their_data(
    at: SimulatorClient, run: Callable[[Work], Any]
):
    login = at.order("wxlogin", **{"as": "voter-1"})["code"]

    async def logged_in(desk: Desk) -> Any:
        return await desk.wechat.mini_session(desk.accounts.miniprogram, login, budget_s=BUDGET_S)

    session = run(logged_in)
    given = at.order("wxdata", data={"openId": session.openid}, **{"as": "voter-1"})
    told = miniprogram.decrypt(
        given["encryptedData"],
        iv=given["iv"],
        session_key=session.session_key,
        appid=at.accounts["miniprogram"].appid,
    )

    assert miniprogram.sign(given["rawData"], session.session_key) == given["signature"]
    assert told["openId"] == session.openid


def test_nothing_of_a_person_shows_in_what_is_printed(at: SimulatorClient, run: Callable[[Work], Any]):
    async def everything(desk: Desk) -> str:
        identity = await desk.wechat.identity(desk.service, code(at), budget_s=BUDGET_S)
        return f"{identity!r} {desk.accounts!r}"

    shown = run(everything)

    assert [each for each in (at.openid("voter-"), at.accounts["service"].secret) if each in shown] == []


def test_menu_is_put_in_place_in_chinese(at: SimulatorClient, run: Callable[[Work], Any]):
    menu = {"button": [{"type": "click", "name": "点赞", "key": "LIKE"}]}

    run(lambda desk: desk.wechat.create_menu(desk.service, menu, budget_s=BUDGET_S))

    assert at.get("/cgi-bin/menu/get", access_token=at.stable())["menu"] == menu


def test_busy_is_asked_again(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="-1", call="user/info", times=3)

    with counted("user/info", "busy") as busy:
        follower = run(lambda desk: desk.follower(at.openid("stranger-")))

    assert (follower.follows, busy) == (False, [3])


def test_busy_for_good_ends_after_four_tries(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="-1", call="user/info")

    with pytest.raises(Busy):
        run(Desk.follower)

    assert count_calls(at, "user/info") == 4


@pytest.mark.parametrize("fault", ["down", "cut"])
def test_silence_is_asked_again(at: SimulatorClient, run: Callable[[Work], Any], fault: str):
    at.order("faults", fault=fault, call="user/info", times=1)

    assert not run(lambda desk: desk.follower(at.openid("stranger-"))).follows


def test_slow_answer_ends_with_the_budget(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="slow", call="user/info", delay_ms=5_000, times=1)
    began = time.monotonic()

    with pytest.raises(Away, match="in time"):
        run(lambda desk: desk.follower(budget_s=0.3))

    assert time.monotonic() - began < 4


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_refused_token_is_refreshed_once(at: SimulatorClient, run: Callable[[Work], Any], errcode: int):
    at.order("faults", fault=str(errcode), call="user/info", times=1)

    async def work(desk: Desk) -> tuple[bool, int]:
        follower = await desk.follower(at.openid("stranger-"))
        return follower.follows, len(desk.tokens.stale)

    assert run(work) == (False, 1)


def test_token_that_died_is_replaced_by_one_that_lives(at: SimulatorClient, run: Callable[[Work], Any]):
    async def work(desk: Desk) -> tuple[bool, list[str]]:
        old = await desk.tokens.token(desk.service, stale=None)
        at.order("spoil")
        follower = await desk.follower(at.openid("stranger-"))
        return follower.follows, [each for each in desk.tokens.stale if each != old]

    assert run(work) == (False, [])


def test_token_that_is_refused_again_is_not_refreshed_again(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="40001", call="user/info")

    with pytest.raises(TokenRefused):
        run(Desk.follower)

    assert count_calls(at, "user/info") == 2


def test_forty_thousand_and_one_without_a_token_means_the_secret(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="40001", call="oauth2/access_token")

    with pytest.raises(Misconfigured):
        run(lambda desk: desk.wechat.identity(desk.service, code(at), budget_s=BUDGET_S))


@pytest.mark.parametrize(
    ("errcode", "failure"),
    [
        (40013, Misconfigured),
        (40125, Misconfigured),
        (40164, Misconfigured),
        (48001, Misconfigured),
        (45009, QuotaSpent),
        (45011, PaceSpent),
        (40003, NotAFollower),
        (43004, NotAFollower),
        (50002, UserBlocked),
        (99999, Refused),
    ],
)
def test_other_codes_are_told_and_not_asked_again(
    at: SimulatorClient, run: Callable[[Work], Any], errcode: int, failure: type[CallFailed]
):
    at.order("faults", fault=str(errcode), call="user/info")

    with counted("user/info", failure.outcome) as told, pytest.raises(failure) as raised:
        run(Desk.follower)

    assert (raised.value.errcode, told, count_calls(at, "user/info")) == (errcode, [1], 1)


@pytest.mark.parametrize("errcode", [40029, 40163, 42003])
def test_spent_code_sends_through_oauth_again(at: SimulatorClient, run: Callable[[Work], Any], errcode: int):
    at.order("faults", fault=str(errcode), call="oauth2/access_token")

    with pytest.raises(CodeRefused):
        run(lambda desk: desk.wechat.identity(desk.service, code(at), budget_s=BUDGET_S))


def test_code_that_was_used_is_refused_by_itself(at: SimulatorClient, run: Callable[[Work], Any]):
    spent = code(at)

    async def twice(desk: Desk) -> None:
        await desk.wechat.identity(desk.service, spent, budget_s=BUDGET_S)
        await desk.wechat.identity(desk.service, spent, budget_s=BUDGET_S)

    with pytest.raises(CodeRefused):
        run(twice)


def test_wrong_secret_is_a_matter_for_the_organiser(at: SimulatorClient, run: Callable[[Work], Any]):
    async def work(desk: Desk) -> None:
        await desk.wechat.identity(replace(desk.service, secret="wrong"), code(at), budget_s=BUDGET_S)

    with pytest.raises(Misconfigured):
        run(work)


@pytest.mark.parametrize("errcode", [45009, 45011, 40164])
def test_what_brings_nothing_is_not_asked_for_a_while(at: SimulatorClient, run: Callable[[Work], Any], errcode: int):
    at.order("faults", fault=str(errcode), call="user/info", times=1)

    async def twice(desk: Desk) -> tuple[list[str], float]:
        outcomes = []
        for _ in range(2):
            try:
                await desk.follower()
            except CallFailed as failed:
                outcomes.append(failed.outcome)
        return outcomes[1:], WECHAT_BREAKER.labels(desk.service.appid, "user/info")._value.get()

    assert (run(twice), count_calls(at, "user/info")) == ((["not-asked"], 1.0), 1)


def test_platform_that_is_down_is_left_alone(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="down", call="user/info")

    async def until_left_alone(desk: Desk) -> None:
        with pytest.raises(Away):
            await desk.follower()
        await desk.follower()

    with pytest.raises(BreakerOpen):
        run(until_left_alone)

    assert count_calls(at, "user/info") == 5


def test_spent_quota_of_one_call_leaves_the_others_alone(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="45009", call="user/info", times=1)

    async def work(desk: Desk) -> bool:
        with pytest.raises(QuotaSpent):
            await desk.follower()
        return (await desk.wechat.identity(desk.service, code(at), budget_s=BUDGET_S)).is_snapshot

    assert run(work) is False


def test_one_persons_minute_in_the_mini_program_does_not_stop_the_others(
    at: SimulatorClient, run: Callable[[Work], Any]
):
    at.order("faults", fault="45011", call="jscode2session", times=1)
    login = at.order("wxlogin", **{"as": "voter-1"})["code"]

    async def work(desk: Desk) -> str:
        with pytest.raises(QuotaSpent):
            await desk.wechat.mini_session(desk.accounts.miniprogram, login, budget_s=BUDGET_S)
        return (await desk.wechat.mini_session(desk.accounts.miniprogram, login, budget_s=BUDGET_S)).openid

    assert run(work).startswith("o")


def never_again(_least: float, _most: float) -> float:
    """A pause before a retry that ends after every deadline, so that a call is sent once."""
    return float("inf")


def test_nobody_listening_is_away():
    async def work() -> None:
        async with calls.connect("http://127.0.0.1:9", verify=False) as http:
            request = calls.CallRequest(call=Call(name="c", method="GET", path="/c"), params={})
            await Caller(http).send(Account(appid="wx1", secret="s"), request, end=time.monotonic() + BUDGET_S)

    with pytest.raises(Away):
        asyncio.run(work())


@pytest.mark.parametrize(
    "content", [b"<html>", b"[]", b'{"errcode": "no"}', b"\xff", b""], ids=["page", "list", "code", "bytes", "nothing"]
)
def test_answer_that_is_not_wechats_is_no_answer(content: bytes):
    async def work() -> None:
        def answer(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=content)

        transport = httpx.MockTransport(answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://wechat") as http:
            request = calls.CallRequest(call=Call(name="c", method="GET", path="/c"), params={})
            await Caller(http, jitter=never_again).send(
                Account(appid="wx2", secret="s"), request, end=time.monotonic() + BUDGET_S
            )

    with pytest.raises(Away, match="not an answer of WeChat's API"):
        asyncio.run(work())


def test_caller_that_goes_away_leaves_the_way_free(at: SimulatorClient, run: Callable[[Work], Any]):
    at.order("faults", fault="slow", call="user/info", delay_ms=1_000, times=1)

    async def work(desk: Desk) -> bool:
        await desk.tokens.token(desk.service, stale=None)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await desk.follower()
        return (await desk.follower(at.openid("stranger-"))).follows

    assert run(work) is False


def test_spent_code_that_finds_out_closes_the_breaker(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gateway.wechat.breaker.PAUSE_S", 0.0)
    answers = iter([*[httpx.Response(502)] * 5, *[httpx.Response(200, content=b'{"errcode": 40029}')] * 2])
    account, call = Account(appid="wx3", secret="s"), Call(name="c", method="GET", path="/c")

    async def work() -> list[str]:
        outcomes = []
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(lambda _: next(answers)), base_url="http://w"
        ) as http:
            caller = Caller(http, jitter=never_again)
            for _ in range(7):
                try:
                    await caller.send(account, calls.CallRequest(call=call, params={}), end=time.monotonic() + BUDGET_S)
                except CallFailed as failed:
                    outcomes.append(failed.outcome)
        return outcomes

    assert asyncio.run(work()) == ["away"] * 5 + ["code"] * 2
