"""The people of the demo and the clock of its rehearsal."""

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
    """Who acts, what they have met so far, and where things lie."""

    api: Api
    show: Show
    seed: int
    organiser: Person
    second: Person  # the other organiser, who signs too
    moderators: list[Person] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)

    async def clock(self, now: int) -> None:
        """Move the rehearsal's clock, and wait until the gateway has seen it."""
        moved = await self.organiser.do("/campaign/clock", {"now": now})
        at = moved["position"]
        await self.organiser.read(f"/campaign?at_least={at['log']}:{at['n']}")


async def side_by_side(work: Iterable[T], do: Callable[[T], Awaitable[None]], *, hands: int) -> None:
    """Do all the work with a few hands; the first failure ends it."""
    queue = iter(work)

    async def hand() -> None:
        for each in queue:
            await do(each)

    async with asyncio.TaskGroup() as group:
        for _ in range(hands):
            group.create_task(hand())
