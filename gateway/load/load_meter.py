"""How much load a gateway is under, measured four times a second.

The pressure that counts is the lesser of two measurements that follow each other: one stall, such as a pause of the
whole process, is no load. Promises nothing about why the loop is late.
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
    """Tells `shedding` the load while `running`."""

    def __init__(
        self,
        shedding: Shedding,
        *,
        likes_waiting: Callable[[], int],
        beside: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`beside` is called with the time at each measurement, for what else is looked at."""
        self._shedding, self._likes_waiting, self._beside = shedding, likes_waiting, beside
        self._last = Pressure()

    def measured(self, late_s: float, now_s: float) -> None:
        """One measurement: the timer was so late."""
        metrics.LOOP_LAG_S.set(late_s)
        now = Pressure(late_s * 1000, self._shedding.in_flight, self._likes_waiting())
        self._shedding.take(lesser(self._last, now), now_s)
        self._last = now

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
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
            self.measured(max(0.0, now - due), now)
            self._beside(now)


def lesser(one: Pressure, other: Pressure) -> Pressure:
    return Pressure(
        min(one.loop_lag_ms, other.loop_lag_ms),
        min(one.in_flight, other.in_flight),
        min(one.likes_waiting, other.likes_waiting),
    )


def say(level: int) -> None:
    """A new level, for the log."""
    log_.warning("the gateway sheds" if level else "the gateway sheds nothing any more", level=level)
