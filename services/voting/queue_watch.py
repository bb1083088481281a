"""How long a like waits in its partition's queue now: measured by an empty batch that passes through it.

An empty batch decides nothing and stores nothing; the writer that has the partition answers it in its turn, like any
other. So the age that is told is a queue's own, whoever consumes it, and it grows while nobody does. It also shows
each writer which partitions it has while no like comes (`duty.py`).

The queue of the dead is looked at too, by its length.

Promises: at most one empty batch a partition and `AGAIN_S` stands in a queue. Does not promise to see what comes and
goes between two looks.
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
from shared.logs import logger

EVERY_S = 2.0
AGAIN_S = 30.0  # after which an empty batch counts as lost: the queue was full, or the broker was away
RETRY_S = 1.0
EMPTY = bson.encode({"v": 1, "seen": {}, "orders": {name: [] for name in wire.COLUMNS}})
log_ = logger(__name__)


@dataclass(slots=True)
class Probe:
    """What is known of one partition's queue."""

    since_s: float | None = None  # when the oldest question was asked that has no answer yet
    asked_s: float = 0.0  # when it was asked last
    name: str = ""
    trip_s: float = 0.0  # of the last answer

    def ask(self, name: str, now_s: float) -> bool:
        """Whether to send an empty batch of this name now."""
        if self.since_s is not None and now_s - self.asked_s < AGAIN_S:
            return False
        self.since_s = now_s if self.since_s is None else self.since_s
        self.asked_s, self.name = now_s, name
        return True

    def forget(self) -> None:
        """The answer cannot come any more; the wait goes on."""
        self.asked_s = -AGAIN_S

    def answered(self, name: str, now_s: float) -> None:
        if name == self.name and self.since_s is not None:
            self.trip_s, self.since_s = now_s - self.asked_s, None

    def age_s(self, now_s: float) -> float:
        """How long the queue's oldest waits, as far as is known."""
        return self.trip_s if self.since_s is None else max(now_s - self.since_s, self.trip_s)


class QueueWatch:
    """See the module. `run` ends when `stop` says so."""

    def __init__(self, campaign: str, partitions: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._campaign, self._now = campaign, now
        self.probes = [Probe() for _ in range(partitions)]

    def run(self, amqp_uri: str, *, stop: Callable[[], bool]) -> None:
        while not stop():
            try:
                with streams.connect(amqp_uri) as connection:
                    self._watch(connection, stop)
            except BrokerUnreachable as problem:
                log_.warning("the broker is away, the queues are not watched", problem=str(problem))
                self._tell()
                time.sleep(RETRY_S)

    def _watch(self, connection: Connection, stop: Callable[[], bool]) -> None:
        for probe in self.probes:
            probe.forget()  # its answer went with the connection
        try:
            channel = connection.channel()
            replies = Queue(f"{self._campaign}.watch.{uuid.uuid4().hex}", exclusive=True, auto_delete=True)
            with Consumer(channel, [replies], on_message=self._on_reply, accept=None, no_ack=True):
                while not stop():
                    self._look(connection, channel, replies.name)
                    due = self._now() + EVERY_S
                    while (left := due - self._now()) > 0 and not stop():
                        streams.drain(connection, min(left, 0.5))
                        self._tell()
        except streams.broker_errors(connection) as problem:
            raise BrokerUnreachable(str(problem)) from problem

    def _look(self, connection: Connection, channel: Any, replies: str) -> None:
        dead = depth(connection, wire.dead_name(self._campaign))
        if dead is not None:
            metrics.DEAD_LETTERS.set(dead)
        for p, probe in enumerate(self.probes):
            queue = wire.queue_name(self._campaign, p)
            waiting = depth(connection, queue)
            if waiting is None:
                continue  # no vote writer has ever run
            metrics.QUEUE_DEPTH.labels(p).set(waiting)
            name = f"{p}.{uuid.uuid4().hex}"
            if probe.ask(name, self._now()):
                properties = {"correlation_id": name, "reply_to": replies, "delivery_mode": 1}
                batch = channel.prepare_message(EMPTY, content_type=streams.CONTENT_TYPE, properties=properties)
                channel.basic_publish(batch, exchange="", routing_key=queue)

    def _on_reply(self, message: Message) -> None:
        name = str(message.properties.get("correlation_id"))
        self.probes[int(name.partition(".")[0])].answered(name, self._now())

    def _tell(self) -> None:
        for p, probe in enumerate(self.probes):
            metrics.QUEUE_AGE_S.labels(p).set(probe.age_s(self._now()))


def depth(connection: Connection, queue: str) -> int | None:
    """Messages that wait in a queue and were given to nobody yet; None where there is no such queue."""
    with connection.channel() as channel:
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except NotFound:
            return None
