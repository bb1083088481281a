"""A polling place for tests: an open campaign, vote writers beside the test, and a small gateway made of kombu."""

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
from shared.ledger import insert_one_by_one
from shared.mongo_ledger import MongoLedger
from tests.integration.places import PARTITIONS, Place
from tests.integration.threads import PATIENCE_S, at_work, wait
from tests.unit.ranking.stories import approved, submitted
from tests.unit.voting.batches import batch
from tests.unit.voting.stories import NOON, opened

Answers = list[dict[str, Any]]


def open_polls(place: Place, *, per_day: int = 20, per_type: int = 5) -> None:
    """The campaign is open, its shortlist stands, and the queues of the partitions are there."""
    place.append(wire.DESK_LOG, opened(per_day=per_day, per_type=per_type))
    with place.broker() as connection:
        for p in range(PARTITIONS):
            vote_queue(place.campaign, p)(connection.default_channel).declare()


def order(voter: str, entry: str = "a", do: str = "like", *, at: int = NOON) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex,
        "voter": voter,
        "entry": entry,
        "do": do,
        "at": at,
        "door": "web",
        "signals": "c1.x",
    }


class WatchedLedger(MongoLedger):
    """The ledger, with a list of the commits that came through it."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.database)
        self.inserted: list[str] = []

    def insert(self, document: Document) -> None:
        super().insert(document)
        self.inserted.append(document["_id"].rpartition("/")[0])

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        return insert_one_by_one(self.insert, documents)


def writer_of(place: Place, ledger: MongoLedger | None = None) -> VoteWriter:
    return VoteWriter(place.campaign, ledger or place.ledger, receipt_key=place.keys.receipt)


@contextmanager
def counting(
    place: Place, name: str = "writer-1", *, amqp_uri: str | None = None, ledger: MongoLedger | None = None
) -> Iterator[threading.Event]:
    """A vote writer at work, its queues consumed when the block begins."""
    loop = VoteLoop(place.campaign, writer_of(place, ledger), name=name, partitions=PARTITIONS)
    uri = amqp_uri or place.settings.amqp_uri
    with at_work(lambda stop: loop.run(uri, stop=stop)) as told:
        wait(lambda: loop.connected, what=f"{name} consumes")
        yield told


@dataclass(slots=True)
class Desk:
    """Sends batches and hears the answers."""

    place: Place
    connection: Connection
    replies: Queue
    heard: dict[str, list[Answers]] = field(default_factory=dict)

    def send(self, partition: int, orders: Sequence[dict[str, Any]], *, seen: int = 1) -> str:
        """Put a batch in a partition's queue; its name."""
        return self.send_body(partition, batch(orders, moderation=seen))

    def send_body(self, partition: int, body: bytes) -> str:
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
        """The first answer to a batch."""
        for _ in range(int(PATIENCE_S / 0.2)):
            if name in self.heard:
                return self.heard[name][0]
            streams.drain(self.connection, 0.2)
        raise AssertionError(f"no answer within {PATIENCE_S} s")

    def ask(self, partition: int, *orders: dict[str, Any], seen: int = 1) -> Answers:
        return self.answers(self.send(partition, orders, seen=seen))

    def take(self, message: Message) -> None:
        name = message.properties["correlation_id"]
        self.heard.setdefault(name, []).append(bson.decode(message.body)["answers"])


@contextmanager
def desk(place: Place) -> Iterator[Desk]:
    with place.broker() as connection:
        channel = connection.channel()
        replies = Queue(f"{place.campaign}.desk-{uuid.uuid4().hex}", exclusive=True, auto_delete=True)
        made = Desk(place, connection, replies)
        with Consumer(channel, [replies], on_message=made.take, accept=None, no_ack=True):
            yield made


def open_doors(place: Place, *, now: int = NOON, **limits: int) -> None:
    """As `open_polls`, with approved entries behind the shortlist and the clock moved: what a gateway needs."""
    open_polls(place, **limits)
    entries = ("a", "state"), ("b", "state"), ("c", "private")
    place.append("submission", *[[submitted(entry, type=kind)] for entry, kind in entries])
    place.append(wire.DESK_LOG, [approved(entry) for entry, _ in entries], [moderation.ClockMoved(now, "o")])
