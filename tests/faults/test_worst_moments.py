"""Each process is killed at the worst instant: after its write, before anybody received the answer.

The process under test replaces its copies in the stack and connects to the engines through proxies that can delay
or hold messages. So the instant is hit every time, and not by chance.
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
from tests.faults.fault_table import RowWriter
from tests.faults.load import Workload, under_load
from tests.faults.process_faults import proxied_process
from tests.faults.running_campaign import judge_when_idle, queue_lengths, running_campaign, stream_numbers
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Workload, Stack]]:
    with running_campaign(engines, tmp_path_factory.mktemp("moments"), seed=seed) as made:
        yield made


def heads(*logs: str) -> Callable[[Place], Any]:
    """Return a function that reads the last commit numbers of these logs."""
    return lambda place: [place.ledger.head(log) for log in logs]


def cursors(place: Place) -> dict[str, int]:
    """Return the relay's cursor of each log."""
    return MongoCursors(place.database).load()


@pytest.mark.parametrize(
    ("name", "written", "delay_s"),
    [
        pytest.param("submission", heads("submission"), 0.25, id="submission"),
        pytest.param("moderation", heads("moderation"), 0.25, id="moderation"),
        pytest.param("scoring", heads("scoring"), 0.25, id="scoring"),
        # shorter, because it asks for the head of each log in turn
        pytest.param("ranking", heads("ranking"), 0.05, id="ranking"),
        pytest.param("vote-writer", heads(*(f"vote.{p}" for p in range(PARTITIONS))), 0.1, id="vote writer"),
        pytest.param("projector", Place.stored_cut, 0.25, id="projector"),
    ],
)
def test_process_killed_after_its_write_and_before_the_answer_to_it(
    running: tuple[Workload, Stack], table: RowWriter, name: str, written: Callable[[Place], Any], delay_s: float
):
    workload, stack = running
    place = workload.place
    with under_load(workload) as more, proxied_process(stack, place, name) as (alone, mongo, _):
        for _ in range(3):
            mongo.delay(delay_s)  # the process learns of its write so much later than the server
            before = written(place)
            wait(lambda before=before: written(place) != before, what=f"{name} has written", within_s=60)
            alone.kill()
            mongo.delay(0)
            alone.start().wait_ready()
            more(10, commands=6)

    assert table.add_fault(f"{name} killed after its write, before the answer", judge_when_idle(workload, stack)) == []


def test_relay_killed_after_the_confirm_and_before_the_cursor(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    place = workload.place
    stack.halt("clock")  # so that nothing else is written meanwhile
    with proxied_process(stack, place, "relay") as (alone, mongo, amqp):
        place.append("moderation", [ClockMoved(next(workload.minute), "o")])
        before = place.ledger.head("moderation")
        wait(lambda: cursors(place)["moderation"] == before, what="the relay has reached the end of the log")
        amqp.hold_answers()
        place.append("moderation", [ClockMoved(next(workload.minute), "o")])
        wait(lambda: before + 1 in stream_numbers(place, "moderation"), what="the stream has the commit")
        mongo.hold_requests()
        amqp.release()
        assert mongo.wait_held()
        alone.kill()
        mongo.cut()  # what the relay was about to write is lost with it
        mongo.release()
        kept = cursors(place)["moderation"]
        alone.start().wait_ready()
        wait(lambda: cursors(place)["moderation"] == before + 1, what="the relay has gone on")
        times = stream_numbers(place, "moderation").count(before + 1)
    stack.resume("clock")

    assert kept == before
    assert times == 2
    assert table.add_fault("relay killed between confirm and cursor", judge_when_idle(workload, stack)) == []


def test_gateway_killed_after_the_broker_has_the_batch_and_before_the_voter_hears(
    running: tuple[Workload, Stack], table: RowWriter
):
    workload, stack = running
    writers = stack.pids("vote-writer")
    with under_load(workload) as more:
        for _ in range(2):
            more(20)
            signalled(writers, signal.SIGSTOP)
            wait(lambda: sum(queue_lengths(workload.place)) >= 3, what="batches are in the queues")
            signalled(stack.pids("gateway"), signal.SIGKILL)
            signalled(writers, signal.SIGCONT)
        more(50)

    assert table.add_fault("gateway killed before the voter gets an answer", judge_when_idle(workload, stack)) == []


def signalled(pids: list[int], number: int) -> None:
    """Send a signal to each process."""
    for pid in pids:
        os.kill(pid, number)
