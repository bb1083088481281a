"""What a judge does with the entries of the own sheet: marks, drafts, the handing in; and what excludes a mark.

Promises: a mark comes from the judge that the entry was assigned to, with no conflict, inside the judging window, for
exactly the rubric's criteria, with words where it is very low or very high; a draft may be short of all that is asked
of the marks, and of nothing that is asked of the judge. Where judging was over and is opened again, what was marked
before stays as it is: only what is missing is marked.
"""

from collections.abc import Mapping
from typing import Any

from services.scoring.decisions.commands import ExcludeScore, GiveScore, SaveDraft, SubmitSheet
from services.scoring.events import (
    Criterion,
    MarkDrafted,
    ScoreExcluded,
    ScoreGiven,
    ScoreRevised,
    SheetSubmitted,
)
from services.scoring.judge_sheet import weighted_e2
from services.scoring.state import RECUSED, ScoringState
from shared.decider import Decision, Refused
from shared.decimals import two_decimals

LEAST, MOST = 0, 100  # of a mark


def give(order: GiveScore, panel: ScoringState) -> Decision:
    refused = _may_not_mark(order, panel) or _off_the_rubric(order.marks, panel) or _wordless(order, panel)
    if refused is not None:
        return refused
    sheet = panel.sheet(order.judge)
    before, marks = sheet.entries[order.entry], _in_order(order.marks, panel)
    version = panel.approved[order.entry]
    if before is None:
        return [ScoreGiven(order.judge, order.entry, version, marks, order.words, order.at)]
    if before.excluded:
        return Refused("score-excluded")
    # Given again over a draft, the same mark is news: the draft is over.
    same = (before.version, before.marks, before.words) == (version, marks, order.words)
    if (same and order.entry not in sheet.drafts) or order.at < before.at:
        return []  # marked so already, or an order overtaken by a later one
    if panel.is_settled(before):
        return Refused("mark-settled", "entry", {"at": before.at})
    return [ScoreRevised(order.judge, order.entry, version, marks, order.words, order.at)]


def draft(order: SaveDraft, panel: ScoringState) -> Decision:
    refused = _may_not_mark(order, panel) or _off_the_rubric(order.marks, panel, whole=False)
    if refused is not None:
        return refused
    sheet = panel.sheet(order.judge)
    mark, before = sheet.entries[order.entry], sheet.drafts.get(order.entry)
    if mark is not None and mark.excluded:
        return Refused("score-excluded")
    if mark is not None and panel.is_settled(mark):
        return Refused("mark-settled", "entry", {"at": mark.at})
    kept = before or mark
    told = _in_order(order.marks, panel), order.words
    if told == (((), None) if kept is None else (kept.marks, kept.words)):
        return []
    if kept is not None and order.at < kept.at:
        return []
    return [MarkDrafted(order.judge, order.entry, *told, order.at)]


def submit(order: SubmitSheet, panel: ScoringState) -> Decision:
    # No look at the window: before it nothing can be marked, and after it the sheet says what stands anyway.
    stranger = _no_judge(order.judge, panel)
    if stranger is not None:
        return stranger
    sheet = panel.sheet(order.judge)
    if sheet.submitted_at is not None:
        return []
    unmarked = panel.unmarked(order.judge)
    if unmarked:
        return Refused("sheet-incomplete", detail={"entries": list(unmarked)})
    if not sheet.entries:
        return Refused("not-assigned")
    return [SheetSubmitted(order.judge, order.at)]


def exclude(order: ExcludeScore, panel: ScoringState) -> Decision:
    if not order.reason.strip():
        return Refused("reason-missing", "reason")
    mark = panel.sheet(order.judge).entries.get(order.entry)
    if mark is None:
        return Refused("score-unknown", "entry", {"judge": order.judge, "entry": order.entry})
    if mark.excluded:
        return []
    return [ScoreExcluded(order.judge, order.entry, order.reason, order.by, order.at)]


def _may_not_mark(order: GiveScore | SaveDraft, panel: ScoringState) -> Refused | None:
    stranger = _no_judge(order.judge, panel)
    if stranger is not None:
        return stranger
    if order.entry not in panel.owners or order.entry not in panel.approved:
        return Refused("entry-unknown", "entry", {"entry": order.entry})
    window = panel.rule_set.windows.judging
    if not window.contains(order.at):
        return Refused("window-closed", detail={"start": window.start, "end": window.end})
    gone = panel.out(order.entry)
    if gone is not None:
        return Refused("entry-out", "entry", {"entry": order.entry, "state": gone})
    sheet = panel.sheet(order.judge)
    why = panel.conflict(order.judge, order.entry)
    if order.entry not in sheet.entries and why != RECUSED:
        return Refused("not-assigned", "entry", {"entry": order.entry})
    if why is not None:
        return Refused("conflicted", "entry", {"why": why})
    if sheet.submitted_at is not None:
        return Refused("sheet-submitted", detail={"at": sheet.submitted_at})
    return None


def _no_judge(judge: str, panel: ScoringState) -> Refused | None:
    if judge not in panel.judges:
        return Refused("judge-unknown", "judge", {"judge": judge})
    return None if panel.staff.get(judge, False) else Refused("not-a-judge", "judge", {"judge": judge})


def _off_the_rubric(marks: Mapping[str, Any], panel: ScoringState, *, whole: bool = True) -> Refused | None:
    codes = {each.code for each in panel.rule_set.judging.criteria}
    missing, extra = sorted(codes - marks.keys()), sorted(marks.keys() - codes)
    if extra or (whole and missing):
        return Refused("criteria-differ", "marks", {"missing": missing if whole else [], "extra": extra})
    for code, points in sorted(marks.items()):
        if type(points) is not int or not LEAST <= points <= MOST:
            return Refused("mark-out-of-range", f"marks.{code}", {"points": points, "least": LEAST, "most": MOST})
    return None


def _wordless(order: GiveScore, panel: ScoringState) -> Refused | None:
    """The weighted mark decides, for it is what becomes the score: one low criterion may be made up by others."""
    judging = panel.rule_set.judging
    total_e2 = weighted_e2(_in_order(order.marks, panel), judging.criteria)
    if 100 * judging.words_below <= total_e2 <= 100 * judging.words_above or (order.words or "").strip():
        return None
    limits = {"below": judging.words_below, "above": judging.words_above}
    return Refused("mark-needs-words", "words", {"total": two_decimals(total_e2), **limits})


def _in_order(marks: Mapping[str, int], panel: ScoringState) -> tuple[Criterion, ...]:
    """In the order of the rubric."""
    return tuple(
        Criterion(each.code, marks[each.code]) for each in panel.rule_set.judging.criteria if each.code in marks
    )
