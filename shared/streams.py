"""RabbitMQ streams: one stream queue for each log, one message for each commit, with the stored document as BSON.

A stream is transport: it is not fsynced, does not deduplicate, and may have holes and repeats. The ledger is the
record; the broker makes delivery quick. Stream names carry the campaign: `<campaign>.log.<log>`.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any

import bson
from amqp.exceptions import Blocked
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from kombu.message import Message
from kombu.messaging import Consumer

from shared.commit import Commit
from shared.errors import BrokerUnreachable
from shared.exchanges import COMMITS, exchange

MAX_AGE = "180D"
SEGMENT_BYTES = 50_000_000
PREFETCH = 500
CONTENT_TYPE = "application/bson"
HEARTBEAT_S = 4
WRITE_S = 10
CONNECT_S = 3.0


def stream_name(campaign: str, log: str) -> str:
    """Return the name of a log's stream, `<campaign>.log.<log>`."""
    return f"{campaign}.log.{log}"


def stream_queue(name: str, *, offset: str | int = "next", max_age: str = MAX_AGE) -> Queue:
    """Return the kombu queue that declares and reads a stream.

    `offset` says where reading starts: "first", "last", "next" (messages from now on), or a number. Messages older than
    `max_age` are deleted.
    """
    return Queue(
        name,
        durable=True,
        queue_arguments={
            "x-queue-type": "stream",
            "x-max-age": max_age,
            "x-stream-max-segment-size-bytes": SEGMENT_BYTES,
        },
        consumer_arguments={"x-stream-offset": offset},
    )


def declare(connection: Connection, campaign: str, log: str) -> None:
    """Create the stream of a log where it does not exist yet, and the exchange by which it is written.

    Raises BrokerUnreachable.
    """
    declare_bound(connection, stream_queue(stream_name(campaign, log)), exchange(campaign, COMMITS))


def declare_bound(connection: Connection, queue: Queue, source: Exchange) -> None:
    """Create a queue and an exchange where they do not exist yet, and bind the queue under its own name.

    Raises BrokerUnreachable.
    """
    try:
        with connection.channel() as channel:
            source(channel).declare()
            queue(channel).declare()
            queue(channel).bind_to(source, routing_key=queue.name)
    except broker_errors(connection) as problem:
        raise BrokerUnreachable(str(problem)) from problem


def connect(uri: str, *, timeout_s: float = CONNECT_S) -> Connection:
    """Open a connection that notices a dead peer within seconds. Raises BrokerUnreachable after `timeout_s`.

    When the broker blocks it, because an alarm of memory or disk space is set, the connection is dropped, and whatever
    waits for the broker raises one of `broker_errors`. Otherwise it would wait until the end of the alarm: the broker
    reads nothing more, not even a request to close, and its heartbeats keep every wait for a frame alive.
    """

    def drop(_reason: str) -> None:
        connection.collect()
        raise Blocked("the broker blocks its publishers: an alarm of memory or disk space is set")

    options = {"read_timeout": 30, "write_timeout": WRITE_S, "on_blocked": drop}
    connection = Connection(uri, heartbeat=HEARTBEAT_S, connect_timeout=timeout_s, transport_options=options)
    try:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=timeout_s)
    except Exception as problem:
        if isinstance(problem, broker_errors(connection)):
            raise BrokerUnreachable(str(problem)) from problem
        raise
    return connection


def limit_waits(connection: Connection, timeout_s: float) -> None:
    """Let no wait for the broker that names no limit of its own last longer than this, from now on."""
    connection.connection.transport.sock.settimeout(max(0.01, timeout_s))


def broker_errors(connection: Connection) -> tuple[type[BaseException], ...]:
    """Return the exceptions that kombu and py-amqp raise when the broker is unreachable."""
    # kombu raises OperationalError for a refused connection.
    return (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError)


def read_streams(
    connection: Connection, campaign: str, logs: Iterable[str], *, offset: str | int = "next", wait_s: float = 0.2
) -> Iterator[Commit | None]:
    """Yield commits as the broker delivers them, and None whenever no commit came for `wait_s` seconds.

    Commits may repeat or be missing, and the order between logs is not defined; `shared.follower` corrects this. The
    first item is None, and means that the subscription is in place. Raises BrokerUnreachable.
    """
    arrived: list[Message] = []
    queues = [stream_queue(stream_name(campaign, log), offset=offset) for log in logs]
    unacknowledged = 0
    try:
        channel = connection.channel()
        with Consumer(channel, queues, on_message=arrived.append, accept=None, prefetch_count=PREFETCH):
            yield None  # every message that is published from now on will be delivered
            while True:
                drain(connection, wait_s)
                if not arrived:
                    yield None
                    continue
                yield from [Commit(bson.decode(message.body)) for message in arrived]
                unacknowledged += len(arrived)
                if unacknowledged >= PREFETCH // 4:  # on a stream an acknowledgement only grants credit
                    arrived[-1].ack(multiple=True)
                    unacknowledged = 0
                arrived.clear()
    except broker_errors(connection) as problem:
        raise BrokerUnreachable(str(problem)) from problem


def drain(connection: Connection, wait_s: float) -> bool:
    """Handle the messages that have arrived, waiting at most `wait_s` for one. Raises BrokerUnreachable.

    Returns False where none arrived.
    """
    try:
        try:
            connection.drain_events(timeout=wait_s)
        except TimeoutError:
            connection.heartbeat_check()
            return False
    except broker_errors(connection) as problem:
        raise BrokerUnreachable(str(problem)) from problem
    return True


class ConfirmedPublisher:
    """Publishes persistent, mandatory messages of priority 0, and waits for the confirms of many at once.

    `exchange` names the exchange that the queues are bound to; without it the default exchange is used, for which only
    an administrator of the broker has the right.

    `flush` returns when the broker has confirmed every message since the last flush. It raises BrokerUnreachable when
    the broker refused a message or returned it as unroutable, or when the connection broke: then all of them must be
    sent again. Every other method raises BrokerUnreachable where the connection is lost.
    """

    def __init__(self, connection: Connection, *, exchange: str = "", content_type: str = CONTENT_TYPE) -> None:
        self._connection, self._exchange, self._content_type = connection, exchange, content_type
        try:
            self._channel: Any = connection.channel()
            self._channel.confirm_select()
        except broker_errors(connection) as problem:
            raise BrokerUnreachable(str(problem)) from problem
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._sent = 0
        self._waiting: set[int] = set()
        self._refused: list[str] = []

    def publish(self, queue: str, body: bytes) -> None:
        """Send a message to a queue without waiting for the broker's confirm. Raises BrokerUnreachable."""
        self._sent += 1
        self._waiting.add(self._sent)
        # RabbitMQ takes a message without a priority for 4 in a quorum queue, so it would overtake those with 0.
        message = self._channel.prepare_message(
            body, priority=0, content_type=self._content_type, properties={"delivery_mode": 2}
        )
        try:
            # Confirms are drained in flush: py-amqp's confirm_publish would wait a round trip for every message.
            self._channel.basic_publish(message, exchange=self._exchange, routing_key=queue, mandatory=True)
        except broker_errors(self._connection) as problem:
            raise BrokerUnreachable(str(problem)) from problem

    def flush(self, *, timeout_s: float = 10.0) -> None:
        """Wait until the broker has confirmed every published message. Raises BrokerUnreachable.

        `timeout_s` limits the whole wait, whatever other frames arrive, such as heartbeats.
        """
        deadline = time.monotonic() + timeout_s
        try:
            while self._waiting and not self._refused:
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    raise TimeoutError(f"no confirm in {timeout_s} s")
                self._connection.drain_events(timeout=left_s)
        except broker_errors(self._connection) as problem:
            raise BrokerUnreachable(f"{len(self._waiting)} messages unconfirmed: {problem}") from problem
        if self._refused:
            raise BrokerUnreachable("; ".join(self._refused[:3]))

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:
        if multiple:
            self._waiting = {tag for tag in self._waiting if tag > delivery_tag}
        else:
            self._waiting.discard(delivery_tag)

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:
        self._refused.append(f"the broker refused message {delivery_tag} (multiple: {multiple})")

    def _on_return(self, problem: BaseException, *_: Any) -> None:
        self._refused.append(f"unroutable: {problem}")
