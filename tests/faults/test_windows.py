"""The organiser moves the likes window while likes fly: each is judged by the window that was in force."""

import random
from collections.abc import Iterator

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from services.moderation.campaign import Window
from tests.faults.load import LATER_MS, Town, under_load
from tests.faults.table import Rows
from tests.faults.towns import judged, town
from tests.unit.voting.stories import END, HOUR, NOON, START

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

BETWEEN = NOON + HOUR + LATER_MS // 2  # half of the voters like before it, half of them after it
WHOLE, EARLY, LATE = Window(START, END), Window(START, BETWEEN), Window(BETWEEN, END)
MOVES = 6


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Town, Stack]]:
    with town(engines, tmp_path_factory.mktemp("windows"), seed=seed) as made:
        yield made


def test_window_moved_while_likes_fly_holds_for_each_of_them(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    rng = random.Random(f"{town.seed} windows")
    present = WHOLE
    with under_load(town) as more, town.client() as organiser:
        token = town.signed_in(organiser)
        for k in range(MOVES):
            more(20)
            present = rng.choice([each for each in (WHOLE, EARLY, LATE) if each != present])
            town.move_likes_window(organiser, token, present, f"move-{k}-end")
        more(20)

    verdict = judged(town, stack)
    closed = sum(each.code == "window-closed" for each in town.history.seen if hasattr(each, "code"))
    assert closed > 0
    assert table.fault("likes window moved while likes fly", verdict) == []
