"""Measure a gateway's load four times a second.

The pressure that counts is the lesser of two consecutive measurements: a single stall, such as a pause of the whole
process, is not load. Does not promise to know why the event loop is late.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.load.shedding import Pressure, Shedding
from shared import metrics
from shared.logs import logger

EVERY_S = 0.25
log_ = logger(__name__)


class LoadMeter:
    """Measure this process's load and report it to `shedding` while `running` is entered."""

    def __init__(
        self,
        shedding: Shedding,
        *,
        likes_waiting: Callable[[], int],
        on_measure: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`likes_waiting` returns the number of orders without an answer.

        `on_measure` is called after each measurement with the time in seconds, so that other metrics are updated as
        often.
        """
        self._shedding, self._likes_waiting, self._on_measure = shedding, likes_waiting, on_measure
        self._last = Pressure()

    def record(self, late_s: float, now_s: float) -> None:
        """Report the load at `now_s`, when the timer fired `late_s` seconds too late, to `shedding`."""
        metrics.LOOP_LAG_S.set(late_s)
        now = Pressure(late_s * 1000, self._shedding.in_flight, self._likes_waiting())
        self._shedding.record(lesser(self._last, now), now_s)
        self._last = now

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Measure the load every EVERY_S seconds while the context is entered."""
        task = asyncio.create_task(self._run(), name="load")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            now = loop.time()
            self.record(max(0.0, now - due), now)
            self._on_measure(now)


def lesser(one: Pressure, other: Pressure) -> Pressure:
    """Return, field by field, the smaller value of two measurements of the load, so that one stall is not load."""
    return Pressure(
        min(one.loop_lag_ms, other.loop_lag_ms),
        min(one.in_flight, other.in_flight),
        min(one.likes_waiting, other.likes_waiting),
    )


def log_level(level: int) -> None:
    """Log that the gateway begins or continues to shed load at this level, or no longer sheds any."""
    log_.warning("the gateway sheds load" if level else "the gateway no longer sheds load", level=level)
