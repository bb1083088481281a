"""The ranking's table as of a past instant, in a week of 5,000,000 likes.

The week is in the ledger as real commits, with a cut of ranking every five seconds; snapshots are taken by the
projector's own rule. The question is asked as the service asks it: instant → cut → table, with the valid likes of
each entry.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.ranking.events import CutTaken
from services.ranking.projector import SNAPSHOT_EVERY, SnapshotPolicy
from services.ranking.queries import as_of
from services.ranking.read_model.projection import RankingProjection
from services.voting.events import LikeCast
from shared.commit import (
    Answered,
    Commit,
    Document,
    Head,
    form,
)
from shared.projection import Projector
from shared.snapshots import Snapshots
from shared.stamps import stamp
from tests.bench.likes import NOON, documents, likes, store
from tests.bench.report import Report
from tests.integration.temporary_campaign import Place

pytestmark = [pytest.mark.bench, pytest.mark.slow]
LIKES = 5_000_000
WEEK_MS = 7 * 86_400_000
DAY_MS = 86_400_000
CUT_EVERY_MS = 5_000
ASKED = 9
LOG = "vote.0"
TOLD = Answered("cut", "clock", "", "", 0, 1)


def test_as_of_in_a_week_of_5_000_000_likes_takes_less_than_a_second(place: Place, report: Report) -> None:
    snapshots = Snapshots(place.database)
    taken = store_week(place, snapshots)

    seconds, folded = [], []
    for at in instants():
        started = time.monotonic()
        table = as_of(place.ledger, snapshots, at=at, partitions=1).table
        folded.append(sum(table.likes.valid().values()))
        seconds.append(time.monotonic() - started)

    assert sorted(folded) == folded
    assert folded[0] > LIKES / 20
    report.state(f"snapshots of a week of {LIKES:,} likes, one every {SNAPSHOT_EVERY:,}", taken, unit="snapshots")
    report.within(
        f"table as of an instant, in a week of {LIKES:,} likes, slowest of {ASKED}",
        1000 * max(seconds),
        limit=1000,
        unit="ms",
    )


def store_week(place: Place, snapshots: Snapshots) -> int:
    """Store the week with its cuts and the snapshots of a projector that followed it; return how many snapshots."""
    projector = Projector(RankingProjection())
    policy = SnapshotPolicy(snapshots, projector)

    def followed() -> Iterator[Document]:
        last, head = NOON, Head("ranking")
        for document in documents(LOG, week(), sizes()):
            yield document
            projector.take_in(Commit(document))
            latest = projector.table.likes.latest
            if latest >= last + CUT_EVERY_MS:
                cut = form(head, [CutTaken(latest, projector.cut.to_data())], commands=[TOLD], stamp=stamp())
                last, head = latest, head.after(cut)
                projector.take_in(Commit(cut))
                yield cut
            policy.store_if_due(projector)

    store(place, followed())
    return int(place.database["snapshots"].count_documents({}))


def week() -> Iterator[LikeCast]:
    """Yield the likes of the other benchmarks, spread over seven days."""
    for k, like in enumerate(likes()):
        past = k * WEEK_MS // LIKES
        yield replace(like, at=NOON + past, day=f"2021-06-{7 + past // DAY_MS:02}")


def sizes() -> Iterator[int]:
    """Yield commit sizes of 1 to 64 likes: those of a writer under load, but not at its limit."""
    chance, left = random.Random(3), LIKES
    while left:
        size = min(left, chance.randint(1, 64))
        left -= size
        yield size


def instants() -> list[int]:
    """Return instants spread over the week, none of them round."""
    chance = random.Random(4)
    return [NOON + WEEK_MS * k // (ASKED + 1) + chance.randrange(DAY_MS // 4) for k in range(1, ASKED + 1)]
