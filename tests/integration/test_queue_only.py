"""Likes at the last level of load shedding: answered once the broker has them, and decided when a writer takes them."""

import asyncio
import time
from typing import Any

import pytest

from gateway.backends.like_batches import WAIT_S, Likes
from tests.integration.like_path import like_path
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.voting import open_polls, running_vote_writer
from tests.unit.voting.stories import NOON

pytestmark = pytest.mark.slow


def test_like_is_accepted_without_waiting_for_a_writer_and_its_ticket_ends_in_an_answer(place: Place):
    open_polls(place)

    async def order_like(likes: Likes) -> dict[str, Any]:
        return await likes.order("v", "a", "like", at=NOON, door="web", signals={}, seen={"moderation": 1})

    async def run() -> tuple[dict[str, Any], float, dict[str, Any] | None]:
        shedding = [True]
        async with like_path(place, queue_only=lambda: shedding[0]) as likes:
            began = time.monotonic()
            accepted = await order_like(likes)
            took_s = time.monotonic() - began
            shedding[0] = False
            with running_vote_writer(place):
                decided = await likes.ticket(accepted["ticket"])
            return accepted, took_s, decided

    accepted, took_s, decided = asyncio.run(run())

    assert accepted["status"] == "accepted"
    assert took_s < WAIT_S
    assert decided is not None
    assert decided["status"] == "already"
    assert [event.voter for p in range(PARTITIONS) for event in place.events(f"vote.{p}")] == ["v"]
