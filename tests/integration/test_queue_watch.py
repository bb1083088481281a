"""The measured wait of a like queue is the wait of the likes in it, also behind a slow vote writer."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from prometheus_client import REGISTRY

from gateway.backends.like_batches import partition_of
from services.voting import orders as wire
from services.voting.queue_watch import Probe, QueueWatch, depth
from services.voting.writer import PREFETCH
from shared import streams
from shared.commit import Document
from shared.errors import LedgerError
from shared.mongo_ledger import MongoLedger
from tests.integration.like_path import like_path
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.threads import running_thread, wait
from tests.integration.voting import open_polls, order, running_vote_writer
from tests.unit.voting.batches import batch
from tests.unit.voting.stories import NOON

pytestmark = pytest.mark.slow

PARTITION = 3
BATCHES = 2 * PREFETCH + 20  # more than a writer has at hand and decides in its next round


@dataclass(slots=True)
class Clock:
    """A clock that only slow inserts move. `insert_times_s` are its times after each insert."""

    now_s: float = 0.0
    insert_times_s: list[float] = field(default_factory=list)


class SlowLedger(MongoLedger):
    """A ledger whose inserts take 5 s of a test's clock each."""

    def __init__(self, place: Place, clock: Clock) -> None:
        super().__init__(place.database)
        self._clock = clock

    def insert(self, document: Document) -> None:
        self.insert_all([document])

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        self._clock.now_s += 5.0
        self._clock.insert_times_s.append(self._clock.now_s)
        return super().insert_all(documents)


class SingleProbe(Probe):
    """A measurement that sends no further empty batch after the first answer, which would find an empty queue."""

    def start(self, name: str, now_s: float) -> bool:
        return self.trip_s == 0 and super().start(name, now_s)


def voters_of_the_partition() -> Iterator[str]:
    names = (f"voter-{k}" for k in itertools.count())
    return (name for name in names if partition_of(name, PARTITIONS) == PARTITION)


def send_likes(place: Place, count: int) -> None:
    """Send likes as a gateway does, each in a batch of its own; return when the broker has all of them."""

    async def send() -> None:
        async with like_path(place, queue_only=lambda: True) as likes:
            for voter in itertools.islice(voters_of_the_partition(), count):
                answer = await likes.order(
                    voter, "a", "like", at=NOON, door="web", signals={}, seen={wire.DESK_LOG: 1, "submission": 0}
                )
                assert answer["status"] == "accepted"

    asyncio.run(send())


def waiting(place: Place) -> int | None:
    with place.broker() as connection:
        return depth(connection, wire.queue_name(place.campaign, PARTITION))


def measured_age_s() -> float | None:
    return REGISTRY.get_sample_value("baijia_queue_oldest_age_seconds", {"partition": str(PARTITION)})


def test_measured_wait_is_the_wait_of_the_last_like_behind_a_slow_writer(place: Place):
    open_polls(place)
    clock = Clock()
    watch = QueueWatch(place.campaign, PARTITIONS, now=lambda: clock.now_s)
    probe = watch.probes[PARTITION] = SingleProbe()
    send_likes(place, BATCHES)

    with running_thread(lambda stop: watch.run(place.settings.amqp_uri, stop=stop)):
        wait(lambda: waiting(place) == BATCHES + 1, what="the empty batch waits behind the likes")
        with running_vote_writer(place, ledger=SlowLedger(place, clock)):
            wait(lambda: probe.trip_s > 0, what="the empty batch is answered")
        wait(lambda: measured_age_s() == probe.trip_s, what="the wait is published")

    assert len(place.events(f"vote.{PARTITION}")) == BATCHES
    assert measured_age_s() == clock.insert_times_s[-1]


def test_likes_that_are_put_back_wait_behind_those_that_came_before(place: Place):
    """Dead letters and likes have the same priority, so neither overtakes the other."""
    open_polls(place)
    send_likes(place, 1)
    with place.broker() as connection:
        publisher = streams.ConfirmedPublisher(connection)
        publisher.publish(wire.queue_name(place.campaign, PARTITION), batch([order("put back")]))
        publisher.flush()

    with running_vote_writer(place):
        wait(lambda: waiting(place) == 0 and len(place.events(f"vote.{PARTITION}")) == 2, what="both are counted")

    first = next(voters_of_the_partition())
    assert [event.voter for event in place.events(f"vote.{PARTITION}")] == [first, "put back"]
