"""Each process is killed at the instant that hurts most: after its write, before anybody heard of it.

The process under test stands in for its copies in the stack, with ways of its own to the engines that can be slowed or
held; so the instant is met for certain, and not by many tries.
"""

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from services.moderation.events import ClockMoved
from shared.cursors import MongoCursors
from tests.faults.load import Town, under_load
from tests.faults.standing import in_place_of
from tests.faults.table import Rows
from tests.faults.towns import judged, streamed, town, waiting
from tests.integration.places import PARTITIONS, Place
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Town, Stack]]:
    with town(engines, tmp_path_factory.mktemp("moments"), seed=seed) as made:
        yield made


def heads(*logs: str) -> Callable[[Place], Any]:
    return lambda place: [place.ledger.head(log) for log in logs]


def cursors(place: Place) -> dict[str, int]:
    return MongoCursors(place.database).load()


@pytest.mark.parametrize(
    ("name", "written", "delay_s"),
    [
        pytest.param("submission", heads("submission"), 0.25, id="submission"),
        pytest.param("moderation", heads("moderation"), 0.25, id="moderation"),
        pytest.param("scoring", heads("scoring"), 0.25, id="scoring"),
        pytest.param("ranking", heads("ranking"), 0.05, id="ranking"),  # which asks a head of each log in turn
        pytest.param("vote-writer", heads(*(f"vote.{p}" for p in range(PARTITIONS))), 0.1, id="vote writer"),
        pytest.param("projector", Place.stored_cut, 0.25, id="projector"),
    ],
)
def test_process_killed_after_its_write_and_before_the_answer_to_it(
    running: tuple[Town, Stack], table: Rows, name: str, written: Callable[[Place], Any], delay_s: float
):
    town, stack = running
    place = town.place
    with under_load(town) as more, in_place_of(stack, place, name) as (alone, mongo, _):
        for _ in range(3):
            mongo.delay(delay_s)  # so much later than the server does the process know
            before = written(place)
            wait(lambda before=before: written(place) != before, what=f"{name} has written", within_s=60)
            alone.kill()
            mongo.delay(0)
            alone.start().wait_ready()
            more(10, commands=6)

    assert table.fault(f"{name} killed after its write, unanswered", judged(town, stack)) == []


def test_relay_killed_after_the_confirm_and_before_the_cursor(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    place = town.place
    stack.halt("clock")  # nobody else writes meanwhile
    with in_place_of(stack, place, "relay") as (alone, mongo, amqp):
        place.append("moderation", [ClockMoved(next(town.minute), "o")])
        before = place.ledger.head("moderation")
        wait(lambda: cursors(place)["moderation"] == before, what="the relay has come to the end")
        amqp.hold_answers()
        place.append("moderation", [ClockMoved(next(town.minute), "o")])
        wait(lambda: before + 1 in streamed(place, "moderation"), what="the stream has the commit")
        mongo.hold_questions()
        amqp.release()
        assert mongo.wait_held()
        alone.kill()
        mongo.cut()  # what it was about to write dies with it
        mongo.release()
        kept = cursors(place)["moderation"]
        alone.start().wait_ready()
        wait(lambda: cursors(place)["moderation"] == before + 1, what="the relay has gone on")
        times = streamed(place, "moderation").count(before + 1)
    stack.resume("clock")

    assert kept == before
    assert times == 2
    assert table.fault("relay killed between confirm and cursor", judged(town, stack)) == []


def test_gateway_killed_after_the_broker_has_the_batch_and_before_the_voter_hears(
    running: tuple[Town, Stack], table: Rows
):
    town, stack = running
    writers = stack.pids("vote-writer")
    with under_load(town) as more:
        for _ in range(2):
            more(20)
            signalled(writers, signal.SIGSTOP)
            wait(lambda: sum(waiting(town.place)) >= 3, what="batches wait")
            signalled(stack.pids("gateway"), signal.SIGKILL)
            signalled(writers, signal.SIGCONT)
        more(50)

    assert table.fault("gateway killed before the voter hears", judged(town, stack)) == []


def signalled(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)
