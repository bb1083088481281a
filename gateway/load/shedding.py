"""What a gateway gives up under load, and in which order: charts, search, fresh lists, waiting for likes. Never a like.

    0  nothing
    1  live totals and charts are answered 503
    2  so is what is looked up in a service
    3  lists come from what was answered last, with their age, for less than half a minute
    4  a like is answered `accepted`, with its ticket, once the broker has it: nobody waits for the writer

Promises: a level is reached at once under that much load, and left one at a time after a while of less; what has no
class is never shed. The level is this process's own. `load_meter.py` measures.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum

from gateway.http.problems import Problem
from shared import metrics


class Shed(IntEnum):
    """The class of a route: the level from which on it is shed."""

    CHART = 1
    SEARCH = 2
    LIST = 3
    KEEP = 9

    @property
    def refused(self) -> bool:
        """Whether what is shed is answered 503; a list is answered from what was kept."""
        return self in (Shed.CHART, Shed.SEARCH)


QUEUE_ONLY = 4
CALM_S = 5.0  # of less load, before a level is left
CALM = 0.7  # of the load that led to it
RETRY_S = 5


@dataclass(frozen=True, slots=True)
class Pressure:
    """The load, as measured."""

    loop_lag_ms: float = 0.0
    in_flight: int = 0  # requests, without likes
    likes_waiting: int = 0


#: What leads to level 1. Twice as much leads to 2, and so on. Far from what a busy gateway shows in the benchmark
#: (512 likes waiting, 20 ms): shedding is for what it cannot carry.
LIMITS = Pressure(loop_lag_ms=250.0, in_flight=300, likes_waiting=5_000)


@dataclass(frozen=True, slots=True)
class Standing:
    """A level, and since when the load has been calm for it."""

    level: int = 0
    calm_since_s: float | None = None


def strain(pressure: Pressure, limits: Pressure = LIMITS) -> float:
    """The worst of the three as a multiple of its limit."""
    return max(
        pressure.loop_lag_ms / limits.loop_lag_ms,
        pressure.in_flight / limits.in_flight,
        pressure.likes_waiting / limits.likes_waiting,
    )


def step(standing: Standing, pressure: Pressure, now_s: float) -> Standing:
    """The standing after a measurement."""
    load = strain(pressure)
    reached = min(int(load), QUEUE_ONLY)
    if reached > standing.level:
        return Standing(reached)
    if not standing.level or load > CALM * standing.level:
        return Standing(standing.level)
    if standing.calm_since_s is None:
        return Standing(standing.level, now_s)
    if now_s - standing.calm_since_s < CALM_S:
        return standing
    return Standing(standing.level - 1, now_s)


class Shedding:
    """The standing of one gateway, and what follows from it."""

    def __init__(self, *, told: Callable[[int], None] = lambda _: None) -> None:
        self._standing, self._told = Standing(), told
        self.in_flight = 0
        metrics.SHED_LEVEL.set(0)

    def take(self, pressure: Pressure, now_s: float) -> None:
        """A measurement. `told` hears of a new level."""
        before, self._standing = self._standing.level, step(self._standing, pressure, now_s)
        if self.level != before:
            metrics.SHED_LEVEL.set(self.level)
            self._told(self.level)

    @property
    def level(self) -> int:
        return self._standing.level

    @property
    def queue_only(self) -> bool:
        """Whether likes are answered once the broker has them."""
        return self.level >= QUEUE_ONLY

    @contextmanager
    def serving(self) -> Iterator[None]:
        """A request is being answered."""
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def refuse(self, shed: Shed) -> None:
        """Raise Problem where routes of this class are refused now."""
        if shed.refused and self.level >= shed:
            metrics.SHED.labels(shed.name.lower()).inc()
            raise Problem("shed", retry_s=RETRY_S)

    def stale(self, shed: Shed) -> bool:
        """Whether routes of this class answer from what was kept."""
        return shed is Shed.LIST and self.level >= shed
