"""How WeChat signs what it sends, and whether it was sent just now.

Promises: compares in constant time; a time more than five minutes from ours is refused; a nonce serves one body only.
Does not promise that the same message comes once: WeChat sends it again itself, and `messages.Message.key` tells it.
"""

import hashlib
import hmac
from collections import OrderedDict

from gateway.wechat.errors import BadSignature, Replayed, Stale

WINDOW_S = 300
NONCES_MOST = 200_000  # of ten minutes: 300 pushes a second, about 40 MB
TIMESTAMP_MAX_CHARS = 11


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts, as hex: of (token, timestamp, nonce), or of these and the ciphertext."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def check(signature: str, *parts: str) -> None:
    """Raises BadSignature."""
    # Bytes: compare_digest takes no text beyond ASCII, and what a stranger sends may be any.
    if not hmac.compare_digest(sign(*parts).encode(), signature.encode()):
        raise BadSignature("the signature does not fit")


def check_time(timestamp: str, *, now_s: int, window_s: int = WINDOW_S) -> None:
    """Raises Stale."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_MAX_CHARS):
        raise Stale("the timestamp is no number of seconds")
    if abs(now_s - int(timestamp)) > window_s:
        raise Stale(f"the timestamp is {now_s - int(timestamp)} s from our clock")


class Nonces:
    """The nonces of the last minutes, each with the body that it came with. In this process only."""

    def __init__(self, *, window_s: int = WINDOW_S, most: int = NONCES_MOST) -> None:
        self._window_s = window_s
        self._most = most
        self._bodies: OrderedDict[tuple[str, str], tuple[int, bytes]] = OrderedDict()  # oldest first

    def admit(self, timestamp: str, nonce: str, *, body: bytes, now_s: int) -> bool:
        """Whether this is new; False where the same was sent again. Raises Stale, Replayed.

        Ask after the signature: only what WeChat signed may take a place here.
        """
        check_time(timestamp, now_s=now_s, window_s=self._window_s)
        self._forget(now_s)
        digest = hashlib.sha256(body).digest()
        known = self._bodies.get((timestamp, nonce))
        if known is None:
            self._bodies[timestamp, nonce] = (now_s, digest)
            return True
        if known[1] != digest:
            raise Replayed("the nonce came before with another body")
        return False

    @property
    def size(self) -> int:
        return len(self._bodies)

    def _forget(self, now_s: int) -> None:
        """Twice the window: a timestamp may lie one window ahead of our clock, and holds until one behind it."""
        while self._bodies:
            since_s, _ = next(iter(self._bodies.values()))
            if len(self._bodies) < self._most and now_s - since_s <= 2 * self._window_s:
                return
            self._bodies.popitem(last=False)
