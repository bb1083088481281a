"""Appending likes through the writer, against bare inserts of the same documents at the same write concern.

Ours is the whole path: plan, decide, form, hash, insert, adopt. Its decider is trivial (an order holds the event), so
that the kernel is measured and not a domain; what voting's own decider adds is printed beside it. A block of full
commits is several of them, handed to the writer at once, as they wait for a vote writer: it plans the next while one is
on its way (DECISIONS 37).
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo import WriteConcern

from services.voting.domain import CastLike, PollDecider
from shared.commit import (
    Answered,
    Commit,
    Document,
    Head,
    form,
)
from shared.decider import Order
from shared.ledger import Ledger
from shared.mongo_ledger import MongoLedger
from shared.operations import drive
from shared.stamps import stamp
from shared.writer import LogWriter
from tests.bench.likes import likes, orders
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.integration.places import Place
from tests.unit.voting import stories

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ROUNDS = 7
WAITING = 8  # full commits that are handed to the writer at once


class Verbatim:
    """Decides what it is told: an order's command is the event. Its state is how many there were."""

    def initial(self) -> int:
        return 0

    def evolve(self, state: int, event: object, address: str) -> int:  # noqa: ARG002
        return state + 1

    def decide(self, command: object, state: int) -> Sequence[object]:  # noqa: ARG002
        return [command]


class Recording(MongoLedger):
    """The product's ledger, whose documents the reference inserts again."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.database)
        self.inserted: deque[Document] = deque()

    def insert(self, document: Document) -> None:
        super().insert(document)
        self.inserted.append(document)


@pytest.mark.parametrize(
    ("size", "commits", "blocks", "at_least"), [(1, 1, 200, 0.8), (16, 1, 150, 0.8), (256, WAITING, 10, 0.6)]
)
def test_append_keeps_pace_with_bare_inserts(
    place: Place, report: Report, *, size: int, commits: int, blocks: int, at_least: float
) -> None:
    source, ledger = likes(), Recording(place)
    batches = [orders(source, size * commits) for _ in range(ROUNDS * blocks + 2)]
    writer: LogWriter[int] = LogWriter("vote.0", Verbatim(), stamp=stamp, remember=False)

    append = appending(writer, ledger, batches)
    append()  # one ahead: the reference may begin a round
    pair = paired(append, inserting(place, ledger, commits), rounds=ROUNDS, blocks=blocks)

    name, reference = f"append, commits of {size}", "bare insert_one of the same documents"
    report.compare(name, pair, reference=reference, unit="events/s", at_least=at_least)


@pytest.mark.parametrize(("size", "commits", "blocks"), [(16, 1, 100), (256, WAITING, 6)])
def test_append_of_votes_is_stated(place: Place, report: Report, *, size: int, commits: int, blocks: int) -> None:
    source, ledger = likes(), Recording(place)
    batches = [
        [Order(each.id, each.actor, _cast(each.command)) for each in orders(source, size * commits)]
        for _ in range(ROUNDS * blocks + 2)
    ]
    writer = LogWriter("vote.0", PollDecider(0), stamp=stamp, remember=False)
    told = [Answered("open", "organiser", "", "", 0, 2)]
    writer.fold(Commit(form(Head("moderation"), stories.opened(), commands=told, stamp=stamp())))

    append = appending(writer, ledger, batches)
    append()  # one ahead: the reference may begin a round
    pair = paired(append, inserting(place, ledger, commits), rounds=ROUNDS, blocks=blocks)

    name, reference = f"append by voting's decider, commits of {size}", "bare insert_one of the same documents"
    report.compare(name, pair, reference=reference, unit="events/s")


def appending(writer: LogWriter[Any], ledger: Ledger, batches: Sequence[Sequence[Order]]) -> Block:
    """A block is one batch, an event an order."""
    waiting, beside = iter(batches), ThreadPoolExecutor(1)

    def append() -> int:
        outcomes = drive(writer.handle(next(waiting)), ledger, beside=beside)
        return sum(len(outcome.events) for outcome in outcomes)

    return append


def inserting(place: Place, ledger: Recording, count: int) -> Block:
    """A block is `count` documents that ours has inserted, under another log's name, so that no length differs."""
    concern = WriteConcern(w="majority", j=True)
    commits = place.database.get_collection("commits", write_concern=concern)

    def insert() -> int:
        events = 0
        for _ in range(count):
            document = ledger.inserted.popleft()
            commits.insert_one({**document, "_id": document["_id"].replace("vote", "bare")})
            events += int(document["count"])
        return events

    return insert


def _cast(like: Any) -> CastLike:
    return CastLike(like.voter, "a", stories.NOON, like.door, None, like.signals)
