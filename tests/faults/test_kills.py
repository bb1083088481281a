"""Each kind of process is killed with kill -9 again and again, while voters like and the organiser works."""

import os
import random
import signal
from collections.abc import Iterator

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from deploy.topology.processes import TABLE
from tests.faults.fault_table import RowWriter
from tests.faults.load import Workload, under_load
from tests.faults.running_campaign import judge_when_idle, running_campaign
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = 2


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Workload, Stack]]:
    """One campaign for all tests of this module: each adds to the same history, and all of it must hold after each
    test.
    """
    with running_campaign(engines, tmp_path_factory.mktemp("kills"), seed=seed) as made:
        yield made


def kill(stack: Stack, name: str) -> None:
    """Kill all copies of a process, as soon as there is at least one."""
    for pid in wait(lambda: stack.pids(name), what=f"{name} runs"):
        os.kill(pid, signal.SIGKILL)


def test_load_without_a_fault_breaks_nothing(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with under_load(workload) as more:
        more(200, commands=9)

    assert table.add_fault("no fault", judge_when_idle(workload, stack)) == []


@pytest.mark.parametrize("name", [each.name for each in TABLE])
def test_kill_of_one_process_under_load_breaks_nothing(running: tuple[Workload, Stack], table: RowWriter, name: str):
    workload, stack = running
    rng = random.Random(f"{workload.seed} {name}")
    with under_load(workload) as more:
        more(20)
        for _ in range(KILLS):
            kill(stack, name)
            more(rng.randint(20, 120), commands=6)

    assert table.add_fault(f"kill -9 of {name}", judge_when_idle(workload, stack)) == []


def test_kill_of_every_process_at_once_under_load_breaks_nothing(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with under_load(workload) as more:
        more(50)
        for each in TABLE:
            kill(stack, each.name)
        more(100, commands=12)

    assert table.add_fault("kill -9 of every process at once", judge_when_idle(workload, stack)) == []
