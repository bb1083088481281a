"""Like tickets: signed proofs that a session requested permission to like within the last minutes.

Promises: a like ticket is valid for its session, for its entry if it names one, until it expires, and once in this
gateway: used tickets are remembered for their whole life at up to a thousand likes a second (`replay_guard.py` says
what happens beyond). Checking one costs microseconds: one HMAC over some sixty bytes.

Does not promise that another gateway knows that it was used. A second use is harmless: the MAC binds it to the same
session, the ledger has at most one like for a voter, an entry and a day, and each gateway limits the session's rate.
It would save a client no more than one GET.

Format, in hex: kind (1 byte: 0, or 1 with an entry), expiry in seconds (4 bytes), nonce (7), MAC (12).
"""

import hmac
import secrets
from collections.abc import Callable

from gateway.admission.replay_guard import ReplayGuard
from gateway.http.problems import Problem
from shared import metrics
from shared.stamps import wall_ms

_HEAD, _WHOLE = 12, 24
_ANY, _BOUND = b"\x00", b"\x01"
_DIGITS = 2 * _WHOLE


class LikeTickets:
    """Issue and check the like tickets of one gateway. `key` is the campaign's session key."""

    def __init__(self, key: bytes, *, life_s: int = 600, wall: Callable[[], int] = wall_ms) -> None:
        self._key = hmac.digest(key, b"like ticket", "sha256")
        self._life_s, self._wall = life_s, wall
        self._used = ReplayGuard(life_s=life_s, now_s=lambda: wall() / 1000)

    def issue(self, sub: str, *, count: int = 1, entry: str = "") -> list[str]:
        """Return `count` new like tickets for the voter `sub`.

        With `entry` (its id) they are valid for that entry only.
        """
        until = (self._wall() // 1000 + self._life_s).to_bytes(4, "big")
        kind = _BOUND if entry else _ANY
        heads = [kind + until + secrets.token_bytes(7) for _ in range(count)]
        return [(head + self._mac(head, sub, entry)).hex() for head in heads]

    def check(self, text: str, sub: str, entry: str) -> bytes:
        """Return the id of a like ticket that this voter may use for this entry, for `claim` and `release`.

        Raise Problem if the ticket is missing, of another voter or entry, expired or used. Checking does not use it up.
        """
        if not text:
            raise _refused("missing")
        try:
            whole = bytes.fromhex(text) if len(text) == _DIGITS else b""
        except ValueError:
            whole = b""
        head, mac = whole[:_HEAD], whole[_HEAD:]
        if not hmac.compare_digest(mac, self._mac(head, sub, "" if head[:1] == _ANY else entry)):
            raise _refused("foreign")
        if int.from_bytes(head[1:5], "big") * 1000 <= self._wall():
            raise _refused("expired")
        if head in self._used:
            raise _refused("used")
        return head

    def claim(self, name: bytes) -> None:
        """Record a like ticket, by the id that `check` returned, as used."""
        self._used.add(name)

    def release(self, name: bytes) -> None:
        """Allow a claimed like ticket to be used again, because the order that it came with was not sent."""
        self._used.discard(name)

    def _mac(self, head: bytes, sub: str, entry: str) -> bytes:
        return hmac.digest(self._key, head + f"{sub}\n{entry}".encode(), "sha256")[: _WHOLE - _HEAD]


def _refused(reason: str) -> Problem:
    metrics.LIKE_TICKETS_REFUSED.labels(reason).inc()
    return Problem(f"ticket-{reason}")
