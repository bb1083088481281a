"""The faults that a test requests: which call fails, how, and how often."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40163: "code been used",
    40164: "invalid ip 127.0.0.1, not in whitelist",
    42001: "access_token expired",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    47003: "argument invalid",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    48001: "api unauthorized",
}
#: slow: the answer takes `delay_ms`. down: 502, as from a proxy in between. cut: the connection breaks in the middle of
#: the answer. snapshot: the next person to authorise is on a snapshot page. lost: the answer to a push gets lost on its
#: way back.
NAMED = ("slow", "down", "cut", "snapshot", "lost")
#: The call of a fault for which none was named.
HOMES = {"snapshot": "oauth2/access_token", "lost": "push"}
PUSH = "push"


@dataclass(slots=True)
class Fault:
    """One active fault.

    `left` is the number of calls that it still affects, None if it stays until it is removed. `call` is the call
    it affects, None for every call.
    """

    id: int
    kind: str  # a name from NAMED, or an errcode in digits
    call: str | None
    left: int | None
    delay_ms: int

    def strikes(self, call: str) -> bool:
        """Return whether this fault affects the call. A push is affected only if the fault names it."""
        return self.call == call or (self.call is None and call != PUSH)


class Faults:
    """The active faults, oldest first."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._active: list[Fault] = []

    def order(self, kind: str, *, call: str | None, times: int | None, delay_ms: int) -> Fault:
        """Add a fault. Raises ValueError for an unknown fault, or a count below 1."""
        if kind not in NAMED and not kind.removeprefix("-").isdigit():
            raise ValueError(f"a fault is an errcode or one of {', '.join(NAMED)}")
        if times is not None and times < 1:
            raise ValueError("times is at least 1; omit it for a fault that stays")
        fault = Fault(next(self._ids), kind, call or HOMES.get(kind), times, delay_ms)
        self._active.append(fault)
        return fault

    def take(self, call: str) -> Iterator[Fault]:
        """Yield the faults of one call, and count each: those that let the call go on, until one that ends it."""
        for fault in list(self._active):
            if not fault.strikes(call):
                continue
            if fault.left is not None:
                fault.left -= 1
                if fault.left == 0:
                    self._active.remove(fault)
            yield fault
            if fault.kind not in ("slow", "snapshot"):
                return

    def clear(self, kind: str | None = None) -> None:
        """Remove all faults, or those of one kind."""
        self._active = [each for each in self._active if kind is not None and each.kind != kind]

    def active(self) -> list[dict[str, Any]]:
        """Return the active faults as JSON data."""
        names = ("id", "kind", "call", "left", "delay_ms")
        return [{name: getattr(each, name) for name in names} for each in self._active]
