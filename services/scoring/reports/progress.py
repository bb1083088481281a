"""How far the judges are: who is behind, who will be late, which entries are short of marks or in danger of it.

For the desk alone; no decision here.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from services.scoring.decisions.third_readings import apart
from services.scoring.reports.forecast import Forecast, forecasts, in_danger
from services.scoring.state import ScoringState
from shared.decimals import two_decimals
from shared.events import Sealed

Data = dict[str, Any]


def progress(panel: ScoringState, name_of: Callable[[Sealed], str], *, at: int) -> Data:
    """All of it at this moment of the campaign."""
    readers, given = Counter[str](), Counter[str]()
    for _, entry, mark in panel.readings():
        readers[entry] += 1
        given[entry] += mark is not None
    recused = Counter(judge for judges in panel.recused.values() for judge in judges)
    standing, told = sorted(panel.standing()), forecasts(panel, at)
    return {
        "minimum": panel.limits.marks,
        "cap": panel.limits.entries,
        "cohort": None if panel.cohort is None else len(standing),
        "window_end": panel.rule_set.windows.judging.end,
        "anchors": list(panel.anchors or ()),
        "judges": [
            judge_row(panel, judge)
            | {"name": name_of(panel.judges[judge].name), "recused": recused[judge]}
            | _foreseen(told[judge])
            for judge in sorted(panel.judges)
        ],
        "short": [
            {"entry": each, "readers": readers[each], "marks": given[each], "minimum": panel.needs(each)}
            for each in standing
            if readers[each] < panel.needs(each)
        ],
        "danger": [{"entry": each, "late": list(late)} for each, late in in_danger(panel, told).items()],
        "third_readings": [
            {"entry": each, "spread": two_decimals(call.spread_e2), "at": call.at, "marked": given[each] >= call.marks}
            for each, call in sorted(panel.called.items())
        ],
        "apart": [{"entry": each, "spread": two_decimals(spread)} for each, spread in apart(panel).items()],
        "complete": bool(standing) and all(given[each] >= panel.needs(each) for each in standing),
    }


def judge_row(panel: ScoringState, judge: str) -> Data:
    """What an appointed judge has and has done."""
    appointed, marked = panel.judges[judge], len(panel.done(judge))
    return {
        "judge": judge,
        "employer": appointed.employer,
        "city": appointed.city,
        "active": panel.is_active(judge),
        "relieved": judge in panel.relieved,
        "assigned": marked + len(panel.unmarked(judge)),
        "marked": marked,
        "submitted_at": panel.sheet(judge).submitted_at,
    }


def is_short(panel: ScoringState, entry: str) -> bool:
    """Whether an entry that is judged has fewer readers than it needs."""
    readers = sum(1 for _, each, _ in panel.readings() if each == entry)
    return entry in panel.standing() and readers < panel.needs(entry)


def _foreseen(told: Forecast) -> Data:
    return {
        "left": told.left,
        "marks_per_hour": told.marks_per_hour,
        "finish_at": told.finish_at,
        "late": told.late,
    }
