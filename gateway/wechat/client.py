"""What the product asks of WeChat: who is it, do they follow, and here is our menu.

Promises: every method ends within its budget with an answer or a CallFailed; a token that is refused is refreshed once.
Who a person is comes from WeChat's own answer to a code, never from a page. Snapshot users are told, not refused.
Does not promise that an OAuth code survives a lost answer: it is spent then, and CodeRefused says so.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from gateway.wechat.account import Account
from gateway.wechat.calls import Answer, Call, Caller, Question
from gateway.wechat.errors import Away, Refused, TokenRefused

FOLLOWER = Call(name="user/info", method="GET", path="/cgi-bin/user/info", with_token=True)
IDENTITY = Call(name="oauth2/access_token", method="GET", path="/sns/oauth2/access_token")
MINI = Call(name="jscode2session", method="GET", path="/sns/jscode2session", quota_of_person=True)
MENU = Call(name="menu/create", method="POST", path="/cgi-bin/menu/create", with_token=True)


class TokenSource(Protocol):
    """Whoever keeps the access tokens."""

    async def token(self, account: Account, *, stale: str | None) -> str:
        """The token to use; another than `stale`, if one is to be had. Raises CallFailed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person, as WeChat answers for the code that their phone brought. A snapshot's openid is nobody's."""

    openid: str = field(repr=False)
    unionid: str = field(repr=False)
    is_snapshot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniSession:
    """A person in the mini-program. The session key stays on this side."""

    openid: str = field(repr=False)
    unionid: str = field(repr=False)
    session_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Whether a person follows the account. Of one who does not, WeChat says nothing else."""

    follows: bool
    since_s: int
    unionid: str = field(repr=False)


class WeChat:
    """Raises CallFailed."""

    def __init__(self, caller: Caller, tokens: TokenSource) -> None:
        self._caller = caller
        self._tokens = tokens

    async def identity(self, account: Account, code: str, *, budget_s: float) -> Identity:
        """Who came back from the authorise page with this code."""
        asked = {"appid": account.appid, "secret": account.secret, "code": code, "grant_type": "authorization_code"}
        answer = await self._asked(account, Question(call=IDENTITY, params=asked), budget_s)
        return Identity(
            openid=_text(IDENTITY, answer, "openid"),
            unionid=str(answer.get("unionid", "")),
            is_snapshot=answer.get("is_snapshotuser") == 1,
        )

    async def mini_session(self, account: Account, code: str, *, budget_s: float) -> MiniSession:
        """Who logged in to the mini-program with this code."""
        asked = {"appid": account.appid, "secret": account.secret, "js_code": code, "grant_type": "authorization_code"}
        answer = await self._asked(account, Question(call=MINI, params=asked), budget_s)
        return MiniSession(
            openid=_text(MINI, answer, "openid"),
            unionid=str(answer.get("unionid", "")),
            session_key=_text(MINI, answer, "session_key"),
        )

    async def follower(self, account: Account, openid: str, *, budget_s: float) -> Follower:
        """Whether this person follows. Has a daily quota: ask only where nothing is known."""
        question = Question(call=FOLLOWER, params={"openid": openid, "lang": "zh_CN"})
        answer = await self._asked_with_token(account, question, budget_s)
        return Follower(
            follows=answer.get("subscribe") == 1,
            since_s=int(answer.get("subscribe_time", 0)),
            unionid=str(answer.get("unionid", "")),
        )

    async def create_menu(self, account: Account, menu: Mapping[str, Any], *, budget_s: float) -> None:
        """Put this menu in the place of the old one. Phones show it within five minutes."""
        await self._asked_with_token(account, Question(call=MENU, params={}, body=menu), budget_s)

    async def _asked(self, account: Account, question: Question, budget_s: float) -> Answer:
        return await self._caller.ask(account, question, end=time.monotonic() + budget_s)

    async def _asked_with_token(self, account: Account, question: Question, budget_s: float) -> Answer:
        end = time.monotonic() + budget_s
        token = await self._token(account, question.call, stale=None, end=end)
        try:
            return await self._caller.ask(account, _with(token, question), end=end)
        except TokenRefused:
            token = await self._token(account, question.call, stale=token, end=end)
        # Once: a token that is refused again is a matter for the organiser, not for a loop.
        return await self._caller.ask(account, _with(token, question), end=end)

    async def _token(self, account: Account, call: Call, *, stale: str | None, end: float) -> str:
        try:
            async with asyncio.timeout(max(0.0, end - time.monotonic())):
                return await self._tokens.token(account, stale=stale)
        except TimeoutError as late:
            raise Away(call.name, errmsg="no token in time") from late


def _with(token: str, question: Question) -> Question:
    return replace(question, params={**question.params, "access_token": token})


def _text(call: Call, answer: Answer, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(call.name, errmsg=f"answered without {name}")
    return value
