"""One question to WeChat, asked as often as makes sense.

Promises: ends by its deadline with an answer whose errcode is 0, or with a CallFailed; busy and silence are asked again
with jitter, at most TRIES_MOST times; a spent quota or wrong settings are not asked again for a while (`breaker.py`).
Does not promise fresh tokens: `client.py` refreshes one, once.
"""

import asyncio
import json
import logging
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.wechat.account import Account
from gateway.wechat.breaker import Breaker
from gateway.wechat.errors import (
    MINUTE_QUOTA,
    Away,
    BreakerOpen,
    Busy,
    CallFailed,
    Misconfigured,
    QuotaSpent,
    failure,
)
from shared.logs import logger
from shared.metrics import WECHAT_BREAKER, WECHAT_CALLS

TRIES_MOST = 4
JITTER_FIRST_S, JITTER_MOST_S = 0.1, 1.0
MINUTE_PAUSE_S, DAY_PAUSE_S, SETTINGS_PAUSE_S = 60.0, 600.0, 30.0
CONNECTIONS_MOST = 50
#: httpx's own 5 s are often met under load, and where several connections end at once it closes one that it has just
#: given to a request (ReadError, seen in 5 of 4,000 questions). WeChat and what lies between keep idle ones longer.
IDLE_S = 30.0
Answer = dict[str, Any]
log_ = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A kind of question. Each may be asked twice without harm."""

    name: str
    method: str
    path: str
    with_token: bool = False
    quota_of_person: bool = False  # 45011 means this person, not the account: others may go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call with its words."""

    call: Call
    params: Mapping[str, str]
    body: Mapping[str, Any] | None = None


def connect(api: str, *, verify: ssl.SSLContext | bool = True) -> httpx.AsyncClient:
    """A client for WeChat's address, or the simulator's. Its owner closes it."""
    # httpx writes addresses at INFO, and ours hold tokens and secrets.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=CONNECTIONS_MOST, keepalive_expiry=IDLE_S)
    return httpx.AsyncClient(base_url=api, timeout=None, limits=limits, trust_env=False, verify=verify)


class Caller:
    """Asks, and remembers what not to ask for now."""

    def __init__(self, http: httpx.AsyncClient, *, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self._http = http
        self._jitter = jitter
        self._breakers: dict[tuple[str, str], Breaker] = {}

    async def ask(self, account: Account, question: Question, *, end: float) -> Answer:
        """`end` is a time of `time.monotonic`. Raises CallFailed."""
        for tries in range(1, TRIES_MOST + 1):
            try:
                return await self._counted(account, question, end)
            except (Away, Busy):
                pause_s = self._jitter(0.0, min(JITTER_MOST_S, JITTER_FIRST_S * 2**tries))
                if tries == TRIES_MOST or time.monotonic() + pause_s >= end:
                    raise
            await asyncio.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    async def _counted(self, account: Account, question: Question, end: float) -> Answer:
        name = question.call.name
        try:
            answer = await self._guarded(account, question, end)
        except CallFailed as failed:
            WECHAT_CALLS.labels(name, failed.outcome).inc()
            raise
        WECHAT_CALLS.labels(name, "ok").inc()
        return answer

    async def _guarded(self, account: Account, question: Question, end: float) -> Answer:
        call = question.call
        breaker = self._breakers.setdefault((account.appid, call.name), Breaker())
        if not breaker.admits(time.monotonic()):
            raise BreakerOpen(call.name)
        try:
            answer = await self._once(question, end)
        except CallFailed as failed:
            _learn(breaker, call, failed)
            if isinstance(failed, Misconfigured):
                log_.error("wechat-refuses-our-settings", account=account.appid, call=call.name, said=str(failed))
            raise
        except BaseException:
            breaker.left()
            raise
        else:
            breaker.came_through()
            return answer
        finally:
            WECHAT_BREAKER.labels(account.appid, call.name).set(breaker.is_open)

    async def _once(self, question: Question, end: float) -> Answer:
        call = question.call
        try:
            async with asyncio.timeout(max(0.0, end - time.monotonic())):
                response = await self._http.request(
                    call.method, call.path, params=dict(question.params), json=question.body
                )
        except TimeoutError as late:
            raise Away(call.name, errmsg="no answer in time") from late
        except httpx.HTTPError as gone:
            raise Away(call.name, errmsg=type(gone).__name__) from gone
        return _read(call, response)


def _read(call: Call, response: httpx.Response) -> Answer:
    """WeChat says its errors with status 200; another status comes from something in between."""
    try:
        answer = json.loads(response.content, strict=False) if response.is_success else None  # nicknames hold anything
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("errcode", 0), int):
        raise Away(call.name, errmsg=f"status {response.status_code}, no answer of WeChat's")
    if errcode := answer.get("errcode", 0):
        raise failure(call.name, errcode, str(answer.get("errmsg", "")), with_token=call.with_token)
    return answer


def _learn(breaker: Breaker, call: Call, failed: CallFailed) -> None:
    now = time.monotonic()
    match failed:
        case Away() | Busy():
            breaker.failed(now)
        case Misconfigured():
            breaker.shut(now, SETTINGS_PAUSE_S)
        case QuotaSpent(errcode=code) if not (code == MINUTE_QUOTA and call.quota_of_person):
            breaker.shut(now, MINUTE_PAUSE_S if code == MINUTE_QUOTA else DAY_PAUSE_S)
        case _:
            breaker.came_through()
