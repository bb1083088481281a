"""A gateway's like path on the real broker, without the rest of the gateway."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.backends.broker import Broker
from gateway.backends.like_batches import Likes
from tests.integration.temporary_campaign import PARTITIONS, Place

CONNECTED_S = 120.0


@asynccontextmanager
async def like_path(
    place: Place, *, limit_s: float = 10.0, queue_only: Callable[[], bool] = lambda: False
) -> AsyncIterator[Likes]:
    """Yield a like path that is connected; disconnect it at the end, as a gateway that stops does."""
    likes = Likes(
        place.settings,
        place.keys,
        partitions=lambda: PARTITIONS,
        limit_s=lambda: limit_s,
        queue_only=queue_only,
    )
    broker = Broker(place.settings.amqp_uri, [likes])
    broker.start()
    try:
        async with asyncio.timeout(CONNECTED_S):
            while not broker.connected:
                await asyncio.sleep(0.02)
        yield likes
    finally:
        await likes.stop()
        await broker.stop()
