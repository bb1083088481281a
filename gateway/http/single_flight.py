"""Let requests that ask for the same thing at the same time share one piece of work.

Promises: while work for a key runs, nobody starts it again, and everybody who waits gets its result or its error; a
waiting client that goes away stops it for nobody else. At most `most` requests wait in all.
Does not promise to remember a result: whoever asks after the end starts the work anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from gateway.http.problems import Problem

MOST = 128
Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Run at most one piece of work for each key at a time, and at most `at_once` for all keys together.

    At most `most` requests wait, including those that started the work.
    """

    def __init__(self, *, most: int = MOST, at_once: int = MOST) -> None:
        self._most, self._at_once, self._waiting = most, at_once, 0
        self._running: dict[Hashable, asyncio.Task[Result]] = {}

    def runs(self, key: Hashable) -> bool:
        """Whether work for this key runs now."""
        return key in self._running

    async def run(self, key: Hashable, work: Callable[[], Awaitable[Result]]) -> Result:
        """Return the result of `work`, or of the work that already runs for this key.

        Raise Problem `busy` if too many wait or other keys take up all places, and whatever the work raises.
        """
        task = self._running.get(key)
        if self._waiting >= self._most or (task is None and len(self._running) >= self._at_once):
            raise Problem("busy")
        if task is None:
            task = self._running[key] = asyncio.ensure_future(_as_coroutine(work))
            task.add_done_callback(lambda done: self._finish(key, done))
        self._waiting += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._waiting -= 1

    def _finish(self, key: Hashable, done: "asyncio.Task[Result]") -> None:
        del self._running[key]
        if not done.cancelled():
            done.exception()  # asyncio warns of an error that nobody looked at, as when all clients have gone


async def _as_coroutine(work: Callable[[], Awaitable[Result]]) -> Result:
    return await work()
