"""A million likes folded into counts: read the ledger and apply the ranking's projection, against a bare cursor.

Ours is what a rebuild does: `projection.advance` over the ledger, page by page, into a fresh table. The bare
cursor is pymongo's `find` over the same range, which decodes the same documents and adds up one field. A block is
a tenth of the log, so both read all of it in each round.
"""

from itertools import count

import pytest

from services.ranking.read_model.projection import RankingProjection
from shared.commit import commit_id
from shared.projection import Projector, advance
from tests.bench.likes import (
    day_sizes,
    documents,
    full_sizes,
    likes,
    store,
)
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.integration.temporary_campaign import Place

pytestmark = [pytest.mark.bench, pytest.mark.slow]
LIKES = 1_000_000
LOG = "vote.0"
ROUNDS = 3
TENTHS = 10
CURSOR = "bare cursor over the same commits"


def test_replay_of_full_commits_keeps_pace_with_a_bare_cursor(place: Place, report: Report) -> None:
    stored = store(place, documents(LOG, likes(), full_sizes(LIKES)))

    pair = paired(replay_block(place, stored), cursor_block(place, stored), rounds=ROUNDS, blocks=TENTHS)

    name = "replay of 1,000,000 likes, commits of 256"
    report.compare(name, pair, reference=CURSOR, unit="likes/s", at_least=0.5)


def test_replay_of_a_real_day_is_stated(place: Place, report: Report) -> None:
    stored = store(place, documents(LOG, likes(), day_sizes(LIKES)))

    pair = paired(replay_block(place, stored), cursor_block(place, stored), rounds=ROUNDS, blocks=TENTHS)

    report.compare("replay of 1,000,000 likes, commits of 1 to 16", pair, reference=CURSOR, unit="likes/s")


def replay_block(place: Place, stored: int) -> Block:
    """Return a block that folds the next tenth of the log; after the last tenth it starts again with a fresh table."""
    ends = _ends(stored)
    ledger, turns = place.ledger, count()
    projector = Projector(RankingProjection())

    def replay() -> int:
        nonlocal projector
        k = next(turns) % TENTHS
        if k == 0:
            projector = Projector(RankingProjection())
        before = projector.table.likes.total_cast()
        advance(projector, ledger, {LOG: ends[k + 1]})
        return projector.table.likes.total_cast() - before

    return replay


def cursor_block(place: Place, stored: int) -> Block:
    """Return a block that reads the next tenth of the log through pymongo's cursor."""
    ends = _ends(stored)
    commits, turns = place.database["commits"], count()

    def walk() -> int:
        k = next(turns) % TENTHS
        span = {"_id": {"$gt": commit_id(LOG, ends[k]), "$lte": commit_id(LOG, ends[k + 1])}}
        return sum(each["count"] for each in commits.find(span, sort=[("_id", 1)]))

    return walk


def _ends(stored: int) -> list[int]:
    return [stored * k // TENTHS for k in range(TENTHS + 1)]
