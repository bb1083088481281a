"""The loop that keeps the ranking's table: follows every log, stores table and cut, tells the gateways.

A plain process outside eventlet. Promises: table and cut are stored by one write, at most once a second, and a killed
projector goes on from there; a changed view is published within a second or so, the newest last.
Does not promise that a gateway hears of each: a view replaces the one before it.

An event that cannot be applied stops it, with the event's address in log and metric; what was stored before stays.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

from services.ranking.queries import logs_of
from services.ranking.read_model.daily_totals import DailyTotals, wanted
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
_COMMIT = 16
log_ = logs.logger(__name__)


class RankingProjector:
    """The table, and what is done with it once a second. Nothing here fails because an engine is away."""

    def __init__(self, ledger: Ledger, store: ProjectionStore, stream: ViewStream, snapshots: Snapshots) -> None:
        self.projector: Projector[Table] = store.load(RankingProjection())
        self.caught_up = False
        self._store, self._stream = store, stream
        self._totals = DailyTotals(ledger, store)
        self._snapshot_policy = SnapshotPolicy(snapshots, self.projector)
        self._kept = self.projector.cut
        self._shown: tuple[object, ...] | None = None
        self._due = 0.0

    def take_in(self, commit: Commit) -> None:
        self.projector.take_in(commit)
        self.tick()

    def idle(self) -> None:
        self.caught_up = True
        self.tick()

    def tick(self) -> None:
        """Store and tell, at most once a second."""
        if time.monotonic() < self._due:
            return
        self.keep()
        if self.caught_up:  # before that the numbers are yesterday's
            self._tell()
        self._due = time.monotonic() + EVERY_S

    def keep(self) -> None:
        """Store table and cut, where they moved."""
        if self.projector.cut == self._kept:
            return
        try:
            if not self._store.keep(self.projector):
                log_.warning("a newer table is stored already", commits=self.projector.cut.commits)
            self._kept = self.projector.cut
            if self.caught_up:  # before that the logs are read one after another, and no instant was ever like that
                self._snapshot_policy.look(self.projector)
        except Unreachable as problem:
            log_.warning("the table is not stored, trying again", problem=str(problem))

    def _tell(self) -> None:
        table, cut = self.projector.table, self.projector.cut
        moment = wanted(table, table.clock if table.rehearsal else wall_ms())
        made: dict[str, View] = {}  # nothing new is told too: a sign of life to the broker
        try:
            if self._shown != (cut, moment):
                made = views(table, cut, self._totals.at(moment))
            self._stream.tell(made, cut)
            self._shown = (cut, moment)
        except (BrokerUnreachable, Unreachable) as problem:
            log_.warning("views are not told, trying again", problem=str(problem))


def run(settings: Settings) -> None:
    """Until SIGTERM or SIGINT. Raises FollowerStopped where an event cannot be applied."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    project(settings, stop=stopping.is_set)


def project(settings: Settings, *, stop: Callable[[], bool]) -> None:
    """`run` without the signals."""
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
        ranking = _waiting(lambda: RankingProjector(ledger, store, stream, snapshots), stop)
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
        ranking.keep()


def _logs(ranking: RankingProjector, desk: Follower, stop: Callable[[], bool]) -> tuple[str, ...]:
    """The logs of the campaign, once it is open; none where `stop` came first."""
    while not stop():
        _waiting(desk.catch_up, stop)
        campaign = ranking.projector.table.campaign
        if campaign is not None:
            return logs_of(campaign["likes"]["partitions"])
        ranking.idle()  # ready: there is nothing to fold
        time.sleep(RETRY_S)
    return ()


def _follower(ledger: Ledger, ranking: RankingProjector, names: tuple[str, ...]) -> Follower:
    positions = {log: ranking.projector.cut[log] for log in names}
    return Follower(ledger, positions, ranking.take_in, role=ROLE)


def _waiting(ask: Callable[[], Any], stop: Callable[[], bool]) -> Any:
    """Ask the ledger until it answers; None where `stop` came first."""
    while not stop():
        try:
            return ask()
        except Unreachable as problem:
            log_.warning("the ledger is unreachable, trying again", problem=str(problem))
            time.sleep(RETRY_S)
    return None


def _commits(settings: Settings, names: tuple[str, ...]) -> Iterator[Commit | None]:
    with streams.connect(settings.amqp_uri) as connection:
        yield from streams.read_streams(connection, settings.campaign, names)


if __name__ == "__main__":
    logs.configure("projector")
    run(Settings.read())


class SnapshotPolicy:
    """When the projector stores its table as a snapshot, so that "as of" has little left to fold.

    A commit costs a fold some 50 µs and a like in it 3 µs more (`tests/bench/test_replay.py`), so one commit weighs as
    much as 16 likes; a snapshot is stored each time that a third of a second's folding has come. The projector calls
    `look` about once a second.
    """

    def __init__(self, snapshots: Snapshots, begun: Projector[Table]) -> None:
        self._snapshots = snapshots
        self._last = _weight(begun)

    def look(self, projector: Projector[Table]) -> None:
        """Put the table aside where enough has come since the last time. Raises Unreachable."""
        weight = _weight(projector)
        if weight - self._last >= SNAPSHOT_EVERY:
            self._snapshots.keep(projector)
            self._last = weight


def _weight(projector: Projector[Table]) -> int:
    return projector.cut.commits * _COMMIT + projector.table.likes.cast_in_all()
