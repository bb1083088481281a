"""Decide who reads which entry: the assignment with anchors first, recusals, late judges and third readings.

Promises: no limit is exceeded and no judge reads an entry that they have a conflict with. A recusal (a judge declares a
conflict with an entry) is accepted, and the entry goes at once to another judge if there is one; but a mark that
counted at the end of judging can only be excluded, so that no judge who has seen a result can withdraw a mark by a
recusal. A late judge's unread entries move all at once or not at all. A third reading (a further judge's mark of an
entry whose marks lie too far apart) is called even if no judge is left to give it: the entry then lacks a mark, and
`reports/progress.py` lists it.
"""

from dataclasses import dataclass, replace
from typing import Any

from services.scoring import state as scoring_state
from services.scoring.assignment import anchors
from services.scoring.assignment.solver import (
    Entry,
    Infeasible,
    Readings,
    assign,
    assign_most,
    substitute,
)
from services.scoring.decisions.commands import Assign, AssignThirdReadings, DeclareConflict, Reassign
from services.scoring.decisions.third_readings import disputed_entries
from services.scoring.events import (
    AnchorsChosen,
    ConflictDeclared,
    EntriesAssigned,
    EntriesReassigned,
    ThirdReadingCalled,
)
from services.scoring.state import ScoringState
from shared.canonical import digest
from shared.decider import Decision, Refused

MAX_LACKS_SHOWN = 50
AT_ONCE = 100  # third readings per commit; with one judge each the commit has at most twice as many events


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposed assignment: the anchors that apply from then on, and the new readings, anchors first."""

    anchors: tuple[str, ...]
    readings: Readings

    @property
    def digest(self) -> str:
        """The SHA-256 of the proposal, by which an organiser confirms just this one."""
        return digest({"anchors": list(self.anchors), "readings": {j: list(e) for j, e in self.readings.items()}})


def plan(state: ScoringState, seed: str) -> Plan | Infeasible:
    """Compute the assignment that gives every judged entry the judges that it lacks, or say why there is none.

    Stores nothing; `seed` decides the draws.
    """
    judged = {each: state.type_of(each) for each in state.judged_entries()}
    count = state.rule_set.judging.anchor_entries
    chosen = anchors.choose(judged, count, seed) if state.anchors is None else state.anchors
    entries, bench, limits = state.to_assign(), state.available_judges(), state.limits
    first = anchors.readings(chosen, {each.entry: each for each in entries}, bench, limits)
    rest = assign(*anchors.after_readings(entries, bench, first), limits, seed)
    if isinstance(rest, Infeasible):
        return rest
    return Plan(chosen, {each: first.get(each, ()) + rest.get(each, ()) for each in sorted(first.keys() | rest.keys())})


def assign_all(command: Assign, state: ScoringState) -> Decision:
    """Decide on the assignment of all entries. Only a rehearsal may choose its seed."""
    if state.cohort is None:
        return Refused("cohort-not-fixed")
    if command.seed is not None and not state.rehearsal:
        return Refused("seed-fixed", "seed")
    for entry in sorted(state.judged_entries()):
        if entry not in state.owners or entry not in state.approved:
            return Refused(
                "entry-unknown", detail={"entry": entry}
            )  # its log is read later than ranking's: the caller tries again
    found = plan(state, command.seed or state.seed)
    if isinstance(found, Infeasible):
        return Refused("assignment-infeasible", detail=lacks_of(found))
    if command.confirm and command.confirm != found.digest:
        return Refused("assignment-changed", "confirm")
    chosen = [AnchorsChosen(found.anchors, command.by, command.at)] if found.anchors and state.anchors is None else []
    return [*chosen, *_assignment_events(found.readings, command)]


def recuse(command: DeclareConflict, state: ScoringState) -> Decision:
    """Decide on a judge's recusal from an entry, and assign the entry to another judge if it lacks a mark then."""
    if command.judge not in state.judges:
        return Refused("judge-unknown", "judge", {"judge": command.judge})
    if command.entry not in state.owners:
        return Refused("entry-unknown", "entry", {"entry": command.entry})
    if not command.reason:
        return Refused("reason-missing", "reason")
    if command.judge in state.recused.get(command.entry, frozenset()):
        return []
    mark, window = state.sheet(command.judge).entries.get(command.entry), state.rule_set.windows.judging
    if mark is not None and (command.at >= window.end or state.is_settled(mark)):
        return Refused("mark-stands", "entry", {"end": window.end})
    declared = ConflictDeclared(command.judge, command.entry, command.reason, command.at)
    if command.entry not in state.sheet(command.judge).entries or command.entry not in state.judged_entries():
        return [declared]
    after = scoring_state.evolve(state, declared)
    left = next(each for each in after.to_assign() if each.entry == command.entry)
    if len(left.readers) >= after.marks_needed(command.entry):
        return [declared]
    judge = substitute(left, after.available_judges(), after.limits, after.seed)
    if judge is None:
        return [declared]
    return [declared, EntriesAssigned(judge, (command.entry,), command.judge, command.at)]


def reassign(command: Reassign, state: ScoringState) -> Decision:
    """Decide on moving a judge's unmarked entries to other judges: all are moved, or the command is refused."""
    if command.judge not in state.judges:
        return Refused("judge-unknown", "judge", {"judge": command.judge})
    if not command.reason:
        return Refused("reason-missing", "reason")
    unread = state.unmarked_entries(command.judge)
    moving = unread if command.entries is None else tuple(sorted(set(command.entries)))
    if foreign := [each for each in moving if each not in unread]:
        return Refused("entries-not-unread", "entries", {"entries": foreign})
    if not moving:
        return []
    moved = EntriesReassigned(command.judge, moving, command.reason, command.by, command.at)
    after = scoring_state.evolve(state, moved)
    left = [_one_more(each, after) for each in after.to_assign() if each.entry in moving]
    found = assign(left, after.available_judges(), after.limits, after.seed)
    if isinstance(found, Infeasible):
        return Refused("assignment-infeasible", detail=lacks_of(found))
    return [moved, *_assignment_events(found, command)]


def assign_third_readings(command: AssignThirdReadings, state: ScoringState) -> Decision:
    """Decide which entries get a third reading, AT_ONCE at most, and assign judges to as many as the limits allow."""
    if state.rule_set.judging.third_reading is None:
        return Refused("third-readings-unset")
    if state.cohort is None:
        return Refused("cohort-not-fixed")
    window = state.rule_set.windows.judging
    # They are also called after the window: the result waits for them, and judging may be reopened.
    if command.at < window.start:
        return Refused("window-closed", detail={"start": window.start, "end": window.end})
    spreads = list(disputed_entries(state, command.at).items())[:AT_ONCE]
    marks = state.limits.marks + 1
    called = [ThirdReadingCalled(entry, spread, marks, command.at) for entry, spread in spreads]
    after = state
    for fact in called:
        after = scoring_state.evolve(after, fact)
    short = [each for each in after.to_assign() if each.entry in after.called and len(each.readers) < marks]
    readings, _ = assign_most(
        [_one_more(each, after) for each in short[:AT_ONCE]], after.available_judges(), after.limits, after.seed
    )
    return [*called, *_assignment_events(readings, command)]


def lacks_of(found: Infeasible) -> dict[str, Any]:
    """Return which entries lack judges and why, as plain data: the first MAX_LACKS_SHOWN, and the `count` of all."""
    shown = [
        {"entry": each.entry, "missing": each.missing, "limit": each.limit, "judges": list(each.judges)}
        for each in found.lacks[:MAX_LACKS_SHOWN]
    ]
    return {"short": shown, "count": len(found.lacks)}


def _one_more(entry: Entry, state: ScoringState) -> Entry:
    """Return the entry as needing at most one more judge; any further lack is left to `Assign`."""
    return replace(entry, marks=min(state.marks_needed(entry.entry), len(entry.readers) + 1))


def _assignment_events(readings: Readings, command: Assign | Reassign | AssignThirdReadings) -> list[EntriesAssigned]:
    return [EntriesAssigned(judge, entries, command.by, command.at) for judge, entries in sorted(readings.items())]
