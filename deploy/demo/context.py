"""What all phases of the demo share: the API, the console, the staff, the windows and the rehearsal clock."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from deploy.demo.client import Api, Person
from deploy.demo.console_output import ConsoleOutput

T = TypeVar("T")


@dataclass(slots=True)
class DemoContext:
    """What the phases of the demo pass on to each other: people with sessions, windows, and refusals so far."""

    api: Api
    output: ConsoleOutput
    seed: int
    organiser: Person
    second: Person  # the second organiser, who signs the result too
    moderators: list[Person] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)

    async def clock(self, now: int) -> None:
        """Move the rehearsal's clock to `now`, in milliseconds, and wait until the gateway uses it.

        Raises DemoFailed.
        """
        moved = await self.organiser.do("/campaign/clock", {"now": now})
        await self.organiser.read(f"/campaign?at_least={moved['position']}")


async def run_concurrently(work: Iterable[T], do: Callable[[T], Awaitable[None]], *, workers: int) -> None:
    """Call `do` for each item of `work`, with this number of calls at a time; the first failure cancels the rest."""
    queue = iter(work)

    async def worker() -> None:
        for each in queue:
            await do(each)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker())
