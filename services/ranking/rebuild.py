"""The ranking folded once more from commit 1, beside the live one, and compared.

From the streams: what the broker still has, read from its first offset; repeats dropped, holes fetched from the
ledger. From the ledger: that alone. Both stop at the cut of the live table.
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
QUIET_ROUNDS = 10  # rounds without a message after which the rest is read from the ledger
Source = Callable[[], Iterator[Commit | None]]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How the live table and the rebuilt one compare at `cut`.

    `digest` is of the canonical ranking as rebuilt: empty where there is none yet, and `refused` says why.
    """

    source: str
    cut: dict[str, int]
    commits: int
    streamed: int  # commits that the broker gave; the rest came from the ledger
    likes: int  # cast ones, valid or not
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


def rebuild_and_compare(settings: Settings, *, source: str = "streams") -> Rebuilt:
    """Of a running campaign. Raises BrokerUnreachable, Unreachable, FollowerStopped."""
    seed = Keys.of(settings.data, settings.campaign).lot
    with connect(settings.mongo_uri) as client:
        database = client[settings.database]
        ledger = MongoLedger(database)
        live = current(ledger, ProjectionStore(database))
        if source == "ledger":
            return compare(live, ledger, None, seed=seed)
        with streams.connect(settings.amqp_uri) as connection:
            logs = tuple(live.cut)
            read = partial(streams.read_streams, connection, settings.campaign, logs, offset="first")
            return compare(live, ledger, read, seed=seed)


def compare(live: Projector[Table], ledger: Ledger, source: Source | None, *, seed: bytes) -> Rebuilt:
    """Fold to the cut of `live`, from `source` as far as it goes, and say how the two compare."""
    started = time.monotonic()
    rebuilt = Projector(RankingProjection())
    streamed = 0 if source is None else _from_streams(rebuilt, ledger, source, live.cut)
    advance(rebuilt, ledger, live.cut)
    ours, theirs = live.canonical(), rebuilt.canonical()
    now, then = ranking(live.table, seed=seed), ranking(rebuilt.table, seed=seed)
    return Rebuilt(
        source="ledger" if source is None else "streams",
        cut=live.cut.to_data(),
        commits=rebuilt.cut.commits,
        streamed=streamed,
        likes=rebuilt.table.likes.cast_in_all(),
        seconds=time.monotonic() - started,
        live_table=hashlib.sha256(ours).hexdigest(),
        table=hashlib.sha256(theirs).hexdigest(),
        live_digest=now.digest,
        digest=then.digest,
        refused=None if then.refused is None else then.refused.code,
        difference=first_difference(live.table.dump(), rebuilt.table.dump()),
    )


def _from_streams(rebuilt: Projector[Table], ledger: Ledger, source: Source, cut: Cut) -> int:
    """Take in what the broker has below the cut; returns how many commits came from it."""
    streamed = quiet = 0
    follower = Follower(ledger, dict.fromkeys(cut, 0), rebuilt.take_in, role="rebuild")
    for commit in source():
        if commit is None:
            quiet += 1
        elif commit.n <= cut[commit.log]:
            quiet = 0
            streamed += commit.n > follower.positions[commit.log]
            follower.offer(commit)
        else:  # the log has gone beyond the cut: what is missing below will not come any more
            follower.catch_up({commit.log: cut[commit.log]})
        if quiet >= QUIET_ROUNDS or rebuilt.cut.covers(cut):
            break
    return streamed


def first_difference(ours: Any, theirs: Any, path: str = "") -> str | None:
    """Where two plain values differ first, in the order of their keys; None where they are equal."""
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
