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
    """A rendered body, and what it was rendered from."""

    sources: tuple[object, ...]
    body: bytes
    etag: str
    at_s: float  # monotonic, when it was rendered


class ResponseCache:
    """Rendered responses by key."""

    def __init__(self, most: int = MOST, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now = most, now
        self._responses: OrderedDict[Hashable, CachedResponse] = OrderedDict()

    def get(self, key: Hashable, sources: tuple[object, ...], make: Callable[[], bytes]) -> CachedResponse:
        """Return the response for `key`, rendered anew by `make` if `sources` has changed (compared by equality)."""
        cached = self._responses.get(key)
        if cached is None or cached.sources != sources:
            body = make()
            cached = CachedResponse(sources, body, etag_of(body), self._now())
            self._responses[key] = cached
            while len(self._responses) > self._most:
                self._responses.popitem(last=False)
        return cached

    def last(self, key: Hashable) -> tuple[CachedResponse, int] | None:
        """Return the last response for `key`, whatever it was rendered from, and its age in seconds."""
        cached = self._responses.get(key)
        return None if cached is None else (cached, max(0, int(self._now() - cached.at_s)))


def etag_of(body: bytes) -> str:
    """Return a strong ETag: a digest of the content."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'
