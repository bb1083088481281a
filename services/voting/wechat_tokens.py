"""Asking WeChat for access tokens and JS tickets: the outside of `tokens.py`.

A token's name is `<account>/access` or `<account>/ticket`, the account as in the secrets file. Access tokens come by
`stable_token`, where asking again does not end the old one. Promises: every way of failing is a TokenAway, within
`TIMEOUT_S`; no secret and no token stands in its text. Only the owner of the lease calls this.
"""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from services.voting.tokens import Fetched, TokenAway

TIMEOUT_S = 4.0
KINDS = ("access", "ticket")
ACCOUNTS = ("service", "subscription")
NAMES = tuple(f"{account}/{kind}" for account in ACCOUNTS for kind in KINDS)
ANSWER_MAX_BYTES = 64 * 1024
Accounts = dict[str, tuple[str, str]]  # name -> appid, secret


def accounts_of(path: Path) -> Accounts:
    """What the secrets file says; nothing where it cannot be read, which the gateway says at its start."""
    try:
        text = path.read_text(encoding="utf-8")
        tables = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return {name: (tables[name]["appid"], tables[name]["secret"]) for name in ACCOUNTS if name in tables}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


class WeChatTokens:
    """See `tokens.Fetch`: an instance is one. `access` gives the access token that a ticket is asked with."""

    def __init__(self, api: str, accounts: Accounts, *, access: Callable[[str], str]) -> None:
        self._api, self._accounts, self._access = api.rstrip("/"), accounts, access

    def __call__(self, name: str, force: bool) -> Fetched:
        account, _, kind = name.partition("/")
        if account not in self._accounts:
            raise TokenAway(f"{name}: the secrets file has no such account")
        if kind == "access":
            return self._stable_token(name, *self._accounts[account], force=force)
        query = urlencode({"access_token": self._access(account), "type": "jsapi"})
        return _fetched(name, "ticket", self._asked(name, Request(f"{self._api}/cgi-bin/ticket/getticket?{query}")))

    def _stable_token(self, name: str, appid: str, secret: str, *, force: bool) -> Fetched:
        body = {"grant_type": "client_credential", "appid": appid, "secret": secret, "force_refresh": force}
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self._api}/cgi-bin/stable_token", json.dumps(body).encode(), headers)
        return _fetched(name, "access_token", self._asked(name, request))

    def _asked(self, name: str, request: Request) -> dict[str, Any]:
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:
                told = json.loads(answer.read(ANSWER_MAX_BYTES))
        except (HTTPError, URLError, OSError, ValueError) as problem:
            raise TokenAway(f"{name}: WeChat does not answer ({type(problem).__name__})") from None
        if not isinstance(told, dict):
            raise TokenAway(f"{name}: WeChat answered no object")
        return told


def _fetched(name: str, field: str, told: dict[str, Any]) -> Fetched:
    """WeChat says failures with status 200 and an `errcode`."""
    token, lasts_s = told.get(field), told.get("expires_in")
    if told.get("errcode") or not isinstance(token, str) or not isinstance(lasts_s, int) or lasts_s <= 0:
        raise TokenAway(f"{name}: WeChat says {told.get('errcode', 'nothing that can be read')}")
    return Fetched(token, lasts_s)
