"""Find entries whose marks lie further apart than the rules allow, and which need one more judge.

Promises: the comparison is exact; an entry that has, or is to have, more marks than the minimum already had its third
reading. A mark counts once it has rested for `REST_MS` or its judge has submitted the sheet, so a judge who saves a
mark and corrects it soon calls nobody.
From the end of judging on every mark counts as rested, and a reading that was not given no longer counts: nothing
changes any more.
"""

from fractions import Fraction

from services.scoring.judge_sheet import Mark, weighted_e2
from services.scoring.state import ScoringState

REST_MS = 600_000


def apart(panel: ScoringState, at: int | None = None) -> dict[str, int]:
    """Return the spread, in hundredths of a point, of every entry that needs a third reading and has none called; by
    entry.

    With `at`, include only entries whose marks have all rested by then.
    """
    allowed = panel.rule_set.judging.third_reading
    if allowed is None:
        return {}
    is_over = at is not None and at >= panel.rule_set.windows.judging.end
    marks: dict[str, list[Mark | None]] = {}
    for judge, entry, mark in panel.readings():
        if mark is None and is_over:
            continue
        rested = mark is not None and (at is None or is_over or _rests(panel, judge, mark, at))
        marks.setdefault(entry, []).append(mark if rested else None)
    spreads = {
        entry: _spread_e2(panel, marks.get(entry, []))
        for entry in sorted(panel.judged_entries())
        if entry not in panel.called and len(marks.get(entry, ())) == panel.limits.marks
    }
    return {entry: spread for entry, spread in spreads.items() if spread > 100 * Fraction(allowed)}


def _rests(panel: ScoringState, judge: str, mark: Mark, at: int) -> bool:
    return at - mark.at >= REST_MS or panel.sheet(judge).submitted_at is not None


def _spread_e2(panel: ScoringState, marks: list[Mark | None]) -> int:
    """Return the spread of the marks, or 0 while a mark is missing."""
    totals = [weighted_e2(each.marks, panel.rule_set.judging.criteria) for each in marks if each is not None]
    return max(totals) - min(totals) if totals and len(totals) == len(marks) else 0
