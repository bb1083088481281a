"""Track which partitions a vote writer serves: the partitions whose queues gave it a batch of likes recently.

The broker tells a consumer that it became the active one only on streams, so a writer goes by the batches that it gets.
An empty batch comes every two seconds (`queue_watch.py`), even when nobody likes.
"""

import time
from collections.abc import Callable

from shared import metrics

LATELY_S = 10.0


class Duty:
    """The partitions that one vote writer serves now, also as a metric. `now` is a clock in seconds."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last_s: dict[int, float] = {}

    def note_batch(self, partition: int) -> None:
        """Note that a batch of this partition arrived, so that the writer serves it."""
        if partition not in self._last_s:
            metrics.ACTIVE.labels(partition).set(1)
        self._last_s[partition] = self._now()

    def drop_stale(self) -> None:
        """Drop the partitions without a batch in the last LATELY_S seconds. The writer's loop calls this regularly."""
        stale = [p for p, at_s in self._last_s.items() if self._now() - at_s > LATELY_S]
        for partition in stale:
            del self._last_s[partition]
            metrics.ACTIVE.labels(partition).set(0)

    @property
    def partitions(self) -> frozenset[int]:
        """The numbers of the partitions that gave this writer a batch, without those that were dropped as stale."""
        return frozenset(self._last_s)
