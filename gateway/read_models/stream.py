"""Fill the cache of views: all views by RPC at the start, then changes from the view stream.

A view is a published part of ranking's table (`cache.py`).

Promises: no view published between the two is missed, since the stream is followed before the RPC is made, and an older
view never replaces a newer one. The RPC is repeated every REFRESH_S, and when a request waits in vain: the stream is
only transport, is not fsynced, and may lose a message.
"""

import asyncio
import contextlib

import orjson
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from gateway.backends.ports import ServiceAway, ServiceBroken, ServiceLate, Services
from gateway.read_models.cache import Views
from shared.logs import logger
from shared.stamps import wall_ms
from shared.streams import SEGMENT_BYTES

MAX_AGE = "1D"
PREFETCH = 50
REFRESH_S = 30.0
FIRST_S = 1.0  # between two calls until the first answer
DEADLINE_MS = 5_000
ARGUMENTS = {"x-queue-type": "stream", "x-max-age": MAX_AGE, "x-stream-max-segment-size-bytes": SEGMENT_BYTES}
log_ = logger(__name__)


class ViewReader:
    """Keep the cache of views up to date, from the view stream and by calls to ranking. A `broker.User`."""

    def __init__(self, campaign: str, services: Services, views: Views) -> None:
        self._name = f"{campaign}.views"
        self._services, self._views = services, views
        self._task: asyncio.Task[None] | None = None
        self._has_warned = False

    async def up(self, connection: AbstractConnection) -> AbstractChannel:
        """Follow the view stream from its end. Have all views read again by RPC, since changes may have been missed."""
        channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.declare_queue(self._name, durable=True, arguments=ARGUMENTS)  # type: ignore[arg-type]
        await queue.consume(self._on_message, arguments={"x-stream-offset": "next"})
        self._views.wanted.set()  # fetches views that were published while the broker was away
        return channel

    def down(self) -> None:
        """Do nothing: the cached views stay readable while the broker is away."""

    def start(self) -> None:
        """Start reading all views by RPC in the background."""
        self._task = asyncio.create_task(self._refresh_loop(), name="views")

    async def stop(self) -> None:
        """Stop reading views by RPC."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _on_message(self, message: AbstractIncomingMessage) -> None:
        try:
            self._views.apply(orjson.loads(message.body))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as problem:
            log_.error("a malformed view was dropped", problem=repr(problem))
        await message.ack()

    async def _refresh_loop(self) -> None:
        while True:
            self._views.wanted.clear()
            await self._refresh()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S if self._views.loaded else FIRST_S):
                    await self._views.wanted.wait()

    async def _refresh(self) -> None:
        now = wall_ms()
        call = {
            "id": f"views-{now}",
            "actor": "gateway",
            "roles": [],
            "correlation": "views",
            "causation": "",
            "deadline": now + DEADLINE_MS,
            "at": 0,  # campaign time now, as ranking knows it
            "seen": {},
            "at_least": {},
            "body": {},
        }
        try:
            answer = await self._services.call("ranking", "views", call)
            self._views.load(answer["ok"]["views"])
            self._has_warned = False
        except (ServiceAway, ServiceLate, ServiceBroken, KeyError, TypeError, ValueError, AttributeError) as problem:
            if not self._has_warned:
                log_.warning("the views could not be read from ranking: trying again", problem=repr(problem))
            self._has_warned = True
