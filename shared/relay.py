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
    """Sends messages to the broker's queues, and waits for the broker's confirms of many messages at once."""

    def publish(self, queue: str, body: bytes) -> None:
        """Send one message to a queue without waiting for its confirm."""

    def flush(self) -> None:
        """Wait until every published message is confirmed. Raises BrokerUnreachable."""


class Cursors(Protocol):
    """Stored positions of the relay: for each log, the number of a commit up to which all are published.

    A lost or old position only makes the relay publish commits again.
    """

    def load(self) -> dict[str, int]:
        """Return the stored position of each log. Raises Unreachable."""

    def keep(self, log: str, n: int) -> None:
        """Store the position of one log. Raises Unreachable."""


class Relay:
    """Publishes the commits of some logs to their streams. The caller calls `step` in a loop, and reconnects.

    `queue` returns the stream name of a log. All logs share one query and one wait for confirms. The cursors are saved
    every `SAVE_EVERY` steps, and as soon as no commit comes. Doing each of these for every commit would cost the
    engines as much as the commit itself (DECISIONS 68).
    """

    def __init__(self, ledger: Ledger, cursors: Cursors, *, logs: Iterable[str], queue: Callable[[str], str]) -> None:
        self._ledger, self._cursors, self._queue = ledger, cursors, queue
        self.positions = dict.fromkeys(logs, 0) | {log: n for log, n in cursors.load().items() if log in set(logs)}
        self._saved = dict(self.positions)
        self._unsaved_steps = 0  # steps that published something since the cursors were saved

    def step(self, publisher: Publisher, *, at_most: int = 500) -> int:
        """Publish the commits that follow `positions`, at most `at_most` of each log, and return how many they were.

        Returns once the broker has confirmed them. Raises BrokerUnreachable, Unreachable: then call it again.
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
        """Save the positions of the logs that moved since they were last saved. Raises Unreachable."""
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
