"""Client of WeChat's API: identify a person, look up whether they follow the account, publish the menu.

Promises: every method ends within its budget with an answer or a CallFailed; a refused access token is refreshed once.
A person's identity comes from WeChat's own answer to a code, never from a page. Snapshot users, whom
WeChat invents for people who see a preview of a page without signing in, are reported as such and not refused.
Does not promise that an OAuth code survives a lost answer: it is spent then, and the next try raises CodeRefused.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from gateway.wechat.account import Account
from gateway.wechat.calls import Answer, Call, Caller, CallRequest
from gateway.wechat.errors import Away, Refused, TokenRefused

FOLLOWER = Call(name="user/info", method="GET", path="/cgi-bin/user/info", with_token=True)
IDENTITY = Call(name="oauth2/access_token", method="GET", path="/sns/oauth2/access_token")
MINI = Call(name="jscode2session", method="GET", path="/sns/jscode2session", quota_of_person=True)
MENU = Call(name="menu/create", method="POST", path="/cgi-bin/menu/create", with_token=True)


class TokenSource(Protocol):
    """Source of WeChat access tokens for the client, which does not fetch tokens itself."""

    async def token(self, account: Account, *, stale: str | None) -> str:
        """Return the account's access token. If WeChat has refused the token `stale`, return another one.

        Raise CallFailed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a person is at an account, as WeChat answers an OAuth code.

    The openid of a snapshot page (`is_snapshot`) belongs to nobody.
    """

    openid: str = field(repr=False)
    unionid: str = field(repr=False)
    is_snapshot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniSession:
    """Who a person is in the mini-program, as WeChat answers a login code.

    The session key must not leave the server.
    """

    openid: str = field(repr=False)
    unionid: str = field(repr=False)
    session_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """What WeChat says about a person at an account: whether and since when they follow it, and their UnionID.

    For a person who does not follow it, WeChat sends no other field.
    """

    follows: bool
    since_s: int
    unionid: str = field(repr=False)


class WeChat:
    """Calls to WeChat's API for the accounts of one campaign. Every method raises CallFailed.

    `budget_s` is the time in seconds within which a method ends.
    """

    def __init__(self, caller: Caller, tokens: TokenSource) -> None:
        self._caller = caller
        self._tokens = tokens

    async def identity(self, account: Account, code: str, *, budget_s: float) -> Identity:
        """Exchange the OAuth code that the authorise page gave for the person's identity."""
        params = {"appid": account.appid, "secret": account.secret, "code": code, "grant_type": "authorization_code"}
        answer = await self._call(account, CallRequest(call=IDENTITY, params=params), budget_s)
        return Identity(
            openid=_text(IDENTITY, answer, "openid"),
            unionid=str(answer.get("unionid", "")),
            is_snapshot=answer.get("is_snapshotuser") == 1,
        )

    async def mini_session(self, account: Account, code: str, *, budget_s: float) -> MiniSession:
        """Exchange the login code of a mini-program for the person's identity and session key."""
        params = {"appid": account.appid, "secret": account.secret, "js_code": code, "grant_type": "authorization_code"}
        answer = await self._call(account, CallRequest(call=MINI, params=params), budget_s)
        return MiniSession(
            openid=_text(MINI, answer, "openid"),
            unionid=str(answer.get("unionid", "")),
            session_key=_text(MINI, answer, "session_key"),
        )

    async def follower(self, account: Account, openid: str, *, budget_s: float) -> Follower:
        """Look up whether this person follows the account, and the person's UnionID.

        WeChat limits these calls a day: use only if the link between person and voter is not cached.
        """
        request = CallRequest(call=FOLLOWER, params={"openid": openid, "lang": "zh_CN"})
        answer = await self._call_with_token(account, request, budget_s)
        return Follower(
            follows=answer.get("subscribe") == 1,
            since_s=int(answer.get("subscribe_time", 0)),
            unionid=str(answer.get("unionid", "")),
        )

    async def create_menu(self, account: Account, menu: Mapping[str, Any], *, budget_s: float) -> None:
        """Replace the account's menu in the chat. Phones show the new menu within five minutes."""
        await self._call_with_token(account, CallRequest(call=MENU, params={}, body=menu), budget_s)

    async def _call(self, account: Account, request: CallRequest, budget_s: float) -> Answer:
        return await self._caller.send(account, request, end=time.monotonic() + budget_s)

    async def _call_with_token(self, account: Account, request: CallRequest, budget_s: float) -> Answer:
        end = time.monotonic() + budget_s
        token = await self._token(account, request.call, stale=None, end=end)
        try:
            return await self._caller.send(account, _with_token(token, request), end=end)
        except TokenRefused:
            token = await self._token(account, request.call, stale=token, end=end)
        # Refresh only once: if the new token is refused too, an organiser must act; trying on would not help.
        return await self._caller.send(account, _with_token(token, request), end=end)

    async def _token(self, account: Account, call: Call, *, stale: str | None, end: float) -> str:
        try:
            async with asyncio.timeout(max(0.0, end - time.monotonic())):
                return await self._tokens.token(account, stale=stale)
        except TimeoutError as late:
            raise Away(call.name, errmsg="no token in time") from late


def _with_token(token: str, request: CallRequest) -> CallRequest:
    return replace(request, params={**request.params, "access_token": token})


def _text(call: Call, answer: Answer, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(call.name, errmsg=f"answered without {name}")
    return value
