"""HTTP calls to WeChat with retries, deadlines and circuit breakers.

Promises: a call ends by its deadline with an answer whose errcode is 0, or with a CallFailed. Busy and missing answers
are retried with jitter, TRIES_MOST tries in all; after a spent quota or wrong settings no call is made for a while
(`breaker.py`).
Does not promise fresh tokens: `client.py` refreshes a refused token once.
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
#: httpx's default of 5 s is often reached under load, and when several connections end at once httpx closes one that it
#: has just given to a request (ReadError, seen in 5 of 4,000 calls). WeChat and proxies between keep idle ones longer.
IDLE_S = 30.0
Answer = dict[str, Any]
log_ = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An endpoint of WeChat's API. Repeating a call of it must do no harm, because calls are retried."""

    name: str
    method: str
    path: str
    with_token: bool = False
    quota_of_person: bool = False  # 45011 is about one person, not the account: calls for others may go on


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """One call of an endpoint, with its query parameters and its JSON body."""

    call: Call
    params: Mapping[str, str]
    body: Mapping[str, Any] | None = None


def connect(api: str, *, verify: ssl.SSLContext | bool = True) -> httpx.AsyncClient:
    """Return an HTTP client for the API at the base URL `api`, WeChat's or the simulator's. The caller closes it."""
    # httpx logs URLs at INFO, and ours hold tokens and secrets.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=CONNECTIONS_MOST, keepalive_expiry=IDLE_S)
    return httpx.AsyncClient(base_url=api, timeout=None, limits=limits, trust_env=False, verify=verify)


class Caller:
    """Send calls to WeChat with retries, and with one circuit breaker for each account and endpoint."""

    def __init__(self, http: httpx.AsyncClient, *, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self._http = http
        self._jitter = jitter
        self._breakers: dict[tuple[str, str], Breaker] = {}

    async def send(self, account: Account, request: CallRequest, *, end: float) -> Answer:
        """Send a call and return WeChat's answer, retrying until `end` (in `time.monotonic`). Raise CallFailed."""
        for tries in range(1, TRIES_MOST + 1):
            try:
                return await self._send_counted(account, request, end)
            except (Away, Busy):
                pause_s = self._jitter(0.0, min(JITTER_MOST_S, JITTER_FIRST_S * 2**tries))
                if tries == TRIES_MOST or time.monotonic() + pause_s >= end:
                    raise
            await asyncio.sleep(pause_s)
        raise AssertionError("the last try always returns or raises")

    async def _send_counted(self, account: Account, request: CallRequest, end: float) -> Answer:
        name = request.call.name
        try:
            answer = await self._send_guarded(account, request, end)
        except CallFailed as failed:
            WECHAT_CALLS.labels(name, failed.outcome).inc()
            raise
        WECHAT_CALLS.labels(name, "ok").inc()
        return answer

    async def _send_guarded(self, account: Account, request: CallRequest, end: float) -> Answer:
        call = request.call
        breaker = self._breakers.setdefault((account.appid, call.name), Breaker())
        if not breaker.admit(time.monotonic()):
            raise BreakerOpen(call.name)
        try:
            answer = await self._exchange(request, end)
        except CallFailed as failed:
            _update_breaker(breaker, call, failed)
            if isinstance(failed, Misconfigured):
                log_.error("wechat-refuses-our-settings", account=account.appid, call=call.name, problem=str(failed))
            raise
        except BaseException:
            breaker.record_cancelled()
            raise
        else:
            breaker.record_success()
            return answer
        finally:
            WECHAT_BREAKER.labels(account.appid, call.name).set(breaker.is_open)

    async def _exchange(self, request: CallRequest, end: float) -> Answer:
        call = request.call
        try:
            async with asyncio.timeout(max(0.0, end - time.monotonic())):
                response = await self._http.request(
                    call.method, call.path, params=dict(request.params), json=request.body
                )
        except TimeoutError as late:
            raise Away(call.name, errmsg="no answer in time") from late
        except httpx.HTTPError as error:
            raise Away(call.name, errmsg=type(error).__name__) from error
        return _parse(call, response)


def _parse(call: Call, response: httpx.Response) -> Answer:
    """Return a successful answer, else raise CallFailed.

    WeChat reports its errors with status 200; another status comes from a proxy in between.
    """
    try:
        # strict=False: nicknames may hold control characters.
        answer = json.loads(response.content, strict=False) if response.is_success else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("errcode", 0), int):
        raise Away(call.name, errmsg=f"status {response.status_code}, not an answer of WeChat's API")
    if errcode := answer.get("errcode", 0):
        raise failure(call.name, errcode, str(answer.get("errmsg", "")), with_token=call.with_token)
    return answer


def _update_breaker(breaker: Breaker, call: Call, failed: CallFailed) -> None:
    now = time.monotonic()
    match failed:
        case Away() | Busy():
            breaker.record_failure(now)
        case Misconfigured():
            breaker.open_for(now, SETTINGS_PAUSE_S)
        case QuotaSpent(errcode=code) if not (code == MINUTE_QUOTA and call.quota_of_person):
            breaker.open_for(now, MINUTE_PAUSE_S if code == MINUTE_QUOTA else DAY_PAUSE_S)
        case _:
            breaker.record_success()
