"""Relay: read the ledger from a cursor and publish each commit to the stream of its log. The log is the outbox.

Promises: every commit reaches its stream at least once, in number order within one run. The cursor is a hint that is
saved some time after the confirms: a crash or a second relay causes repeats, never losses.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import bson

from shared import metrics
from shared.commit import Commit
from shared.ledger import PAGE, Ledger

FIRST_READ = 4  # commits of each log that the shared query reads
SAVE_EVERY = 20  # steps: about a second under load


class Publisher(Protocol):
    """Sends commits to the broker, and waits for the confirms of many at once."""

    def publish(self, queue: str, body: bytes) -> None:
        """Send one message to a queue without waiting for its confirm."""

    def flush(self) -> None:
        """Wait until every published message is confirmed. Raises BrokerUnreachable."""


class Cursors(Protocol):
    """Stored positions of the relay, one for each log. They are hints: a lost one causes repeats only."""

    def load(self) -> dict[str, int]:
        """Return the stored position of each log. Raises Unreachable."""

    def keep(self, log: str, n: int) -> None:
        """Store the position of one log. Raises Unreachable."""


class Relay:
    """Moves the commits of some logs to their streams. The caller decides how often to call `step`, and reconnects.

    All logs share one query, one wait for confirms and, every `SAVE_EVERY` steps or as soon as no commit comes, one
    write of cursors. Done for each commit, each of these would cost the engines as much as the commit itself (DECISIONS
    68).
    """

    def __init__(self, ledger: Ledger, cursors: Cursors, *, logs: Iterable[str], queue: Callable[[str], str]) -> None:
        self._ledger, self._cursors, self._queue = ledger, cursors, queue
        self.positions = dict.fromkeys(logs, 0) | {log: n for log, n in cursors.load().items() if log in set(logs)}
        self._saved = dict(self.positions)
        self._unsaved_steps = 0  # steps that published something since the cursors were saved

    def step(self, publisher: Publisher, *, at_most: int = 500) -> int:
        """Publish the commits after the positions, at most `at_most` of each log, and return how many.

        Raises BrokerUnreachable, Unreachable.
        """
        moved = {}
        for log, commits in self._ledger.read_many(self.positions, each=min(FIRST_READ, at_most)).items():
            moved[log] = self._publish(publisher, log, commits, at_most)
        count = sum(n - self.positions[log] for log, n in moved.items())
        if moved:
            publisher.flush()
            self.positions |= moved
            for log, n in moved.items():
                metrics.POSITION.labels("relay", log).set(n)
            self._unsaved_steps += 1
        if self._unsaved_steps >= SAVE_EVERY or (self._unsaved_steps and not moved):
            self.keep()
        return count

    def keep(self) -> None:
        """Save the cursors that moved. Raises Unreachable."""
        for log, n in self.positions.items():
            if n != self._saved[log]:
                self._cursors.keep(log, n)
                self._saved[log] = n
        self._unsaved_steps = 0

    def _publish(self, publisher: Publisher, log: str, commits: Sequence[Commit], at_most: int) -> int:
        """Publish these commits and, where there may be more, those that follow. Returns the number of the last."""
        end, after, limit = self.positions[log] + at_most, self.positions[log], FIRST_READ
        while True:
            for commit in commits:
                publisher.publish(self._queue(log), bson.encode(commit.document))
            after += len(commits)
            if len(commits) < limit or after >= end:
                return after
            limit = min(PAGE, end - after)
            commits = self._ledger.read(log, after, limit=limit)
