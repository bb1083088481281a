"""The WeChat accounts of one campaign, read from the secrets file.

Promises: accounts that were read can be used (the AES key decodes, the mode is known), and no secret shows in a repr.
Does not promise that WeChat accepts the credentials.

The file is TOML or JSON with one table per account: `service` is required, `subscription` and `miniprogram` are
optional:

    [service]
    appid = "wx0123456789abcdef"
    original_id = "gh_0123456789ab"   # what WeChat writes into ToUserName
    secret = "…"                      # AppSecret
    token = "…"                       # 消息校验 Token
    aeskey = "…"                      # EncodingAESKey, 43 characters
    mode = "safe"                     # plain, compatible or safe
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gateway.wechat.crypto import decode_key
from gateway.wechat.errors import BadAccount
from shared import json_documents

MODES = ("plain", "compatible", "safe")
_TEMPLATE = frozenset(string.ascii_letters + string.digits + "_-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Credentials of one WeChat account. Raises BadAccount if they cannot be used.

    In plain mode messages are signed without their body, so prefer safe mode.
    """

    appid: str  # AppID
    original_id: str = ""  # what WeChat writes into ToUserName, `gh_…`
    secret: str = field(repr=False)  # AppSecret
    token: str = field(default="", repr=False)  # 消息校验 Token
    aeskey: str = field(default="", repr=False)  # EncodingAESKey, 43 characters
    mode: str = "safe"  # plain, compatible or safe
    template_id: str = ""  # of one-time subscription messages (一次性订阅消息); without it WeChat brings no letters

    def __post_init__(self) -> None:
        if not (self.appid.isascii() and self.appid.isalnum()):
            raise BadAccount(f"appid: {self.appid!r} is not an appid")
        if not self.secret:
            raise BadAccount(f"{self.appid}: secret is missing")
        if self.template_id and not (self.template_id.isascii() and set(self.template_id) <= _TEMPLATE):
            raise BadAccount(f"{self.appid}: template_id is not the id of a template")
        if self.mode not in MODES:
            raise BadAccount(f"{self.appid}: mode must be one of {', '.join(MODES)}")
        if self.aeskey:
            decode_key(self.aeskey)

    def require_push_secrets(self) -> "Account":
        """Return this account, after checking that it has the secrets to verify pushes from WeChat.

        Raise BadAccount if the token or the AES key is missing.
        """
        if not self.token:
            raise BadAccount(f"{self.appid}: token is missing")
        if self.mode != "plain" and not self.aeskey:
            raise BadAccount(f"{self.appid}: aeskey is missing, but mode {self.mode} needs it")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All accounts of the campaign. A person is identified by the service account's openid, whatever the door."""

    service: Account
    subscription: Account | None = None
    miniprogram: Account | None = None


def read(path: Path) -> Accounts:
    """Read the WeChat accounts from the secrets file. Raise BadAccount with a text that says what to correct."""
    try:
        text = path.read_text(encoding="utf-8")
        tables = json_documents.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as refusal:
        raise BadAccount(f"{path}: {refusal.strerror}") from refusal
    except ValueError as problem:
        raise BadAccount(f"{path}: {problem}") from problem
    try:
        return parse_accounts(tables)
    except BadAccount as problem:
        raise BadAccount(f"{path}: {problem}") from problem


def parse_accounts(tables: Mapping[str, Any]) -> Accounts:
    """Validate the tables of a secrets file and return its accounts. Raise BadAccount if one cannot be used."""
    allowed = {each.name for each in fields(Accounts)}
    if not isinstance(tables, dict) or not tables.keys() <= allowed:
        raise BadAccount(f"only the tables {', '.join(sorted(allowed))} are allowed")
    if "service" not in tables:
        raise BadAccount("the table service is missing")
    parsed = {name: _parse_account(name, table) for name, table in tables.items()}
    for name in parsed.keys() - {"miniprogram"}:
        parsed[name].require_push_secrets()
    return Accounts(**parsed)


def _parse_account(name: str, table: Any) -> Account:
    allowed = {each.name for each in fields(Account)}
    if not isinstance(table, dict) or not all(isinstance(each, str) for each in table.values()):
        raise BadAccount(f"{name}: must be a table whose values are strings")
    if strange := table.keys() - allowed:
        raise BadAccount(f"{name}: {', '.join(sorted(strange))} is not a known key")
    if missing := {"appid", "secret"} - table.keys():
        raise BadAccount(f"{name}: {', '.join(sorted(missing))} is missing")
    try:
        return Account(**table)
    except BadAccount as problem:
        raise BadAccount(f"{name}: {problem}") from problem
