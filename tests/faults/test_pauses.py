"""Processes are paused (SIGSTOP) while another takes over their work, and resume with outdated knowledge."""

import time
from collections.abc import Iterator

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from services.ranking.rebuild import rebuild_and_compare
from tests.faults.fault_table import RowWriter
from tests.faults.load import Workload, under_load
from tests.faults.process_faults import paused
from tests.faults.running_campaign import judge_when_idle, running_campaign
from tests.integration.processes import process
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]


SLEEP_S = 15


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Workload, Stack]]:
    with running_campaign(engines, tmp_path_factory.mktemp("pauses"), seed=seed) as made:
        yield made


def heads(place: Place) -> list[int]:
    """Return the last commit number of each partition."""
    return [place.ledger.head(f"vote.{p}") for p in range(PARTITIONS)]


def test_vote_writer_that_slept_across_a_takeover_breaks_nothing(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with under_load(workload) as more:
        for pid in stack.pids("vote-writer"):
            more(30)
            with paused(pid):
                before, until = heads(workload.place), time.monotonic() + SLEEP_S
                wait(
                    lambda before=before, until=until: (
                        all(now > then for then, now in zip(before, heads(workload.place), strict=True))
                        and time.monotonic() > until
                    ),
                    what="the other writer has every partition, and the pause is over",
                    within_s=60,
                )
            more(50)

    assert table.add_fault("SIGSTOP of a vote writer while another takes over", judge_when_idle(workload, stack)) == []


def test_all_vote_writers_asleep_at_once_break_nothing(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with under_load(workload) as more:
        more(30)
        with paused(*stack.pids("vote-writer")):
            unknown = len(workload.history.seen)
            wait(lambda: len(workload.history.seen) > unknown + 8, what="voters get answers without an outcome")
        more(50)

    assert table.add_fault("SIGSTOP of all vote writers", judge_when_idle(workload, stack)) == []


@pytest.mark.parametrize("name", ["relay", "projector"])
def test_process_that_slept_while_a_second_one_worked_breaks_nothing(
    running: tuple[Workload, Stack], table: RowWriter, name: str
):
    workload, stack = running
    (pid,) = stack.pids(name)
    with under_load(workload) as more:
        more(20)
        with paused(pid), process(workload.place, name, name=f"{name}-2") as second:
            second.wait_ready()
            more(100, commands=9)
        more(50)

    assert table.add_fault(f"SIGSTOP of {name} while a second one works", judge_when_idle(workload, stack)) == []


@pytest.mark.parametrize("name", ["submission", "moderation", "scoring", "ranking", "voting", "clock", "gateway"])
def test_process_that_slept_for_seconds_goes_on(running: tuple[Workload, Stack], table: RowWriter, name: str):
    workload, stack = running
    with under_load(workload) as more:
        more(20)
        with paused(*stack.pids(name)):
            asked = len(workload.history.seen)
            wait(lambda: len(workload.history.seen) > asked + 8, what="clients still get answers")
        more(30, commands=6)

    assert table.add_fault(f"SIGSTOP of {name}", judge_when_idle(workload, stack)) == []


def test_writers_come_and_go_under_load(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with under_load(workload) as more:
        for writers in (1, 4, 1, 2):
            stack.scale("voting", writers)
            more(60)

    assert table.add_fault("vote writers scaled 1 → 4 → 1 → 2", judge_when_idle(workload, stack)) == []


def test_rebuild_under_load_equals_the_live_table(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with under_load(workload) as more:
        compared = []
        for source in ("streams", "ledger", "streams"):
            more(30)
            compared.append(rebuild_and_compare(workload.place.settings, source=source).difference)

    assert compared == [None] * 3
    assert table.add_fault("rebuild under load", judge_when_idle(workload, stack)) == []
