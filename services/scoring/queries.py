"""What a judge is shown, and what the desk is of one entry; no decision here. How far all are is in `progress`.

Promises: what a judge is shown holds nothing of likes, ranks, remarks of moderators, or other judges, but for one
difference of means (`own.strictness`).
"""

from dataclasses import asdict
from fractions import Fraction
from typing import Any

from services.scoring.assignment.solver import Infeasible, lot
from services.scoring.decisions.assigning import lacks_of, plan
from services.scoring.judge_sheet import Mark, weighted_e2
from services.scoring.reports import forecast, judge_feedback
from services.scoring.state import ScoringState
from shared.decider import Refused
from shared.decimals import two_decimals

Data = dict[str, Any]


def own_sheet(panel: ScoringState, judge: str) -> Data | Refused:
    """All that a judge has, the anchors first, then in an order of the judge's own: see `_in_turns`."""
    if judge not in panel.judges:
        return Refused("judge-unknown", "judge", {"judge": judge})
    sheet, judging = panel.sheet(judge), panel.rule_set.judging
    window = panel.rule_set.windows.judging
    anchors = [each for each in panel.anchors or () if each in sheet.entries]
    others = [each for each in sheet.entries if each not in anchors]
    names = _in_turns(panel, judge, anchors) + _in_turns(panel, judge, others)
    entries = [{**own_entry(panel, judge, each), "anchor": each in anchors} for each in names]
    marked = sum(1 for each in entries if each["state"] == "marked")
    left = len(panel.unmarked(judge))
    return {
        "judge": judge,
        "rubric": rubric(panel),
        "words_below": judging.words_below,
        "words_above": judging.words_above,
        "window": {"start": window.start, "end": window.end},
        "assigned": marked + left,
        "marked": marked,
        "left": left,
        "minutes_left": forecast.minutes_left(panel, judge),
        "submitted_at": sheet.submitted_at,
        **judge_feedback.feedback(panel, judge),
        "entries": entries,
    }


def own_entry(panel: ScoringState, judge: str, entry: str) -> Data:
    """One entry of a judge's sheet, with the judge's own mark and the draft of one."""
    sheet = panel.sheet(judge)
    mark, draft = sheet.entries[entry], sheet.drafts.get(entry)
    return {
        "entry": entry,
        "unit": panel.owners.get(entry),
        "version": panel.approved.get(entry),
        "state": _state(panel, judge, entry, mark),
        **_spelled(panel, mark),
        "draft": None
        if draft is None
        else {"marks": {each.criterion: each.points for each in draft.marks}, "words": draft.words, "at": draft.at},
    }


def rubric(panel: ScoringState) -> list[Data]:
    return [{**asdict(each), "anchors": [asdict(anchor) for anchor in each.anchors]} for each in _criteria(panel)]


def proposal(panel: ScoringState, seed: str | None) -> Data | Refused:
    """What `Assign` would decide now."""
    if panel.cohort is None:
        return Refused("cohort-not-fixed")
    seed, bench = seed or panel.seed, panel.bench()
    found = plan(panel, seed)
    feasible = not isinstance(found, Infeasible)
    readings = {} if isinstance(found, Infeasible) else found.readings
    return {
        "seed": seed,
        "missing": sum(max(0, panel.needs(each.entry) - len(each.readers)) for each in panel.to_assign()),
        "feasible": feasible,
        "anchors": [] if isinstance(found, Infeasible) else list(found.anchors),
        "judges": [
            {"judge": each.judge, "now": each.load, "then": each.load + len(readings.get(each.judge, ()))}
            for each in bench
        ],
        "short": lacks_of(found)["short"] if isinstance(found, Infeasible) else [],
    }


def marks_of(panel: ScoringState, entry: str) -> Data | Refused:
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


def _criteria(panel: ScoringState) -> Any:
    return panel.rule_set.judging.criteria


def _spelled(panel: ScoringState, mark: Mark | None) -> Data:
    if mark is None:
        return {"marks": None, "words": None, "total": None, "at": None}
    marks = {each.criterion: each.points for each in mark.marks}
    return {
        "marks": marks,
        "words": mark.words,
        "total": two_decimals(weighted_e2(mark.marks, _criteria(panel))),
        "at": mark.at,
    }


def _state(panel: ScoringState, judge: str, entry: str, mark: Mark | None) -> str:
    if panel.out(entry) is not None:
        return "out"
    if mark is not None:
        return "excluded" if mark.excluded else "marked"
    return "open" if panel.conflict(judge, entry) is None else "conflicted"


def _in_turns(panel: ScoringState, judge: str, entries: list[str]) -> list[str]:
    """Shuffled for this judge, so that no entry is always read first, or tired, and each type spread over the whole."""
    types: dict[str, list[str]] = {}
    for entry in sorted(entries, key=lambda each: _turn(panel, each, judge)):
        types.setdefault(panel.type_of(entry), []).append(entry)
    places = {entry: Fraction(2 * k + 1, 2 * len(names)) for names in types.values() for k, entry in enumerate(names)}
    return sorted(entries, key=lambda each: (places[each], _turn(panel, each, judge)))


def _turn(panel: ScoringState, entry: str, judge: str) -> tuple[int, str]:
    return lot(f"{panel.seed} order", entry, judge), entry
