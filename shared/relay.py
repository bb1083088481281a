"""The relay: the log is the outbox. Reads the ledger from a cursor, publishes each commit to its log's stream.

Promises: every commit reaches its stream at least once, in number order within one run. The cursor is a hint, kept
some time after the confirms: a crash or a second relay makes repeats, never losses.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import bson

from shared import metrics
from shared.commit import Commit
from shared.ledger import PAGE, Ledger

GLANCE = 4  # commits of each log that the common question asks for
KEEP_EVERY = 20  # steps: about a second under load


class Publisher(Protocol):
    """Where commits go. `flush` returns once all that was published is confirmed, or raises BrokerUnreachable."""

    def publish(self, queue: str, body: bytes) -> None: ...

    def flush(self) -> None: ...


class Cursors(Protocol):
    """Where the relay has come to, log by log: a hint."""

    def load(self) -> dict[str, int]: ...

    def keep(self, log: str, n: int) -> None: ...


class Relay:
    """One relay for some logs. `step` moves what is there; the caller decides how often, and reconnects.

    Commits of all logs share one question, one wait for confirms and, every `KEEP_EVERY` steps or once nothing comes,
    one keeping of cursors: alone, each of these costs the engines as much as the commit itself did (DECISIONS 68).
    """

    def __init__(self, ledger: Ledger, cursors: Cursors, *, logs: Iterable[str], queue: Callable[[str], str]) -> None:
        self._ledger, self._cursors, self._queue = ledger, cursors, queue
        self.positions = dict.fromkeys(logs, 0) | {log: n for log, n in cursors.load().items() if log in set(logs)}
        self._kept = dict(self.positions)
        self._unkept = 0  # steps that moved something since

    def step(self, publisher: Publisher, *, at_most: int = 500) -> int:
        """Publish what the ledger holds beyond the positions, of each log at most so many commits; returns how many.

        Raises BrokerUnreachable, Unreachable.
        """
        moved = {}
        for log, commits in self._ledger.following(self.positions, each=min(GLANCE, at_most)).items():
            moved[log] = self._publish(publisher, log, commits, at_most)
        count = sum(n - self.positions[log] for log, n in moved.items())
        if moved:
            publisher.flush()
            self.positions |= moved
            for log, n in moved.items():
                metrics.POSITION.labels("relay", log).set(n)
            self._unkept += 1
        if self._unkept >= KEEP_EVERY or (self._unkept and not moved):
            self.keep()
        return count

    def keep(self) -> None:
        """Keep the cursors. Raises Unreachable."""
        for log, n in self.positions.items():
            if n != self._kept[log]:
                self._cursors.keep(log, n)
                self._kept[log] = n
        self._unkept = 0

    def _publish(self, publisher: Publisher, log: str, commits: Sequence[Commit], at_most: int) -> int:
        """Send these and, where there may be more, what follows them; the number of the last."""
        end, after, limit = self.positions[log] + at_most, self.positions[log], GLANCE
        while True:
            for commit in commits:
                publisher.publish(self._queue(log), bson.encode(commit.document))
            after += len(commits)
            if len(commits) < limit or after >= end:
                return after
            limit = min(PAGE, end - after)
            commits = self._ledger.read(log, after, limit=limit)
