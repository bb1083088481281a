"""The state of scoring: judges and their sheets, and what other services published about units, entries and the cohort.

Promises: folding the logs in any order gives the same state, because each field is written by one log alone; whatever
needs several logs is computed when it is read. Makes no decisions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from immutables import Map

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.ranking.events import CohortFixed
from services.scoring import judge_sheet
from services.scoring.assignment import conflicts
from services.scoring.assignment.conflicts import Reader, Unit
from services.scoring.assignment.solver import Entry, Judge, Limits
from services.scoring.events import (
    AnchorsChosen,
    ConflictDeclared,
    EntriesAssigned,
    EntriesReassigned,
    IndependenceDeclared,
    JudgeAppointed,
    MarkDrafted,
    ReadingOpened,
    ReadingSkipped,
    ScoreExcluded,
    ScoreGiven,
    ScoreRevised,
    SheetSubmitted,
    ThirdReadingCalled,
)
from services.scoring.judge_sheet import Mark, Marking, Sheet
from services.submission.events import (
    EntrySubmitted,
    EntryWithdrawn,
    RollChunk,
    RollImported,
    RollRow,
)

RECUSED = "recused"
WITHDRAWN, DISQUALIFIED = "withdrawn", "disqualified"


@dataclass(frozen=True, slots=True)
class ScoringState:
    """The folded state that scoring decides on: rules, units, entries, the cohort, judges and their sheets.

    The cohort are the entries that are judged. Judges are keyed by their staff names.
    """

    campaign: rules.Campaign | None = None
    commitment: str = ""  # the seed commitment of the locked rules; empty before the lock
    rehearsal: bool = False
    clock: int = 0  # a rehearsal's campaign time
    staff: Map[str, bool] = field(default_factory=Map)  # staff name -> whether the person has the role judge
    units: Map[str, RollRow] = field(default_factory=Map)  # unit code -> its row in the latest roll that lists it
    parts: Map[str, Map[int, tuple[RollRow, ...]]] = field(default_factory=Map)  # of rolls that are not complete yet
    owners: Map[str, str] = field(default_factory=Map)  # entry -> unit
    handed_in: Map[str, Unit] = field(default_factory=Map)  # entry -> its unit as of the last hand-in
    types: Map[str, str] = field(default_factory=Map)  # entry -> unit type, as handed in
    desk_types: Map[str, str] = field(default_factory=Map)  # entry -> unit type as moderation listed or corrected it
    approved: Map[str, int] = field(default_factory=Map)  # entry -> the version that is judged
    withdrawn: frozenset[str] = frozenset()
    disqualified: frozenset[str] = frozenset()
    cohort: frozenset[str] | None = None
    judges: Map[str, JudgeAppointed] = field(default_factory=Map)
    sheets: Map[str, Sheet] = field(default_factory=Map)
    recused: Map[str, frozenset[str]] = field(default_factory=Map)  # entry -> judges
    relieved: frozenset[str] = frozenset()  # judges whose unread entries were taken away; they get no others
    anchors: tuple[str, ...] | None = None  # None until they are chosen
    called: Map[str, ThirdReadingCalled] = field(default_factory=Map)  # by entry
    reopened: int | None = None  # when judging was last reopened after its end
    barred: frozenset[tuple[str, str]] = frozenset()  # judge and entry of marks that a change set excluded

    # What prevents a judge from marking

    def removal_reason(self, entry: str) -> str | None:
        """Return why an entry is no longer judged (WITHDRAWN or DISQUALIFIED), or None."""
        if entry in self.disqualified:
            return DISQUALIFIED
        return WITHDRAWN if entry in self.withdrawn else None

    def sheet(self, judge: str) -> Sheet:
        """Return the sheet of a judge (assigned entries, marks, drafts), empty if nothing was assigned yet."""
        return self.sheets.get(judge, Sheet())

    def unit_of(self, entry: str) -> Unit:
        """Return the unit of an entry as in the roll now and, where that differs, as of the hand-in. A later roll so
        adds conflicts and takes none away.

        Employer and city are empty while the submission of the entry, or the unit's row of the roll (the organiser's
        list of eligible units), is not known.
        """
        code = self.owners.get(entry, "")
        row, before = self.units.get(code), self.handed_in.get(entry)
        now = Unit(code, row.employer, row.city) if row is not None else Unit(code, "", "")
        return now if before is None or before == now else replace(now, at_hand_in=before)

    def conflict(self, judge: str, entry: str) -> str | None:
        """Return why a judge may not mark an entry (RECUSED or a conflict with its unit), or None.

        Raises KeyError for a person who is not an appointed judge.
        """
        if judge in self.recused.get(entry, frozenset()):
            return RECUSED
        same_city = self.rule_set.judging.same_city_conflicts
        return conflicts.conflict(self._reader(judge), self.unit_of(entry), same_city=same_city)

    def is_active(self, judge: str) -> bool:
        """Return whether the judge can still mark: has the role, and has not submitted the sheet."""
        return self.staff.get(judge, False) and self.sheet(judge).submitted_at is None

    def is_settled(self, mark: Mark) -> bool:
        """Return whether a mark was given before judging was reopened. Reopening is for missing marks only, so such a
        mark does not change.
        """
        return self.reopened is not None and mark.at < self.reopened

    def type_of(self, entry: str) -> str:
        """Return the unit type of an entry: as moderation set it, or else as the unit submitted it."""
        return self.desk_types.get(entry, self.types.get(entry, ""))

    def marks_needed(self, entry: str) -> int:
        """Return how many marks an entry must have: the rules' minimum, or more after a third reading was called."""
        called = self.called.get(entry)
        return self.limits.marks if called is None else called.marks

    # What is marked and what is left

    def unmarked_entries(self, judge: str) -> tuple[str, ...]:
        """Return the entries that a judge still has to mark before submitting the sheet, sorted."""
        entries = self.sheet(judge).entries
        return tuple(sorted(each for each, mark in entries.items() if mark is None and self.is_open(judge, each)))

    def marked_entries(self, judge: str) -> tuple[str, ...]:
        """Return the entries that a judge has marked and whose mark counts, sorted."""
        marks = self.sheet(judge).entries.items()
        given = (each for each, mark in marks if mark is not None and not mark.excluded)
        return tuple(sorted(each for each in given if self.removal_reason(each) is None))

    def is_open(self, judge: str, entry: str) -> bool:
        """Return whether the judge may mark an entry of their sheet, apart from the window and a submitted sheet."""
        return self.removal_reason(entry) is None and self.conflict(judge, entry) is None

    def readings(self) -> Iterator[tuple[str, str, Mark | None]]:
        """Yield (judge, entry, mark) for every reading that counts for an entry: a mark that was given and not
        excluded, or None where the judge may still mark the entry.
        """
        for judge, sheet in self.sheets.items():
            active = self.is_active(judge)
            for entry, mark in sheet.entries.items():
                if (active and self.is_open(judge, entry)) if mark is None else not mark.excluded:
                    yield judge, entry, mark

    def judged_entries(self) -> frozenset[str]:
        """Return the entries of the cohort that are neither withdrawn nor disqualified; none before it is fixed."""
        return (self.cohort or frozenset()) - self.withdrawn - self.disqualified

    def conflicted_marks(self) -> Iterator[tuple[str, str, str]]:
        """Yield (entry, judge, reason) for every mark that counts although its judge has a conflict now, sorted.

        The conflict was declared, or the employer or city became known, after the mark was given. The mark counts
        until an organiser excludes it.
        """
        marked = ((entry, judge) for judge in self.sheets for entry in self.marked_entries(judge))
        for entry, by in sorted(marked):
            why = self.conflict(by, entry)
            if why is not None:
                yield entry, by, why

    # Input of the assignment

    @property
    def limits(self) -> Limits:
        """The limits of an assignment, from the rules: marks per entry, entries per judge, conflicts by city."""
        judging = self.rule_set.judging
        return Limits(judging.min_marks, judging.max_entries_per_judge, judging.same_city_conflicts)

    @property
    def rule_set(self) -> rules.Campaign:
        """The rule set of the campaign. Raises AssertionError before the campaign opens."""
        assert self.campaign is not None, "the rules are read only after the campaign is open"
        return self.campaign

    @property
    def seed(self) -> str:
        """The seed of assignments. It is public and fixed before anybody knows the cohort, so nobody can try seeds
        until a judge gets a certain entry.
        """
        return self.commitment or self.rule_set.id

    def to_assign(self) -> list[Entry]:
        """Return the judged entries as input of the solver: with their units, present readers and barred judges."""
        readers: dict[str, set[str]] = {}
        barred: dict[str, set[str]] = {}
        for judge, entry, _ in self.readings():
            readers.setdefault(entry, set()).add(judge)
        for judge, sheet in self.sheets.items():
            for entry in sheet.entries:
                barred.setdefault(entry, set()).add(judge)
        return [
            Entry(
                each,
                self.unit_of(each),
                frozenset(readers.get(each, ())),
                self.recused.get(each, frozenset()).union(barred.get(each, ())),
                self.marks_needed(each),
            )
            for each in sorted(self.judged_entries())
        ]

    def available_judges(self) -> list[Judge]:
        """Return the judges who may be assigned entries, with their loads, as input of the solver.

        Withdrawn and disqualified entries do not count as load.
        """
        return [
            Judge(
                each,
                self._reader(each),
                sum(1 for entry in self.sheet(each).entries if self.removal_reason(entry) is None),
            )
            for each in sorted(self.judges)
            if self.is_active(each) and each not in self.relieved
        ]

    def _reader(self, judge: str) -> Reader:
        appointed = self.judges[judge]
        return Reader(appointed.employer, appointed.city, frozenset(appointed.conflicts))


def evolve(state: ScoringState, fact: Any) -> ScoringState:
    """Return the state after an event of scoring, moderation, submission or ranking. Other events change nothing."""
    match fact:
        case JudgeAppointed():
            judges = state.judges.set(fact.judge, fact)
            return replace(state, judges=judges, relieved=state.relieved - {fact.judge})
        case ConflictDeclared():
            recused = state.recused.get(fact.entry, frozenset()) | {fact.judge}
            return replace(_update_sheet(state, fact), recused=state.recused.set(fact.entry, recused))
        case EntriesReassigned():
            return replace(_update_sheet(state, fact), relieved=state.relieved | {fact.judge})
        case EntriesAssigned() | MarkDrafted() | ScoreGiven() | ScoreRevised() | ScoreExcluded() | SheetSubmitted():
            return _update_sheet(state, fact)
        case IndependenceDeclared() | ReadingOpened() | ReadingSkipped():
            return _update_sheet(state, fact)
        case AnchorsChosen():
            return replace(state, anchors=fact.entries)
        case ThirdReadingCalled():
            return replace(state, called=state.called.set(fact.entry, fact))
        case CohortFixed():
            return replace(state, cohort=frozenset(fact.entries).union(state.cohort or ()))
        case RollChunk() | RollImported() | EntrySubmitted() | EntryWithdrawn():
            return _evolve_submission(state, fact)
        case _:
            return _evolve_moderation(state, fact)


def _update_sheet(state: ScoringState, fact: Marking) -> ScoringState:
    sheets = state.sheets.set(fact.judge, judge_sheet.evolve(state.sheet(fact.judge), fact))
    return _without_barred(replace(state, sheets=sheets), fact.judge)


def _without_barred(state: ScoringState, judge: str) -> ScoringState:
    """Return the state in which no mark of the judge counts that a change set excluded, whichever came first."""
    barred = {entry for who, entry in state.barred if who == judge}
    sheet = judge_sheet.exclude(state.sheet(judge), barred) if barred else None
    return state if sheet is None else replace(state, sheets=state.sheets.set(judge, sheet))


def _evolve_submission(
    state: ScoringState, fact: RollChunk | RollImported | EntrySubmitted | EntryWithdrawn
) -> ScoringState:
    match fact:
        case RollChunk():
            parts = state.parts.get(fact.roll, Map()).set(fact.part, fact.rows)
            return replace(state, parts=state.parts.set(fact.roll, parts))
        case RollImported():
            parts = state.parts.get(fact.roll, Map())
            rows = {row.code: row for part in range(fact.parts) for row in parts[part]}
            # A unit that a later roll leaves out keeps its entry, so its employer and city stay known for conflicts.
            return replace(state, units=state.units.update(rows), parts=state.parts.delete(fact.roll))
        case EntrySubmitted():
            owners, types = state.owners.set(fact.entry, fact.unit), state.types.set(fact.entry, fact.type)
            handed_in = state.handed_in.set(fact.entry, _unit_of_version(state, fact))
            return replace(state, owners=owners, types=types, handed_in=handed_in)
        case EntryWithdrawn():
            return replace(state, withdrawn=state.withdrawn | {fact.entry})
        case _:
            assert_never(fact)


def _unit_of_version(state: ScoringState, fact: EntrySubmitted) -> Unit:
    """Return the unit as of the hand-in: from the event or, for version 1 of it, from the roll that was in force."""
    if fact.unit_name is not None:
        return Unit(fact.unit, fact.employer or "", fact.city or "")
    row = state.units.get(fact.unit)
    return Unit(fact.unit, "", "") if row is None else Unit(fact.unit, row.employer, row.city)


def _evolve_moderation(state: ScoringState, fact: Any) -> ScoringState:
    """Return the state after an event of moderation."""
    match fact:
        case desk.CampaignOpened():
            clock = fact.now if fact.rehearsal else 0
            return replace(state, campaign=rules.from_data(fact.campaign), rehearsal=fact.rehearsal, clock=clock)
        case desk.ClockMoved():
            return replace(state, clock=fact.now)
        case desk.RulesLocked():
            return replace(state, campaign=rules.from_data(fact.campaign), commitment=fact.seed_commitment)
        case desk.RulesReplaced():
            return replace(state, campaign=rules.from_data(fact.campaign))
        case desk.WindowMoved() if state.campaign is not None:
            again = fact.window == "judging" and fact.at >= state.campaign.windows.judging.end
            moved = state.campaign.with_window(fact.window, rules.Window(fact.start, fact.end))
            return replace(state, campaign=moved, reopened=fact.at if again else state.reopened)
        case desk.StaffAppointed():
            return replace(state, staff=state.staff.set(fact.staff, "judge" in fact.roles))
        case desk.ShortlistConfirmed():
            types = {each.entry: each.type for each in fact.entries}
            return replace(state, desk_types=state.desk_types.update(types))
        case desk.TypeCorrected():
            return replace(state, desk_types=state.desk_types.set(fact.entry, fact.type))
        case desk.EntryApproved():
            return replace(state, approved=state.approved.set(fact.entry, fact.version))
        case desk.EntryReturned() | desk.EntryRejected() | desk.DecisionUndone() if fact.entry in state.approved:
            return replace(state, approved=state.approved.delete(fact.entry))
        case desk.MarkExcluded():
            barred = state.barred | {(fact.judge, fact.entry)}
            return _without_barred(replace(state, barred=barred), fact.judge)
        case desk.EntryDisqualified():
            return replace(state, disqualified=state.disqualified | {fact.entry})
        case _:
            return state
