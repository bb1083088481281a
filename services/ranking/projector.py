"""Projector process of ranking: follow every log, store the table with its cut, and publish views to the gateways.

A plain process outside eventlet. Promises: one write stores table and cut together, at most once a second, and a
projector that was killed continues from there; a changed view is published within about a second, the newest last.
Does not promise that a gateway sees every version of a view: each version replaces the one before it.

An event that cannot be applied stops the process, with the event's address in the log and the metric; what was stored
before stays.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

from services.ranking.queries import logs_of
from services.ranking.read_model.daily_totals import DailyTotals, hides_likes, public_instant
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.table import Table
from services.ranking.views.public_views import View, views
from services.ranking.views.stream import ViewStream
from shared import logs, streams
from shared.commit import Commit
from shared.errors import BrokerUnreachable, Unreachable
from shared.follower import Follower, follow
from shared.health import serve
from shared.lag import LagWatch
from shared.ledger import Ledger
from shared.mongo_ledger import MongoLedger, connect
from shared.projection import ProjectionStore, Projector
from shared.settings import Settings
from shared.snapshots import Snapshots
from shared.stamps import wall_ms

ROLE = "projector"
EVERY_S = 1.0
RETRY_S = 0.5
SNAPSHOT_EVERY = 100_000  # likes, and 16 for each commit
_LIKES_PER_COMMIT = 16
log_ = logs.logger(__name__)


class RankingProjector:
    """Holds the ranking table in memory, and stores and publishes it at most once a second.

    If MongoDB or RabbitMQ is unreachable, `store` and publishing try again later instead of raising.
    """

    def __init__(self, ledger: Ledger, store: ProjectionStore, stream: ViewStream, snapshots: Snapshots) -> None:
        self.projector: Projector[Table] = store.load(RankingProjection())
        self.caught_up = False
        self._store, self._stream = store, stream
        self._totals = DailyTotals(ledger, store)
        self._snapshot_policy = SnapshotPolicy(snapshots, self.projector)
        self._stored_cut = self.projector.cut
        self._published: tuple[object, ...] | None = None
        self._due = 0.0

    def take_in(self, commit: Commit) -> None:
        """Apply the next commit of a log to the table, then `tick`. Raises FollowerStopped."""
        self.projector.take_in(commit)
        self.tick()

    def idle(self) -> None:
        """Note that all logs are read to their heads, then `tick`. The follower calls this when no commit comes."""
        self.caught_up = True
        self.tick()

    def tick(self) -> None:
        """Store the table and publish the changed views, unless that happened less than a second ago.

        Nothing is published until the logs have been read to their heads.
        """
        if time.monotonic() < self._due:
            return
        self.store()
        if self.caught_up:  # until then the numbers are out of date
            self._publish()
        self._due = time.monotonic() + EVERY_S

    def store(self) -> None:
        """Store the table with its cut (how far each log is read), if the cut has moved since the last time."""
        if self.projector.cut == self._stored_cut:
            return
        try:
            if not self._store.keep(self.projector):
                log_.warning("a newer table has already been stored", commits=self.projector.cut.commits)
            self._stored_cut = self.projector.cut
            # While it catches up, it reads the logs one after another: such a table never existed at any instant.
            if self.caught_up:
                self._snapshot_policy.store_if_due(self.projector)
        except Unreachable as problem:
            log_.warning("the table could not be stored, trying again", problem=str(problem))

    def _publish(self) -> None:
        table, cut = self.projector.table, self.projector.cut
        now = table.clock if table.rehearsal else wall_ms()
        moment, is_hidden = public_instant(table, now), hides_likes(table, now)
        changed: dict[str, View] = {}  # published even when empty, which keeps the connection to the broker alive
        try:
            if self._published != (cut, moment, is_hidden):
                changed = views(table, cut, self._totals.at(moment), now=now)
            self._stream.publish(changed, cut)
            self._published = (cut, moment, is_hidden)
        except (BrokerUnreachable, Unreachable) as problem:
            log_.warning("views could not be published, trying again", problem=str(problem))


def run(settings: Settings) -> None:
    """Run the projector until SIGTERM or SIGINT. Raises FollowerStopped if an event cannot be applied."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    project(settings, stop=stopping.is_set)


def project(settings: Settings, *, stop: Callable[[], bool]) -> None:
    """Run the projector until `stop` returns True, without handling signals. Raises as `run` does."""
    running: list[RankingProjector] = []
    following: list[Follower] = []
    stream = ViewStream(settings.amqp_uri, settings.campaign)
    with connect(settings.mongo_uri) as client, closing(stream):
        database = client[settings.database]
        ledger, store, snapshots = MongoLedger(database), ProjectionStore(database), Snapshots(database)
        lag = LagWatch(ledger, lambda: following[-1].positions if following else {}, role=ROLE).start(stop)
        checks = {
            "caught-up": lambda: bool(running) and running[0].caught_up,
            "following": lambda: all(each.stopped is None for each in following),
            "ledger": lambda: lag.reached,
            "keeping-up": lambda: lag.bounded,
        }
        serve(settings, checks)
        ranking = _retry(lambda: RankingProjector(ledger, store, stream, snapshots), stop)
        if ranking is None:
            return
        running.append(ranking)
        following.append(_follower(ledger, ranking, ("moderation",)))
        names = _logs(ranking, following[0], stop)
        if not names:
            return
        following.append(_follower(ledger, ranking, names))
        commits = partial(_commits, settings, names)
        follow(following[1], commits, idle=ranking.idle, stop=stop)
        ranking.store()


def _logs(ranking: RankingProjector, desk: Follower, stop: Callable[[], bool]) -> tuple[str, ...]:
    """Return the names of the campaign's logs once the campaign is open, or none if `stop` came first."""
    while not stop():
        _retry(desk.catch_up, stop)
        campaign = ranking.projector.table.campaign
        if campaign is not None:
            return logs_of(campaign["likes"]["partitions"])
        ranking.idle()  # counts as ready, since there is nothing to fold yet
        time.sleep(RETRY_S)
    return ()


def _follower(ledger: Ledger, ranking: RankingProjector, names: tuple[str, ...]) -> Follower:
    positions = {log: ranking.projector.cut[log] for log in names}
    return Follower(ledger, positions, ranking.take_in, role=ROLE)


def _retry(read: Callable[[], Any], stop: Callable[[], bool]) -> Any:
    """Call `read` until the ledger answers, and return its answer; return None if `stop` came first."""
    while not stop():
        try:
            return read()
        except Unreachable as problem:
            log_.warning("the ledger is unreachable, trying again", problem=str(problem))
            time.sleep(RETRY_S)
    return None


def _commits(settings: Settings, names: tuple[str, ...]) -> Iterator[Commit | None]:
    with streams.connect(settings.amqp_uri) as connection:
        yield from streams.read_streams(connection, settings.campaign, names)


class SnapshotPolicy:
    """Decide when the projector stores its table as a snapshot, so that queries "as of" an instant have little left to
    fold.

    Folding a commit costs some 50 µs, and each like in it 3 µs more (`tests/bench/test_replay.py`), so one commit
    weighs as much as 16 likes. A snapshot is stored whenever folding from the last one would take a third of a second.
    The projector calls `store_if_due` about once a second.
    """

    def __init__(self, snapshots: Snapshots, projector: Projector[Table]) -> None:
        self._snapshots = snapshots
        self._last = _weight(projector)

    def store_if_due(self, projector: Projector[Table]) -> None:
        """Store a snapshot if enough has been folded since the last snapshot. Raises Unreachable."""
        weight = _weight(projector)
        if weight - self._last >= SNAPSHOT_EVERY:
            self._snapshots.keep(projector)
            self._last = weight


def _weight(projector: Projector[Table]) -> int:
    return projector.cut.commits * _LIKES_PER_COMMIT + projector.table.likes.total_cast()


if __name__ == "__main__":
    logs.configure("projector")
    run(Settings.read())
