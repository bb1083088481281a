"""Negative controls: whole runs of the real processes, one of them broken on purpose (`stand_in`). Each is caught.

What a control leaves in the record stays there, so those that spoil it have a town of their own.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from services.ranking.read_model.projection import RankingProjection
from shared.projection import ProjectionStore
from tests.faults.judge import lines
from tests.faults.load import Town, under_load
from tests.faults.standing import asleep, wrong_one
from tests.faults.table import Rows
from tests.faults.towns import judged, town

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

SETTLED_S = 15  # what has not come to its end by then does not


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Town, Stack]]:
    with town(engines, tmp_path_factory.mktemp("controls"), seed=seed) as made:
        yield made


@pytest.fixture
def spoilt(engines: Engines, tmp_path: Path, seed: int) -> Iterator[tuple[Town, Stack]]:
    with town(engines, tmp_path, seed=seed) as made:
        yield made


def test_writer_that_acknowledges_before_it_stores_and_is_killed_is_caught(spoilt: tuple[Town, Stack], table: Rows):
    town, stack = spoilt
    with under_load(town) as more:
        with wrong_one(stack, town, "vote-writer", "hasty") as writer:
            more(30)
            writer.kill()
        more(20)
    verdict = judged(town, stack)

    assert "acked" in table.control("writer that acknowledges before it stores, killed", verdict), lines(verdict)


def test_relay_that_loses_messages_breaks_nothing_since_the_ledger_has_them(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with wrong_one(stack, town, "relay", "lossy"), under_load(town) as more:
        more(60, commands=6)

    assert table.fault("relay that loses every fifth message", judged(town, stack)) == []


@pytest.mark.parametrize(
    ("name", "wrong", "column"),
    [
        pytest.param("projector that waits at a hole", "waiting", "lag", id="waits"),
        pytest.param("projector that skips a hole", "skipping", "ranking", id="skips"),
    ],
)
def test_projector_that_does_not_ask_the_ledger_for_what_the_relay_lost_is_caught(
    running: tuple[Town, Stack], table: Rows, name: str, wrong: str, column: str
):
    town, stack = running
    with ExitStack() as wrongs:
        wrongs.enter_context(wrong_one(stack, town, "projector", wrong))
        wrongs.enter_context(wrong_one(stack, town, "relay", "lossy"))
        with under_load(town) as more:
            more(60, commands=3)
        verdict = judged(town, stack, within_s=SETTLED_S, whole=False)
    stack.halt("projector")
    ProjectionStore(town.place.database).forget(RankingProjection())
    stack.resume("projector")

    assert column in table.control(name, verdict), lines(verdict)


def test_gateway_that_logs_who_likes_is_caught(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with wrong_one(stack, town, "gateway", "talkative") as gateway, under_load(town) as more:
        more(20)
    verdict = judged(town, stack)
    gateway.log.unlink()

    assert table.control("gateway that logs who likes", verdict) == {"privacy"}, lines(verdict)


def test_gateway_that_says_counted_of_what_is_accepted_is_caught(running: tuple[Town, Stack], table: Rows):
    town, stack = running
    with wrong_one(stack, town, "gateway", "boastful"), under_load(town) as more:
        more(20)
        with asleep(*stack.pids("vote-writer")):
            more(20)
        more(20)
    verdict = judged(town, stack)

    assert "acked" in table.control("gateway that says counted of what is accepted", verdict), lines(verdict)
