"""Who marks which entry, and which mark stands.

Promises: a mark comes from the judge that the entry was assigned to, with no conflict, inside the judging window, for
exactly the rubric's criteria; handed-in sheets are whole and change no more; a recusal is accepted until judging ends,
of what is unmarked even later, and the entry goes at once to another judge within the limits, if there is one; a mark
is never deleted, only excluded with a reason.
Does not promise that each entry has its marks: `ScoringState` tells which are short, and the result waits for them.
`readings` decides who gets what to read, `marking` what a judge may do with it.
"""

from dataclasses import replace
from typing import Any, assert_never

from services.scoring import state as panels
from services.scoring.decisions import assigning, marking
from services.scoring.decisions.commands import (
    AppointJudge,
    Assign,
    AssignThirdReadings,
    Command,
    DeclareConflict,
    ExcludeScore,
    GiveScore,
    Reassign,
    SaveDraft,
    SubmitSheet,
)
from services.scoring.events import JudgeAppointed
from services.scoring.state import ScoringState
from shared.decider import Decision, Refused
from shared.events import MAX_EVENTS

# An assignment is one event a judge, in one commit, with the choice of the anchors before them.
MOST_JUDGES = MAX_EVENTS - 1
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
        "entries-not-unread",
        "third-readings-unset",
        "entry-unknown",
        "entry-out",
        "not-assigned",
        "conflicted",
        "window-closed",
        "sheet-submitted",
        "sheet-incomplete",
        "criteria-differ",
        "mark-out-of-range",
        "mark-needs-words",
        "mark-settled",
        "mark-stands",
        "score-unknown",
        "score-excluded",
        "reason-missing",
    }
)


class ScoringDecider:
    """See `shared.decider.Decider`. Folds `state.ScoringState` from its own log, moderation, submission and ranking."""

    def initial(self) -> ScoringState:
        return ScoringState()

    def evolve(self, state: ScoringState, event: Any, address: str) -> ScoringState:  # noqa: ARG002 -- a Decider's signature
        return panels.evolve(state, event)

    def decide(self, command: Command, state: ScoringState) -> Decision:
        if state.campaign is None:
            return Refused("campaign-not-open")
        match command:
            case AppointJudge():
                return _appoint(command, state)
            case Assign():
                return assigning.assign_all(command, state)
            case Reassign():
                return assigning.reassign(command, state)
            case AssignThirdReadings():
                return assigning.assign_thirds(command, state)
            case DeclareConflict():
                return assigning.step_back(command, state)
            case GiveScore():
                return marking.give(command, state)
            case SaveDraft():
                return marking.draft(command, state)
            case SubmitSheet():
                return marking.submit(command, state)
            case ExcludeScore():
                return marking.exclude(command, state)
            case _:
                assert_never(command)


def _appoint(order: AppointJudge, panel: ScoringState) -> Decision:
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
    same = before is not None and replace(before, by=after.by, at=after.at) == after
    if same and order.judge not in panel.relieved:  # whose entries were moved may have others once appointed again
        return []
    return [after]
