"""The channels of a campaign, from the TOML file that BAIJIA_MESSAGES_FILE names.

    [email]
    transport = "smtp"
    host = "smtp.example.cn"
    sender = "百家 <office@example.cn>"
    user = "office@example.cn"
    password = "…"

    [sms]
    transport = "smpp"
    host = "smpp.example.cn"
    system_id = "baijia"
    password = "…"
    sender = "10690000"

    [wechat]
    transport = "subscription"

Promises: a file that cannot be read, that holds a key nobody knows, or a value that is of the wrong kind or cannot be
used, raises BadMessagesFile, which names the key and no value. Without a file there is no channel, and letters stay
where units read them on their page.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar

from deploy.errors import DeployError
from deploy.messages.channel import Channel
from deploy.messages.file_channel import FileChannel
from deploy.messages.smpp_channel import MessageCentre, SmppChannel
from deploy.messages.smtp_channel import NONE, STARTTLS, TLS, MailServer, SmtpChannel
from deploy.messages.wechat_channel import Tokens, WeChatChannel

FILE, SMTP, SMPP, SUBSCRIPTION = "file", "smtp", "smpp", "subscription"
_TRANSPORTS = {"email": (FILE, SMTP), "sms": (FILE, SMPP), "wechat": (SUBSCRIPTION,)}
_SECURITY = {SMTP: (STARTTLS, TLS, NONE), SMPP: (TLS, NONE)}
_KINDS = {str: "a text in quotes", int: "a whole number", float: "a number of seconds"}
MOST_TIMEOUT_S = 120
_Table = TypeVar("_Table", MailServer, MessageCentre)


class BadMessagesFile(DeployError):
    """The file of the setting BAIJIA_MESSAGES_FILE cannot be read, or is not what it should be."""


def read_channels(path: Path | None, *, folder: Path, tokens: Tokens, api: str) -> dict[str, Channel]:
    """Return the channels by name; none without a file. Channels of the transport `file` write below `folder`.

    `tokens` returns the access tokens of WeChat's service account, and `api` is the address of WeChat's API.
    Raises BadMessagesFile.
    """
    if path is None:
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise BadMessagesFile(f"{path} cannot be read: {type(problem).__name__}") from problem
    channels: dict[str, Channel] = {}
    for name, table in tables.items():
        if name not in _TRANSPORTS or not isinstance(table, dict):
            raise BadMessagesFile(f"{path}: unknown table [{name}]; known: {', '.join(_TRANSPORTS)}")
        transport = table.get("transport", _TRANSPORTS[name][0])
        if transport not in _TRANSPORTS[name]:
            raise BadMessagesFile(f"{path}: [{name}] transport must be one of {', '.join(_TRANSPORTS[name])}")
        if transport == SUBSCRIPTION:  # the account is the one of the file of WeChat's accounts
            _check_keys(table, {"transport"}, set(), f"{path}: [{name}]")
            channels[name] = WeChatChannel(api, tokens)
        else:
            channels[name] = _channel(name, transport, table, folder, f"{path}: [{name}]")
    return channels


def _channel(name: str, transport: str, table: Mapping[str, Any], folder: Path, where: str) -> Channel:
    values = {key: value for key, value in table.items() if key != "transport"}
    if transport == FILE:
        known = {"sender"} if name == "email" else set()
        _check_keys(values, known, known, where)
        _check_kinds(values, dict.fromkeys(known, str), where)
        _check_sender(name, values, where)
        return FileChannel(folder / name, sender=values.get("sender", ""))
    if transport == SMTP:
        server = _read_table(MailServer, transport, values, where)
        _check_sender(name, values, where)
        return SmtpChannel(server)
    try:
        return SmppChannel(_read_table(MessageCentre, transport, values, where))
    except ValueError as problem:  # it names the key and no value
        raise BadMessagesFile(f"{where} {problem}") from None


def _read_table(kind: type[_Table], transport: str, values: Mapping[str, Any], where: str) -> _Table:
    """Return the table as an object of this kind, after checking each value. Raises BadMessagesFile."""
    known = {each.name: each for each in fields(kind)}
    _check_keys(values, set(known), {name for name, each in known.items() if each.default is MISSING}, where)
    _check_kinds(values, {name: each.type for name, each in known.items()}, where)
    for name in ("host", "system_id"):
        if name in values and not values[name].strip():
            raise BadMessagesFile(f"{where} {name} is empty")
    if values.get("security", TLS) not in _SECURITY[transport]:
        raise BadMessagesFile(f"{where} security must be {', '.join(_SECURITY[transport][:-1])} or {NONE}")
    if not 0 < values.get("port", 1) < 65536:
        raise BadMessagesFile(f"{where} port must be from 1 to 65535")
    if not 0 < values.get("timeout_s", 1) <= MOST_TIMEOUT_S:
        raise BadMessagesFile(f"{where} timeout_s must be more than 0 and at most {MOST_TIMEOUT_S}")
    return kind(**values)


def _check_keys(values: Mapping[str, Any], known: set[str], needed: set[str], where: str) -> None:
    for key in sorted(values.keys() - known):
        raise BadMessagesFile(f"{where} {key} is not known; known: {', '.join(sorted(known))}")
    for key in sorted(needed - values.keys()):
        raise BadMessagesFile(f"{where} {key} is missing")


def _check_kinds(values: Mapping[str, Any], kinds: Mapping[str, Any], where: str) -> None:
    for key, value in values.items():
        wanted = kinds[key]
        is_right = isinstance(value, (int, float) if wanted is float else wanted) and not isinstance(value, bool)
        if not is_right:
            raise BadMessagesFile(f"{where} {key} must be {_KINDS[wanted]}")


def _check_sender(name: str, values: Mapping[str, Any], where: str) -> None:
    if name == "email" and "@" not in parseaddr(values["sender"])[1]:
        raise BadMessagesFile(f"{where} sender is not an e-mail address")
