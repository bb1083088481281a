"""Relay and follower against kombu alone, on a real stream, with the commit sizes of a real day and with full
commits.

The relay reads the ledger, publishes, waits for the confirms and stores its cursor. The reference publishes the
same bodies, ready in memory, as kombu does if each message is to be confirmed (`confirm_publish`). Printed beside
it, without a bar: the same bodies published directly on py-amqp's channel and their confirms awaited together,
which is what the relay does after reading them. The follower reads a stream from its first message and passes on
each commit once; the reference consumes the same stream and decodes each body.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice

import bson
import pytest
from kombu.connection import Connection
from kombu.message import Message
from kombu.messaging import Consumer, Producer

from shared import streams
from shared.commit import Commit
from shared.cursors import MongoCursors
from shared.follower import Follower
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
ROUNDS = 5
LOG, BARE = "vote.0", "vote.1"
SIZES = pytest.mark.parametrize(
    ("what", "sizes", "commits"),
    [("commits of 1 to 16", day_sizes, 500), ("commits of 256", full_sizes, 128)],
    ids=["a real day", "full"],
)
Sizes = Callable[[int], Iterator[int]]


@SIZES
def test_relay_keeps_pace_with_bare_publishing(
    place: Place, report: Report, *, what: str, sizes: Sizes, commits: int
) -> None:
    bodies = _stored(place, sizes, commits * (2 * ROUNDS + 1))
    with publisher_connection(place) as connection, confirming_producer(place) as producer:
        relay, bare = relay_block(place, connection, commits), kombu_block(place, producer, bodies, commits)
        pair = paired(relay, bare, rounds=ROUNDS, blocks=2)

    report.compare(f"relay, {what}", pair, reference="kombu, each message confirmed", unit="messages/s", at_least=0.7)


@SIZES
def test_relay_against_confirms_of_many_at_once_is_stated(
    place: Place, report: Report, *, what: str, sizes: Sizes, commits: int
) -> None:
    bodies = _stored(place, sizes, commits * (2 * ROUNDS + 1))
    with publisher_connection(place) as connection, place.broker() as other:
        relay, bare = relay_block(place, connection, commits), amqp_block(place, other, bodies, commits)
        pair = paired(relay, bare, rounds=ROUNDS, blocks=2)

    report.compare(f"relay, {what}", pair, reference="py-amqp, confirms awaited together", unit="messages/s")


@SIZES
def test_follower_keeps_pace_with_bare_reading(
    place: Place, report: Report, *, what: str, sizes: Sizes, commits: int
) -> None:
    total = commits * 20
    bodies = _stored(place, sizes, total)
    with publisher_connection(place) as connection:
        publisher = streams.ConfirmedPublisher(connection)
        for body in bodies:
            publisher.publish(place.stream(LOG), body)
        publisher.flush()

    pair = paired(follow_block(place, total), read_block(place, total), rounds=ROUNDS)

    reference = "kombu, consuming and decoding"
    report.compare(f"follower, {what}", pair, reference=reference, unit="messages/s", at_least=0.7)


def relay_block(place: Place, connection: Connection, commits: int) -> Block:
    """Return a block that is one step of the relay, over `commits` commits."""
    publisher = streams.ConfirmedPublisher(connection)
    relay = place.relay(MongoCursors(place.database), [LOG])
    return lambda: relay.step(publisher, at_most=commits)


def kombu_block(place: Place, producer: Producer, bodies: list[bytes], commits: int) -> Block:
    """Return a block of as many messages, each published and confirmed by kombu."""
    waiting = iter(bodies)

    def publish() -> int:
        batch = list(islice(waiting, commits))
        for body in batch:
            producer.publish(
                body, exchange="", routing_key=place.stream(BARE), mandatory=True, delivery_mode=2,
                content_type=streams.CONTENT_TYPE, content_encoding="binary", serializer=None,
            )  # fmt: skip
        return len(batch)

    return publish


def amqp_block(place: Place, connection: Connection, bodies: list[bytes], commits: int) -> Block:
    """Return a block of as many messages on py-amqp's channel, followed by all their confirms."""
    channel, waiting = connection.channel(), iter(bodies)
    numbers, unconfirmed = count(1), set[int]()
    channel.confirm_select()

    def on_ack(tag: int, multiple: bool) -> None:
        unconfirmed.difference_update([each for each in unconfirmed if each <= tag] if multiple else [tag])

    channel.events["basic_ack"].add(on_ack)

    def publish() -> int:
        batch = list(islice(waiting, commits))
        for body in batch:
            unconfirmed.add(next(numbers))
            message = channel.prepare_message(body, properties={"delivery_mode": 2})
            channel.basic_publish(message, exchange="", routing_key=place.stream(BARE), mandatory=True)
        while unconfirmed:
            connection.drain_events(timeout=10)
        return len(batch)

    return publish


def follow_block(place: Place, total: int) -> Block:
    """Return a block that follows the whole stream and gets each commit once."""

    def follow() -> int:
        taken: list[int] = []
        follower = Follower(place.ledger, {LOG: 0}, lambda commit: taken.append(commit.n), role="bench")
        with place.broker() as connection:
            for commit in streams.read_streams(connection, place.campaign, [LOG], offset="first"):
                if isinstance(commit, Commit):
                    follower.offer(commit)
                if len(taken) == total:
                    break
        return len(taken)

    return follow


def read_block(place: Place, total: int) -> Block:
    """Return a block that consumes the whole stream and decodes each body."""

    def read() -> int:
        taken: list[int] = []

        def take(message: Message) -> None:
            taken.append(bson.decode(message.body)["n"])
            if len(taken) % 100 == 0:
                message.ack(multiple=True)

        queue = streams.stream_queue(place.stream(LOG), offset="first")
        with place.broker() as connection:
            options = {"accept": None, "prefetch_count": streams.PREFETCH}
            with Consumer(connection.channel(), [queue], on_message=take, **options):
                while len(taken) < total:
                    connection.drain_events(timeout=10)
        return len(taken)

    return read


@contextmanager
def publisher_connection(place: Place) -> Iterator[Connection]:
    """Declare both streams; yield a connection."""
    with place.broker() as connection:
        for log in (LOG, BARE):
            streams.declare(connection, place.campaign, log)
        yield connection


@contextmanager
def confirming_producer(place: Place) -> Iterator[Producer]:
    """Yield a producer of kombu that waits for the confirm of each message."""
    with Connection(place.settings.amqp_uri, transport_options={"confirm_publish": True}) as connection:
        yield Producer(connection.channel())


def _stored(place: Place, sizes: Sizes, commits: int) -> list[bytes]:
    """Store so many commits in the ledger; return their bodies."""
    made = list(islice(documents(LOG, likes(), sizes(commits * 256)), commits))
    store(place, iter(made))
    return [bson.encode(each) for each in made]
