"""Likes from the gateway to the vote writers, gathered for a few milliseconds, one message a partition.

Promises: an answer other than `accepted`, `busy` and `away` is the writer's, after the ledger. `accepted` (with a
ticket) is said only once the broker has confirmed the persistent message: the order will be decided, and may still be
refused. `busy`: the partition's queue is full, nothing is kept. `away`: nobody knows; asking again is harmless.
A ticket is asked by sending the same order again, since an order that is not new changes nothing.
"""

import asyncio
import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aio_pika
import bson
import orjson
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue, AbstractRobustConnection
from itsdangerous import BadSignature, URLSafeSerializer

from shared import metrics
from shared.keys import Keys
from shared.logs import logger
from shared.sealing import Sealer
from shared.settings import Settings

LINGER_S = 0.004
WAIT_S = 3.0  # a voter is not kept waiting longer; the order time limit may be longer
CONTENT_TYPE = "application/bson"
LikeAnswer = dict[str, Any]
log_ = logger(__name__)


@dataclass(slots=True, eq=False)
class _Waiting:
    order: dict[str, Any]
    answer: asyncio.Future[LikeAnswer]


class Likes:
    """The like path of one gateway process. `partitions` and `limit_s` come from the campaign that it serves."""

    def __init__(
        self,
        settings: Settings,
        keys: Keys,
        *,
        partitions: Callable[[], int],
        limit_s: Callable[[], float],
        queue_only: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings, self._partitions, self._limit_s = settings, partitions, limit_s
        self._queue_only = queue_only
        self._sealer = Sealer(keys.campaign)
        self._tickets = URLSafeSerializer(keys.receipt, salt="ticket")
        self._gathered: dict[int, list[_Waiting]] = {}
        self._seen: dict[str, int] = {}
        self._sent: dict[str, list[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection: AbstractRobustConnection | None = None
        self._channel: AbstractChannel | None = None
        self._replies: AbstractQueue | None = None

    async def start(self) -> None:
        """Connect. Raises what aio-pika raises where the broker is absent; afterwards it reconnects by itself."""
        self._connection = await aio_pika.connect_robust(self._settings.amqp_uri, heartbeat=4, reconnect_interval=1)
        self._channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        self._replies = await self._channel.declare_queue(exclusive=True, auto_delete=True)
        await self._replies.consume(self._on_reply, no_ack=True)

    async def stop(self) -> None:
        """Let what was sent be answered, then disconnect."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=2)
        if self._connection is not None:
            await self._connection.close()

    @property
    def connected(self) -> bool:
        """Whether the broker is there now, as far as this side knows."""
        return self._connection is not None and self._connection.connected.is_set()

    @property
    def waiting(self) -> int:
        """Orders that have no answer yet."""
        return sum(map(len, self._gathered.values())) + sum(map(len, self._sent.values()))

    async def order(
        self, voter: str, entry: str, action: str, *, at: int, door: str, signals: dict[str, Any], seen: dict[str, int]
    ) -> LikeAnswer:
        """One order and its answer. `action` is like, unlike or show.

        `seen` is what the gateway judged by, never less than before.
        """
        order = {
            "id": uuid.uuid4().hex,
            "voter": voter,
            "entry": entry,
            "do": action,
            "at": at,
            "door": door,
            "signals": self._sealer.seal(orjson.dumps(signals)),
        }
        self._seen = seen
        metrics.DOORS.labels(door).inc()
        return await self._ask(order)

    async def ticket(self, text: str) -> LikeAnswer | None:
        """What became of an accepted order; None where the ticket is none of ours."""
        try:
            order = self._tickets.loads(text)
        except BadSignature:
            return None
        sealed = self._sealer.seal(b"{}")
        return await self._ask({**order, "id": uuid.uuid4().hex, "signals": sealed})

    # one order

    async def _ask(self, order: dict[str, Any]) -> LikeAnswer:
        partition = partition_of(order["voter"], self._partitions())
        waiting = _Waiting(order, asyncio.get_running_loop().create_future())
        if partition in self._gathered:
            self._gathered[partition].append(waiting)
        else:
            self._gathered[partition] = [waiting]
            task = asyncio.create_task(self._send_soon(partition))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await waiting.answer

    # one batch

    async def _send_soon(self, partition: int) -> None:
        await asyncio.sleep(LINGER_S)
        batch = self._gathered.pop(partition)
        metrics.BATCH_LIKES.observe(len(batch))
        name = uuid.uuid4().hex
        self._sent[name] = batch
        deadline = time.monotonic() + self._wait_s()
        try:
            unsent = await self._publish(partition, name, batch)
            if unsent is not None:
                self._say(batch, unsent)
                return
            if not self._queue_only():
                answers = [each.answer for each in batch]
                await asyncio.wait(answers, timeout=max(0.0, deadline - time.monotonic()))
            for each in batch:
                self._say([each], {"status": "accepted", "ticket": self._ticket(each.order)})
        except Exception:
            self._say(batch, {"status": "away"})
            raise
        finally:
            self._sent.pop(name, None)

    async def _publish(self, partition: int, name: str, batch: list[_Waiting]) -> LikeAnswer | None:
        """Send, and wait for the broker's word. None: it has the batch; otherwise what to say."""
        if self._channel is None or self._replies is None:
            return {"status": "away"}
        body = bson.encode({"v": 1, "seen": self._seen, "orders": [each.order for each in batch]})
        message = aio_pika.Message(
            body,
            content_type=CONTENT_TYPE,
            correlation_id=name,
            reply_to=self._replies.name,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        queue = f"{self._settings.campaign}.vote.{partition}"
        try:
            await self._channel.default_exchange.publish(
                message, routing_key=queue, mandatory=True, timeout=self._wait_s()
            )
        except aio_pika.exceptions.PublishError:
            log_.warning("no queue for likes: no vote writer has ever run", queue=queue)
            return {"status": "away"}
        except aio_pika.exceptions.DeliveryError:
            return {"status": "busy"}
        except (TimeoutError, aio_pika.exceptions.AMQPError, OSError, RuntimeError) as problem:
            log_.warning("the broker is away", problem=repr(problem))
            return {"status": "away"}
        return None

    async def _on_reply(self, message: AbstractIncomingMessage) -> None:
        batch = self._sent.get(message.correlation_id or "")
        if batch is None:
            return  # answered as accepted already
        for each, answer in zip(batch, bson.decode(message.body)["answers"], strict=True):
            self._say([each], answer)

    def _wait_s(self) -> float:
        return min(WAIT_S, self._limit_s())

    def _say(self, batch: list[_Waiting], answer: LikeAnswer) -> None:
        for each in batch:
            if not each.answer.done():
                each.answer.set_result(answer)

    def _ticket(self, order: dict[str, Any]) -> str:
        kept = {name: order[name] for name in ("voter", "entry", "do", "at", "door")}
        ticket = self._tickets.dumps(kept)
        return ticket if isinstance(ticket, str) else ticket.decode()


def partition_of(voter: str, partitions: int) -> int:
    """The partition of a voter, the same in every gateway."""
    return int.from_bytes(hashlib.sha256(voter.encode()).digest()[:4], "big") % partitions
