"""Reading the panel; no decision here.

Promises: what a judge is shown holds nothing of likes, ranks, or other judges.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from shared.decider import Refused
from shared.events import Sealed

from .assignment import Infeasible, assign, lot
from .domain import lacks_of
from .events import Criterion
from .panel import Mark, Panel

Data = dict[str, Any]


def own_sheet(panel: Panel, judge: str) -> Data | Refused:
    """All that a judge has, in an order of the judge's own, so that no entry is always read first, or tired."""
    if judge not in panel.judges:
        return Refused("judge-unknown", "judge", {"judge": judge})
    sheet = panel.sheet(judge)
    window = panel.rule_set.windows.judging
    entries = [
        own_entry(panel, judge, each) for each in sorted(sheet.entries, key=lambda each: _turn(panel, each, judge))
    ]
    return {
        "judge": judge,
        "rubric": rubric(panel),
        "window": {"start": window.start, "end": window.end},
        "assigned": sum(1 for each in entries if each["state"] in ("open", "marked")),
        "marked": sum(1 for each in entries if each["state"] == "marked"),
        "submitted_at": sheet.submitted_at,
        "entries": entries,
    }


def own_entry(panel: Panel, judge: str, entry: str) -> Data:
    """One entry of a judge's sheet, with the judge's own mark."""
    mark = panel.sheet(judge).entries[entry]
    return {
        "entry": entry,
        "unit": panel.owners.get(entry),
        "version": panel.approved.get(entry),
        "state": _state(panel, judge, entry, mark),
        **_spelled(panel, mark),
    }


def rubric(panel: Panel) -> list[Data]:
    return [{**asdict(each), "anchors": [asdict(anchor) for anchor in each.anchors]} for each in _criteria(panel)]


def progress(panel: Panel, name_of: Callable[[Sealed], str]) -> Data:
    """Per judge what is done, and which entries are short of readers."""
    readers, given = Counter[str](), Counter[str]()
    for _, entry, mark in panel.readings():
        readers[entry] += 1
        given[entry] += mark is not None
    recused = Counter(judge for judges in panel.recused.values() for judge in judges)
    minimum, standing = panel.limits.marks, sorted(panel.standing())
    return {
        "minimum": minimum,
        "cap": panel.limits.entries,
        "cohort": None if panel.cohort is None else len(standing),
        "judges": [
            judge_row(panel, judge) | {"name": name_of(panel.judges[judge].name), "recused": recused[judge]}
            for judge in sorted(panel.judges)
        ],
        "short": [
            {"entry": each, "readers": readers[each], "marks": given[each], "minimum": minimum}
            for each in standing
            if readers[each] < minimum
        ],
        "complete": bool(standing) and all(given[each] >= minimum for each in standing),
    }


def judge_row(panel: Panel, judge: str) -> Data:
    """What an appointed judge has and has done."""
    appointed, sheet = panel.judges[judge], panel.sheet(judge)
    states = Counter(_state(panel, judge, entry, mark) for entry, mark in sheet.entries.items())
    return {
        "judge": judge,
        "employer": appointed.employer,
        "city": appointed.city,
        "active": panel.is_active(judge),
        "assigned": states["open"] + states["marked"],
        "marked": states["marked"],
        "submitted_at": sheet.submitted_at,
    }


def is_short(panel: Panel, entry: str) -> bool:
    """Whether an entry that is judged has fewer readers than the minimum."""
    readers = sum(1 for _, each, _ in panel.readings() if each == entry)
    return entry in panel.standing() and readers < panel.limits.marks


def proposal(panel: Panel, seed: str | None) -> Data | Refused:
    """What `Assign` would decide now."""
    if panel.cohort is None:
        return Refused("cohort-not-fixed")
    seed, entries, bench, limits = seed or panel.seed, panel.to_assign(), panel.bench(), panel.limits
    found = assign(entries, bench, limits, seed)
    feasible = not isinstance(found, Infeasible)
    readings = {} if isinstance(found, Infeasible) else found
    return {
        "seed": seed,
        "missing": sum(max(0, limits.marks - len(each.readers)) for each in entries),
        "feasible": feasible,
        "judges": [
            {"judge": each.judge, "now": each.load, "then": each.load + len(readings.get(each.judge, ()))}
            for each in bench
        ],
        "short": lacks_of(found)["short"] if isinstance(found, Infeasible) else [],
    }


def marks_of(panel: Panel, entry: str) -> Data | Refused:
    """The standing marks of an entry, for the organiser's desk."""
    if entry not in panel.owners:
        return Refused("entry-unknown", "entry", {"entry": entry})
    found = [(judge, panel.sheet(judge).entries.get(entry)) for judge in sorted(panel.sheets)]
    return {
        "entry": entry,
        "marks": [
            {"judge": judge, "version": mark.version, "excluded": mark.excluded, **_spelled(panel, mark)}
            for judge, mark in found
            if mark is not None
        ],
    }


def total(panel: Panel, marks: tuple[Criterion, ...]) -> str:
    """The weighted mark: weights are per cent, so hundredths are exact."""
    points = {each.criterion: each.points for each in marks}
    hundredths = sum(each.weight * points.get(each.code, 0) for each in _criteria(panel))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _criteria(panel: Panel) -> Any:
    return panel.rule_set.judging.criteria


def _spelled(panel: Panel, mark: Mark | None) -> Data:
    if mark is None:
        return {"marks": None, "words": None, "total": None, "at": None}
    marks = {each.criterion: each.points for each in mark.marks}
    return {"marks": marks, "words": mark.words, "total": total(panel, mark.marks), "at": mark.at}


def _state(panel: Panel, judge: str, entry: str, mark: Mark | None) -> str:
    if panel.out(entry) is not None:
        return "out"
    if mark is not None:
        return "excluded" if mark.excluded else "marked"
    return "open" if panel.conflict(judge, entry) is None else "conflicted"


def _turn(panel: Panel, entry: str, judge: str) -> tuple[int, str]:
    return lot(f"{panel.seed} order", entry, judge), entry
