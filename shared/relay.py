"""The relay: the log is the outbox. Reads the ledger from a cursor, publishes each commit to its log's stream.

Promises: every commit reaches its stream at least once, in number order within one run. The cursor is a hint, kept
after the confirms: a crash or a second relay makes repeats, never losses.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

import bson

from shared import metrics
from shared.ledger import PAGE, Ledger


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
        """Publish what the ledger holds beyond the cursors, of each log at most so many commits; returns how many.

        Raises BrokerUnreachable, Unreachable.
        """
        return sum(self._move(publisher, log, at_most) for log in sorted(self._ledger.grown(self.positions)))

    def _move(self, publisher: Publisher, log: str, at_most: int) -> int:
        before = after = self.positions[log]
        while after < before + at_most:
            limit = min(PAGE, before + at_most - after)
            commits = self._ledger.read(log, after, limit=limit)
            for commit in commits:
                publisher.publish(self._queue(log), bson.encode(commit.document))
            after += len(commits)
            if len(commits) < limit:
                break
        publisher.flush()
        if after > before:
            self.positions[log] = after
            self._cursors.keep(log, after)
            metrics.POSITION.labels("relay", log).set(after)
        return after - before
