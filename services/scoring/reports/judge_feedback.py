"""What a judge is told of the own marks: how they lie, which are very close, how strict they are on the anchors.

Promises: of other judges nothing but one difference of means, and only where at least three have marked the anchors.
The panel compared with grows by doubling, so that no one judge's marks can be read off a difference that moves.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from services.scoring.judge_sheet import Mark, weighted_e2
from services.scoring.state import ScoringState
from shared.decimals import two_decimals

LEAST_PANEL = 3
CLOSE_E2 = 50  # hundredths of a point
CLOSE_TOLD = 50
BIN_E2 = 1_000
BINS = 10


def histogram(totals_e2: Iterable[int]) -> list[int]:
    """How many lie in 0 to under 10, 10 to under 20 … 90 to 100."""
    counts = [0] * BINS
    for each in totals_e2:
        counts[min(each // BIN_E2, BINS - 1)] += 1
    return counts


def close_pairs(totals_e2: dict[str, int]) -> list[tuple[str, str, int]]:
    """Pairs of entries no further apart than half a point, the closest first: (higher, lower, difference)."""
    ordered = sorted(totals_e2.items(), key=lambda each: (-each[1], each[0]))
    pairs = []
    for i, (higher, most) in enumerate(ordered):
        for lower, least in ordered[i + 1 :]:
            if most - least > CLOSE_E2:
                break
            pairs.append((higher, lower, most - least))
    return sorted(pairs, key=lambda pair: pair[2])


def strictness(panel: ScoringState, judge: str) -> str | None:
    """Own mean of the anchors less the panel's, in points: "-3.20" is stricter by 3.2. None until it may be told."""
    own = finished(panel, judge)
    if own is None:
        return None
    done = {each: marks for each in panel.judges if (marks := finished(panel, each)) is not None}
    first = sorted(done, key=lambda each: (max(mark.at for mark in done[each].values()), each))
    size = LEAST_PANEL
    while 2 * size <= len(first):
        size *= 2
    compared = first[:size]
    differences = []
    for anchor, mark in own.items():
        theirs = [_e2(panel, done[each][anchor]) for each in compared if anchor in done[each]]
        if len(theirs) >= LEAST_PANEL:
            differences.append(_e2(panel, mark) - Fraction(sum(theirs), len(theirs)))
    return two_decimals(round(sum(differences) / len(differences))) if differences else None


def finished(panel: ScoringState, judge: str) -> dict[str, Mark] | None:
    """The judge's marks of the anchors, once no anchor of the judge's is left unmarked."""
    entries = panel.sheet(judge).entries
    mine = [each for each in panel.anchors or () if each in entries and panel.is_open(judge, each)]
    marks = {each: mark for each in mine if (mark := entries[each]) is not None}
    counted = {each: mark for each, mark in marks.items() if not mark.excluded}
    return counted if counted and len(marks) == len(mine) else None


def feedback(panel: ScoringState, judge: str) -> dict[str, Any]:
    """How the own marks lie."""
    entries = panel.sheet(judge).entries
    marks = {each: mark for each in panel.done(judge) if (mark := entries[each]) is not None}
    totals = {each: _e2(panel, mark) for each, mark in marks.items()}
    pairs = close_pairs(totals)
    anchors = [each for each in panel.anchors or () if each in entries]
    return {
        "histogram": histogram(totals.values()),
        "close": [
            {"entries": [higher, lower], "difference": two_decimals(apart)}
            for higher, lower, apart in pairs[:CLOSE_TOLD]
        ],
        "close_count": len(pairs),
        "anchors": {
            "assigned": len(anchors),
            "marked": sum(1 for each in anchors if each in totals),
            "difference": strictness(panel, judge),
        },
    }


def _e2(panel: ScoringState, mark: Mark) -> int:
    return weighted_e2(mark.marks, panel.rule_set.judging.criteria)
