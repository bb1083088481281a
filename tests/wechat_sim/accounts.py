"""The simulated accounts, read from the same file that the server under test reads."""

import base64
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = ("service", "subscription", "miniprogram")
MODES = ("plain", "compatible", "safe")
FILE_FIELDS = ("appid", "original_id", "secret", "token", "aeskey", "mode", "template_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account at the platform. Its pushes go to `callback`; "" means that they go nowhere."""

    kind: str
    appid: str
    original_id: str
    secret: str
    token: str
    aeskey: str
    mode: str = "safe"
    template_id: str = ""  # of one-time subscription messages
    callback: str = ""
    page_host: str = ""  # the only host to which an authorisation may redirect; "" for any


def invent_accounts(seed: int, *, mode: str = "safe") -> dict[str, Account]:
    """Return an invented account of each kind; the same seed gives the same accounts."""
    return {kind: _invent_account(kind, seed, mode) for kind in KINDS}


def _invent_account(kind: str, seed: int, mode: str) -> Account:
    def digest(what: str) -> bytes:
        return hashlib.sha256(f"{seed}/{kind}/{what}".encode()).digest()

    key = base64.b64encode(digest("aeskey"), altchars=b"Aa").decode()[:43]
    return Account(
        kind=kind,
        appid=f"wx{digest('appid').hex()[:16]}",
        original_id=f"gh_{digest('original').hex()[:12]}",
        secret=digest("secret").hex()[:32],
        token=digest("token").hex()[:16],
        aeskey=key,
        mode=mode,
        template_id=base64.urlsafe_b64encode(digest("template")).decode().rstrip("=") if kind == "service" else "",
    )


def read(path: Path) -> dict[str, Account]:
    """Read accounts from a file. Fields that a table leaves out are invented.

    Raises ValueError for an unknown account, field or mode.
    """
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    made = {}
    for kind, table in tables.items():
        if kind not in KINDS:
            raise ValueError(f"{path}: {kind} is none of {', '.join(KINDS)}")
        rest = {name: getattr(_invent_account(kind, 0, "safe"), name) for name in FILE_FIELDS}
        made[kind] = Account(kind=kind, **{**rest, **_texts(path, table)})
        if made[kind].mode not in MODES:
            raise ValueError(f"{path}: mode is one of {', '.join(MODES)}")
    return made


def to_toml(accounts: dict[str, Account]) -> str:
    """Return the text of a file with these accounts."""
    tables = (
        "\n".join([f"[{kind}]", *(f'{name} = "{getattr(account, name)}"' for name in FILE_FIELDS)])
        for kind, account in accounts.items()
    )
    return "\n\n".join(tables) + "\n"


def _texts(path: Path, table: Any) -> dict[str, str]:
    if not isinstance(table, dict) or not table.keys() <= set(FILE_FIELDS):
        raise ValueError(f"{path}: a table has {', '.join(FILE_FIELDS)}")
    return {name: str(value) for name, value in table.items()}
