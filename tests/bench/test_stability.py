"""A stability report over 1,000 variants: of the notice's 320 entries, and of 5,000 with 125 judges."""

import random
import time

import pytest

from services.moderation.campaign import Campaign
from services.moderation.campaign_file.check import check
from services.ranking.analysis.stability import Stability, stability
from services.ranking.calculation.candidates import Candidate, Mark
from tests.bench.report import Report
from tests.files import CAMPAIGN_FILE

pytestmark = [pytest.mark.bench, pytest.mark.slow]
VARIANTS = 1_000
MARKS = 3
DRAW = b"seed", b"root"


@pytest.mark.parametrize(("entries", "judges"), [(320, 8), (5_000, 125)])
def test_a_stability_report_over_1_000_variants_takes_less_than_a_minute(
    report: Report, entries: int, judges: int
) -> None:
    rows, rules = judged_entries(entries, judges), campaign()
    started = time.monotonic()

    found = stability(rows, rules, draw=DRAW, variants=VARIANTS)

    seconds = time.monotonic() - started
    assert isinstance(found, Stability)
    assert len(found.trials) == VARIANTS
    report.within(f"stability, {VARIANTS:,} variants of {entries:,} entries", seconds, limit=60, unit="s")


def campaign() -> Campaign:
    read, _ = check(CAMPAIGN_FILE.read_text())
    assert read is not None
    return read


def judged_entries(entries: int, judges: int) -> list[Candidate]:
    """Return entries with likes of a long tail, and marks as panels give them: most between 70 and 90, judges of
    different strictness.
    """
    dice, rules = random.Random(20210613), campaign()
    strictness = [dice.gauss(0, 3) for _ in range(judges)]
    rows = []
    for number in range(entries):
        worth = dice.gauss(80, 6)
        panel = dice.sample(range(judges), MARKS)
        marks = tuple(
            Mark(
                f"judge-{judge:03}",
                tuple(
                    (each.code, min(100, max(0, round(worth + strictness[judge] + dice.gauss(0, 4)))))
                    for each in rules.judging.criteria
                ),
            )
            for judge in panel
        )
        kind = rules.unit_types[number % len(rules.unit_types)].code
        rows.append(Candidate(f"e{number:05}", kind, int(dice.paretovariate(1.2) * 200), number, marks))
    return rows
