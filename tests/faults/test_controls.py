"""Negative controls: runs of the real processes with one defect (`defective_process`). The judge must notice each.

A control leaves its damage in the ledger, so each one that damages it gets a campaign of its own.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from tests.faults.fault_table import RowWriter
from tests.faults.judge import lines
from tests.faults.load import Workload, under_load
from tests.faults.process_faults import defective_process, paused
from tests.faults.running_campaign import judge_when_idle, running_campaign

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

SETTLED_S = 15  # what has not reached the end of its log by then never does


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Workload, Stack]]:
    with running_campaign(engines, tmp_path_factory.mktemp("controls"), seed=seed) as made:
        yield made


@pytest.fixture
def damaged(engines: Engines, tmp_path: Path, seed: int) -> Iterator[tuple[Workload, Stack]]:
    """A campaign of this test's own, whose ledger the test damages."""
    with running_campaign(engines, tmp_path, seed=seed) as made:
        yield made


def test_writer_that_acknowledges_before_it_stores_and_is_killed_is_caught(
    damaged: tuple[Workload, Stack], table: RowWriter
):
    workload, stack = damaged
    with under_load(workload) as more:
        with defective_process(stack, workload, "vote-writer", "acknowledge_early") as writer:
            more(30)
            writer.kill()
        more(20)
    verdict = judge_when_idle(workload, stack)

    assert "acked" in table.add_control("writer that acknowledges before it stores, killed", verdict), lines(verdict)


def test_relay_that_loses_messages_breaks_nothing_since_the_ledger_has_them(
    running: tuple[Workload, Stack], table: RowWriter
):
    workload, stack = running
    with defective_process(stack, workload, "relay", "drop_messages"), under_load(workload) as more:
        more(60, commands=6)

    assert table.add_fault("relay that loses every fifth message", judge_when_idle(workload, stack)) == []


@pytest.mark.parametrize(
    ("name", "defect", "column"),
    [
        pytest.param("projector that waits at a gap", "wait_at_gaps", "lag", id="waits"),
        pytest.param("projector that skips a gap", "skip_gaps", "ranking", id="skips"),
    ],
)
def test_projector_that_does_not_ask_the_ledger_for_what_the_relay_lost_is_caught(
    running: tuple[Workload, Stack], table: RowWriter, name: str, defect: str, column: str
):
    workload, stack = running
    with ExitStack() as defects:
        defects.enter_context(defective_process(stack, workload, "projector", defect))
        defects.enter_context(defective_process(stack, workload, "relay", "drop_messages"))
        with under_load(workload) as more:
            more(60, commands=3)
        verdict = judge_when_idle(workload, stack, within_s=SETTLED_S, whole=False)
    stack.halt("projector")
    workload.place.database["projections"].delete_many({})
    stack.resume("projector")

    assert column in table.add_control(name, verdict), lines(verdict)


def test_gateway_that_logs_who_likes_is_caught(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with defective_process(stack, workload, "gateway", "log_voters") as gateway, under_load(workload) as more:
        more(20)
    verdict = judge_when_idle(workload, stack)
    gateway.log.unlink()

    assert table.add_control("gateway that logs who likes", verdict) == {"privacy"}, lines(verdict)


def test_gateway_that_says_counted_of_what_is_accepted_is_caught(running: tuple[Workload, Stack], table: RowWriter):
    workload, stack = running
    with defective_process(stack, workload, "gateway", "claim_counted"), under_load(workload) as more:
        more(20)
        with paused(*stack.pids("vote-writer")):
            more(20)
        more(20)
    verdict = judge_when_idle(workload, stack)

    assert "acked" in table.add_control("gateway that answers counted for accepted", verdict), lines(verdict)
