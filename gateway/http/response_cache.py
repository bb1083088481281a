"""Cache of responses that are rendered from views, each valid until one of its views is replaced.

Promises: a response that `get` returns was rendered from exactly the current views, and one that `last` returns perhaps
from older ones. Holds 128 responses by default and evicts the oldest.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

MOST = 128


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A rendered body with its ETag, and the values (`sources`) that it was rendered from."""

    sources: tuple[object, ...]
    body: bytes
    etag: str
    at_s: float  # monotonic, when it was rendered


class ResponseCache:
    """Cache of at most `most` rendered responses by key; beyond that the oldest is dropped.

    A response is replaced when what it was rendered from has changed. It is not dropped by age.
    """

    def __init__(self, most: int = MOST, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now = most, now
        self._responses: OrderedDict[Hashable, CachedResponse] = OrderedDict()

    def get(self, key: Hashable, sources: tuple[object, ...], make: Callable[[], bytes]) -> CachedResponse:
        """Return the response for `key`, which `make` renders unless a response from equal `sources` is cached."""
        cached = self._responses.get(key)
        if cached is None or cached.sources != sources:
            body = make()
            cached = CachedResponse(sources, body, etag_of(body), self._now())
            self._responses[key] = cached
            while len(self._responses) > self._most:
                self._responses.popitem(last=False)
        return cached

    def last(self, key: Hashable) -> tuple[CachedResponse, int] | None:
        """Return the last response rendered for `key`, which may be outdated, and its age in seconds.

        Return None if there is none. Used under load, in place of rendering a new one.
        """
        cached = self._responses.get(key)
        return None if cached is None else (cached, max(0, int(self._now() - cached.at_s)))


def etag_of(body: bytes) -> str:
    """Return a strong ETag for a body: a quoted digest of its bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'
