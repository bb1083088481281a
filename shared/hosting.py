"""A service's event log as a nameko dependency: its folded state, its writer, and a follower of other logs.

    class SubmissionService:
        name = service_name("submission")
        log = EventLog("submission", Desk(), follows=("moderation",))

Promises: the service answers only after its state includes what the ledger held at the start, and ends on SIGTERM while
it waits for that; a command that names positions (`seen`) is decided on a state that includes them.
Does not promise that the state is the newest: a caller that needs a certain commit waits for it (`wait`).
"""

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider
from nameko.messaging import QueueConsumer

from shared import logs, metrics, streams
from shared.call_signing import SignedCallers
from shared.commit import Commit
from shared.decider import CommandEnvelope, Decider, Outcome
from shared.errors import FollowerStopped, Overdue
from shared.follower import Follower, follow
from shared.group import GroupCommit
from shared.health import serve
from shared.keys import Keys
from shared.lag import LagWatch
from shared.mongo_ledger import MongoLedger, connect
from shared.mongo_vault import vault_of
from shared.security_log import SecurityLog, folder_of
from shared.settings import Settings
from shared.stamps import stamp, wall_ms
from shared.writer import LogWriter

WAIT_AGAIN_S = 0.02
log_ = logs.logger(__name__)


def service_name(service: str) -> str:
    """Return `<campaign>.<service>`, which begins the name of each queue of the service, so that two campaigns on one
    broker never share a queue.
    """
    return f"{Settings.read().campaign}.{service}"


class EventLog(DependencyProvider):
    """nameko dependency provider of a service's log. It injects itself, so that the service's methods can read `state`,
    `submit` commands and `wait` for positions.

    `decider` has the service's rules, and `follows` names the logs of other services that its state includes. The
    process is ready only once its queue exists: nameko starts its extensions side by side, so without that a call right
    after readiness could find no queue (nameko 2.14.1, `UnknownService`).
    """

    queue_consumer = QueueConsumer()  # the container's one, which the RPC methods share

    def __init__(self, log: str, decider: Decider[Any], *, follows: Iterable[str] = ()) -> None:
        self.log, self._decider, self.follows = log, decider, tuple(follows)

    # Lifecycle of a nameko extension

    def setup(self) -> None:
        """Connect to the engines, read the keys, serve health checks and metrics, and fold all logs to their current
        end, for as long as the ledger needs.

        nameko starts its extensions, and so takes the first call, only when each has been set up. Calls that come
        before wait in the service's queue, and expire there at their deadline.
        """
        self.settings = Settings.read()
        logs.configure(self.settings.process)
        self.keys = Keys.of(self.settings.data, self.settings.campaign)
        security_log = SecurityLog(
            folder_of(self.settings), self.keys.campaign, process=self.settings.process, wall=wall_ms
        )
        self.callers = SignedCallers(self.settings.data, self.settings.campaign, security_log=security_log)
        self.database = connect(self.settings.mongo_uri)[self.settings.database]
        self.ledger = MongoLedger(self.database)
        self.vault = vault_of(self.settings, self.database)
        self.group: GroupCommit[Any] = GroupCommit(LogWriter(self.log, self._decider, stamp=stamp), self.ledger)
        self._follower: Follower | None = None
        self._stopping = self._caught_up = self._consuming = self._ended = False
        lag = self._lag = LagWatch(self.ledger, self._followed, role=self.log)
        checks = {
            "caught-up": self._is_ready,
            "rpc": lambda: self._consuming,
            "ledger": lambda: lag.reached,
            "keeping-up": lambda: lag.bounded,
        }
        serve(self.settings, checks)
        with _ending_at_once():
            self.group.catch_up([self.log, *self.follows])
        self._caught_up = True
        log_.info("caught up", log=self.log, n=self.group.position(self.log))

    def start(self) -> None:
        """Start to watch the lag and to follow."""
        eventlet.spawn_n(self._await_queue)
        self._lag.start(lambda: self._stopping)
        if self.follows:
            # Not a managed thread: nameko would end the process silently; a stopped follower must stay and report it.
            eventlet.spawn_n(self._run)

    def stop(self) -> None:
        """Ask the follower and the lag watch to end. They finish what they are doing; nothing waits for them."""
        self._stopping = True

    kill = stop

    def get_dependency(self, worker_ctx: Any) -> "EventLog":  # noqa: ARG002 -- nameko's signature
        return self

    # Used by the service's methods

    @property
    def state(self) -> Any:
        """The folded state. It is a value: later commits do not change it."""
        return self.group.state

    def submit(self, envelope: CommandEnvelope, *, timeout_s: float = 5.0) -> Outcome:
        """Decide a command, append its events, and return the outcome.

        Raises Overdue after `timeout_s` (the command may still take effect), FollowerStopped, and what
        `GroupCommit.submit` raises.
        """
        if self._follower is not None and self._follower.stopped is not None:
            raise self._follower.stopped
        started = time.monotonic()
        outcome = self.group.submit(envelope, timeout_s=timeout_s)
        metrics.APPEND_S.labels(self.log).observe(time.monotonic() - started)
        metrics.ORDERS.labels(self.log, _kind(outcome)).inc()
        return outcome

    def wait(self, at_least: Mapping[str, int], *, timeout_s: float = 5.0) -> None:
        """Read logs until the state includes the commits that `at_least` names; logs that are not followed are ignored.

        Raises Overdue after `timeout_s`.
        """
        wanted = {log: n for log, n in at_least.items() if log == self.log or log in self.follows}
        try:
            with eventlet.Timeout(timeout_s):
                for log, n in wanted.items():
                    while self.group.position(log) < n:
                        # Read to the log's end, not until n: a missing commit must not keep the lock taken.
                        self.group.catch_up([log])
                        if self.group.position(log) < n:
                            eventlet.sleep(WAIT_AGAIN_S)
        except eventlet.Timeout as late:
            raise Overdue(f"{wanted} not reached in {timeout_s} s") from late

    def _await_queue(self) -> None:
        self.queue_consumer.start()  # starts it once, and returns when the broker has its queue
        self._consuming = True

    # Following

    def _run(self) -> None:
        self._follower = Follower(self.ledger, self._followed(), self._take_in, role=self.log)
        try:
            follow(self._follower, self._source, stop=lambda: self._stopping)
        except FollowerStopped:
            return  # the follower has logged it; submit and readiness refuse from now on
        except Exception as problem:  # the outermost loop: it stops, logs why, and is not ready
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


@contextmanager
def _ending_at_once() -> Iterator[None]:
    """End the process at once on SIGTERM or SIGINT while the block runs, which changes nothing.

    nameko stops a service only once it has started, so a process that waits for its ledger would have to be killed.
    """
    before = {each: signal.signal(each, lambda *_: os._exit(0)) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _kind(outcome: Outcome) -> str:
    """Return the label of an outcome in `baijia_orders_total`."""
    if outcome.refused is not None:
        return outcome.refused.code
    if outcome.repeated:
        return "repeated"
    return "stored" if outcome.events else "nothing-new"
