"""Cache of replies to WeChat's pushes: a push that WeChat sends again gets the reply of the first one.

WeChat sends a push up to three times, five seconds apart, until it is answered. Promises: one gateway handles a push
once, and all its repeats get the same reply. Does not promise this across gateways, where a repeat is harmless: a like
carries the instant of its message (`voters/other_likes.py`), so its repeat changes nothing; a link is stored by its two
names; deleting data twice leaves nothing either; and WeChat shows only one of the replies. So no shared store is
needed, which could delay a reply beyond 5 s.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

KEPT_S = 60.0  # three sendings take 15 s
MOST = 20_000

Reply = str | None


class PushReplies:
    """Cache of the replies of the last minute, by `messages.Message.key`, which is a hash and reveals no openid.

    At most `most` replies are kept; beyond that the oldest is dropped.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._now, self._most = now, most
        self._tasks: OrderedDict[str, tuple[float, asyncio.Task[Reply]]] = OrderedDict()

    def get_or_start(self, key: str, make: Callable[[], Awaitable[Reply]]) -> asyncio.Task[Reply]:
        """Return the task that makes the reply to the push with this key. A repeat of the push gets the same task.

        The task is started with `make` if the push is new, or if its earlier task failed.
        """
        self.evict()
        entry = self._tasks.get(key)
        if entry is None or _failed(entry[1]):
            entry = self._now(), asyncio.ensure_future(_run(make))
            self._tasks[key] = entry
        return entry[1]

    def __contains__(self, key: str) -> bool:
        return key in self._tasks

    def __len__(self) -> int:
        return len(self._tasks)

    def evict(self) -> None:
        """Drop the replies that are older than `KEPT_S`, and the oldest ones beyond the bound."""
        while self._tasks:
            begun, _ = next(iter(self._tasks.values()))
            if len(self._tasks) < self._most and self._now() - begun <= KEPT_S:
                return
            self._tasks.popitem(last=False)


def _failed(task: asyncio.Task[Reply]) -> bool:
    """Return whether a task failed, so that a repeat of the push is handled anew."""
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _run(make: Callable[[], Awaitable[Reply]]) -> Reply:
    return await make()
