"""The connection to RabbitMQ of one gateway process: made, watched, and made again.

Promises: the process serves while the broker is away, says so in one clear sentence, and goes on by itself when it is
back. RPC, the view stream and the like path share the connection, each on a channel of its own; each is told when it
comes up and when it is gone. A channel that the broker closes takes the connection with it: all begin anew.
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

HEARTBEAT_S = 4  # half-open connections are noticed within two of them
CONNECT_S = 5.0
AGAIN_S = 1.0
log_ = logger(__name__)
AWAY = (*CONNECTION_EXCEPTIONS, TimeoutError)


class User(Protocol):
    """One that needs the connection."""

    async def up(self, connection: AbstractConnection) -> AbstractChannel:
        """Open a channel and get ready on it. Raises what aio-pika raises."""
        ...

    def down(self) -> None:
        """The channel is gone. Told also where `up` failed."""
        ...


class Broker:
    """Owns the connection of the process: opens it, says whether it stands (`connected`), opens it again."""

    def __init__(self, uri: str, users: Sequence[User]) -> None:
        self._uri, self._users = uri, users
        self._task: asyncio.Task[None] | None = None
        self.connected = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="broker")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        said = False
        while True:
            try:
                await self._hold()
                said = False
            except AWAY as problem:
                if not said:
                    log_.warning(
                        f"RabbitMQ does not answer at {where(self._uri)}: trying again every second",
                        problem=repr(problem),
                    )
                    said = True
            except Exception as problem:  # the outermost loop: it reports, and the next round may fare better
                log_.error("the connection failed on something unforeseen", exc_info=problem)
            await asyncio.sleep(AGAIN_S)

    async def _hold(self) -> None:
        """Connect, and return when the connection, or a channel on it, is gone."""
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
            log_.warning("the connection to RabbitMQ is gone", broker=where(self._uri))
        finally:
            self.connected = False
            for user in self._users:
                user.down()
            with contextlib.suppress(*AWAY):
                await asyncio.wait_for(connection.close(), CONNECT_S)


def where(uri: str) -> str:
    """The broker's address, without name and password."""
    url = URL(uri)
    return f"{url.host}:{url.port or 5672}"
