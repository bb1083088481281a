"""Load shedding: under load, refuse less important requests or answer them from a cache. A like is never shed.

The level of shedding rises with the load, and each level includes those before it:

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
    """Class of routes that are refused, or answered from a cache, at the same level of load.

    The value is the lowest level at which that happens; a route of the class KEEP is always served.
    """

    CHART = 1
    SEARCH = 2
    LIST = 3
    KEEP = 9

    @property
    def refused(self) -> bool:
        """Whether routes of this class are answered 503 when they are shed; lists are served from the cache instead."""
        return self in (Shed.CHART, Shed.SEARCH)


QUEUE_ONLY = 4
CALM_S = 5.0  # of less load before a level is left
CALM = 0.7  # the share of a level's load below which the load counts as calm
RETRY_S = 5


@dataclass(frozen=True, slots=True)
class Pressure:
    """One measurement of a gateway's load: the delay of its event loop, its open requests, and its waiting likes."""

    loop_lag_ms: float = 0.0
    in_flight: int = 0  # requests, without likes
    likes_waiting: int = 0


#: The load that leads to level 1; twice as much leads to 2, and so on. Far above what a busy gateway shows in the
#: benchmark (512 likes waiting, 20 ms): shedding is only for load that it cannot carry.
LIMITS = Pressure(loop_lag_ms=250.0, in_flight=300, likes_waiting=5_000)


@dataclass(frozen=True, slots=True)
class ShedState:
    """The current level of shedding, and since when (monotonic, seconds) the load has been low enough to leave it.

    `calm_since_s` is None while the load is not low enough.
    """

    level: int = 0
    calm_since_s: float | None = None


def strain(pressure: Pressure, limits: Pressure = LIMITS) -> float:
    """Return the load as one number: of the three measures, the greatest multiple of its limit."""
    return max(
        pressure.loop_lag_ms / limits.loop_lag_ms,
        pressure.in_flight / limits.in_flight,
        pressure.likes_waiting / limits.likes_waiting,
    )


def step(state: ShedState, pressure: Pressure, now_s: float) -> ShedState:
    """Return the shedding state that follows from a measurement at `now_s` (monotonic, seconds). Pure."""
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
    """Decide for one gateway process which requests are refused or answered from a cache under load."""

    def __init__(self, *, on_change: Callable[[int], None] = lambda _: None) -> None:
        self._state, self._on_change = ShedState(), on_change
        self.in_flight = 0
        metrics.SHED_LEVEL.set(0)

    def record(self, pressure: Pressure, now_s: float) -> None:
        """Take a measurement of the load at `now_s`, and update the level.

        If the level changes, call `on_change` with it.
        """
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
        """Whether likes are answered `accepted` as soon as the broker has them, before the writer decides."""
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
        """Raise Problem `shed` (503) if routes of this class are refused at the current level."""
        if shed.refused and self.level >= shed:
            metrics.SHED.labels(shed.name.lower()).inc()
            raise Problem("shed", retry_s=RETRY_S)

    def serves_stale(self, shed: Shed) -> bool:
        """Return whether routes of this class are answered from the cache now, even with an outdated response."""
        return shed is Shed.LIST and self.level >= shed
