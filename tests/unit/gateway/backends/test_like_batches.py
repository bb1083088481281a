"""The like path of a gateway without a broker: waiting orders are bounded, and unsent orders are answered."""

import asyncio
from pathlib import Path

import pytest

from gateway.backends import like_batches
from gateway.backends.like_batches import LikeAnswer, Likes
from shared.keys import Keys
from shared.settings import Settings


def answered(data: Path, number: int) -> list[str]:
    """Return the statuses that `number` voters of one partition get at the same time."""
    settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"})
    path = Likes(settings, Keys.of(data, "demo"), partitions=lambda: 1, limit_s=lambda: 1.0)

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
