"""Rebuild the ranking's table from commit 1 of every log, and compare it with the live table.

With the source `streams`, read what the broker still has, drop repeated commits, and fetch missing commits from the
ledger. With the source `ledger`, read the ledger alone. Both stop at the cut (positions in the logs) of the live table.
Promises: equal means the same canonical bytes of the whole table and the same digest of the ranking; otherwise the
report names the first difference. Writes nothing.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.ranking.queries import current
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.ranking_input import ranking
from services.ranking.read_model.table import Table
from shared import streams
from shared.commit import Commit
from shared.cut import Cut
from shared.follower import Follower
from shared.keys import Keys
from shared.ledger import Ledger
from shared.mongo_ledger import MongoLedger, connect
from shared.projection import ProjectionStore, Projector, advance
from shared.settings import Settings

SOURCES = ("streams", "ledger")
QUIET_ROUNDS = 10  # after so many reads without a message, the rest is read from the ledger
REPORTED = 64  # how often progress is reported, in commits of a log
Completed = Callable[[int], None]
Source = Callable[[], Iterator[Commit | None]]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The report of a rebuild: how the rebuilt table compares with the live table at `cut`.

    `live_digest` and `digest` are the hashes of the ranking from each table. They are empty if there is no ranking yet,
    and `refused` is the code of the reason.
    """

    source: str
    cut: dict[str, int]
    commits: int
    streamed: int  # commits that came from the broker; the rest came from the ledger
    likes: int  # all likes cast, valid or not
    seconds: float
    live_table: str  # SHA-256 of the canonical bytes of the whole table
    table: str
    live_digest: str
    digest: str
    refused: str | None
    difference: str | None  # the first place where the tables differ

    @property
    def equal(self) -> bool:
        return self.live_table == self.table and self.live_digest == self.digest


def rebuild_and_compare(
    settings: Settings, *, source: str = "streams", completed: Completed = lambda _: None
) -> Rebuilt:
    """Rebuild the table of a running campaign from `source` (one of SOURCES), and compare it with the live table.

    `completed` is called now and then with how many commits are folded.

    Raises BrokerUnreachable, Unreachable, FollowerStopped.
    """
    seed = Keys.of(settings.data, settings.campaign).lot
    with connect(settings.mongo_uri) as client:
        database = client[settings.database]
        ledger = MongoLedger(database)
        live = current(ledger, ProjectionStore(database))
        if source == "ledger":
            return compare(live, ledger, None, seed=seed, completed=completed)
        with streams.connect(settings.amqp_uri) as connection:
            logs = tuple(live.cut)
            read = partial(streams.read_streams, connection, settings.campaign, logs, offset="first")
            return compare(live, ledger, read, seed=seed, completed=completed)


def compare(
    live: Projector[Table],
    ledger: Ledger,
    source: Source | None,
    *,
    seed: bytes,
    completed: Completed = lambda _: None,
) -> Rebuilt:
    """Fold a new table to the cut of `live`, and return how the two tables and their rankings compare.

    Commits come from `source`, a stream reader, as far as it has them, and otherwise from the ledger. `seed` is the
    seed of the lot. `completed` is called now and then with how many commits are folded.
    """
    started = time.monotonic()
    rebuilt = Projector(RankingProjection())
    streamed = 0 if source is None else _from_streams(rebuilt, ledger, source, live.cut, completed)

    def report() -> bool:
        completed(rebuilt.cut.commits)
        return False  # a rebuild has no deadline

    advance(rebuilt, ledger, live.cut, overdue=report)
    ours, theirs = live.canonical(), rebuilt.canonical()
    now, then = ranking(live.table, seed=seed), ranking(rebuilt.table, seed=seed)
    return Rebuilt(
        source="ledger" if source is None else "streams",
        cut=live.cut.to_data(),
        commits=rebuilt.cut.commits,
        streamed=streamed,
        likes=rebuilt.table.likes.total_cast(),
        seconds=time.monotonic() - started,
        live_table=hashlib.sha256(ours).hexdigest(),
        table=hashlib.sha256(theirs).hexdigest(),
        live_digest=now.digest,
        digest=then.digest,
        refused=None if then.refused is None else then.refused.code,
        difference=first_difference(live.table.dump(), rebuilt.table.dump()),
    )


def _from_streams(rebuilt: Projector[Table], ledger: Ledger, source: Source, cut: Cut, completed: Completed) -> int:
    """Fold what the broker has below the cut, and return how many commits came from it."""
    streamed = quiet = 0
    follower = Follower(ledger, dict.fromkeys(cut, 0), rebuilt.take_in, role="rebuild")
    for commit in source():
        if commit is None:
            quiet += 1
        elif commit.n <= cut[commit.log]:
            quiet = 0
            streamed += commit.n > follower.positions[commit.log]
            follower.offer(commit)
            if commit.n % REPORTED == 0:
                completed(rebuilt.cut.commits)
        else:  # the stream has passed the cut: commits still missing below it will not come from the broker
            follower.catch_up({commit.log: cut[commit.log]})
        if quiet >= QUIET_ROUNDS or rebuilt.cut.covers(cut):
            break
    return streamed


def first_difference(ours: Any, theirs: Any, path: str = "") -> str | None:
    """Return the path and the values where two plain values first differ, as text, or None if they are equal.

    Keys are compared in sorted order.
    """
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            if key not in ours or key not in theirs:
                return f"{path}/{key}: only in the {'live' if key in ours else 'rebuilt'} table"
            if found := first_difference(ours[key], theirs[key], f"{path}/{key}"):
                return found
        return None
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        for i, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
            if found := first_difference(mine, other, f"{path}/{i}"):
                return found
        return None if len(ours) == len(theirs) else f"{path}: {len(ours)} live, {len(theirs)} rebuilt"
    return None if ours == theirs else f"{path}: {ours!r} live, {theirs!r} rebuilt"
