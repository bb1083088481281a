"""A service's log as a nameko dependency: the folded state, the one way to append, and the following of other logs.

    class SubmissionService:
        name = service_name("submission")
        log = EventLog("submission", Desk(), follows=("moderation",))

Promises: the service answers only after its state holds what the ledger held at the start; an order that names
positions (`seen`) is decided on a state that holds them. Does not promise that the state is the newest of all: ask
with `at_least`.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from shared import logs, metrics, streams
from shared.commit import Commit
from shared.decider import Decider, Order, Outcome
from shared.errors import FollowerStopped, Overdue
from shared.follower import Follower, follow
from shared.group import GroupCommit
from shared.health import serve
from shared.keys import Keys
from shared.lag import LagWatch
from shared.mongo_ledger import MongoLedger, connect
from shared.mongo_vault import vault_of
from shared.settings import Settings
from shared.stamps import stamp
from shared.writer import LogWriter

WAIT_AGAIN_S = 0.02
log_ = logs.logger(__name__)


def service_name(service: str) -> str:
    """`<campaign>.<service>`: the name in every queue, so that two campaigns never meet."""
    return f"{Settings.read().campaign}.{service}"


class EventLog(DependencyProvider):
    """The log `log` and the logs that it `follows`, folded into one state. Injected as itself."""

    def __init__(self, log: str, decider: Decider[Any], *, follows: Iterable[str] = ()) -> None:
        self.log, self._decider, self.follows = log, decider, tuple(follows)

    # nameko's life of an extension

    def setup(self) -> None:
        self.settings = Settings.read()
        logs.configure(self.settings.process)
        self.keys = Keys.of(self.settings.data, self.settings.campaign)
        self.database = connect(self.settings.mongo_uri)[self.settings.database]
        self.ledger = MongoLedger(self.database)
        self.vault = vault_of(self.settings, self.database)
        self.group: GroupCommit[Any] = GroupCommit(LogWriter(self.log, self._decider, stamp=stamp), self.ledger)
        self._follower: Follower | None = None
        self._stopping = self._caught_up = self._ended = False
        lag = self._lag = LagWatch(self.ledger, self._followed, role=self.log)
        checks = {"caught-up": self._is_ready, "ledger": lambda: lag.reached, "keeping-up": lambda: lag.bounded}
        serve(self.settings, checks)

    def start(self) -> None:
        self.group.catch_up([self.log, *self.follows])
        self._caught_up = True
        log_.info("caught up", log=self.log, n=self.group.position(self.log))
        self._lag.start(lambda: self._stopping)
        if self.follows:
            # Not a managed thread: nameko would end the process silently; a stopped follower must stay and say so.
            eventlet.spawn_n(self._run)

    def stop(self) -> None:
        self._stopping = True

    kill = stop

    def get_dependency(self, worker_ctx: Any) -> "EventLog":  # noqa: ARG002 -- nameko's signature
        return self

    # what a service uses

    @property
    def state(self) -> Any:
        """The folded state: a value."""
        return self.group.state

    def submit(self, order: Order, *, timeout_s: float = 5.0) -> Outcome:
        """Decide and append. Raises Overdue, FollowerStopped."""
        if self._follower is not None and self._follower.stopped is not None:
            raise self._follower.stopped
        started = time.monotonic()
        outcome = self.group.submit(order, timeout_s=timeout_s)
        metrics.APPEND_S.labels(self.log).observe(time.monotonic() - started)
        metrics.ORDERS.labels(self.log, _kind(outcome)).inc()
        return outcome

    def wait(self, at_least: Mapping[str, int], *, timeout_s: float = 5.0) -> None:
        """Read the named logs up to the positions. Raises Overdue."""
        wanted = {log: n for log, n in at_least.items() if log == self.log or log in self.follows}
        try:
            with eventlet.Timeout(timeout_s):
                for log, n in wanted.items():
                    while self.group.position(log) < n:
                        # To the log's end, not until n: who waits for what is not there must hold up nobody.
                        self.group.catch_up([log])
                        if self.group.position(log) < n:
                            eventlet.sleep(WAIT_AGAIN_S)
        except eventlet.Timeout as late:
            raise Overdue(f"{wanted} not reached in {timeout_s} s") from late

    # following

    def _run(self) -> None:
        self._follower = Follower(self.ledger, self._followed(), self._take_in, role=self.log)
        try:
            follow(self._follower, self._source, stop=lambda: self._stopping)
        except FollowerStopped:
            return  # said by the follower; submit and readiness refuse from now on
        except Exception as problem:  # the outermost loop: it stops and says so, also by readiness
            self._ended = True
            log_.error("following ended", problem=repr(problem))
            raise

    def _followed(self) -> dict[str, int]:
        return {log: self.group.position(log) for log in self.follows}

    def _take_in(self, commit: Commit) -> None:
        self.group.take_in(commit)

    def _source(self) -> Any:
        connection = streams.connect(self.settings.amqp_uri)
        try:
            yield from streams.read_streams(connection, self.settings.campaign, self.follows)
        finally:
            connection.release()

    def _is_ready(self) -> bool:
        following = self._follower is None or self._follower.stopped is None
        return self._caught_up and following and not self._ended


def _kind(outcome: Outcome) -> str:
    if outcome.refused is not None:
        return outcome.refused.code
    if outcome.repeated:
        return "repeated"
    return "stored" if outcome.events else "nothing-new"
