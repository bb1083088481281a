"""Which partitions a vote writer has, as its metric tells: those that gave it a batch lately.

The broker tells a consumer that it became the active one only on streams; so a writer goes by what it is given. An
empty batch comes every two seconds (`queue_watch.py`), also at night.
"""

import time
from collections.abc import Callable

from shared import metrics

LATELY_S = 10.0


class Duty:
    """One writer's."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last_s: dict[int, float] = {}

    def given(self, partition: int) -> None:
        """A batch of this partition came."""
        if partition not in self._last_s:
            metrics.ACTIVE.labels(partition).set(1)
        self._last_s[partition] = self._now()

    def rest(self) -> None:
        """Give up what has not come lately. To be called now and then."""
        gone = [p for p, at_s in self._last_s.items() if self._now() - at_s > LATELY_S]
        for partition in gone:
            del self._last_s[partition]
            metrics.ACTIVE.labels(partition).set(0)

    @property
    def partitions(self) -> frozenset[int]:
        return frozenset(self._last_s)
