"""Processes that sleep (SIGSTOP) while another takes their work over, and wake with what they knew."""

import time
from collections.abc import Iterator

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from services.ranking.rebuild import rebuild_and_compare
from tests.faults.load import Town, under_load
from tests.faults.standing import asleep
from tests.faults.table import Rows
from tests.faults.towns import judged, town
from tests.integration.places import PARTITIONS, Place
from tests.integration.processes import process
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]


SLEEP_S = 15


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Town, Stack]]:
    with town(engines, tmp_path_factory.mktemp("pauses"), seed=seed) as made:
        yield made


def heads(place: Place) -> list[int]:
    return [place.ledger.head(f"vote.{p}") for p in range(PARTITIONS)]


def test_vote_writer_that_slept_across_a_takeover_breaks_nothing(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with under_load(town) as more:
        for pid in stack.pids("vote-writer"):
            more(30)
            with asleep(pid):
                before, until = heads(town.place), time.monotonic() + SLEEP_S
                wait(
                    lambda before=before, until=until: (
                        all(now > then for then, now in zip(before, heads(town.place), strict=True))
                        and time.monotonic() > until
                    ),
                    what="the other writer has every partition, and the sleep is over",
                    within_s=60,
                )
            more(50)

    assert table.fault("SIGSTOP of a writer while another takes over", judged(town, stack)) == []


def test_all_vote_writers_asleep_at_once_break_nothing(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with under_load(town) as more:
        more(30)
        with asleep(*stack.pids("vote-writer")):
            unknown = len(town.history.seen)
            wait(lambda: len(town.history.seen) > unknown + 8, what="voters are told that nobody knows yet")
        more(50)

    assert table.fault("SIGSTOP of all writers", judged(town, stack)) == []


@pytest.mark.parametrize("name", ["relay", "projector"])
def test_process_that_slept_while_a_second_one_worked_breaks_nothing(
    running: tuple[Town, Stack], table: Rows, name: str
):
    town, stack = running
    (pid,) = stack.pids(name)
    with under_load(town) as more:
        more(20)
        with asleep(pid), process(town.place, name, name=f"{name}-2") as second:
            second.wait_ready()
            more(100, commands=9)
        more(50)

    assert table.fault(f"SIGSTOP of {name} while a second works", judged(town, stack)) == []


@pytest.mark.parametrize("name", ["submission", "moderation", "scoring", "ranking", "voting", "clock", "gateway"])
def test_process_that_slept_for_seconds_goes_on(running: tuple[Town, Stack], table: Rows, name: str):
    town, stack = running
    with under_load(town) as more:
        more(20)
        with asleep(*stack.pids(name)):
            asked = len(town.history.seen)
            wait(lambda: len(town.history.seen) > asked + 8, what="the others go on, or say that nobody knows")
        more(30, commands=6)

    assert table.fault(f"SIGSTOP of {name}", judged(town, stack)) == []


def test_writers_come_and_go_under_load(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with under_load(town) as more:
        for writers in (1, 4, 1, 2):
            stack.scale("voting", writers)
            more(60)

    assert table.fault("writers 1 → 4 → 1", judged(town, stack)) == []


def test_rebuild_under_load_equals_the_live_table(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with under_load(town) as more:
        compared = []
        for source in ("streams", "ledger", "streams"):
            more(30)
            compared.append(rebuild_and_compare(town.place.settings, source=source).difference)

    assert compared == [None] * 3
    assert table.fault("rebuild under load", judged(town, stack)) == []
