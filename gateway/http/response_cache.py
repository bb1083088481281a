"""Answers that were made of views, kept until a view they were made of is replaced.

Promises: what is returned was made of exactly the views that are current. Holds about a hundred answers, the oldest go.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

MOST = 128


@dataclass(frozen=True, slots=True)
class CachedResponse:
    made_of: tuple[object, ...]
    body: bytes
    etag: str
    at_s: float  # monotonic, when it was made


class ResponseCache:
    """Rendered bytes by key."""

    def __init__(self, most: int = MOST, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now = most, now
        self._kept: OrderedDict[Hashable, CachedResponse] = OrderedDict()

    def get(self, key: Hashable, made_of: tuple[object, ...], make: Callable[[], bytes]) -> CachedResponse:
        """The bytes for `key`; made anew where one of `made_of` is another (by equality, views by identity)."""
        kept = self._kept.get(key)
        if kept is None or kept.made_of != made_of:
            body = make()
            kept = CachedResponse(made_of, body, etag_of(body), self._now())
            self._kept[key] = kept
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept

    def last(self, key: Hashable) -> tuple[CachedResponse, int] | None:
        """What was answered last for `key`, whatever it was made of, and its age in seconds."""
        kept = self._kept.get(key)
        return None if kept is None else (kept, max(0, int(self._now() - kept.at_s)))


def etag_of(body: bytes) -> str:
    """A strong validator: the content's own digest."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'
