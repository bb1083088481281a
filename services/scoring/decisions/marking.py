"""Decide what a judge may do with the entries of their sheet: mark, draft and submit; and exclude a mark.

Promises: a mark comes from a judge to whom the entry is assigned, who has no conflict, inside the judging window, for
exactly the criteria of the rubric, with words if it is very low or very high. A draft may lack criteria and words, but
the judge must be allowed to mark the entry.
If judging is reopened after its end, earlier marks stay as they are: only missing marks may be given.
"""

from collections.abc import Mapping
from typing import Any

from services.scoring import declaration
from services.scoring.decisions.commands import (
    DeclareIndependence,
    EditMark,
    ExcludeScore,
    GiveScore,
    NoteReading,
    SaveDraft,
    SubmitSheet,
)
from services.scoring.events import (
    Criterion,
    IndependenceDeclared,
    MarkDrafted,
    ReadingOpened,
    ReadingSkipped,
    ScoreExcluded,
    ScoreGiven,
    ScoreRevised,
    SheetSubmitted,
)
from services.scoring.judge_sheet import MARK_FIELD, WORDS_FIELD, Edits, Touched, values_of, weighted_e2
from services.scoring.state import RECUSED, WITHDRAWN, ScoringState
from shared.decider import Decision, Refused
from shared.decimals import two_decimals
from shared.names import is_visible

LEAST, MOST = 0, 100  # points of one criterion


def give(command: GiveScore, state: ScoringState) -> Decision:
    """Decide on a judge's mark of an entry. Repeating the current mark changes nothing, unless there is a draft, which
    the mark then ends.
    """
    refused = _may_not_mark(command, state) or _off_the_rubric(command.marks, state) or _lacks_words(command, state)
    if refused is not None:
        return refused
    sheet = state.sheet(command.judge)
    before, marks = sheet.entries[command.entry], _in_rubric_order(command.marks, state)
    version = state.approved[command.entry]
    if before is None:
        return [ScoreGiven(command.judge, command.entry, version, marks, command.words, command.at)]
    if before.excluded:
        return Refused("score-excluded")
    # The same mark given over a draft is an event, because it ends the draft.
    same = (before.version, before.marks, before.words) == (version, marks, command.words)
    if (same and command.entry not in sheet.drafts) or command.at < before.at:
        return []  # the mark is the same, or a later command was handled first
    if state.is_settled(before):
        return Refused("mark-settled", "entry", {"at": before.at})
    return [ScoreRevised(command.judge, command.entry, version, marks, command.words, command.at)]


def draft(command: SaveDraft, state: ScoringState) -> Decision:
    """Decide on a draft of a mark. Repeating the current draft, or the mark if there is no draft, changes nothing."""
    refused = _may_not_mark(command, state) or _off_the_rubric(command.marks, state, whole=False)
    if refused is not None:
        return refused
    sheet = state.sheet(command.judge)
    mark, before = sheet.entries[command.entry], sheet.drafts.get(command.entry)
    if mark is not None and mark.excluded:
        return Refused("score-excluded")
    if mark is not None and state.is_settled(mark):
        return Refused("mark-settled", "entry", {"at": mark.at})
    current = before or mark
    drafted = _in_rubric_order(command.marks, state), command.words
    if drafted == (((), None) if current is None else (current.marks, current.words)):
        return []
    if current is not None and command.at < current.at:
        return []
    return [MarkDrafted(command.judge, command.entry, *drafted, command.at)]


def edit(command: EditMark, state: ScoringState) -> Decision:
    """Decide on a change of some fields of an entry, from a page that shows the entry as of a revision.

    A field that another page changed since that revision is not overwritten, unless with the same value: the refusal
    `draft-changed` names each such field with the value that was sent (`yours`) and what is stored (`stored`). A change
    that arrives again, or after a later one of the same page, changes nothing.
    With `give` the entry gets the mark that the page shows, so the change names every field that is filled in.
    """
    current, accepted = current_values(state, command.judge, command.entry), {}
    refused = _may_not_mark(command, state) or _unfit_fields(command, state)
    if refused is not None:
        return refused
    sheet = state.sheet(command.judge)
    edits, conflicts = sheet.edits.get(command.entry, Edits()), {}
    for name, sent in command.fields.items():
        value = sent or None if name == WORDS_FIELD else sent
        touched = edits.fields.get(name, Touched())
        if value == current.get(name):
            continue
        if command.device and touched.device == command.device:
            if command.sequence > touched.sequence:
                accepted[name] = value
        elif touched.revision > command.revision or command.revision > edits.revision:
            stored = {"value": current.get(name), "revision": touched.revision, "at": touched.at}
            conflicts[name] = {"yours": value, "stored": stored}
        else:
            accepted[name] = value
    if conflicts:
        return Refused("draft-changed", None, {"revision": edits.revision, "fields": conflicts})
    after = {name: value for name, value in {**current, **accepted}.items() if value is not None}
    marks = {name.removeprefix(MARK_FIELD): value for name, value in after.items() if isinstance(value, int)}
    words = str(after[WORDS_FIELD]) if WORDS_FIELD in after else None
    filled = GiveScore(command.judge, command.entry, marks, words, command.at)
    in_order = _in_rubric_order(filled.marks, state)
    mark = sheet.entries[command.entry]
    if mark is not None and mark.excluded:
        return Refused("score-excluded")
    if mark is not None and state.is_settled(mark) and (accepted or not command.give):
        return Refused("mark-settled", "entry", {"at": mark.at})
    drafted = (
        [MarkDrafted(command.judge, command.entry, in_order, words, command.at, command.device, command.sequence)]
        if accepted
        else []
    )
    if not command.give:
        return drafted
    unseen = sorted(after.keys() - command.fields.keys())
    if unseen:
        return Refused("criteria-differ", "marks", {"missing": unseen, "extra": []})
    refused = _off_the_rubric(filled.marks, state) or _lacks_words(filled, state)
    if refused is not None:
        return refused
    version = state.approved[command.entry]
    if mark is None:
        return [*drafted, ScoreGiven(command.judge, command.entry, version, in_order, words, command.at)]
    is_same = (mark.version, mark.marks, mark.words) == (version, in_order, words)
    if is_same and not drafted and command.entry not in sheet.drafts:
        return []
    return [*drafted, ScoreRevised(command.judge, command.entry, version, in_order, words, command.at)]


def current_values(state: ScoringState, judge: str, entry: str) -> dict[str, int | str]:
    """Return what a judge has filled in for an entry by field: the draft, or else the mark."""
    sheet = state.sheet(judge)
    return values_of(sheet.drafts.get(entry) or sheet.entries.get(entry))


def try_out(marks: Mapping[str, int], words: str | None, state: ScoringState) -> str | Refused:
    """Return the total of a practice mark with two decimals, or why a real mark like it would be refused."""
    tried = GiveScore("", "", marks, words, 0)
    refused = _off_the_rubric(marks, state) or _lacks_words(tried, state)
    if refused is not None:
        return refused
    return two_decimals(weighted_e2(_in_rubric_order(marks, state), state.rule_set.judging.criteria))


def declare_independence(command: DeclareIndependence, state: ScoringState) -> Decision:
    """Decide on a judge's declaration of independence, which must be of the current wording. Repeating it changes
    nothing.
    """
    refused = _not_a_judge(command.judge, state)
    if refused is not None:
        return refused
    if command.words != declaration.WORDS:
        return Refused("declaration-outdated", "words")
    if state.sheet(command.judge).independence == command.words:
        return []
    return [IndependenceDeclared(command.judge, command.words, command.at)]


def note_reading(command: NoteReading, state: ScoringState) -> Decision:
    """Decide on noting that a judge opened an entry or put it off. One with a mark or a draft cannot be put off."""
    refused = _not_a_judge(command.judge, state) or _is_undeclared(command.judge, state)
    if refused is not None:
        return refused
    sheet = state.sheet(command.judge)
    if command.entry not in sheet.entries:
        return Refused("not-assigned", "entry", {"entry": command.entry})
    if command.skip:
        begun = sheet.entries[command.entry] is not None or command.entry in sheet.drafts
        skipped = ReadingSkipped(command.judge, command.entry, command.at)
        return [] if begun or command.entry in sheet.skipped else [skipped]
    return [] if command.entry in sheet.opened else [ReadingOpened(command.judge, command.entry, command.at)]


def submit(command: SubmitSheet, state: ScoringState) -> Decision:
    """Decide on submitting a judge's sheet. Refuse while entries are unmarked, or if the sheet has no entries."""
    # The window is not checked: before it nothing can be marked, and after it submitting changes no mark.
    refused = _not_a_judge(command.judge, state)
    if refused is not None:
        return refused
    sheet = state.sheet(command.judge)
    if sheet.submitted_at is not None:
        return []
    unmarked = state.unmarked_entries(command.judge)
    if unmarked:
        return Refused("sheet-incomplete", detail={"entries": list(unmarked)})
    if not sheet.entries:
        return Refused("not-assigned")
    return [SheetSubmitted(command.judge, command.at)]


def exclude(command: ExcludeScore, state: ScoringState) -> Decision:
    """Decide on excluding a mark, for a reason. It may also be excluded outside the judging window."""
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    mark = state.sheet(command.judge).entries.get(command.entry)
    if mark is None:
        return Refused("score-unknown", "entry", {"judge": command.judge, "entry": command.entry})
    if mark.excluded:
        return []
    return [ScoreExcluded(command.judge, command.entry, command.reason, command.by, command.at)]


def _unfit_fields(command: EditMark, state: ScoringState) -> Refused | None:
    """Return which field of a change there is not, or has no value that fits, or None."""
    for name, value in command.fields.items():
        if name != WORDS_FIELD and not name.startswith(MARK_FIELD):
            return Refused("draft-field-unknown", name)
        if name == WORDS_FIELD and value is not None and not isinstance(value, str):
            return Refused("draft-field-invalid", name)
    marks = {name.removeprefix(MARK_FIELD): each for name, each in command.fields.items() if name != WORDS_FIELD}
    unknown = marks.keys() - {each.code for each in state.rule_set.judging.criteria}
    if unknown:
        return Refused("criteria-differ", "marks", {"missing": [], "extra": sorted(unknown)})
    return _off_the_rubric({code: each for code, each in marks.items() if each is not None}, state, whole=False)


def _is_undeclared(judge: str, state: ScoringState) -> Refused | None:
    """Refuse whatever comes before the declaration of independence."""
    return Refused("independence-undeclared") if state.sheet(judge).independent_at is None else None


def _may_not_mark(command: GiveScore | SaveDraft | EditMark, state: ScoringState) -> Refused | None:
    """Return why the judge may not mark the entry now, or None."""
    refused = _not_a_judge(command.judge, state) or _is_undeclared(command.judge, state)
    if refused is not None:
        return refused
    if command.entry not in state.owners or command.entry not in state.approved:
        return Refused("entry-unknown", "entry", {"entry": command.entry})
    window = state.rule_set.windows.judging
    if not window.contains(command.at):
        return Refused("window-closed", detail={"start": window.start, "end": window.end})
    removed = state.removal_reason(command.entry)
    if removed is not None:
        detail = {"entry": command.entry, "state": removed}
        return (
            Refused("entry-withdrawn", "entry", detail)
            if removed == WITHDRAWN
            else Refused("entry-out", "entry", detail)
        )
    sheet = state.sheet(command.judge)
    why = state.conflict(command.judge, command.entry)
    if command.entry not in sheet.entries and why != RECUSED:
        return Refused("not-assigned", "entry", {"entry": command.entry})
    if why is not None:
        return Refused("conflicted", "entry", {"why": why})
    if sheet.submitted_at is not None:
        return Refused("sheet-submitted", detail={"at": sheet.submitted_at})
    return None


def _not_a_judge(judge: str, state: ScoringState) -> Refused | None:
    """Return why this person is not a judge, or None."""
    if judge not in state.judges:
        return Refused("judge-unknown", "judge", {"judge": judge})
    return None if state.staff.get(judge, False) else Refused("not-a-judge", "judge", {"judge": judge})


def _off_the_rubric(marks: Mapping[str, Any], state: ScoringState, *, whole: bool = True) -> Refused | None:
    """Return how the marks differ from the rubric, or None. `whole`: no criterion may be missing."""
    codes = {each.code for each in state.rule_set.judging.criteria}
    missing, extra = sorted(codes - marks.keys()), sorted(marks.keys() - codes)
    if extra or (whole and missing):
        return Refused("criteria-differ", "marks", {"missing": missing if whole else [], "extra": extra})
    for code, points in sorted(marks.items()):
        if type(points) is not int or not LEAST <= points <= MOST:
            return Refused("mark-out-of-range", f"marks/{code}", {"points": points, "least": LEAST, "most": MOST})
    return None


def _lacks_words(command: GiveScore, state: ScoringState) -> Refused | None:
    """Refuse a mark without words if its weighted total is outside the limits. The total decides because it becomes the
    score: other criteria may make up for one low one.
    """
    judging = state.rule_set.judging
    total_e2 = weighted_e2(_in_rubric_order(command.marks, state), judging.criteria)
    if 100 * judging.words_below <= total_e2 <= 100 * judging.words_above or is_visible(command.words or ""):
        return None
    limits = {"below": judging.words_below, "above": judging.words_above}
    return Refused("mark-needs-words", "words", {"total": two_decimals(total_e2), **limits})


def _in_rubric_order(marks: Mapping[str, int], state: ScoringState) -> tuple[Criterion, ...]:
    """Return the marks in the order of the rubric."""
    return tuple(
        Criterion(each.code, marks[each.code]) for each in state.rule_set.judging.criteria if each.code in marks
    )
