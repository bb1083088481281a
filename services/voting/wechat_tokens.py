"""Asking WeChat for access tokens and JS tickets: the outside of `tokens.py`.

A token's name is `<account>/access` or `<account>/ticket`, the account as in the secrets file. Access tokens come by
`stable_token`, where asking again does not end the old one. Promises: every way of failing is a TokenAway, within
`TIMEOUT_S`; no secret and no token stands in its text. While WeChat is busy it is asked again within that time, with
jitter, `TRIES_MOST` times in all. A ticket whose access token WeChat has
taken back is asked for once more, with a fresh one. No proxy of the environment sees what is asked: secrets go to
WeChat alone. Only the owner of the lease calls this. Codes mean what `gateway/wechat/errors.py` says.
"""

import json
import random
import time
import tomllib
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from services.voting.tokens import Fetched, TokenAway
from shared.logs import logger
from shared.metrics import WECHAT_CALLS

TIMEOUT_S = 4.0
TRIES_MOST = 3
JITTER_FIRST_S = 0.1
KINDS = ("access", "ticket")
ACCOUNTS = ("service", "subscription")
NAMES = tuple(f"{account}/{kind}" for account in ACCOUNTS for kind in KINDS)
ANSWER_MAX_BYTES = 64 * 1024
Accounts = dict[str, tuple[str, str]]  # name -> appid, secret
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
OUTCOMES = {
    -1: "busy",
    45009: "quota",
    45011: "pace",
    **dict.fromkeys((40013, 40125, 40164, 41001, 41002, 41004, 48001, 48004), "misconfigured"),
}
log_ = logger(__name__)


class _TokenRefused(TokenAway):
    """The access token that a ticket was asked with."""


class _Busy(TokenAway):
    """WeChat's -1: ask again."""


def accounts_of(path: Path) -> Accounts:
    """What the secrets file says; nothing where it cannot be read, which the gateway says at its start."""
    try:
        text = path.read_text(encoding="utf-8")
        tables = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return {name: (tables[name]["appid"], tables[name]["secret"]) for name in ACCOUNTS if name in tables}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


class WeChatTokens:
    """See `tokens.Fetch`: an instance is one. `access` gives an account's access token, another than the stale one."""

    def __init__(self, api: str, accounts: Accounts, *, access: Callable[[str, str], str]) -> None:
        self._api, self._accounts, self._access = api.rstrip("/"), accounts, access
        self._open = build_opener(ProxyHandler({})).open  # as the gateway's client: `trust_env=False`

    def __call__(self, name: str, force: bool) -> Fetched:
        account, _, kind = name.partition("/")
        if account not in self._accounts:
            raise TokenAway(f"{name}: the secrets file has no such account")
        if kind == "access":
            return self._stable_token(name, *self._accounts[account], force=force)
        token = self._access(account, "")
        try:
            return self._ticket(name, token)
        except _TokenRefused:
            return self._ticket(name, self._access(account, token))

    def _ticket(self, name: str, token: str) -> Fetched:
        query = urlencode({"access_token": token, "type": "jsapi"})
        return self._fetched(name, "getticket", "ticket", Request(f"{self._api}/cgi-bin/ticket/getticket?{query}"))

    def _stable_token(self, name: str, appid: str, secret: str, *, force: bool) -> Fetched:
        body = {"grant_type": "client_credential", "appid": appid, "secret": secret, "force_refresh": force}
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self._api}/cgi-bin/stable_token", json.dumps(body).encode(), headers)
        return self._fetched(name, "stable_token", "access_token", request)

    def _fetched(self, name: str, call: str, field: str, request: Request) -> Fetched:
        """The answer, asked for again while WeChat is busy."""
        end = time.monotonic() + TIMEOUT_S
        for tries in range(1, TRIES_MOST + 1):
            try:
                return self._once(name, call, field, request, end=end)
            except _Busy:
                pause_s = random.uniform(0.0, JITTER_FIRST_S * 2**tries)
                if tries == TRIES_MOST or time.monotonic() + pause_s >= end:
                    raise
            time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _once(self, name: str, call: str, field: str, request: Request, *, end: float) -> Fetched:
        """WeChat says failures with status 200 and an `errcode`."""
        try:
            told = self._asked(name, request, timeout_s=end - time.monotonic())
        except TokenAway:
            WECHAT_CALLS.labels(call, "away").inc()
            raise
        code, token, lasts_s = told.get("errcode", 0), told.get(field), told.get("expires_in")
        if not code and isinstance(token, str) and isinstance(lasts_s, int) and lasts_s > 0:
            WECHAT_CALLS.labels(call, "ok").inc()
            return Fetched(token, lasts_s)
        if code in TOKEN_REFUSED and call == "getticket":
            WECHAT_CALLS.labels(call, "token").inc()
            raise _TokenRefused(f"{name}: WeChat says {code}")
        # Where no token came with it, 40001 means the account's secret.
        outcome = "misconfigured" if code in TOKEN_REFUSED else OUTCOMES.get(code, "refused")
        WECHAT_CALLS.labels(call, outcome).inc()
        if outcome == "misconfigured":
            log_.error("wechat-refuses-our-settings", token_name=name, errcode=code)
        raise (_Busy if outcome == "busy" else TokenAway)(f"{name}: WeChat says {code or 'nothing that can be read'}")

    def _asked(self, name: str, request: Request, *, timeout_s: float) -> dict[str, Any]:
        try:
            with self._open(request, timeout=max(0.1, timeout_s)) as answer:
                told = json.loads(answer.read(ANSWER_MAX_BYTES))
        except HTTPError as problem:
            problem.close()  # it holds the connection
            raise TokenAway(f"{name}: WeChat answers {problem.code}") from None
        except (HTTPException, OSError, ValueError) as problem:  # an answer that breaks off is no OSError
            raise TokenAway(f"{name}: WeChat does not answer ({type(problem).__name__})") from None
        if not isinstance(told, dict):
            raise TokenAway(f"{name}: WeChat answered no object")
        return told
