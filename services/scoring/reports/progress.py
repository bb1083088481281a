"""Report the progress of judging: judges who are behind or will be late, and entries that lack marks or may lack them.

For the organiser and auditors only. Makes no decisions.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from services.scoring.decisions.third_readings import disputed_entries
from services.scoring.reports.forecast import Forecast, forecasts, in_danger
from services.scoring.state import ScoringState
from shared.decimals import two_decimals
from shared.events import Sealed

Data = dict[str, Any]


def progress(state: ScoringState, name_of: Callable[[Sealed], str], *, at: int) -> Data:
    """Return the whole progress report at the instant `at` (campaign time, ms): judges, entries that lack marks, third
    readings. `name_of` opens a judge's sealed (encrypted) name.
    """
    readers, given = Counter[str](), Counter[str]()
    for _, entry, mark in state.readings():
        readers[entry] += 1
        given[entry] += mark is not None
    recused = Counter(judge for judges in state.recused.values() for judge in judges)
    judged, by_judge = sorted(state.judged_entries()), forecasts(state, at)
    return {
        "minimum": state.limits.marks,
        "cap": state.limits.entries,
        "cohort": None if state.cohort is None else len(judged),
        "window_end": state.rule_set.windows.judging.end,
        "anchors": list(state.anchors or ()),
        "judges": [
            judge_row(state, judge)
            | {
                "name": name_of(state.judges[judge].name),
                "recused": recused[judge],
                "conflicts": list(state.judges[judge].conflicts),
                "independent_at": state.sheet(judge).independent_at,
            }
            | _forecast_view(by_judge[judge])
            for judge in sorted(state.judges)
        ],
        "types": _types(state, by_judge),
        "short": [
            {"entry": each, "readers": readers[each], "marks": given[each], "minimum": state.marks_needed(each)}
            for each in judged
            if readers[each] < state.marks_needed(each)
        ],
        "danger": [{"entry": each, "late": list(late)} for each, late in in_danger(state, by_judge).items()],
        "conflicted_marks": conflicted_marks(state),
        "third_readings": [
            {
                "entry": each,
                "spread": two_decimals(call.spread_e2),
                "at": call.at,
                "marked": given[each] >= call.marks,
            }
            for each, call in sorted(state.called.items())
        ],
        "apart": [{"entry": each, "spread": two_decimals(spread)} for each, spread in disputed_entries(state).items()],
        "complete": bool(judged) and all(given[each] >= state.marks_needed(each) for each in judged),
    }


def _types(state: ScoringState, by_judge: Mapping[str, Forecast]) -> list[Data]:
    """Return a row for each unit type that is judged: its entries, the marks they need and have, how many marks will be
    late, and when the last of its judges will finish, None while that cannot be forecast.
    """
    rows: dict[str, Data] = {}
    given, waits = Counter[str](), dict[str, set[str]]()
    late = Counter[str]()
    judged = state.judged_entries()
    for judge, entry, mark in state.readings():
        if entry not in judged:
            continue
        if mark is not None:
            given[entry] += 1
        else:
            waits.setdefault(state.type_of(entry), set()).add(judge)
            late[state.type_of(entry)] += bool(by_judge[judge].late)
    for entry in sorted(judged):
        needed, kind = state.marks_needed(entry), state.type_of(entry)
        row = rows.setdefault(kind, {"type": kind, "entries": 0, "needed": 0, "given": 0})
        row["entries"] += 1
        row["needed"] += needed
        row["given"] += min(given[entry], needed)
    for kind, row in rows.items():
        ends = [by_judge[judge].finish_at for judge in waits.get(kind, ())]
        known = [end for end in ends if end is not None]
        row["late"] = late[kind]
        row["finish_at"] = max(known) if known and len(known) == len(ends) else None
    return [rows[kind] for kind in sorted(rows)]


def conflicted_marks(state: ScoringState) -> list[Data]:
    """Return every mark that counts although its judge has a conflict with the entry's unit now, and why."""
    return [{"entry": entry, "judge": judge, "why": why} for entry, judge, why in state.conflicted_marks()]


def judge_row(state: ScoringState, judge: str) -> Data:
    """Return a judge's row of the report: how many entries are assigned and marked, and when the sheet was submitted.

    Raises KeyError for a person who is not an appointed judge.
    """
    appointed, marked = state.judges[judge], len(state.marked_entries(judge))
    return {
        "judge": judge,
        "employer": appointed.employer,
        "city": appointed.city,
        "active": state.is_active(judge),
        "relieved": judge in state.relieved,
        "assigned": marked + len(state.unmarked_entries(judge)),
        "marked": marked,
        "submitted_at": state.sheet(judge).submitted_at,
    }


def is_short(state: ScoringState, entry: str) -> bool:
    """Return whether an entry that is still judged has fewer judges than the marks that it needs."""
    readers = sum(1 for _, each, _ in state.readings() if each == entry)
    return entry in state.judged_entries() and readers < state.marks_needed(entry)


def _forecast_view(forecast: Forecast) -> Data:
    return {
        "left": forecast.left,
        "marks_per_hour": forecast.marks_per_hour,
        "finish_at": forecast.finish_at,
        "late": forecast.late,
    }
