"""Signed RPC calls: who calls a service is proved by a key, not by a word in the message.

Whoever can publish at the broker could otherwise call every method in any role. Each caller has a key of its own in
`<data>/keys/<campaign>.calls/<caller>`; a service reads the keys of all callers, a caller only its own. The signature
is over the method, the caller and the whole call with its deadline, so a call that somebody recorded is worthless for
another method, with another body, and after its deadline.

Promises: only the gateway can speak for people; the clock and the command line can claim the role `operator` alone. The
process that first needs a key creates it.
Does not promise that a service cannot call another service as the gateway: it holds the same keys, to verify with.
"""

import contextlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import orjson

from shared.decider import Refused
from shared.security_log import SecurityLog
from shared.stamps import wall_ms

GATEWAY, CLOCK, COMMAND_LINE = "gateway", "clock", "command-line"
#: The roles that a caller may claim; None: any, since it has checked the session of a person.
ROLES_OF_CALLERS: Mapping[str, frozenset[str] | None] = {
    GATEWAY: None,
    CLOCK: frozenset({"operator"}),
    COMMAND_LINE: frozenset({"operator"}),
}
LIFE_MS = 3_600_000  # a call that asks for more time until its deadline is refused
UNKNOWN = Refused("caller-unknown")


class Callers(Protocol):
    """What a service uses to find out whether a call comes from whom it says."""

    def refusal(self, call: Mapping[str, Any], method: str) -> Refused | None:
        """Return why the call is refused, None if it is genuine. `method` is `<campaign>.<service>.<method>`."""


class CallSigner:
    """Signs the calls of one caller."""

    def __init__(self, data: Path, campaign: str, caller: str) -> None:
        self._caller, self._key = caller, key_of(data, campaign, caller)

    def sign(self, call: Mapping[str, Any], method: str) -> dict[str, Any]:
        """Return the call with its caller and its signature. `method` is `<campaign>.<service>.<method>`."""
        named = {**call, "caller": self._caller}
        return {**named, "signature": _signature(self._key, named, method)}


class SignedCallers:
    """Verifies calls with the keys of all callers, and records those that do not fit. Implements `Callers`."""

    def __init__(self, data: Path, campaign: str, *, security_log: SecurityLog | None = None) -> None:
        self._keys = {caller: key_of(data, campaign, caller) for caller in ROLES_OF_CALLERS}
        self._security_log = security_log

    def refusal(self, call: Mapping[str, Any], method: str) -> Refused | None:
        refused = self._refusal(call, method)
        if refused is not None and self._security_log is not None:
            self._security_log.record("call-refused", method=method)
        return refused

    def _refusal(self, call: Mapping[str, Any], method: str) -> Refused | None:
        signature, caller = call.get("signature"), call.get("caller")
        key = self._keys.get(caller) if isinstance(caller, str) else None
        if key is None or not isinstance(signature, str):
            return UNKNOWN
        unsigned = {name: value for name, value in call.items() if name != "signature"}
        try:
            expected = _signature(key, unsigned, method)
        except TypeError:
            return UNKNOWN
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            return UNKNOWN
        allowed = ROLES_OF_CALLERS[str(caller)]
        if allowed is not None and not set(call.get("roles", ())) <= allowed:
            return UNKNOWN
        deadline = call.get("deadline")
        if type(deadline) is not int or deadline > wall_ms() + LIFE_MS:
            return UNKNOWN
        return None


def key_of(data: Path, campaign: str, caller: str) -> bytes:
    """Read the key of a caller, 32 bytes. The file is created with a random key where it does not exist."""
    path = data / "keys" / f"{campaign}.calls" / caller
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{caller}-{os.getpid()}-{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # fails where another process was first
        draft.unlink()
    return bytes.fromhex(path.read_text())


def _signature(key: bytes, call: Mapping[str, Any], method: str) -> str:
    # Sorted, since the two sides need not keep the order of keys; by `json`, since a call may hold any integer.
    body = json.dumps(call, sort_keys=True, separators=(",", ":"), default=_as_sent).encode()
    return hmac.digest(key, method.encode() + b"\0" + body, "sha256").hex()


def _as_sent(value: Any) -> Any:
    """Return what becomes of a value such as a date on its way through JSON."""
    return orjson.loads(orjson.dumps(value))
