"""kill -9 of each process of the table, again and again, while a crowd likes and staff work."""

import os
import random
import signal
from collections.abc import Iterator

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from deploy.topology.processes import TABLE
from tests.faults.load import Town, under_load
from tests.faults.table import Rows
from tests.faults.towns import judged, town
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = 2


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Town, Stack]]:
    """One stack for all tests here: each adds to the same history, and all of it must hold after each."""
    with town(engines, tmp_path_factory.mktemp("kills"), seed=seed) as made:
        yield made


def kill(stack: Stack, name: str) -> None:
    """All copies, as soon as there is one."""
    for pid in wait(lambda: stack.pids(name), what=f"{name} runs"):
        os.kill(pid, signal.SIGKILL)


def test_load_without_a_fault_breaks_nothing(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with under_load(town) as more:
        more(200, commands=9)

    assert table.fault("no fault", judged(town, stack)) == []


@pytest.mark.parametrize("name", [each.name for each in TABLE])
def test_kill_of_one_process_under_load_breaks_nothing(running: tuple[Town, Stack], table: Rows, name: str):
    town, stack = running
    rng = random.Random(f"{town.seed} {name}")
    with under_load(town) as more:
        more(20)
        for _ in range(KILLS):
            kill(stack, name)
            more(rng.randint(20, 120), commands=6)

    assert table.fault(f"kill -9 of {name}", judged(town, stack)) == []


def test_kill_of_every_process_at_once_under_load_breaks_nothing(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with under_load(town) as more:
        more(50)
        for each in TABLE:
            kill(stack, each.name)
        more(100, commands=12)

    assert table.fault("kill -9 of every process at once", judged(town, stack)) == []
