"""Measure how long a like waits in its partition's queue, by sending an empty batch through it.

An empty batch decides nothing and stores nothing; the vote writer that serves the partition answers it in turn, as it
answers any batch. It has the priority of the likes' batches, so it waits as long as they do. So the reported age is the
age of the queue itself, whichever writer consumes it, and it grows while no writer does. The empty batches also show
each writer which partitions it serves while no likes come (`duty.py`).

The length of the dead-letter queue is measured too.

Promises: a queue gets at most one empty batch in `AGAIN_S` while none is answered.
Does not promise: to see what comes and goes between two measurements.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bson
from amqp.exceptions import NotFound
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from kombu.messaging import Consumer

from services.voting import orders as wire
from shared import metrics, streams
from shared.errors import BrokerUnreachable
from shared.exchanges import LIKE_ANSWERS, LIKE_BATCHES, exchange, exchange_name
from shared.logs import logger

EVERY_S = 2.0
AGAIN_S = 30.0  # after this an empty batch counts as lost: the queue was full, or the broker was away
RETRY_S = 1.0
EMPTY = bson.encode({"v": 1, "seen": {}, "orders": {name: [] for name in wire.COLUMNS}})
log_ = logger(__name__)


@dataclass(slots=True)
class Probe:
    """The measurement of one partition's queue with empty batches. Times are in seconds of a monotonic clock."""

    since_s: float | None = None  # when the oldest batch that is not answered yet was sent
    sent_s: float = 0.0  # when the latest batch was sent
    name: str = ""
    trip_s: float = 0.0  # the time from sending to the latest answer

    def start(self, name: str, now_s: float) -> bool:
        """Return whether to send an empty batch with this name now, and if so, note it as sent.

        Return False while an earlier batch is not answered, for at most AGAIN_S.
        """
        if self.since_s is not None and now_s - self.sent_s < AGAIN_S:
            return False
        self.since_s = now_s if self.since_s is None else self.since_s
        self.sent_s, self.name = now_s, name
        return True

    def abandon(self) -> None:
        """Stop waiting for the answer to the latest batch, which can no longer come. The measured age keeps growing."""
        self.sent_s = -AGAIN_S

    def record_answer(self, name: str, now_s: float) -> None:
        """Note the answer to the batch with this name. An answer to an earlier batch than the latest is ignored."""
        if name == self.name and self.since_s is not None:
            self.trip_s, self.since_s = now_s - self.sent_s, None

    def age_s(self, now_s: float) -> float:
        """Return how long, in seconds, the oldest message of the queue has waited, as far as is known."""
        return self.trip_s if self.since_s is None else max(now_s - self.since_s, self.trip_s)


class QueueWatch:
    """Measures the like queues of all partitions and the dead-letter queue every EVERY_S seconds, as metrics."""

    def __init__(self, campaign: str, partitions: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._campaign, self._now = campaign, now
        self.probes = [Probe() for _ in range(partitions)]

    def run(self, amqp_uri: str, *, stop: Callable[[], bool]) -> None:
        """Measure until `stop` returns True. Connect again when the broker was unreachable."""
        while not stop():
            try:
                with streams.connect(amqp_uri) as connection:
                    self._watch(connection, stop)
            except BrokerUnreachable as problem:
                log_.warning("the broker is away, the queues are not measured", problem=str(problem))
                self._publish_metrics()
                time.sleep(RETRY_S)

    def _watch(self, connection: Connection, stop: Callable[[], bool]) -> None:
        for probe in self.probes:
            probe.abandon()  # its answer was lost with the connection
        try:
            channel = connection.channel()
            exchange(self._campaign, LIKE_BATCHES)(channel).declare()
            name = f"{self._campaign}.watch.{uuid.uuid4().hex}"
            answers = exchange(self._campaign, LIKE_ANSWERS)
            replies = Queue(name, answers, routing_key=name, exclusive=True, auto_delete=True)
            with Consumer(channel, [replies], on_message=self._on_reply, accept=None, no_ack=True):
                while not stop():
                    self._measure(connection, channel, replies.name)
                    due = self._now() + EVERY_S
                    while (left := due - self._now()) > 0 and not stop():
                        streams.drain(connection, min(left, 0.5))
                        self._publish_metrics()
        except streams.broker_errors(connection) as problem:
            raise BrokerUnreachable(str(problem)) from problem

    def _measure(self, connection: Connection, channel: Any, replies: str) -> None:
        dead = depth(connection, wire.dead_name(self._campaign))
        if dead is not None:
            metrics.DEAD_LETTERS.set(dead)
        for p, probe in enumerate(self.probes):
            queue = wire.queue_name(self._campaign, p)
            waiting = depth(connection, queue)
            if waiting is None:
                continue  # no vote writer has ever run, so there is no queue yet
            metrics.QUEUE_DEPTH.labels(p).set(waiting)
            name = f"{p}.{uuid.uuid4().hex}"
            if probe.start(name, self._now()):
                properties = {"correlation_id": name, "reply_to": replies, "delivery_mode": 1}
                batch = channel.prepare_message(
                    EMPTY, priority=wire.PRIORITY, content_type=streams.CONTENT_TYPE, properties=properties
                )
                channel.basic_publish(batch, exchange=exchange_name(self._campaign, LIKE_BATCHES), routing_key=queue)

    def _on_reply(self, message: Message) -> None:
        name = str(message.properties.get("correlation_id"))
        self.probes[int(name.partition(".")[0])].record_answer(name, self._now())

    def _publish_metrics(self) -> None:
        for p, probe in enumerate(self.probes):
            metrics.QUEUE_AGE_S.labels(p).set(probe.age_s(self._now()))


def depth(connection: Connection, queue: str) -> int | None:
    """Return how many messages of a queue no consumer has received yet, or None if the queue does not exist."""
    with connection.channel() as channel:
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except NotFound:
            return None
