"""Feedback to a judge on their own marks: distribution, very close marks, and strictness on the anchors.

Promises: it reveals nothing of other judges but one difference of means, and only if at least three judges have marked
the anchors. The compared panel grows by doubling, so that no single judge's marks can be derived from how the
difference changes.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from services.scoring.judge_sheet import Mark, weighted_e2
from services.scoring.state import ScoringState
from shared.decimals import two_decimals

LEAST_PANEL = 3
CLOSE_E2 = 50  # hundredths of a point
MAX_CLOSE_SHOWN = 10
BIN_E2 = 1_000
BINS = 10


def histogram(totals_e2: Iterable[int]) -> list[int]:
    """Return how many weighted marks lie in each of ten ranges: 0 to under 10, 10 to under 20 … 90 to 100.

    The marks are in hundredths of a point.
    """
    counts = [0] * BINS
    for each in totals_e2:
        counts[min(each // BIN_E2, BINS - 1)] += 1
    return counts


def close_pairs(totals_e2: Mapping[str, int], types: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """Return the pairs of entries that are worth a second look, the closest first.

    They are neighbours among the judge's marks of one unit type, since entries compete for the seats of their type,
    and differ by at most half a point. Whatever stands further apart is settled by the pairs between. Each pair is
    (higher entry, lower entry, difference). Marks and difference are in hundredths of a point.
    """
    ordered = sorted(totals_e2.items(), key=lambda each: (types.get(each[0], ""), -each[1], each[0]))
    pairs = [
        (higher, lower, most - least)
        for (higher, most), (lower, least) in pairwise(ordered)
        if types.get(higher, "") == types.get(lower, "") and most - least <= CLOSE_E2
    ]
    return sorted(pairs, key=lambda pair: (pair[2], pair[0]))


def strictness(state: ScoringState, judge: str) -> str | None:
    """Return how much higher the judge marked the anchors than other judges did, on average, in points with two
    decimals: "-3.20" is 3.2 points stricter.

    Return None until the judge has marked all anchors, and at least LEAST_PANEL judges have marked them.
    """
    own = anchor_marks(state, judge)
    if own is None:
        return None
    complete = {each: marks for each in state.judges if (marks := anchor_marks(state, each)) is not None}
    first = sorted(complete, key=lambda each: (max(mark.at for mark in complete[each].values()), each))
    size = LEAST_PANEL
    while 2 * size <= len(first):
        size *= 2
    compared = first[:size]
    differences = []
    for anchor, mark in own.items():
        theirs = [_e2(state, complete[each][anchor]) for each in compared if anchor in complete[each]]
        if len(theirs) >= LEAST_PANEL:
            differences.append(_e2(state, mark) - Fraction(sum(theirs), len(theirs)))
    return two_decimals(round(sum(differences) / len(differences))) if differences else None


def anchor_marks(state: ScoringState, judge: str) -> dict[str, Mark] | None:
    """Return the judge's marks of the anchors by entry, without excluded marks. Return None while the judge has an
    unmarked anchor, or if no mark counts.
    """
    entries = state.sheet(judge).entries
    mine = [each for each in state.anchors or () if each in entries and state.is_open(judge, each)]
    marks = {each: mark for each in mine if (mark := entries[each]) is not None}
    counted = {each: mark for each, mark in marks.items() if not mark.excluded}
    return counted if counted and len(marks) == len(mine) else None


def feedback(state: ScoringState, judge: str) -> dict[str, Any]:
    """Return the feedback on a judge's marks as plain data: distribution, close pairs and strictness on anchors."""
    entries = state.sheet(judge).entries
    marks = {each: mark for each in state.marked_entries(judge) if (mark := entries[each]) is not None}
    totals = {each: _e2(state, mark) for each, mark in marks.items()}
    types = {each: state.type_of(each) for each in totals}
    is_open = state.sheet(judge).submitted_at is None
    movable = {each for each, mark in marks.items() if not state.is_settled(mark)}
    pairs = [each for each in close_pairs(totals, types) if is_open and movable & {each[0], each[1]}]
    anchors = [each for each in state.anchors or () if each in entries]
    return {
        "histogram": histogram(totals.values()),
        "close": [
            {"entries": [higher, lower], "difference": two_decimals(apart)}
            for higher, lower, apart in pairs[:MAX_CLOSE_SHOWN]
        ],
        "close_count": len(pairs),
        "anchors": {
            "assigned": len(anchors),
            "marked": sum(1 for each in anchors if each in totals),
            "difference": strictness(state, judge),
        },
    }


def _e2(state: ScoringState, mark: Mark) -> int:
    return weighted_e2(mark.marks, state.rule_set.judging.criteria)
