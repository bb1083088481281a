"""Simulation of the kernel: thousands of schedules of crashes, pauses, cuts, repeats and reorderings.

A failure names its seed: `python -m shared.testing.simulation --seed N --verbose` prints that schedule's events. With
`pytest -rP` each test says how many schedules it ran, and which faults occurred in them.
"""

from collections import Counter
from typing import Any

import pytest

from shared.testing.simulation import Report, simulate
from tests.unit.shared.broken_writers import CONTROLS, Control
from tests.unit.shared.voting_workload import voting_workloads

CONTROL_SEEDS = range(300)


def _blocks(start: int, count: int, size: int) -> list[Any]:
    """Return seeds in blocks. The inner loop runs the first block, the whole suite all of them."""
    blocks = [range(first, first + size) for first in range(start, start + count, size)]
    return [
        pytest.param(each, id=f"seeds {each.start} to {each.stop - 1}", marks=[pytest.mark.slow] if k else [])
        for k, each in enumerate(blocks)
    ]


def broken(reports: list[Report]) -> list[str]:
    """Return the reports that break an invariant, and print the figures of all."""
    struck = sum((Counter(report.figures) for report in reports), Counter())
    print(f"{len(reports)} schedules: {dict(struck)}")
    return [str(report) for report in reports if report.violations]


@pytest.mark.parametrize("block", _blocks(0, 2000, 100))
def test_no_schedule_breaks_an_invariant(block: range) -> None:
    reports = [simulate(seed) for seed in block]

    assert broken(reports) == []


@pytest.mark.parametrize("block", _blocks(100_000, 400, 50))
def test_no_schedule_breaks_an_invariant_of_the_votes(block: range) -> None:
    reports = [simulate(seed, workloads=voting_workloads) for seed in block]

    assert broken(reports) == []


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_broken_kernel_is_caught_where_the_real_one_passes(control: Control) -> None:
    caught = next(
        (
            report
            for seed in CONTROL_SEEDS
            if control.invariant in (report := simulate(seed, code=control.code)).invariants
        ),
        None,
    )

    assert caught is not None, f"{control.invariant} never broke in {CONTROL_SEEDS}"
    print(f"caught in schedule {caught.seed - CONTROL_SEEDS.start + 1}: {caught}")
    assert simulate(caught.seed).violations == []


def test_same_seed_gives_the_same_story() -> None:
    first, second = simulate(17, verbose=True), simulate(17, verbose=True)

    assert first.story == second.story
    assert first.story


def test_some_schedules_have_every_kind_of_fault() -> None:
    figures = [simulate(seed).figures for seed in range(100)]

    never = {kind for kind in figures[0] if not any(each[kind] for each in figures)}
    assert never == set()


def test_report_names_its_seed_and_what_is_broken() -> None:
    control = CONTROLS[0]

    report: Report = simulate(0, code=control.code)

    assert str(report).startswith(f"seed 0: {len(report.violations)} violations\n  ")
