"""Connection of one gateway process to RabbitMQ: open it, watch it, and open it again when it is lost.

Promises: while the broker is away the process keeps serving, logs the outage once, and reconnects by itself. RPC, the
view stream and the like path share the connection, each with a channel of its own, and each is notified when the
connection opens and when it is lost. If the broker closes one channel, the whole connection is closed and opened again.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from yarl import URL

from shared.logs import logger

HEARTBEAT_S = 4  # a half-open connection is noticed within two heartbeats
CONNECT_S = 5.0
AGAIN_S = 1.0
log_ = logger(__name__)
AWAY = (*CONNECTION_EXCEPTIONS, TimeoutError)


class User(Protocol):
    """A component that uses the process's connection to RabbitMQ, and is called when it opens and when it is lost."""

    async def up(self, connection: AbstractConnection) -> AbstractChannel:
        """Open a channel on the new connection, prepare it, and return it. Raises what aio-pika raises."""
        ...

    def down(self) -> None:
        """Stop using the channel, because the connection is lost. Also called if `up` failed."""
        ...


class Broker:
    """Keep this process's one connection to RabbitMQ open.

    `connected` is true while the connection is open and prepared.
    """

    def __init__(self, uri: str, users: Sequence[User]) -> None:
        self._uri, self._users = uri, users
        self._task: asyncio.Task[None] | None = None
        self.connected = False

    def start(self) -> None:
        """Start connecting to RabbitMQ in a background task, which reconnects until `stop`."""
        self._task = asyncio.create_task(self._run(), name="broker")

    async def stop(self) -> None:
        """Close the connection and stop reconnecting."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        has_warned = False
        while True:
            try:
                await self._hold()
                has_warned = False
            except AWAY as problem:
                if not has_warned:
                    log_.warning(
                        f"RabbitMQ does not answer at {where(self._uri)}: trying again every second",
                        problem=repr(problem),
                    )
                    has_warned = True
            except Exception as problem:  # the outermost loop: it logs, and the next round may succeed
                log_.error("the connection to RabbitMQ failed unexpectedly", exc_info=problem)
            await asyncio.sleep(AGAIN_S)

    async def _hold(self) -> None:
        """Connect, and return when the connection or one of its channels is lost."""
        connection = await aio_pika.connect(self._uri, heartbeat=HEARTBEAT_S, timeout=CONNECT_S)
        try:
            async with asyncio.timeout(CONNECT_S):
                channels = [await user.up(connection) for user in self._users]
            self.connected = True
            log_.info("connected to RabbitMQ", broker=where(self._uri))
            ends = [
                asyncio.ensure_future(connection.closed()),
                *(asyncio.ensure_future(each.closed()) for each in channels),
            ]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for end in ends:
                    end.cancel()
            log_.warning("the connection to RabbitMQ is lost", broker=where(self._uri))
        finally:
            self.connected = False
            for user in self._users:
                user.down()
            with contextlib.suppress(*AWAY):
                await asyncio.wait_for(connection.close(), CONNECT_S)


def where(uri: str) -> str:
    """Return the host and port of a broker's URI for logs, without user name and password."""
    url = URL(uri)
    return f"{url.host}:{url.port or 5672}"
