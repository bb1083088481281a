"""Appending likes through the writer, against bare inserts of the same documents with the same write concern.

Ours is the whole path: plan, decide, form, hash, insert, adopt. Its decider is trivial (the command of an order is
the event), so that the kernel is measured and not a domain; the append by voting's own decider is printed beside
it. A block of full commits is several of them, handed to the writer at once, as they queue up for a vote writer:
it plans the next one while one is being inserted (DECISIONS 37).
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
from shared.decider import CommandEnvelope
from shared.ledger import Ledger
from shared.mongo_ledger import MongoLedger
from shared.operations import drive
from shared.stamps import stamp
from shared.writer import LogWriter
from tests.bench.likes import likes, orders
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.integration.temporary_campaign import Place
from tests.unit.voting import stories

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ROUNDS = 7
WAITING = 8  # full commits that are handed to the writer at once


class PassThroughDecider:
    """A decider that accepts every command as the event. Its state is the number of events."""

    def initial(self) -> int:
        return 0

    def evolve(self, state: int, event: object, address: str) -> int:  # noqa: ARG002
        return state + 1

    def decide(self, command: object, state: int) -> Sequence[object]:  # noqa: ARG002
        return [command]


class RecordingLedger(MongoLedger):
    """The product's ledger, which keeps the inserted documents so that the reference can insert them again."""

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
    source, ledger = likes(), RecordingLedger(place)
    batches = [orders(source, size * commits) for _ in range(ROUNDS * blocks + 2)]
    writer: LogWriter[int] = LogWriter("vote.0", PassThroughDecider(), stamp=stamp, remember=False)

    append = append_block(writer, ledger, batches)
    append()  # One block ahead, because the reference may begin a round.
    pair = paired(append, insert_block(place, ledger, commits), rounds=ROUNDS, blocks=blocks)

    name, reference = f"append, commits of {size}", "bare insert_one of the same documents"
    report.compare(name, pair, reference=reference, unit="events/s", at_least=at_least)


@pytest.mark.parametrize(("size", "commits", "blocks"), [(16, 1, 100), (256, WAITING, 6)])
def test_append_of_votes_is_stated(place: Place, report: Report, *, size: int, commits: int, blocks: int) -> None:
    source, ledger = likes(), RecordingLedger(place)
    batches = [
        [CommandEnvelope(each.id, each.actor, _cast(each.command)) for each in orders(source, size * commits)]
        for _ in range(ROUNDS * blocks + 2)
    ]
    writer = LogWriter("vote.0", PollDecider(0), stamp=stamp, remember=False)
    told = [Answered("open", "organiser", "", "", 0, 2)]
    writer.fold(Commit(form(Head("moderation"), stories.opened(), commands=told, stamp=stamp())))

    append = append_block(writer, ledger, batches)
    append()  # One block ahead, because the reference may begin a round.
    pair = paired(append, insert_block(place, ledger, commits), rounds=ROUNDS, blocks=blocks)

    name, reference = f"append by voting's decider, commits of {size}", "bare insert_one of the same documents"
    report.compare(name, pair, reference=reference, unit="events/s")


def append_block(writer: LogWriter[Any], ledger: Ledger, batches: Sequence[Sequence[CommandEnvelope]]) -> Block:
    """Return a block that appends the next batch; each order gives one event."""
    waiting, beside = iter(batches), ThreadPoolExecutor(1)

    def append() -> int:
        outcomes = drive(writer.handle(next(waiting)), ledger, beside=beside)
        return sum(len(outcome.events) for outcome in outcomes)

    return append


def insert_block(place: Place, ledger: RecordingLedger, count: int) -> Block:
    """Return a block that inserts the next `count` documents that ours has inserted.

    They go under the name of another log of equal length, so that no document differs in size.
    """
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
