"""The accounts of one campaign at WeChat, and their secrets.

Promises: what was read can be used (the key is a key, the mode is known); no secret shows in a repr.
Does not promise that WeChat knows them.

The file, TOML or JSON, has a table an account: `service` (must be), `subscription` and `miniprogram` (may be):

    [service]
    appid = "wx0123456789abcdef"
    original_id = "gh_0123456789ab"   # what WeChat writes into ToUserName
    secret = "…"                      # AppSecret
    token = "…"                       # 消息校验 Token
    aeskey = "…"                      # EncodingAESKey, 43 characters
    mode = "safe"                     # plain, compatible or safe
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gateway.wechat.crypto import key_of
from gateway.wechat.errors import BadAccount

MODES = ("plain", "compatible", "safe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account. In plain mode its messages are signed without their body, so prefer safe mode."""

    appid: str  # AppID
    original_id: str = ""  # what WeChat writes into ToUserName, `gh_…`
    secret: str = field(repr=False)  # AppSecret
    token: str = field(default="", repr=False)  # 消息校验 Token
    aeskey: str = field(default="", repr=False)  # EncodingAESKey, 43 characters
    mode: str = "safe"  # plain, compatible or safe

    def __post_init__(self) -> None:
        if not (self.appid.isascii() and self.appid.isalnum()):
            raise BadAccount(f"appid: {self.appid!r} is no appid")
        if not self.secret:
            raise BadAccount(f"{self.appid}: secret is missing")
        if self.mode not in MODES:
            raise BadAccount(f"{self.appid}: mode is one of {', '.join(MODES)}")
        if self.aeskey:
            key_of(self.aeskey)

    def takes_pushes(self) -> "Account":
        """Itself, once it is sure that messages can be checked. Raises BadAccount."""
        if not self.token:
            raise BadAccount(f"{self.appid}: token is missing")
        if self.mode != "plain" and not self.aeskey:
            raise BadAccount(f"{self.appid}: aeskey is missing, and mode {self.mode} needs it")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All accounts of the campaign. The service account's openid is the person, whatever the door."""

    service: Account
    subscription: Account | None = None
    miniprogram: Account | None = None


def read(path: Path) -> Accounts:
    """Raises BadAccount, with what to mend."""
    try:
        text = path.read_text(encoding="utf-8")
        tables = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as refusal:
        raise BadAccount(f"{path}: {refusal.strerror}") from refusal
    except ValueError as problem:
        raise BadAccount(f"{path}: {problem}") from problem
    try:
        return accounts(tables)
    except BadAccount as problem:
        raise BadAccount(f"{path}: {problem}") from problem


def accounts(tables: Mapping[str, Any]) -> Accounts:
    """The accounts of a file's tables. Raises BadAccount."""
    known = {each.name for each in fields(Accounts)}
    if not isinstance(tables, dict) or not tables.keys() <= known:
        raise BadAccount(f"only the tables {', '.join(sorted(known))} belong here")
    if "service" not in tables:
        raise BadAccount("the table service is missing")
    made = {name: _account(name, table) for name, table in tables.items()}
    for name in made.keys() - {"miniprogram"}:
        made[name].takes_pushes()
    return Accounts(**made)


def _account(name: str, table: Any) -> Account:
    known = {each.name for each in fields(Account)}
    if not isinstance(table, dict) or not all(isinstance(each, str) for each in table.values()):
        raise BadAccount(f"{name}: a table of texts is wanted")
    if strange := table.keys() - known:
        raise BadAccount(f"{name}: {', '.join(sorted(strange))} is not known")
    if missing := {"appid", "secret"} - table.keys():
        raise BadAccount(f"{name}: {', '.join(sorted(missing))} is missing")
    try:
        return Account(**table)
    except BadAccount as problem:
        raise BadAccount(f"{name}: {problem}") from problem
