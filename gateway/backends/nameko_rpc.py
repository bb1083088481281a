"""Client of nameko's RPC protocol for asyncio; nameko itself needs eventlet, which cannot share our event loop.

On the wire (nameko 2.14.1, `nameko/rpc.py`): a mandatory message to the topic exchange `nameko-rpc`, routing key
`<service>.<method>`, body `{"args": [call], "kwargs": {}}`; the reply arrives in a queue of ours, which is bound to
the same exchange by `reply_to`, and is matched by `correlation_id`: `{"result": …, "error": null | {"exc_type", …}}`.

Promises: every call ends by its deadline, also when the broker is lost. The message expires at the deadline too, so
that a service that starts again does not work on calls that nobody waits for. `ports.Services` lists the errors.
"""

import asyncio
import uuid
from typing import Any

import aio_pika
import orjson
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aio_pika.exceptions import DeliveryError

from gateway.backends.broker import AWAY
from gateway.backends.ports import (
    Answer,
    Call,
    ServiceAway,
    ServiceBroken,
    ServiceLate,
)
from shared.call_signing import CallSigner
from shared.logs import logger
from shared.stamps import wall_ms

EXCHANGE = "nameko-rpc"
JSON = "application/json"
log_ = logger(__name__)


class NamekoServices:
    """Call the services through nameko's RPC over RabbitMQ. Implements `ports.Services` and `broker.User`."""

    def __init__(self, campaign: str, signer: CallSigner) -> None:
        self._campaign, self._signer = campaign, signer
        self._exchange: AbstractExchange | None = None
        self._reply_to = ""
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    async def up(self, connection: AbstractConnection) -> AbstractChannel:
        """Open the channel for calls, and a new queue for their replies."""
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        self._reply_to = str(uuid.uuid4())
        name = f"rpc.reply-{self._campaign}.gateway-{self._reply_to}"
        queue = await channel.declare_queue(name, exclusive=True, auto_delete=True)
        await queue.bind(exchange, routing_key=self._reply_to)
        await queue.consume(self._on_reply, no_ack=True)
        self._exchange = exchange
        return channel

    def down(self) -> None:
        """End all waiting calls with ServiceLate, because their replies can no longer arrive."""
        self._exchange = None
        unanswered, self._waiting = self._waiting, {}
        for answer in unanswered.values():
            if not answer.done():
                answer.set_exception(ServiceLate("the broker was lost while the answer was awaited"))

    async def call(self, service: str, method: str, call: Call) -> Answer:
        """Call a service method, as `ports.Services` describes."""
        left_s = (call["deadline"] - wall_ms()) / 1000
        name = uuid.uuid4().hex
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[name] = answer
        try:
            async with asyncio.timeout(max(0.0, left_s)):
                await self._publish(f"{self._campaign}.{service}.{method}", name, call, left_s)
                return await answer
        except TimeoutError as late:
            raise ServiceLate(f"{service}.{method}: no answer in {left_s:.1f} s") from late
        finally:
            self._waiting.pop(name, None)

    async def _publish(self, key: str, name: str, call: Call, left_s: float) -> None:
        exchange = self._exchange
        if exchange is None:
            raise ServiceAway("the broker is away")
        message = aio_pika.Message(
            orjson.dumps({"args": [self._signer.sign(call, key)], "kwargs": {}}),
            content_type=JSON,
            content_encoding="utf-8",
            correlation_id=name,
            reply_to=self._reply_to,
            expiration=left_s,
            headers={"nameko.call_id_stack": [f"gateway.{name}"]},
        )
        try:
            await exchange.publish(message, routing_key=key, mandatory=True)
        except DeliveryError as unroutable:
            raise ServiceAway(f"no service listens to {key}") from unroutable
        except TimeoutError:
            raise
        except AWAY as lost:
            # The message may have been sent before the connection broke, so it may still be handled.
            raise ServiceLate(f"{key}: the broker was lost") from lost

    async def _on_reply(self, message: AbstractIncomingMessage) -> None:
        answer = self._waiting.get(message.correlation_id or "")
        if answer is None or answer.done():
            return  # the reply came after the deadline
        try:
            answer.set_result(read_reply(message.body))
        except ServiceBroken as broken:
            answer.set_exception(broken)


def read_reply(body: bytes) -> Answer:
    """Return the result in a reply from nameko. Raise ServiceBroken if it is an exception or not a reply at all."""
    try:
        reply = orjson.loads(body)
        error, result = reply["error"], reply["result"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as problem:
        raise ServiceBroken(f"not a reply: {body[:200]!r}") from problem
    if error is not None:
        raise ServiceBroken(f"{error.get('exc_type')}: {error.get('value')}")
    if not isinstance(result, dict):
        raise ServiceBroken(f"the result is not an object but {type(result).__name__}")
    return result
