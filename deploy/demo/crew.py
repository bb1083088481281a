"""What all phases of the demo share: the API, the console, the staff, the windows and the rehearsal clock."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from deploy.demo.client import Api, Person
from deploy.demo.show import Show

T = TypeVar("T")


@dataclass(slots=True)
class Crew:
    """State shared by the phases of the demo."""

    api: Api
    show: Show
    seed: int
    organiser: Person
    second: Person  # the second organiser, who signs the result too
    moderators: list[Person] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)

    async def clock(self, now: int) -> None:
        """Set the rehearsal clock to `now`, in milliseconds, and wait until the gateway has applied it."""
        moved = await self.organiser.do("/campaign/clock", {"now": now})
        at = moved["position"]
        await self.organiser.read(f"/campaign?at_least={at['log']}:{at['n']}")


async def side_by_side(work: Iterable[T], do: Callable[[T], Awaitable[None]], *, hands: int) -> None:
    """Call `do` for all items with `hands` concurrent workers; the first failure cancels the rest."""
    queue = iter(work)

    async def hand() -> None:
        for each in queue:
            await do(each)

    async with asyncio.TaskGroup() as group:
        for _ in range(hands):
            group.create_task(hand())
