"""The like path while the broker is away, lost or back: waiting orders are bounded, and unsent ones are answered."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bson
import pytest
from aio_pika.exceptions import ChannelClosed

from gateway.backends import like_batches
from gateway.backends.like_batches import LikeAnswer, Likes
from shared.keys import Keys
from shared.settings import Settings


@dataclass(slots=True)
class Line:
    """Substitute for a connection of aio-pika, and at the same time for its channel, exchange and queue."""

    locked: bool = False  # whether the broker still holds the queue for another connection
    queues: list[str] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    deliver: Any = None

    async def channel(self, **_: Any) -> "Line":
        return self

    async def declare_exchange(self, _name: str, *_: Any, **__: Any) -> "Line":
        return self

    async def bind(self, _exchange: Any, **_: Any) -> None: ...

    async def declare_queue(self, name: str, **_: Any) -> Any:
        self.queues.append(name)
        if self.locked:
            raise ChannelClosed(405, "RESOURCE_LOCKED")
        return self

    async def consume(self, deliver: Any, **_: Any) -> None:
        self.deliver = deliver

    async def publish(self, message: Any, **_: Any) -> None:
        self.sent.append(message)

    async def answer(self, name: str, *answers: dict[str, Any]) -> None:
        body = bson.encode({"answers": list(answers)})
        await self.deliver(SimpleNamespace(correlation_id=name, body=body))


def path_of(data: Path) -> Likes:
    settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"})
    return Likes(settings, Keys.of(data, "demo"), partitions=lambda: 1, limit_s=lambda: 1.0)


async def like(path: Likes) -> LikeAnswer:
    return await path.order("v", "e", "like", at=1, door="web", signals={}, seen={})


async def up(path: Likes, line: Any) -> None:
    await path.up(line)


def answered(data: Path, number: int) -> list[str]:
    """Return the statuses that `number` voters of one partition get at the same time."""
    path = path_of(data)

    async def all_at_once() -> list[LikeAnswer]:
        orders = [
            path.order(f"v{k}", "e", "like", at=1, door="web", signals={"net": "n"}, seen={}) for k in range(number)
        ]
        return await asyncio.gather(*orders)

    return [each["status"] for each in asyncio.run(all_at_once())]


def test_order_that_cannot_be_sent_is_away(tmp_path: Path):
    assert answered(tmp_path, 1) == ["away"]


def test_orders_beyond_the_bound_are_busy_and_nothing_is_kept_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(like_batches, "MAX_WAITING", 2)

    assert answered(tmp_path, 5) == ["away"] * 2 + ["busy"] * 3


def test_batch_that_was_on_its_way_is_answered_on_the_next_connection(tmp_path: Path):
    path, before, after = path_of(tmp_path), Line(), Line()

    async def story() -> list[LikeAnswer]:
        await up(path, before)
        waiting = asyncio.create_task(like(path))
        while not before.sent:
            await asyncio.sleep(0)
        path.down()
        away = await like(path)
        await up(path, after)
        await after.answer(before.sent[0].correlation_id, {"status": "counted"})
        return [away, await waiting]

    away, counted = asyncio.run(story())

    assert (away, counted) == ({"status": "away"}, {"status": "counted"})
    assert before.queues == after.queues == [before.sent[0].reply_to]


def test_queue_that_the_old_connection_still_holds_gets_another_name(tmp_path: Path):
    path, before, locked, after = path_of(tmp_path), Line(), Line(locked=True), Line()

    async def story() -> list[bool]:
        await up(path, before)
        path.down()
        with pytest.raises(ChannelClosed):
            await up(path, locked)
        connected = [path.connected]
        await up(path, after)
        return [*connected, path.connected]

    assert asyncio.run(story()) == [False, True]
    assert before.queues == locked.queues != after.queues
