"""The channels of a campaign, from the TOML file that BAIJIA_MESSAGES_FILE names.

    [email]
    transport = "smtp"
    host = "smtp.example.cn"
    sender = "百家 <office@example.cn>"
    user = "office@example.cn"
    password = "…"

    [sms]
    transport = "file"

Promises: a file that cannot be read, or that holds a key nobody knows, raises BadMessagesFile, which names the key and
no value. Without a file there is no channel, and letters stay where units read them on their page.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from deploy.errors import DeployError
from deploy.messages.channel import Channel
from deploy.messages.file_channel import FileChannel
from deploy.messages.smtp_channel import NONE, STARTTLS, TLS, MailServer, SmtpChannel

FILE, SMTP = "file", "smtp"
_TRANSPORTS = {"email": (FILE, SMTP), "sms": (FILE,)}


class BadMessagesFile(DeployError):
    """The file of the setting BAIJIA_MESSAGES_FILE cannot be read, or is not what it should be."""


def read_channels(path: Path | None, *, folder: Path) -> dict[str, Channel]:
    """Return the channels by name; none without a file. Channels of the transport `file` write below `folder`.

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
        transport = table.get("transport", FILE)
        if transport not in _TRANSPORTS[name]:
            raise BadMessagesFile(f"{path}: [{name}] transport must be one of {', '.join(_TRANSPORTS[name])}")
        channels[name] = _channel(name, transport, table, folder, f"{path}: [{name}]")
    return channels


def _channel(name: str, transport: str, table: Mapping[str, Any], folder: Path, where: str) -> Channel:
    values = {key: value for key, value in table.items() if key != "transport"}
    if transport == FILE:
        known = {"sender"} if name == "email" else set()
        _check_keys(values, known, known, where)
        return FileChannel(folder / name, sender=str(values.get("sender", "")))
    needed = {each.name for each in fields(MailServer) if each.default is MISSING}
    _check_keys(values, {each.name for each in fields(MailServer)}, needed, where)
    if values.get("security", STARTTLS) not in (NONE, STARTTLS, TLS):
        raise BadMessagesFile(f"{where} security must be {STARTTLS}, {TLS} or {NONE}")
    return SmtpChannel(MailServer(**values))


def _check_keys(values: Mapping[str, Any], known: set[str], needed: set[str], where: str) -> None:
    for key in sorted(values.keys() - known):
        raise BadMessagesFile(f"{where} {key} is not known; known: {', '.join(sorted(known))}")
    for key in sorted(needed - values.keys()):
        raise BadMessagesFile(f"{where} {key} is missing")
