"""Send like orders from the gateway to the vote writers in batches, one message per partition at a time.

An order is a voter's command to like or unlike an entry. A partition is a share of the voters, with a queue and a log
of its own.

Orders that arrive while a batch is under way are gathered into the next one, as with group commits, so that batches
grow with the load: a message costs 0.5 ms of this process's time, an order in it 20 µs (DECISIONS 39).

Promises: every answer except `accepted`, `busy` and `away` comes from the writer, which has stored what it decided.
`accepted` (with an order ticket) is answered only after the broker has confirmed the persistent message: the order will
be decided, and may still be refused. `busy`: too many orders wait, here or in the partition's queue, and this one was
dropped. `away`: the outcome is unknown, and sending the order again is harmless. The outcome of an order ticket is
looked up by sending the same order again, since a repeated order changes nothing.
"""

import asyncio
import contextlib
import hashlib
import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import aio_pika
import bson
import orjson
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aio_pika.exceptions import ChannelClosed
from prometheus_client import Counter

from gateway.backends.broker import AWAY
from gateway.backends.order_tickets import OrderTickets
from shared import metrics
from shared.exchanges import LIKE_ANSWERS, LIKE_BATCHES, exchange_name
from shared.keys import Keys
from shared.logs import logger
from shared.network import network_sealer
from shared.settings import Settings

LINGER_S = 0.004  # how long the first order of an idle partition waits for others
OVERTAKE_S = 0.25  # a batch without an answer after this time no longer delays the next
PRIORITY = 0  # as in `services/voting/orders.py`: the same for everything on a like queue, so that nothing overtakes
AT_MOST = 256  # orders in a batch: as many as fit into one commit
MAX_WAITING = 5_000  # orders that may wait in this process for one partition
WAIT_S = 3.0  # the longest that a voter waits; the order time limit may be longer
CONTENT_TYPE = "application/bson"
COLUMNS = (
    "id",
    "voter",
    "entry",
    "do",
    "at",
    "door",
    "held",
    "signals",
    "receipt",
)  # as in `services/voting/orders.py`
ORDER_TICKET_FIELDS = ("voter", "entry", "do", "at", "door", "held", "receipt")  # older ones lack the receipt
LikeAnswer = dict[str, Any]
log_ = logger(__name__)


@dataclass(slots=True, eq=False)
class _Waiting:
    order: dict[str, Any]
    answer: asyncio.Future[LikeAnswer]


@dataclass(slots=True, eq=False)
class _Batch:
    """Orders that were sent together. `answered` is set when each order has an answer, whatever it is."""

    name: str
    orders: list[_Waiting]
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def answer(self, answers: list[LikeAnswer]) -> None:
        """Answer the orders in their sequence; orders that have an answer keep it."""
        for each, answer in zip(self.orders, answers, strict=True):
            if not each.answer.done():
                each.answer.set_result(answer)
        self.answered.set()


class Likes:
    """Send the like orders of one gateway process to the vote writers. Implements `ports.LikeOrders` and `broker.User`.

    `partitions` returns the number of the campaign's partitions, `limit_s` its time limit for an order in seconds, and
    `queue_only` whether orders are answered `accepted` as soon as the broker has them.
    """

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
        self._sealer = network_sealer(settings, keys)
        self._queue_only = queue_only
        self._tickets = OrderTickets(keys.receipt)
        self._gathered: dict[int, list[_Waiting]] = {}  # each partition in it has a task that sends its batches
        self._seen: dict[str, int] = {}
        self._sent: dict[str, _Batch] = {}
        self._numbers = itertools.count()
        self._name = secrets.token_hex(6)  # new in each process, so that the numbers below are unique
        self._tasks: set[asyncio.Task[None]] = set()
        self._exchange: AbstractExchange | None = None
        self._reply_to = self._reply_queue()

    async def up(self, connection: AbstractConnection) -> AbstractChannel:
        """Open the channel for batches and the queue for their answers.

        The queue keeps its name from one connection to the next, so that a batch that was under way when the
        connection was lost is still answered. If the broker still holds the queue of the old connection, `up` raises,
        and the next `up` uses another name.
        """
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        try:
            replies = await channel.declare_queue(self._reply_to, exclusive=True, auto_delete=True)
        except ChannelClosed:
            self._reply_to = self._reply_queue()
            raise
        answers = await channel.declare_exchange(
            exchange_name(self._settings.campaign, LIKE_ANSWERS), aio_pika.ExchangeType.DIRECT, durable=True
        )
        await replies.bind(answers, routing_key=self._reply_to)
        await replies.consume(self._on_reply, no_ack=True)
        self._exchange = await channel.declare_exchange(
            exchange_name(self._settings.campaign, LIKE_BATCHES), aio_pika.ExchangeType.DIRECT, durable=True
        )
        return channel

    def down(self) -> None:
        """Send nothing until the next `up`. Batches under way keep waiting for their answers until their deadline."""
        self._exchange = None

    async def stop(self) -> None:
        """Wait up to 2 s for answers to orders that were sent. To be called before the connection is closed."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=2)

    @property
    def connected(self) -> bool:
        """Whether this process has a channel to send batches on, as far as it knows."""
        return self._exchange is not None

    @property
    def waiting(self) -> int:
        """The number of orders in this process that have no answer yet."""
        return sum(map(len, self._gathered.values())) + sum(len(batch.orders) for batch in self._sent.values())

    async def order(
        self,
        voter: str,
        entry: str,
        action: str,
        *,
        at: int,
        door: str,
        signals: dict[str, Any],
        seen: dict[str, int],
        held: str | None = None,
        receipt: str | None = None,
    ) -> LikeAnswer:
        """Send a voter's order (like, unlike, or show the voter's likes) and return its answer.

        `seen` holds the positions, by log, of the views that the gateway judged by; they never decrease. `held` is the
        reason why admission accepts the like as pending, None if it does not. `receipt` is that of the like that an
        unlike takes back, None for today's. Failures of the broker are the answers `busy` and `away`.
        """
        order = {
            "id": self._number(),
            "voter": voter,
            "entry": entry,
            "do": action,
            "at": at,
            "door": door,
            "held": held,
            "signals": self._sealer.seal(orjson.dumps(signals)),
            "receipt": receipt,
        }
        self._seen = seen
        if action != "show":
            _of_door(door).inc()
        return await self._enqueue(order)

    async def ticket(self, text: str) -> LikeAnswer | None:
        """Look up the outcome of an order that was answered `accepted`, by its order ticket.

        Return None if the text is not an order ticket of this campaign.
        """
        order = self._tickets.read(text)
        if order is None:
            return None
        sealed = self._sealer.seal(b"{}")
        return await self._enqueue({"receipt": None, **order, "id": self._number(), "signals": sealed})

    # One order.

    async def _enqueue(self, order: dict[str, Any]) -> LikeAnswer:
        partition = partition_of(order["voter"], self._partitions())
        gathered = self._gathered.get(partition)
        waiting = _Waiting(order, asyncio.get_running_loop().create_future())
        if gathered is None:
            self._gathered[partition] = [waiting]
            task = asyncio.create_task(self._serve(partition))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(gathered) >= MAX_WAITING:
            return {"status": "busy"}
        else:
            gathered.append(waiting)
        return await waiting.answer

    def _number(self) -> str:
        return f"{self._name}-{next(self._numbers):x}"

    # One batch.

    async def _serve(self, partition: int) -> None:
        """Send the orders that wait for the partition, one batch at a time, until none waits."""
        await asyncio.sleep(LINGER_S)
        gathered = self._gathered[partition]
        while gathered:
            batch = _Batch(self._number(), gathered[:AT_MOST])
            del gathered[:AT_MOST]
            metrics.BATCH_LIKES.observe(len(batch.orders))
            task = asyncio.create_task(self._send(partition, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.wait([task], timeout=OVERTAKE_S)
        del self._gathered[partition]

    async def _send(self, partition: int, batch: _Batch) -> None:
        self._sent[batch.name] = batch
        deadline = time.monotonic() + self._wait_s()
        try:
            unsent = await self._publish(partition, batch)
            if unsent is not None:
                batch.answer([unsent] * len(batch.orders))
                return
            if not self._queue_only():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(batch.answered.wait(), max(0.0, deadline - time.monotonic()))
            if not batch.answered.is_set():
                batch.answer([{"status": "accepted", "ticket": self._ticket(each.order)} for each in batch.orders])
        finally:
            if not batch.answered.is_set():
                batch.answer([{"status": "away"}] * len(batch.orders))
            del self._sent[batch.name]

    async def _publish(self, partition: int, batch: _Batch) -> LikeAnswer | None:
        """Publish a batch and wait for the broker's confirmation.

        Return None once the broker has the batch, else the answer for every order in it.
        """
        exchange = self._exchange
        if exchange is None:
            return {"status": "away"}
        orders = [each.order for each in batch.orders]
        columns = {name: [order[name] for order in orders] for name in COLUMNS}
        body = bson.encode({"v": 1, "seen": self._seen, "orders": columns})
        message = aio_pika.Message(
            body,
            content_type=CONTENT_TYPE,
            correlation_id=batch.name,
            reply_to=self._reply_to,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            priority=PRIORITY,
        )
        queue = f"{self._settings.campaign}.vote.{partition}"
        try:
            await exchange.publish(message, routing_key=queue, mandatory=True, timeout=self._wait_s())
        except aio_pika.exceptions.PublishError:
            log_.warning("the queue for likes does not exist: no vote writer has ever run", queue=queue)
            return {"status": "away"}
        except aio_pika.exceptions.DeliveryError:
            return {"status": "busy"}
        except AWAY as problem:
            log_.warning("the broker is away", problem=repr(problem))
            return {"status": "away"}
        return None

    async def _on_reply(self, message: AbstractIncomingMessage) -> None:
        batch = self._sent.get(message.correlation_id or "")
        if batch is not None:  # else it has been answered `accepted` already
            batch.answer(bson.decode(message.body)["answers"])

    def _reply_queue(self) -> str:
        return f"{self._settings.campaign}.likes.reply-{self._number()}"

    def _wait_s(self) -> float:
        return min(WAIT_S, self._limit_s())

    def _ticket(self, order: dict[str, Any]) -> str:
        return self._tickets.make({name: order[name] for name in ORDER_TICKET_FIELDS})


@cache
def _of_door(door: str) -> Counter:
    return metrics.DOOR_LIKES.labels(door)


def partition_of(voter: str, partitions: int) -> int:
    """Return the number of the partition that decides this voter's orders; it is the same in every gateway."""
    return int.from_bytes(hashlib.sha256(voter.encode()).digest()[:4], "big") % partitions
