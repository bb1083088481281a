"""Signatures of WeChat's pushes, the time window in which they are valid, and the nonces that were used.

Promises: compares in constant time; refuses a time more than five minutes from ours; accepts a nonce for one body only.
Does not promise that a message comes only once: WeChat itself sends it again, and `messages.Message.key` identifies it.
"""

import hashlib
import hmac
from collections import OrderedDict

from gateway.wechat.errors import BadSignature, Replayed, Stale

WINDOW_S = 300
NONCES_MOST = 200_000  # those of ten minutes at 300 pushes a second, about 40 MB
TIMESTAMP_MAX_CHARS = 11


def sign(*parts: str) -> str:
    """Return the signature (hex SHA-1) over the sorted parts: token, timestamp, nonce and, in safe mode, ciphertext."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def check(signature: str, *parts: str) -> None:
    """Raise BadSignature unless `signature` is the signature of these parts, which `sign` lists."""
    # As bytes, because compare_digest accepts no text beyond ASCII, and a stranger may send any text.
    if not hmac.compare_digest(sign(*parts).encode(), signature.encode()):
        raise BadSignature("the signature is wrong")


def check_time(timestamp: str, *, now_s: int, window_s: int = WINDOW_S) -> None:
    """Raise Stale unless the timestamp, in seconds, differs from our clock by at most `window_s`."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_MAX_CHARS):
        raise Stale("the timestamp is not a number of seconds")
    if abs(now_s - int(timestamp)) > window_s:
        raise Stale(f"the timestamp is {now_s - int(timestamp)} s off our clock")


class Nonces:
    """Remember the nonces of this process's last accepted requests, so that a replay is recognised.

    A nonce is stored with a digest of its request's body, for twice the window; beyond `most` the oldest is dropped.
    """

    def __init__(self, *, window_s: int = WINDOW_S, most: int = NONCES_MOST) -> None:
        self._window_s = window_s
        self._most = most
        self._bodies: OrderedDict[tuple[str, str], tuple[int, bytes]] = OrderedDict()  # oldest first

    def admit(self, timestamp: str, nonce: str, *, body: bytes, now_s: int) -> bool:
        """Record the nonce of a request. Return True if it is new, False if the same body was sent again.

        Raise Stale or Replayed. Check the signature first: only requests that WeChat signed may take up space here.
        """
        check_time(timestamp, now_s=now_s, window_s=self._window_s)
        self._forget(now_s)
        digest = hashlib.sha256(body).digest()
        recorded = self._bodies.get((timestamp, nonce))
        if recorded is None:
            self._bodies[timestamp, nonce] = (now_s, digest)
            return True
        if recorded[1] != digest:
            raise Replayed("the nonce was used before with another body")
        return False

    @property
    def size(self) -> int:
        """The number of stored nonces."""
        return len(self._bodies)

    def _forget(self, now_s: int) -> None:
        """Drop nonces older than twice the window.

        A timestamp may lie one window ahead of our clock, and stays valid until one window behind it.
        """
        while self._bodies:
            since_s, _ = next(iter(self._bodies.values()))
            if len(self._bodies) < self._most and now_s - since_s <= 2 * self._window_s:
                return
            self._bodies.popitem(last=False)
