"""Views for a judge, and views of one entry for the organiser. Nothing is decided in this module.

Promises: the views for a judge contain nothing about likes, ranks, remarks of moderators or other judges, except one
difference of means (`judge_feedback.strictness`). The progress of all judges is in `reports/progress.py`.
"""

from dataclasses import asdict
from fractions import Fraction
from typing import Any

from services.scoring import declaration
from services.scoring.assignment.solver import Infeasible, draw
from services.scoring.decisions.assigning import lacks_of, plan
from services.scoring.decisions.marking import current_values
from services.scoring.judge_sheet import Edits, Mark, Touched, weighted_e2
from services.scoring.reports import forecast, judge_feedback, progress
from services.scoring.state import ScoringState
from shared.decider import Refused
from shared.decimals import two_decimals

Data = dict[str, Any]


def own_sheet(state: ScoringState, judge: str) -> Data | Refused:
    """Return a judge's whole sheet: rubric, progress, feedback, and the entries with the judge's marks and drafts.

    The anchors come first; each judge gets the entries in another order (see `_shuffled`).
    """
    if judge not in state.judges:
        return Refused("judge-unknown", "judge", {"judge": judge})
    sheet, judging = state.sheet(judge), state.rule_set.judging
    window = state.rule_set.windows.judging
    anchors = [each for each in state.anchors or () if each in sheet.entries]
    others = [each for each in sheet.entries if each not in anchors]
    names = _shuffled(state, judge, anchors) + _shuffled(state, judge, others)
    entries = [
        {**own_entry(state, judge, each), "anchor": each in anchors, "stage": stage(state, judge, each)}
        for each in names
    ]
    marked = sum(1 for each in entries if each["state"] == "marked")
    left = len(state.unmarked_entries(judge))
    return {
        "judge": judge,
        "rubric": rubric(state),
        "words_below": judging.words_below,
        "words_above": judging.words_above,
        "window": {"start": window.start, "end": window.end},
        "assigned": marked + left,
        "marked": marked,
        "left": left,
        "minutes_left": forecast.minutes_left(state, judge),
        "submitted_at": sheet.submitted_at,
        "independence": independence(state, judge),
        "recused": sorted(each for each, judges in state.recused.items() if judge in judges),
        **judge_feedback.feedback(state, judge),
        "entries": entries,
    }


def own_entry(state: ScoringState, judge: str, entry: str) -> Data:
    """Return one entry of a judge's sheet, with the judge's own mark and draft. Raises KeyError if it is not on it."""
    sheet = state.sheet(judge)
    mark, draft = sheet.entries[entry], sheet.drafts.get(entry)
    return {
        "entry": entry,
        "unit": state.owners.get(entry),
        "version": state.approved.get(entry),
        "state": _state(state, judge, entry, mark),
        **_mark_view(state, mark),
        "draft": None
        if draft is None
        else {"marks": {each.criterion: each.points for each in draft.marks}, "words": draft.words, "at": draft.at},
    }


def stage(state: ScoringState, judge: str, entry: str) -> str:
    """Return how far the judge is with an entry of their sheet: new, opened, skipped, draft or marked; or why nothing
    is to be done: excluded, conflicted or out.
    """
    sheet = state.sheet(judge)
    found = _state(state, judge, entry, sheet.entries[entry])
    if found in ("open", "marked") and entry in sheet.drafts:
        return "draft"
    if found != "open":
        return found
    if entry in sheet.skipped:
        return "skipped"
    return "opened" if entry in sheet.opened else "new"


def filled_in(state: ScoringState, judge: str, entry: str) -> Data:
    """Return what a judge has filled in for an entry, by field, each with the revision in which it changed.

    `given` is when the judge gave the mark that the fields show, None while they differ from it or there is none.
    """
    sheet = state.sheet(judge)
    edits, values = sheet.edits.get(entry, Edits()), current_values(state, judge, entry)
    touched = {name: edits.fields.get(name, Touched()) for name in sorted(values.keys() | edits.fields.keys())}
    mark = sheet.entries.get(entry)
    return {
        "entry": entry,
        "revision": edits.revision,
        "at": edits.at,
        "fields": {
            name: {"value": values.get(name), "revision": each.revision, "at": each.at}
            for name, each in touched.items()
        },
        "stage": stage(state, judge, entry),
        "given": None if mark is None or entry in sheet.drafts else mark.at,
        "total": None if mark is None else two_decimals(weighted_e2(mark.marks, _criteria(state))),
    }


def independence(state: ScoringState, judge: str) -> Data:
    """Return when a judge declared to be independent, and the wording that is to be declared."""
    return {
        "declared_at": state.sheet(judge).independent_at,
        "words": declaration.WORDS,
        "zh": list(declaration.ZH),
        "en": list(declaration.EN),
    }


def rubric(state: ScoringState) -> list[Data]:
    """Return the criteria of the rubric, with the descriptions of what deserves which points, as plain data."""
    return [{**asdict(each), "anchors": [asdict(anchor) for anchor in each.anchors]} for each in _criteria(state)]


def proposal(state: ScoringState, seed: str | None) -> Data | Refused:
    """Return the assignment that the command `Assign` would make now with this seed, or why it is not feasible."""
    if state.cohort is None:
        return Refused("cohort-not-fixed")
    seed, bench = seed or state.seed, state.available_judges()
    found = plan(state, seed)
    feasible = not isinstance(found, Infeasible)
    readings = {} if isinstance(found, Infeasible) else found.readings
    return {
        "seed": seed,
        "missing": sum(max(0, state.marks_needed(each.entry) - len(each.readers)) for each in state.to_assign()),
        "feasible": feasible,
        "anchors": [] if isinstance(found, Infeasible) else list(found.anchors),
        "judges": [
            {"judge": each.judge, "now": each.load, "then": each.load + len(readings.get(each.judge, ()))}
            for each in bench
        ],
        "short": lacks_of(found)["short"] if isinstance(found, Infeasible) else [],
        "confirm": "" if isinstance(found, Infeasible) else found.digest,
        "conflicted_marks": progress.conflicted_marks(state),
    }


def unmarked_of(state: ScoringState, judge: str) -> Data | Refused:
    """Return the entries that a judge still has to mark, each with how far the judge is with it, for organisers."""
    if judge not in state.judges:
        return Refused("judge-unknown", "judge", {"judge": judge})
    return {
        "judge": judge,
        "unmarked": [{"entry": each, "stage": stage(state, judge, each)} for each in state.unmarked_entries(judge)],
    }


def marks_of(state: ScoringState, entry: str) -> Data | Refused:
    """Return every judge's current mark of an entry, for organisers and auditors. Excluded marks are included."""
    if entry not in state.owners:
        return Refused("entry-unknown", "entry", {"entry": entry})
    found = [(judge, state.sheet(judge).entries.get(entry)) for judge in sorted(state.sheets)]
    return {
        "entry": entry,
        "rubric": rubric(state),
        "marks": [
            {
                "judge": judge,
                "version": mark.version,
                "excluded": mark.excluded,
                "conflict": state.conflict(judge, entry),
                **_mark_view(state, mark),
            }
            for judge, mark in found
            if mark is not None
        ],
    }


def _criteria(state: ScoringState) -> Any:
    return state.rule_set.judging.criteria


def _mark_view(state: ScoringState, mark: Mark | None) -> Data:
    if mark is None:
        return {"marks": None, "words": None, "total": None, "at": None}
    marks = {each.criterion: each.points for each in mark.marks}
    return {
        "marks": marks,
        "words": mark.words,
        "total": two_decimals(weighted_e2(mark.marks, _criteria(state))),
        "at": mark.at,
    }


def _state(state: ScoringState, judge: str, entry: str, mark: Mark | None) -> str:
    if state.removal_reason(entry) is not None:
        return "out"
    if mark is not None:
        return "excluded" if mark.excluded else "marked"
    return "open" if state.conflict(judge, entry) is None else "conflicted"


def _shuffled(state: ScoringState, judge: str, entries: list[str]) -> list[str]:
    """Shuffle the entries for this judge, so that no entry is always read first or when judges are tired, and spread
    each type over the whole.
    """
    types: dict[str, list[str]] = {}
    for entry in sorted(entries, key=lambda each: _shuffle_key(state, each, judge)):
        types.setdefault(state.type_of(entry), []).append(entry)
    places = {entry: Fraction(2 * k + 1, 2 * len(names)) for names in types.values() for k, entry in enumerate(names)}
    return sorted(entries, key=lambda each: (places[each], _shuffle_key(state, each, judge)))


def _shuffle_key(state: ScoringState, entry: str, judge: str) -> tuple[int, str]:
    return draw(f"{state.seed} order", entry, judge), entry
