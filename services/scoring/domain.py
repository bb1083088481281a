"""Who marks which entry, and which mark stands.

Promises: a mark comes from the judge that the entry was assigned to, with no conflict, inside the judging window, for
exactly the rubric's criteria; handed-in sheets are whole and change no more; a recusal is always accepted and the entry
goes at once to another judge within the limits, if there is one; a mark is never deleted, only excluded with a reason.
Does not promise that each entry has its marks: `Panel` tells which are short, and the result waits for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from shared.decider import Decision, Refused
from shared.events import MAX_EVENTS, Sealed

from . import panel as panels
from .assignment import Entry, Infeasible, assign, substitute
from .events import (
    ConflictDeclared,
    Criterion,
    EntriesAssigned,
    JudgeAppointed,
    ScoreExcluded,
    ScoreGiven,
    ScoreRevised,
    SheetSubmitted,
)
from .panel import Panel

LEAST, MOST = 0, 100  # of a mark
MOST_JUDGES = MAX_EVENTS  # an assignment is one event a judge, in one commit
LACKS_TOLD = 50
REFUSALS = frozenset(
    {
        "campaign-not-open",
        "not-a-judge",
        "judge-unknown",
        "unit-unknown",
        "too-many-judges",
        "cohort-not-fixed",
        "seed-fixed",
        "assignment-infeasible",
        "entry-unknown",
        "entry-out",
        "not-assigned",
        "conflicted",
        "window-closed",
        "sheet-submitted",
        "sheet-incomplete",
        "criteria-differ",
        "mark-out-of-range",
        "score-unknown",
        "score-excluded",
        "reason-missing",
    }
)


@dataclass(frozen=True, slots=True)
class AppointJudge:
    """Again with other data: mended. `judge` is a staff name."""

    judge: str
    name: Sealed
    employer: str
    city: str
    conflicts: tuple[str, ...]
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Assign:
    """Give every entry of the cohort the judges that it is short of. `seed` None: the campaign's."""

    seed: str | None
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class DeclareConflict:
    """An empty reason is none: the shell seals nothing then."""

    judge: str
    entry: str
    reason: Sealed
    at: int


@dataclass(frozen=True, slots=True)
class GiveScore:
    judge: str
    entry: str
    marks: Mapping[str, int]
    words: str | None
    at: int


@dataclass(frozen=True, slots=True)
class SubmitSheet:
    judge: str
    at: int


@dataclass(frozen=True, slots=True)
class ExcludeScore:
    judge: str
    entry: str
    reason: str
    by: str
    at: int


Command = AppointJudge | Assign | DeclareConflict | GiveScore | SubmitSheet | ExcludeScore


class PanelDecider:
    """See `shared.decider.Decider`. The state is `panel.Panel`; moderation, submission and ranking are followed."""

    def initial(self) -> Panel:
        return Panel()

    def evolve(self, state: Panel, event: Any, address: str) -> Panel:  # noqa: ARG002 -- a Decider's signature
        return panels.evolve(state, event)

    def decide(self, command: Command, state: Panel) -> Decision:
        if state.campaign is None:
            return Refused("campaign-not-open")
        match command:
            case AppointJudge():
                return _appoint(command, state)
            case Assign():
                return _assign(command, state)
            case DeclareConflict():
                return _step_back(command, state)
            case GiveScore():
                return _give(command, state)
            case SubmitSheet():
                return _submit(command, state)
            case ExcludeScore():
                return _exclude(command, state)
            case _:
                assert_never(command)


def _appoint(order: AppointJudge, panel: Panel) -> Decision:
    if not panel.staff.get(order.judge, False):
        return Refused("not-a-judge", "judge", {"judge": order.judge})
    declared = tuple(sorted(set(order.conflicts)))
    unknown = [unit for unit in declared if unit not in panel.units]
    if unknown:
        return Refused("unit-unknown", "conflicts", {"units": unknown})
    before = panel.judges.get(order.judge)
    if before is None and len(panel.judges) >= MOST_JUDGES:
        return Refused("too-many-judges", detail={"most": MOST_JUDGES})
    after = JudgeAppointed(order.judge, order.name, order.employer, order.city, declared, order.by, order.at)
    if before is not None and replace(before, by=after.by, at=after.at) == after:
        return []
    return [after]


def _assign(order: Assign, panel: Panel) -> Decision:
    if panel.cohort is None:
        return Refused("cohort-not-fixed")
    if order.seed is not None and not panel.rehearsal:
        return Refused("seed-fixed", "seed")
    for entry in sorted(panel.standing()):
        if entry not in panel.owners or entry not in panel.approved:
            return Refused("entry-unknown", detail={"entry": entry})  # its log is read behind ranking's: ask again
    found = assign(panel.to_assign(), panel.bench(), panel.limits, order.seed or panel.seed)
    if isinstance(found, Infeasible):
        return Refused("assignment-infeasible", detail=lacks_of(found))
    return [EntriesAssigned(judge, entries, order.by, order.at) for judge, entries in sorted(found.items())]


def lacks_of(found: Infeasible) -> dict[str, Any]:
    """Which entries are short and why, as plain data."""
    told = [
        {"entry": each.entry, "missing": each.missing, "limit": each.limit, "judges": list(each.judges)}
        for each in found.lacks[:LACKS_TOLD]
    ]
    return {"short": told, "count": len(found.lacks)}


def _step_back(order: DeclareConflict, panel: Panel) -> Decision:
    if order.judge not in panel.judges:
        return Refused("judge-unknown", "judge", {"judge": order.judge})
    if order.entry not in panel.owners:
        return Refused("entry-unknown", "entry", {"entry": order.entry})
    if not order.reason:
        return Refused("reason-missing", "reason")
    if order.judge in panel.recused.get(order.entry, frozenset()):
        return []
    declared = ConflictDeclared(order.judge, order.entry, order.reason, order.at)
    if order.entry not in panel.sheet(order.judge).entries or order.entry not in panel.standing():
        return [declared]
    after = panels.evolve(panel, declared)
    left = _find(after, order.entry)
    if len(left.readers) >= after.limits.marks:
        return [declared]
    judge = substitute(left, after.bench(), after.limits, after.seed)
    if judge is None:
        return [declared]
    return [declared, EntriesAssigned(judge, (order.entry,), order.judge, order.at)]


def _find(panel: Panel, entry: str) -> Entry:
    return next(each for each in panel.to_assign() if each.entry == entry)


def _give(order: GiveScore, panel: Panel) -> Decision:
    refused = _may_not_mark(order, panel) or _off_the_rubric(order, panel)
    if refused is not None:
        return refused
    before = panel.sheet(order.judge).entries[order.entry]
    codes = [each.code for each in panel.rule_set.judging.criteria]
    marks = tuple(Criterion(code, order.marks[code]) for code in codes)
    version = panel.approved[order.entry]
    if before is None:
        return [ScoreGiven(order.judge, order.entry, version, marks, order.words, order.at)]
    if before.excluded:
        return Refused("score-excluded")
    if (before.version, before.marks, before.words) == (version, marks, order.words) or order.at < before.at:
        return []  # marked so already, or an order overtaken by a later one
    return [ScoreRevised(order.judge, order.entry, version, marks, order.words, order.at)]


def _may_not_mark(order: GiveScore, panel: Panel) -> Refused | None:
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
    if order.entry not in sheet.entries and why != panels.RECUSED:
        return Refused("not-assigned", "entry", {"entry": order.entry})
    if why is not None:
        return Refused("conflicted", "entry", {"why": why})
    if sheet.submitted_at is not None:
        return Refused("sheet-submitted", detail={"at": sheet.submitted_at})
    return None


def _no_judge(judge: str, panel: Panel) -> Refused | None:
    if judge not in panel.judges:
        return Refused("judge-unknown", "judge", {"judge": judge})
    return None if panel.staff.get(judge, False) else Refused("not-a-judge", "judge", {"judge": judge})


def _off_the_rubric(order: GiveScore, panel: Panel) -> Refused | None:
    codes = {each.code for each in panel.rule_set.judging.criteria}
    if codes != order.marks.keys():
        differ = {"missing": sorted(codes - order.marks.keys()), "extra": sorted(order.marks.keys() - codes)}
        return Refused("criteria-differ", "marks", differ)
    for code, points in sorted(order.marks.items()):
        if type(points) is not int or not LEAST <= points <= MOST:
            return Refused("mark-out-of-range", f"marks.{code}", {"points": points, "least": LEAST, "most": MOST})
    return None


def _submit(order: SubmitSheet, panel: Panel) -> Decision:
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


def _exclude(order: ExcludeScore, panel: Panel) -> Decision:
    if not order.reason.strip():
        return Refused("reason-missing", "reason")
    mark = panel.sheet(order.judge).entries.get(order.entry)
    if mark is None:
        return Refused("score-unknown", "entry", {"judge": order.judge, "entry": order.entry})
    if mark.excluded:
        return []
    return [ScoreExcluded(order.judge, order.entry, order.reason, order.by, order.at)]
