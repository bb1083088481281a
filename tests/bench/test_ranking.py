"""A ranking of 5,000 entries with five marks each by 120 judges, with every method and every conversion.

No bar: the table is computed at most once a second, and a proposal on request only. The times are printed in the
table.
"""

import random
import time
from dataclasses import replace

import pytest

from services.moderation.campaign import (
    CONVERSIONS,
    METHODS,
    Band,
    Campaign,
    Conversion,
)
from services.ranking.analysis.method_comparison import agreements
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.final_ranking import Ranking, rank
from tests.bench.report import Report
from tests.unit.ranking.examples import (
    TYPES,
    campaign,
    judged_by,
    mark,
    rank_step,
)

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ENTRIES, JUDGES, MARKS = 5_000, 120, 5
RULES = campaign(quotas=(34, 33, 33))
WITH_NUMBERS = {
    "rank_step": rank_step("100", "0.05", "0"),
    "prop_max_capped": Conversion("prop_max_capped", (("percentile", "95"),)),
    "bands": Conversion("bands", bands=(Band("0.1", "100"), Band("0.5", "80"), Band("1", "60"))),
}


@pytest.fixture(scope="module")
def rows() -> list[Candidate]:
    """Return entries with likes of a long tail, and marks by judges of different strictness."""
    chance = random.Random(5)
    judges = [(f"judge-{n}", chance.randint(-8, 8)) for n in range(JUDGES)]
    found = []
    for number in range(ENTRIES):
        merit = chance.gauss(78, 8)
        marks = tuple(
            mark(judge, *(min(100, max(0, round(chance.gauss(merit + mild, 4)))) for _ in range(3)))
            for judge, mild in chance.sample(judges, MARKS)
        )
        likes = int(chance.paretovariate(1.1) * 40)
        found.append(Candidate(f"E{number:04}", chance.choice(TYPES), likes, number, marks))
    return found


@pytest.mark.parametrize("method", METHODS)
def test_ranking_by_each_method_is_stated(report: Report, rows: list[Candidate], method: str) -> None:
    taken_s, ranked = _timed(rows, judged_by(RULES, method))

    assert len(ranked.winners()) == 100
    report.state(f"ranking of {ENTRIES:,} entries by {method}", taken_s, unit="s")


@pytest.mark.parametrize("name", [each for each in CONVERSIONS if each != "none"])
def test_ranking_by_each_conversion_is_stated(report: Report, rows: list[Candidate], name: str) -> None:
    taken_s, ranked = _timed(rows, replace(RULES, conversion=WITH_NUMBERS.get(name, Conversion(name))))

    assert len(ranked.winners()) == 100
    report.state(f"ranking of {ENTRIES:,} entries with conversion {name}", taken_s, unit="s")


def test_agreement_of_all_judges_is_stated(report: Report, rows: list[Candidate]) -> None:
    started = time.perf_counter()
    found = agreements(rows, RULES)
    taken_s = time.perf_counter() - started

    assert {len(each.judges) for each in found.values()} == {JUDGES}
    report.state(f"agreement of judges over {ENTRIES * MARKS:,} marks, total and three criteria", taken_s, unit="s")


def _timed(rows: list[Candidate], rules: Campaign) -> tuple[float, Ranking]:
    started = time.perf_counter()
    ranked = rank(rows, rules, seed=b"seed", root=b"root")
    taken_s = time.perf_counter() - started
    assert isinstance(ranked, Ranking)
    return taken_s, ranked
