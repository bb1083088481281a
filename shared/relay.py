"""The relay: the log is the outbox. Reads the ledger from a cursor, publishes each commit to its log's stream.

Promises: every commit reaches its stream at least once, in number order within one run. The cursor is a hint, kept
after the confirms: a crash or a second relay makes repeats, never losses.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

import bson

from shared import metrics
from shared.ledger import Ledger


class Publisher(Protocol):
    """Where commits go. `flush` returns once all that was published is confirmed, or raises BrokerUnreachable."""

    def publish(self, queue: str, body: bytes) -> None: ...

    def flush(self) -> None: ...


class Cursors(Protocol):
    """Where the relay has come to, log by log: a hint."""

    def load(self) -> dict[str, int]: ...

    def keep(self, log: str, n: int) -> None: ...


class Relay:
    """One relay for some logs. `step` moves what is there; the caller decides how often, and reconnects."""

    def __init__(self, ledger: Ledger, cursors: Cursors, *, logs: Iterable[str], queue: Callable[[str], str]) -> None:
        self._ledger, self._cursors, self._queue = ledger, cursors, queue
        self.positions = dict.fromkeys(logs, 0) | {log: n for log, n in cursors.load().items() if log in set(logs)}

    def step(self, publisher: Publisher, *, at_most: int = 500) -> int:
        """Publish what the ledger holds beyond the cursors; returns how many commits. Raises BrokerUnreachable."""
        moved = 0
        for log in sorted(self._ledger.grown(self.positions)):
            commits = self._ledger.read(log, self.positions[log], limit=at_most)
            for commit in commits:
                publisher.publish(self._queue(log), bson.encode(commit.document))
            publisher.flush()
            if commits:
                self.positions[log] = commits[-1].n
                self._cursors.keep(log, commits[-1].n)
                metrics.POSITION.labels("relay", log).set(commits[-1].n)
            moved += len(commits)
        return moved
