"""Find entries whose marks lie further apart than the rules allow, and which need one more judge.

Promises: the comparison is exact; an entry that has, or is to have, more marks than the minimum already had its third
reading. A mark counts once it has rested for `REST_MS` or its judge has submitted the sheet, so a judge who saves a
mark and corrects it soon calls nobody.
From the end of judging on every mark counts as rested, and a reading that was not given no longer counts: nothing
changes any more.
"""

from services.scoring.judge_sheet import Mark, weighted_e2
from services.scoring.state import ScoringState

REST_MS = 600_000


def disputed_entries(state: ScoringState, at: int | None = None) -> dict[str, int]:
    """Return the entries that need a third reading which is not called yet, each with the spread of its marks in
    hundredths of a point.

    With `at` (campaign time, ms), include only entries whose marks have all rested by then.
    """
    if state.rule_set.judging.third_reading is None:
        return {}
    is_over = at is not None and at >= state.rule_set.windows.judging.end
    marks: dict[str, list[Mark | None]] = {}
    for judge, entry, mark in state.readings():
        if mark is None and is_over:
            continue
        rested = mark is not None and (at is None or is_over or _rests(state, judge, mark, at))
        marks.setdefault(entry, []).append(mark if rested else None)
    disputed = {
        entry: _disputed_spread_e2(state, marks.get(entry, []))
        for entry in sorted(state.judged_entries())
        if entry not in state.called and len(marks.get(entry, ())) == state.limits.marks
    }
    return {entry: spread for entry, spread in disputed.items() if spread is not None}


def _rests(state: ScoringState, judge: str, mark: Mark, at: int) -> bool:
    return at - mark.at >= REST_MS or state.sheet(judge).submitted_at is not None


def _disputed_spread_e2(state: ScoringState, marks: list[Mark | None]) -> int | None:
    """Return the spread if it calls for a third reading; None if it does not, or while a mark is missing."""
    judging = state.rule_set.judging
    totals_e2 = [weighted_e2(each.marks, judging.criteria) for each in marks if each is not None]
    return judging.disputed_spread_e2(totals_e2) if len(totals_e2) == len(marks) else None
