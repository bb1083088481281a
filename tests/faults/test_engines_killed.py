"""The engines themselves are killed under load: the wire server, the broker, the database, and all at once.

They run in a box of this module's own, since others may use the one that the environment names. The box's
processes end together (`deploy/box/inside/init`), so each test is an outage of both engines; they differ in which
process had no time to finish.
"""

import os
import signal
from collections.abc import Iterator

import pytest

from deploy.local.box import NAME, Box
from deploy.local.stack import Stack
from tests.faults.fault_table import RowWriter
from tests.faults.load import Workload, under_load
from tests.faults.running_campaign import judge_when_idle, running_campaign
from tests.integration.temporary_campaign import PARTITIONS
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]


ENGINES = {
    "wire": "the wire server",
    "rabbit": "the broker",
    "postgres": "PostgreSQL",
    "all at once": "all engines at once",
}


@pytest.fixture(scope="module")
def running(box: Box, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Workload, Stack]]:
    with running_campaign(box.engines(), tmp_path_factory.mktemp("engines"), seed=seed) as made:
        yield made


@pytest.mark.parametrize("name", ENGINES)
def test_kill_of_an_engine_under_load_loses_nothing_that_was_acknowledged(
    box: Box, running: tuple[Workload, Stack], table: RowWriter, name: str
):
    workload, stack = running
    with under_load(workload) as more:
        more(40, commands=3)
        kill(box, name)
        more(60, commands=6)

    assert table.add_fault(f"kill -9 of {ENGINES[name]}", judge_when_idle(workload, stack)) == []


def test_restart_of_the_broker_in_good_order_loses_nothing(box: Box, running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with under_load(workload) as more:
        more(40, commands=3)
        kill(box, "rabbit", signal.SIGTERM)
        more(60, commands=6)

    assert table.add_fault("orderly restart of the broker", judge_when_idle(workload, stack)) == []


def test_likes_that_were_accepted_are_counted_though_the_broker_was_killed_and_nobody_asked_again(
    box: Box, running: tuple[Workload, Stack], table: RowWriter
):
    workload, stack = running
    stack.halt("vote-writer")
    sent = workload.like_once("patient", 12)
    kill(box, "rabbit")
    stack.resume("vote-writer")
    logs = [f"vote.{p}" for p in range(PARTITIONS)]
    wait(
        lambda: {each.voter for each in sent} <= {fact.voter for log in logs for fact in workload.place.events(log)},
        what="the accepted likes are counted",
        within_s=60,
    )

    assert [each.code for each in sent] == ["accepted"] * 12
    assert table.add_fault("kill -9 of the broker while accepted likes wait", judge_when_idle(workload, stack)) == []


def kill(box: Box, name: str, number: int = signal.SIGKILL) -> None:
    """Kill one engine, or the box with all of them, and wait until both engines answer again."""
    before = wait(lambda: box.supervisor.pid(NAME), what="the box runs")
    os.kill(before if name == "all at once" else box.processes()[name], number)
    wait(lambda: box.supervisor.pid(NAME) not in (None, before), what="the box has started again")
    box.up()
