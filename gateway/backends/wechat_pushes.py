"""Pushes that were answered lately: what WeChat sends again gets the answer that the first sending got.

WeChat sends a push up to three times, five seconds apart, until it is answered. Promises: one gateway works on a push
once, and all sendings of it hear the same. Does not promise that across gateways: a like has the instant at which it
was said (`said_at.py`), so that it is no news where it comes again; a link is kept by its two names, forgetting ends in
nothing left, and of the answers WeChat shows one. So no shared store stands in the way of an answer within 5 s.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

KEPT_S = 60.0  # three sendings take 15
MOST = 20_000

Reply = str | None


class Answered:
    """See the module. `key` is `messages.Message.key`: a hash, so no openid lies here."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._now, self._most = now, most
        self._tasks: OrderedDict[str, tuple[float, asyncio.Task[Reply]]] = OrderedDict()

    def once(self, key: str, make: Callable[[], Awaitable[Reply]]) -> asyncio.Task[Reply]:
        """The work on this push: begun now, or found under way or done."""
        self.forget()
        known = self._tasks.get(key)
        if known is None or _failed(known[1]):
            known = self._now(), asyncio.ensure_future(_run(make))
            self._tasks[key] = known
        return known[1]

    def __contains__(self, key: str) -> bool:
        return key in self._tasks

    def __len__(self) -> int:
        return len(self._tasks)

    def forget(self) -> None:
        """Drop what is old."""
        while self._tasks:
            begun, _ = next(iter(self._tasks.values()))
            if len(self._tasks) < self._most and self._now() - begun <= KEPT_S:
                return
            self._tasks.popitem(last=False)


def _failed(task: asyncio.Task[Reply]) -> bool:
    """What failed is tried again when it is sent again."""
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _run(make: Callable[[], Awaitable[Reply]]) -> Reply:
    return await make()
