"""Likes at the last level of shedding: answered once the broker has them, decided when a writer comes to it."""

import asyncio
import time
from typing import Any

import pytest

from gateway.backends.like_batches import WAIT_S, Likes
from tests.integration.booth import counting, open_polls
from tests.integration.places import PARTITIONS, Place
from tests.unit.voting.stories import NOON

pytestmark = pytest.mark.slow


def test_like_is_accepted_without_waiting_for_a_writer_and_its_ticket_ends_in_an_answer(place: Place):
    open_polls(place)

    async def ask(likes: Likes) -> dict[str, Any]:
        return await likes.order("v", "a", "like", at=NOON, door="web", signals={}, seen={"moderation": 1})

    async def run() -> tuple[dict[str, Any], float, dict[str, Any] | None]:
        shedding = [True]
        likes = Likes(
            place.settings,
            place.keys,
            partitions=lambda: PARTITIONS,
            limit_s=lambda: 10.0,
            queue_only=lambda: shedding[0],
        )
        await likes.start()
        try:
            began = time.monotonic()
            accepted = await ask(likes)
            took_s = time.monotonic() - began
            shedding[0] = False
            with counting(place):
                decided = await likes.ticket(accepted["ticket"])
            return accepted, took_s, decided
        finally:
            await likes.stop()

    accepted, took_s, decided = asyncio.run(run())

    assert accepted["status"] == "accepted"
    assert took_s < WAIT_S
    assert decided is not None
    assert decided["status"] == "already"
    assert [event.voter for p in range(PARTITIONS) for event in place.events(f"vote.{p}")] == ["v"]
