"""Limits on the size and pace of bodies, on concurrent work, and on failed sign-ins.

Promises: no body beyond its limit is held in memory, and a body whose announced length is too large is refused unread.
Failed sign-ins are counted by each process: with g gateways a guesser has g times as many tries, which argon2 makes
expensive enough.
"""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.requests import Request

from gateway.http.problems import Problem

HAND_IN_BYTES = 600 * 1024
DRAFT_BYTES = 600 * 1024
PASTE_BYTES = 3 * 1024 * 1024
ROLL_BYTES = 5 * 1024 * 1024
CAMPAIGN_FILE_BYTES = 512 * 1024
BODY_S = 10.0  # for a whole JSON body
ROLL_S = 60.0


async def read_body(request: Request, *, limit: int, within_s: float = BODY_S) -> bytes:
    """Read and return the whole body of a request.

    Raise Problem if it has more than `limit` bytes or takes longer than `within_s` seconds.
    """
    refuse_announced(request, limit)
    parts, size = [], 0
    try:
        async with asyncio.timeout(within_s):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise too_large(limit)
                parts.append(part)
    except TimeoutError as late:
        raise Problem("body-too-slow") from late
    return b"".join(parts)


def refuse_announced(request: Request, limit: int) -> None:
    """Raise Problem if the header Content-Length is malformed or already above `limit` bytes."""
    announced = request.headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdigit()) or int(announced[:20]) > limit:
        raise too_large(limit)


def too_large(limit: int) -> Problem:
    """Return the problem `body-too-large`, for a body of more than `limit` bytes."""
    return Problem("body-too-large", facts={"allowed": limit})


class ConcurrencyLimit:
    """Limit how many operations run at the same time in this process: `most` in all, and `each` for one user."""

    def __init__(self, most: int, *, each: int) -> None:
        self._most, self._each = most, each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def slot(self, who: str) -> Iterator[None]:
        """Hold one of the slots for the user `who` while the context is entered.

        Raise Problem `busy` if none is free.
        """
        if self._taken[who] >= self._each or self._taken.total() >= self._most:
            raise Problem("busy")
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            self._taken += Counter()  # drops names with a count of 0


class FailedAttempts:
    """Refuse sign-ins after too many failures: at most `most` for a key within `window_s` seconds.

    A key stands for an account name, alone or with a network. At most `kept` keys are remembered; the one that failed
    longest ago is dropped first.
    """

    def __init__(
        self, most: int, *, window_s: float = 300.0, now: Callable[[], float] = time.monotonic, kept: int = 10_000
    ) -> None:
        self._most, self._window_s, self._now, self._kept = most, window_s, now, kept
        self._failed: OrderedDict[str, list[float]] = OrderedDict()

    def refuse_if_spent(self, key: str) -> None:
        """Raise Problem `login-attempts`, with the seconds to wait, while the key has too many recent failures."""
        recent = self._recent(key)
        if len(recent) >= self._most:
            wait = max(1, round(recent[0] + self._window_s - self._now()))
            raise Problem("login-attempts", facts={"seconds": wait}, retry_s=wait)

    def record_failure(self, key: str) -> None:
        """Count a failed sign-in for the key."""
        self._failed[key] = [*self._recent(key), self._now()]
        self._failed.move_to_end(key)
        while len(self._failed) > self._kept:
            self._failed.popitem(last=False)

    def take_back(self, key: str) -> None:
        """Take the latest failure of the key back, because the attempt that was counted turned out to be none."""
        earlier = self._failed.get(key, [])[:-1]
        if earlier:
            self._failed[key] = earlier
        else:
            self._failed.pop(key, None)

    def record_success(self, key: str) -> None:
        """Forget the failures of the key, because a sign-in succeeded."""
        self._failed.pop(key, None)

    def _recent(self, key: str) -> list[float]:
        return [at for at in self._failed.get(key, ()) if at > self._now() - self._window_s]
