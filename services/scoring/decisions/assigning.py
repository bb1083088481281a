"""Decide who reads which entry: the assignment with anchors first, recusals, late judges and third readings.

Promises: no limit is exceeded and no judge reads an entry they have a conflict with. A recusal is accepted, and the
entry goes at once to another judge if there is one; but a mark that counted at the end of judging can only be excluded,
so that no judge who has seen a result can withdraw a mark by a recusal. A late judge's unread entries move all at once
or not at all. A third reading is called even if no judge is left to give it: the entry then lacks a mark, and
`reports/progress.py` lists it.
"""

from dataclasses import dataclass, replace
from typing import Any

from services.scoring import state as panels
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
from services.scoring.decisions.third_readings import apart
from services.scoring.events import (
    AnchorsChosen,
    ConflictDeclared,
    EntriesAssigned,
    EntriesReassigned,
    ThirdReadingCalled,
)
from services.scoring.state import ScoringState
from shared.decider import Decision, Refused

LACKS_TOLD = 50
AT_ONCE = 100  # third readings per commit; with one judge each the commit has at most twice as many events


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposed assignment: the anchors that apply from then on, and the new readings, anchors first."""

    anchors: tuple[str, ...]
    readings: Readings


def plan(panel: ScoringState, seed: str) -> Plan | Infeasible:
    """Compute the assignment that gives every entry of the cohort its missing judges."""
    standing = {each: panel.type_of(each) for each in panel.standing()}
    count = panel.rule_set.judging.anchor_entries
    chosen = anchors.choose(standing, count, seed) if panel.anchors is None else panel.anchors
    entries, bench, limits = panel.to_assign(), panel.bench(), panel.limits
    first = anchors.readings(chosen, {each.entry: each for each in entries}, bench, limits)
    rest = assign(*anchors.given(entries, bench, first), limits, seed)
    if isinstance(rest, Infeasible):
        return rest
    return Plan(chosen, {each: first.get(each, ()) + rest.get(each, ()) for each in sorted(first.keys() | rest.keys())})


def assign_all(order: Assign, panel: ScoringState) -> Decision:
    """Decide on the assignment of all entries. Only a rehearsal may choose its seed."""
    if panel.cohort is None:
        return Refused("cohort-not-fixed")
    if order.seed is not None and not panel.rehearsal:
        return Refused("seed-fixed", "seed")
    for entry in sorted(panel.standing()):
        if entry not in panel.owners or entry not in panel.approved:
            return Refused(
                "entry-unknown", detail={"entry": entry}
            )  # its log is read later than ranking's: the caller tries again
    found = plan(panel, order.seed or panel.seed)
    if isinstance(found, Infeasible):
        return Refused("assignment-infeasible", detail=lacks_of(found))
    chosen = [AnchorsChosen(found.anchors, order.by, order.at)] if found.anchors and panel.anchors is None else []
    return [*chosen, *_assigned(found.readings, order)]


def step_back(order: DeclareConflict, panel: ScoringState) -> Decision:
    """Decide on a recusal, and assign the entry to a substitute if it needs one and there is one."""
    if order.judge not in panel.judges:
        return Refused("judge-unknown", "judge", {"judge": order.judge})
    if order.entry not in panel.owners:
        return Refused("entry-unknown", "entry", {"entry": order.entry})
    if not order.reason:
        return Refused("reason-missing", "reason")
    if order.judge in panel.recused.get(order.entry, frozenset()):
        return []
    mark, window = panel.sheet(order.judge).entries.get(order.entry), panel.rule_set.windows.judging
    if mark is not None and (order.at >= window.end or panel.is_settled(mark)):
        return Refused("mark-stands", "entry", {"end": window.end})
    declared = ConflictDeclared(order.judge, order.entry, order.reason, order.at)
    if order.entry not in panel.sheet(order.judge).entries or order.entry not in panel.standing():
        return [declared]
    after = panels.evolve(panel, declared)
    left = next(each for each in after.to_assign() if each.entry == order.entry)
    if len(left.readers) >= after.needs(order.entry):
        return [declared]
    judge = substitute(left, after.bench(), after.limits, after.seed)
    if judge is None:
        return [declared]
    return [declared, EntriesAssigned(judge, (order.entry,), order.judge, order.at)]


def reassign(order: Reassign, panel: ScoringState) -> Decision:
    """Decide on moving a judge's unread entries to other judges."""
    if order.judge not in panel.judges:
        return Refused("judge-unknown", "judge", {"judge": order.judge})
    if not order.reason:
        return Refused("reason-missing", "reason")
    unread = panel.unmarked(order.judge)
    moving = unread if order.entries is None else tuple(sorted(set(order.entries)))
    if foreign := [each for each in moving if each not in unread]:
        return Refused("entries-not-unread", "entries", {"entries": foreign})
    if not moving:
        return []
    moved = EntriesReassigned(order.judge, moving, order.reason, order.by, order.at)
    after = panels.evolve(panel, moved)
    left = [_one_more(each, after) for each in after.to_assign() if each.entry in moving]
    found = assign(left, after.bench(), after.limits, after.seed)
    if isinstance(found, Infeasible):
        return Refused("assignment-infeasible", detail=lacks_of(found))
    return [moved, *_assigned(found, order)]


def assign_thirds(order: AssignThirdReadings, panel: ScoringState) -> Decision:
    """Decide which entries get a third reading, and assign as many of them as the limits allow."""
    if panel.rule_set.judging.third_reading is None:
        return Refused("third-readings-unset")
    if panel.cohort is None:
        return Refused("cohort-not-fixed")
    window = panel.rule_set.windows.judging
    # They are also called after the window: the result waits for them, and judging may be reopened.
    if order.at < window.start:
        return Refused("window-closed", detail={"start": window.start, "end": window.end})
    spreads = list(apart(panel, order.at).items())[:AT_ONCE]
    marks = panel.limits.marks + 1
    called = [ThirdReadingCalled(entry, spread, marks, order.at) for entry, spread in spreads]
    after = panel
    for fact in called:
        after = panels.evolve(after, fact)
    short = [each for each in after.to_assign() if each.entry in after.called and len(each.readers) < marks]
    readings, _ = assign_most(
        [_one_more(each, after) for each in short[:AT_ONCE]], after.bench(), after.limits, after.seed
    )
    return [*called, *_assigned(readings, order)]


def lacks_of(found: Infeasible) -> dict[str, Any]:
    """Return which entries lack judges and why, as plain data; at most `LACKS_TOLD` of them."""
    told = [
        {"entry": each.entry, "missing": each.missing, "limit": each.limit, "judges": list(each.judges)}
        for each in found.lacks[:LACKS_TOLD]
    ]
    return {"short": told, "count": len(found.lacks)}


def _one_more(entry: Entry, panel: ScoringState) -> Entry:
    """Return the entry as needing at most one more judge; any further lack is left to `Assign`."""
    return replace(entry, marks=min(panel.needs(entry.entry), len(entry.readers) + 1))


def _assigned(readings: Readings, order: Assign | Reassign | AssignThirdReadings) -> list[EntriesAssigned]:
    return [EntriesAssigned(judge, entries, order.by, order.at) for judge, entries in sorted(readings.items())]
