"""Decide which judge marks which entry, and which marks count.

Promises: a mark comes from a judge to whom the entry is assigned, who has no conflict, inside the judging window, for
exactly the criteria of the rubric; a submitted sheet is complete and no longer changes; a recusal is accepted until
judging ends, and for an unmarked entry even later, and the entry goes at once to another judge within the limits, if
there is one; a mark is never deleted, only excluded with a reason.
Does not promise: that each entry gets its marks. `ScoringState` shows which entries lack marks, and the result waits
for them.
`decisions/assigning.py` decides who reads what, `decisions/marking.py` what a judge may do with it.
"""

from dataclasses import replace
from typing import Any, assert_never

from services.scoring import state as scoring_state
from services.scoring.decisions import assigning, marking
from services.scoring.decisions.commands import (
    AppointJudge,
    Assign,
    AssignThirdReadings,
    Command,
    DeclareConflict,
    DeclareIndependence,
    EditMark,
    ExcludeScore,
    GiveScore,
    NoteReading,
    Reassign,
    SaveDraft,
    SubmitSheet,
)
from services.scoring.events import JudgeAppointed
from services.scoring.state import ScoringState
from shared.decider import Decision, Refused
from shared.events import MAX_EVENTS

# An assignment is one commit with one event per judge, after one event for the choice of the anchors.
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
        "assignment-changed",
        "independence-undeclared",
        "declaration-outdated",
        "draft-changed",
        "draft-field-unknown",
        "draft-field-invalid",
        "entries-not-unread",
        "third-readings-unset",
        "entry-unknown",
        "entry-out",
        "entry-withdrawn",
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
    """Decides scoring's commands; folds its log and the logs of moderation, submission and ranking (a Decider)."""

    def initial(self) -> ScoringState:
        return ScoringState()

    def evolve(self, state: ScoringState, event: Any, address: str) -> ScoringState:  # noqa: ARG002 -- a Decider's signature
        return scoring_state.evolve(state, event)

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
                return assigning.assign_third_readings(command, state)
            case DeclareConflict():
                return assigning.recuse(command, state)
            case GiveScore():
                return marking.give(command, state)
            case SaveDraft():
                return marking.draft(command, state)
            case EditMark():
                return marking.edit(command, state)
            case DeclareIndependence():
                return marking.declare_independence(command, state)
            case NoteReading():
                return marking.note_reading(command, state)
            case SubmitSheet():
                return marking.submit(command, state)
            case ExcludeScore():
                return marking.exclude(command, state)
            case _:
                assert_never(command)


def _appoint(command: AppointJudge, state: ScoringState) -> Decision:
    if not state.staff.get(command.judge, False):
        return Refused("not-a-judge", "judge", {"judge": command.judge})
    declared = tuple(sorted(set(command.conflicts)))
    unknown = [unit for unit in declared if unit not in state.units]
    if unknown:
        return Refused("unit-unknown", "conflicts", {"units": unknown})
    before = state.judges.get(command.judge)
    if before is None and len(state.judges) >= MOST_JUDGES:
        return Refused("too-many-judges", detail={"most": MOST_JUDGES})
    after = JudgeAppointed(
        command.judge, command.name, command.employer, command.city, declared, command.by, command.at
    )
    same = before is not None and replace(before, by=after.by, at=after.at) == after
    if same and command.judge not in state.relieved:  # appointing a relieved judge again makes them available again
        return []
    return [after]
