"""Follower: apply each commit of some logs once, in order. Its position in a log is a commit number.

    n <= have      drop the commit
    n == have + 1  apply it
    n >  have + 1  read the missing commits from the ledger, then apply it

The broker makes a follower quick; the ledger makes it correct. Without a broker it reads the ledger alone. An event
that cannot be applied stops the follower, which names the event: the fix is made in code, the event is never skipped.
"""

import time
from collections.abc import Callable, Iterator, Mapping

from shared import metrics
from shared.commit import Commit
from shared.errors import BrokerUnreachable, FollowerStopped, Unreachable
from shared.ledger import Ledger, read_pages
from shared.logs import logger
from shared.stamps import wall_ms

Source = Callable[[], Iterator[Commit | None]]
log_ = logger(__name__)
_POLLS = 20


class Follower:
    """Passes each commit of some logs to `apply`, once and in number order.

    `positions` maps each followed log to the number of the last commit that is applied; at the start, pass the
    positions that the caller's state includes. `role` is the label of the follower's metrics.
    """

    def __init__(
        self, ledger: Ledger, positions: Mapping[str, int], apply: Callable[[Commit], None], *, role: str = "follower"
    ) -> None:
        self.positions = dict(positions)
        self.stopped: FollowerStopped | None = None
        self._ledger, self._apply, self._role = ledger, apply, role

    def offer(self, commit: Commit) -> None:
        """Process a commit that the broker delivered: drop a repeat, read missing commits from the ledger first, and
        apply it. Raises FollowerStopped, Unreachable.
        """
        have = self.positions[commit.log]
        if commit.n <= have:
            metrics.REPEATS.labels(self._role).inc()
            return
        if commit.n > have + 1:
            self._read(commit.log, commit.n - 1)
        if commit.n == self.positions[commit.log] + 1:
            self._take(commit)

    def catch_up(self, upto: Mapping[str, int] | None = None) -> None:
        """Read and apply what the ledger holds: to the current end of each followed log, or up to the positions `upto`.

        Raises FollowerStopped, Unreachable.
        """
        if upto is None:
            for log in sorted(self._ledger.logs_with_new_commits(self.positions)):
                self._read(log, None)
        else:
            for log, n in upto.items():
                if log in self.positions:
                    self._read(log, n)

    def _read(self, log: str, upto: int | None) -> None:
        """Apply commits of one log from the ledger, up to `upto` or to the end."""
        for commits in read_pages(self._ledger, log, self.positions[log], upto=upto):
            metrics.HOLES.labels(self._role).inc(len(commits))
            for commit in commits:
                self._take(commit)

    def _take(self, commit: Commit) -> None:
        """Apply one commit and move the position. Raises FollowerStopped where an event does not apply."""
        try:
            self._apply(commit)
        except FollowerStopped as stop:
            self._stop(stop)
        except (Unreachable, BrokerUnreachable):
            raise
        except Exception as cause:
            self._stop(FollowerStopped(f"{commit.log}/{commit.n}", cause))
        self.positions[commit.log] = commit.n
        metrics.POSITION.labels(self._role, commit.log).set(commit.n)
        metrics.APPLIED_AGE_S.labels(self._role).observe(max(0, wall_ms() - commit.time) / 1000)

    def _stop(self, stop: FollowerStopped) -> None:
        """Record the failure in metrics and log, and raise it."""
        self.stopped = stop
        metrics.STOPPED.labels(self._role).set(1)
        log_.error("follower stopped", role=self._role, event_address=stop.address, cause=repr(stop.__cause__ or stop))
        raise stop


def follow(
    follower: Follower,
    source: Source,
    *,
    idle: Callable[[], None] = lambda: None,
    stop: Callable[[], bool],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Feed the follower until `stop` returns True: from the broker while it is reachable, otherwise from the ledger.

    `source` opens a stream reader, which yields commits, and None while no commit comes. Its first None means that the
    subscription is in place: the ledger is read after it, so no commit is missed. `idle` is called at every None.
    Raises FollowerStopped.
    """
    while not stop():
        try:
            for commit in source():
                if commit is None:
                    follower.catch_up()
                    idle()
                else:
                    follower.offer(commit)
                if stop():
                    return
        except BrokerUnreachable as problem:
            log_.warning("the broker is unreachable, reading the ledger", problem=str(problem))
            _poll(follower, idle, stop, sleep)
        except Unreachable as problem:
            _wait_for_ledger(problem, sleep)


def _poll(
    follower: Follower, idle: Callable[[], None], stop: Callable[[], bool], sleep: Callable[[float], None]
) -> None:
    """Read the ledger `_POLLS` times before the broker is tried again."""
    for _ in range(_POLLS):
        if stop():
            return
        try:
            follower.catch_up()
            idle()
        except Unreachable as problem:
            _wait_for_ledger(problem, sleep)
        sleep(0.1)


def _wait_for_ledger(problem: Unreachable, sleep: Callable[[float], None]) -> None:
    """Log that the ledger is unreachable, and wait half a second."""
    log_.warning("the ledger is unreachable, trying again", problem=str(problem))
    sleep(0.5)
