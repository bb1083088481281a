"""The assignment of 2,000 entries, five marks each, to 120 judges with conflicts by employer and city; also with five
anchors assigned first.

Needs no engine. The limit is half a minute, because the organiser waits for the answer.
"""

import time

import pytest

from services.scoring.assignment import anchors
from services.scoring.assignment.conflicts import Reader, Unit
from services.scoring.assignment.solver import (
    Entry,
    Infeasible,
    Judge,
    Limits,
    assign,
)
from tests.bench.report import Report

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ENTRIES, JUDGES, MARKS, ANCHORS, CITIES = 2_000, 120, 5, 5, 12
LIMIT_S = 30
TYPES = ("state", "private", "foreign", "public", "other")


def province() -> tuple[list[Entry], list[Judge]]:
    """Return entries and judges; each judge works for an entrant's employer, and may not read entries of the judge's
    own city.
    """
    entries = [Entry(f"U{k:04}-1", Unit(f"U{k:04}", f"e{k}", f"c{k % CITIES}")) for k in range(ENTRIES)]
    return entries, [Judge(f"j{k:03}", Reader(f"e{k * 7}", f"c{k % CITIES}")) for k in range(JUDGES)]


@pytest.mark.parametrize("anchored", [0, ANCHORS], ids=["without anchors", "with anchors"])
def test_assignment_is_there_in_half_a_minute(report: Report, anchored: int) -> None:
    entries, judges = province()
    limits = Limits(MARKS, 100, same_city=True)

    started = time.perf_counter()
    chosen = anchors.choose({each.entry: TYPES[k % 5] for k, each in enumerate(entries)}, anchored, "2021")
    first = anchors.readings(chosen, {each.entry: each for each in entries}, judges, limits)
    found = assign(*anchors.after_readings(entries, judges, first), limits, "2021")
    took_s = time.perf_counter() - started

    assert not isinstance(found, Infeasible)
    assert sum(map(len, found.values())) == MARKS * (ENTRIES - anchored)
    name = f"assignment of {ENTRIES:,} x {MARKS} marks over {JUDGES} judges, {anchored} anchors"
    report.within(name, took_s, limit=LIMIT_S, unit="s")
