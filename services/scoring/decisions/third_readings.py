"""Where judges disagree: the entries whose marks lie further apart than the rules allow, and need one judge more.

Promises: exact; an entry that has, or is to have, more marks than the minimum was given its further reading already.
A mark counts once it has rested, or its judge has handed in: a judge who saves and looks again calls nobody.
From the end of judging on every mark has rested, and a reading that was not given is none: nothing changes any more.
"""

from services.scoring.judge_sheet import Mark, weighted_e2
from services.scoring.state import ScoringState

REST_MS = 600_000


def apart(panel: ScoringState, at: int | None = None) -> dict[str, int]:
    """The spread, in hundredths, of every entry that needs one judge more and has none called; by entry.

    With `at`, only where every mark has rested by then.
    """
    if panel.rule_set.judging.third_reading is None:
        return {}
    is_over = at is not None and at >= panel.rule_set.windows.judging.end
    marks: dict[str, list[Mark | None]] = {}
    for judge, entry, mark in panel.readings():
        if mark is None and is_over:
            continue
        rested = mark is not None and (at is None or is_over or _rests(panel, judge, mark, at))
        marks.setdefault(entry, []).append(mark if rested else None)
    disputed = {
        entry: _disputed_spread_e2(panel, marks.get(entry, []))
        for entry in sorted(panel.standing())
        if entry not in panel.called and len(marks.get(entry, ())) == panel.limits.marks
    }
    return {entry: spread for entry, spread in disputed.items() if spread is not None}


def _rests(panel: ScoringState, judge: str, mark: Mark, at: int) -> bool:
    return at - mark.at >= REST_MS or panel.sheet(judge).submitted_at is not None


def _disputed_spread_e2(panel: ScoringState, marks: list[Mark | None]) -> int | None:
    """The spread that calls for a further reading; None also while a mark is missing."""
    judging = panel.rule_set.judging
    totals_e2 = [weighted_e2(each.marks, judging.criteria) for each in marks if each is not None]
    return judging.disputed_spread_e2(totals_e2) if len(totals_e2) == len(marks) else None
