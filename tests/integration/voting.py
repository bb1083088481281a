"""An open campaign with vote writers in threads of the test, and a minimal gateway made of kombu that sends like
batches.
"""

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import bson
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from kombu.messaging import Consumer

from services.moderation import events as moderation
from services.voting import orders as wire
from services.voting.queues import vote_queue
from services.voting.writer import VoteLoop, VoteWriter
from shared import streams
from shared.commit import Document
from shared.errors import LedgerError
from shared.exchanges import LIKE_ANSWERS, exchange
from shared.ledger import insert_one_by_one
from shared.mongo_ledger import MongoLedger
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.threads import PATIENCE_S, running_thread, wait
from tests.unit.ranking.stories import approved, submitted
from tests.unit.voting.batches import batch
from tests.unit.voting.stories import NOON, opened

Answers = list[dict[str, Any]]


def open_polls(place: Place, *, per_day: int = 20, per_type: int = 5) -> None:
    """Open the campaign, confirm its shortlist, and declare the queues of the partitions."""
    place.append(wire.DESK_LOG, opened(per_day=per_day, per_type=per_type))
    with place.broker() as connection:
        for p in range(PARTITIONS):
            vote_queue(place.campaign, p)(connection.default_channel).declare()


def order(voter: str, entry: str = "a", do: str = "like", *, at: int = NOON) -> dict[str, Any]:
    """Return an order as it stands in a like batch."""
    return {
        "id": uuid.uuid4().hex,
        "voter": voter,
        "entry": entry,
        "do": do,
        "at": at,
        "door": "web",
        "signals": "c1.x",
    }


class RecordingLedger(MongoLedger):
    """A ledger that records, for each commit inserted through it, the log."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.database)
        self.inserted: list[str] = []

    def insert(self, document: Document) -> None:
        super().insert(document)
        self.inserted.append(document["_id"].rpartition("/")[0])

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        return insert_one_by_one(self.insert, documents)


def new_vote_writer(place: Place, ledger: MongoLedger | None = None) -> VoteWriter:
    """Return a vote writer that is not running yet."""
    return VoteWriter(place.campaign, ledger or place.ledger, receipt_key=place.keys.receipt)


@contextmanager
def running_vote_writer(
    place: Place, name: str = "writer-1", *, amqp_uri: str | None = None, ledger: MongoLedger | None = None
) -> Iterator[threading.Event]:
    """Run a vote writer in a thread; the block begins when it consumes its queues. The yielded event stops it."""
    loop = VoteLoop(place.campaign, new_vote_writer(place, ledger), name=name, partitions=PARTITIONS)
    uri = amqp_uri or place.settings.amqp_uri
    with running_thread(lambda stop: loop.run(uri, stop=stop)) as told:
        wait(lambda: loop.connected, what=f"{name} consumes")
        yield told


@dataclass(slots=True)
class BatchClient:
    """Sends batches to the vote writers and collects their answers."""

    place: Place
    connection: Connection
    replies: Queue
    answers_by_name: dict[str, list[Answers]] = field(default_factory=dict)

    def send(self, partition: int, orders: Sequence[dict[str, Any]], *, seen: int = 1) -> str:
        """Put a batch of orders into a partition's queue; return the name by which its answer is found."""
        return self.send_body(partition, batch(orders, moderation=seen))

    def send_body(self, partition: int, body: bytes) -> str:
        """Put any bytes into a partition's queue; return the name by which its answer is found."""
        name = uuid.uuid4().hex
        self.connection.Producer().publish(
            body,
            exchange="",
            routing_key=wire.queue_name(self.place.campaign, partition),
            content_type=streams.CONTENT_TYPE,
            content_encoding="binary",
            serializer=None,
            reply_to=self.replies.name,
            correlation_id=name,
            delivery_mode=2,
        )
        return name

    def answers(self, name: str) -> Answers:
        """Wait for the first answer to a batch."""
        for _ in range(int(PATIENCE_S / 0.2)):
            if name in self.answers_by_name:
                return self.answers_by_name[name][0]
            streams.drain(self.connection, 0.2)
        raise AssertionError(f"no answer within {PATIENCE_S} s")

    def send_and_wait(self, partition: int, *orders: dict[str, Any], seen: int = 1) -> Answers:
        """Send orders as one batch and wait for the answers."""
        return self.answers(self.send(partition, orders, seen=seen))

    def take(self, message: Message) -> None:
        """Store an answer under the name of its batch."""
        name = message.properties["correlation_id"]
        self.answers_by_name.setdefault(name, []).append(bson.decode(message.body)["answers"])


@contextmanager
def batch_client(place: Place) -> Iterator[BatchClient]:
    """Yield a sender with an exclusive reply queue."""
    with place.broker() as connection:
        channel = connection.channel()
        name, answers = f"{place.campaign}.desk-{uuid.uuid4().hex}", exchange(place.campaign, LIKE_ANSWERS)
        replies = Queue(name, answers, routing_key=name, exclusive=True, auto_delete=True)
        made = BatchClient(place, connection, replies)
        with Consumer(channel, [replies], on_message=made.take, accept=None, no_ack=True):
            yield made


def open_to_gateway(place: Place, *, now: int = NOON, **limits: int) -> None:
    """Do as `open_polls`, then submit and approve the shortlisted entries and move the clock: what a gateway needs."""
    open_polls(place, **limits)
    entries = ("a", "state"), ("b", "state"), ("c", "private")
    place.append("submission", *[[submitted(entry, type=kind)] for entry, kind in entries])
    place.append(wire.DESK_LOG, [approved(entry) for entry, _ in entries], [moderation.ClockMoved(now, "o")])
