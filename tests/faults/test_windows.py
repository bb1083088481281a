"""The organiser moves the likes window under load: each like is judged by the window that was in force."""

import random
from collections.abc import Iterator

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from services.moderation.campaign import Window
from tests.faults.fault_table import RowWriter
from tests.faults.load import LATER_MS, Workload, under_load
from tests.faults.running_campaign import judge_when_idle, running_campaign
from tests.unit.voting.stories import END, HOUR, NOON, START

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

BETWEEN = NOON + HOUR + LATER_MS // 2  # half of the voters like before this time, half of them after it
WHOLE, EARLY, LATE = Window(START, END), Window(START, BETWEEN), Window(BETWEEN, END)
MOVES = 6


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Workload, Stack]]:
    with running_campaign(engines, tmp_path_factory.mktemp("windows"), seed=seed) as made:
        yield made


def test_window_moved_while_likes_fly_holds_for_each_of_them(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    rng = random.Random(f"{workload.seed} windows")
    present = WHOLE
    with under_load(workload) as more, workload.client() as organiser:
        token = workload.sign_in(organiser)
        for k in range(MOVES):
            more(20)
            present = rng.choice([each for each in (WHOLE, EARLY, LATE) if each != present])
            workload.move_likes_window(organiser, token, present, f"move-{k}-end")
        more(20)

    verdict = judge_when_idle(workload, stack)
    closed = sum(each.code == "window-closed" for each in workload.history.seen if hasattr(each, "code"))
    assert closed > 0
    assert table.add_fault("likes window moved under load", verdict) == []
