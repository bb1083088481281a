"""Load shedding in levels: charts first, then searches, fresh lists, and waiting for likes. A like is never shed.

    0  nothing is shed
    1  live totals and charts are answered 503
    2  reads that call a service are answered 503 too
    3  lists are served from the last response, with its age, for less than half a minute
    4  a like is answered `accepted`, with its order ticket, as soon as the broker has it, before the writer decides

Promises: a level is entered at once when the load reaches it; levels are left one at a time after CALM_S of less load.
A route without a class is never shed. The level is local to this process; `load_meter.py` measures the load.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum

from gateway.http.problems import Problem
from shared import metrics


class Shed(IntEnum):
    """Shedding class of a route: the lowest level at which it is shed."""

    CHART = 1
    SEARCH = 2
    LIST = 3
    KEEP = 9

    @property
    def refused(self) -> bool:
        """Whether a shed route is answered 503; a list is served from the cache instead."""
        return self in (Shed.CHART, Shed.SEARCH)


QUEUE_ONLY = 4
CALM_S = 5.0  # of less load before a level is left
CALM = 0.7  # the share of a level's load below which the load counts as calm
RETRY_S = 5


@dataclass(frozen=True, slots=True)
class Pressure:
    """One measurement of the load."""

    loop_lag_ms: float = 0.0
    in_flight: int = 0  # requests, without likes
    likes_waiting: int = 0


#: The load that leads to level 1; twice as much leads to 2, and so on. Far above what a busy gateway shows in the
#: benchmark (512 likes waiting, 20 ms): shedding is only for load that it cannot carry.
LIMITS = Pressure(loop_lag_ms=250.0, in_flight=300, likes_waiting=5_000)


@dataclass(frozen=True, slots=True)
class ShedState:
    """The current level, and since when the load has been calm at it (monotonic), if it is."""

    level: int = 0
    calm_since_s: float | None = None


def strain(pressure: Pressure, limits: Pressure = LIMITS) -> float:
    """Return the worst of the three measures as a multiple of its limit."""
    return max(
        pressure.loop_lag_ms / limits.loop_lag_ms,
        pressure.in_flight / limits.in_flight,
        pressure.likes_waiting / limits.likes_waiting,
    )


def step(state: ShedState, pressure: Pressure, now_s: float) -> ShedState:
    """Return the state after a measurement."""
    load = strain(pressure)
    reached = min(int(load), QUEUE_ONLY)
    if reached > state.level:
        return ShedState(reached)
    if not state.level or load > CALM * state.level:
        return ShedState(state.level)
    if state.calm_since_s is None:
        return ShedState(state.level, now_s)
    if now_s - state.calm_since_s < CALM_S:
        return state
    return ShedState(state.level - 1, now_s)


class Shedding:
    """Shedding state of one gateway process, and the decisions that follow from it."""

    def __init__(self, *, on_change: Callable[[int], None] = lambda _: None) -> None:
        self._state, self._on_change = ShedState(), on_change
        self.in_flight = 0
        metrics.SHED_LEVEL.set(0)

    def record(self, pressure: Pressure, now_s: float) -> None:
        """Record a measurement, and call `on_change` with a new level."""
        before, self._state = self._state.level, step(self._state, pressure, now_s)
        if self.level != before:
            metrics.SHED_LEVEL.set(self.level)
            self._on_change(self.level)

    @property
    def level(self) -> int:
        """The current shedding level, 0 to 4."""
        return self._state.level

    @property
    def queue_only(self) -> bool:
        """Whether likes are answered as soon as the broker has them."""
        return self.level >= QUEUE_ONLY

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Count a request as in flight while the context is entered."""
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def refuse(self, shed: Shed) -> None:
        """Raise Problem if routes of this class are refused now."""
        if shed.refused and self.level >= shed:
            metrics.SHED.labels(shed.name.lower()).inc()
            raise Problem("shed", retry_s=RETRY_S)

    def serves_stale(self, shed: Shed) -> bool:
        """Return whether routes of this class are served from the cache now."""
        return shed is Shed.LIST and self.level >= shed
