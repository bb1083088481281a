"""Fetch access tokens and JS tickets from WeChat; the network side of `tokens.py`.

A token's name is `<account>/access` or `<account>/ticket`, with the account as in the secrets file. Access tokens come
from `stable_token`, where a second request does not end the earlier token. Codes have the meaning that
`gateway/wechat/errors.py` gives them.
Promises: every failure is a TokenUnavailable, within `TIMEOUT_S`, and its text contains no secret and no token; while
WeChat is busy the request is repeated within that time, with jitter, at most `TRIES_MOST` times in all; a JS ticket
whose access token WeChat has revoked is requested once more, with a fresh access token; no proxy of the environment
sees a request, because secrets go to WeChat alone.
Only the holder of the lease calls this.
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

from services.voting.tokens import Fetched, TokenUnavailable
from shared import json_documents
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


class _TokenRefused(TokenUnavailable):
    """WeChat refuses the access token of a request for a JS ticket."""


class _Busy(TokenUnavailable):
    """WeChat answers -1: busy, try again."""


def accounts_of(path: Path) -> Accounts:
    """Return appid and secret of the WeChat accounts in the secrets file (TOML or JSON), by account name.

    If the file cannot be read, return no accounts: the gateway reports the problem when it starts.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tables = json_documents.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return {name: (tables[name]["appid"], tables[name]["secret"]) for name in ACCOUNTS if name in tables}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


class WeChatTokens:
    """Fetches access tokens and JS tickets from WeChat; an instance is callable as a `tokens.Fetch`.

    `access(account, stale)` returns an access token of an account other than `stale`; JS tickets need it.
    """

    def __init__(self, api: str, accounts: Accounts, *, access: Callable[[str, str], str]) -> None:
        self._api, self._accounts, self._access = api.rstrip("/"), accounts, access
        self._open = build_opener(ProxyHandler({})).open  # no proxies, like the gateway's client with `trust_env=False`

    def __call__(self, name: str, force: bool) -> Fetched:
        account, _, kind = name.partition("/")
        if account not in self._accounts:
            raise TokenUnavailable(f"{name}: the secrets file has no such account")
        if kind == "access":
            return self._stable_token(name, *self._accounts[account], force=force)
        token = self._access(account, "")
        try:
            return self._js_ticket(name, token)
        except _TokenRefused:
            return self._js_ticket(name, self._access(account, token))

    def _js_ticket(self, name: str, token: str) -> Fetched:
        query = urlencode({"access_token": token, "type": "jsapi"})
        return self._fetch(name, "getticket", "ticket", Request(f"{self._api}/cgi-bin/ticket/getticket?{query}"))

    def _stable_token(self, name: str, appid: str, secret: str, *, force: bool) -> Fetched:
        body = {"grant_type": "client_credential", "appid": appid, "secret": secret, "force_refresh": force}
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self._api}/cgi-bin/stable_token", json.dumps(body).encode(), headers)
        return self._fetch(name, "stable_token", "access_token", request)

    def _fetch(self, name: str, call: str, field: str, request: Request) -> Fetched:
        """Return the token, repeating the request while WeChat is busy."""
        end = time.monotonic() + TIMEOUT_S
        for tries in range(1, TRIES_MOST + 1):
            try:
                return self._request(name, call, field, request, end=end)
            except _Busy:
                pause_s = random.uniform(0.0, JITTER_FIRST_S * 2**tries)
                if tries == TRIES_MOST or time.monotonic() + pause_s >= end:
                    raise
            time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _request(self, name: str, call: str, field: str, request: Request, *, end: float) -> Fetched:
        """Send one request. WeChat reports failures with status 200 and an `errcode`."""
        try:
            answer = self._send(name, request, timeout_s=end - time.monotonic())
        except TokenUnavailable:
            WECHAT_CALLS.labels(call, "away").inc()
            raise
        code, token, lasts_s = answer.get("errcode", 0), answer.get(field), answer.get("expires_in")
        if not code and isinstance(token, str) and isinstance(lasts_s, int) and lasts_s > 0:
            WECHAT_CALLS.labels(call, "ok").inc()
            return Fetched(token, lasts_s)
        if code in TOKEN_REFUSED and call == "getticket":
            WECHAT_CALLS.labels(call, "token").inc()
            raise _TokenRefused(f"{name}: WeChat answers {code}")
        # For a request without an access token, 40001 means that the account's secret is wrong.
        outcome = "misconfigured" if code in TOKEN_REFUSED else OUTCOMES.get(code, "refused")
        WECHAT_CALLS.labels(call, outcome).inc()
        if outcome == "misconfigured":
            log_.error("wechat-refuses-our-settings", token_name=name, errcode=code)
        raise (_Busy if outcome == "busy" else TokenUnavailable)(
            f"{name}: WeChat answers {code or 'something that cannot be read'}"
        )

    def _send(self, name: str, request: Request, *, timeout_s: float) -> dict[str, Any]:
        try:
            with self._open(request, timeout=max(0.1, timeout_s)) as response:
                answer = json.loads(response.read(ANSWER_MAX_BYTES))
        except HTTPError as problem:
            problem.close()  # otherwise it holds the connection
            raise TokenUnavailable(f"{name}: WeChat answers {problem.code}") from None
        except (HTTPException, OSError, ValueError) as problem:  # an answer that breaks off is not an OSError
            raise TokenUnavailable(f"{name}: WeChat does not answer ({type(problem).__name__})") from None
        if not isinstance(answer, dict):
            raise TokenUnavailable(f"{name}: WeChat's answer is not a JSON object")
        return answer
