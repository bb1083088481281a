"""What scoring knows: the judges and their sheets, beside what the other services say of units, entries and cohort.

Promises: the state is the same in whatever order the logs are folded: each field is written by one log alone, and
what needs several of them is asked when it is needed. Decides nothing.
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
    JudgeAppointed,
    MarkDrafted,
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
    """See the module."""

    campaign: rules.Campaign | None = None
    commitment: str = ""  # of the locked rules
    rehearsal: bool = False
    clock: int = 0  # a rehearsal's campaign time
    staff: Map[str, bool] = field(default_factory=Map)  # whether it has the role judge
    units: Map[str, RollRow] = field(default_factory=Map)  # as the last roll that names them says
    parts: Map[str, Map[int, tuple[RollRow, ...]]] = field(default_factory=Map)  # of rolls on their way
    owners: Map[str, str] = field(default_factory=Map)  # entry -> unit
    types: Map[str, str] = field(default_factory=Map)  # entry -> unit type, as handed in
    desk_types: Map[str, str] = field(default_factory=Map)  # entry -> unit type, where the desk has named it
    approved: Map[str, int] = field(default_factory=Map)  # entry -> the version that is judged
    withdrawn: frozenset[str] = frozenset()
    disqualified: frozenset[str] = frozenset()
    cohort: frozenset[str] | None = None
    judges: Map[str, JudgeAppointed] = field(default_factory=Map)
    sheets: Map[str, Sheet] = field(default_factory=Map)
    recused: Map[str, frozenset[str]] = field(default_factory=Map)  # entry -> judges
    relieved: frozenset[str] = frozenset()  # judges whose unread entries were taken away: they get no others
    anchors: tuple[str, ...] | None = None  # once they are chosen
    called: Map[str, ThirdReadingCalled] = field(default_factory=Map)  # by entry
    reopened: int | None = None  # when judging that was over was last opened again

    # what stands in the way

    def out(self, entry: str) -> str | None:
        """Why an entry is judged no more, or None."""
        if entry in self.disqualified:
            return DISQUALIFIED
        return WITHDRAWN if entry in self.withdrawn else None

    def sheet(self, judge: str) -> Sheet:
        return self.sheets.get(judge, Sheet())

    def unit_of(self, entry: str) -> Unit:
        """The unit of an entry; one of nobody where the hand-in is not read yet."""
        code = self.owners.get(entry, "")
        row = self.units.get(code)
        return Unit(code, row.employer, row.city) if row is not None else Unit(code, "", "")

    def conflict(self, judge: str, entry: str) -> str | None:
        """Why this judge may not mark an entry, or None."""
        if judge in self.recused.get(entry, frozenset()):
            return RECUSED
        same_city = self.rule_set.judging.same_city_conflicts
        return conflicts.conflict(self._reader(judge), self.unit_of(entry), same_city=same_city)

    def is_active(self, judge: str) -> bool:
        """Whether the judge can still mark: has the role, and has not handed in the sheet."""
        return self.staff.get(judge, False) and self.sheet(judge).submitted_at is None

    def is_settled(self, mark: Mark) -> bool:
        """Whether a mark is from before judging was opened again: that is for what is missing, and changes no mark."""
        return self.reopened is not None and mark.at < self.reopened

    def type_of(self, entry: str) -> str:
        return self.desk_types.get(entry, self.types.get(entry, ""))

    def needs(self, entry: str) -> int:
        """How many marks an entry must have."""
        called = self.called.get(entry)
        return self.limits.marks if called is None else called.marks

    # what is done and what is left

    def unmarked(self, judge: str) -> tuple[str, ...]:
        """The entries that the judge has to mark before the sheet can go in."""
        entries = self.sheet(judge).entries
        return tuple(sorted(each for each, mark in entries.items() if mark is None and self.is_open(judge, each)))

    def done(self, judge: str) -> tuple[str, ...]:
        """The entries whose mark by the judge counts."""
        marks = self.sheet(judge).entries.items()
        given = (each for each, mark in marks if mark is not None and not mark.excluded)
        return tuple(sorted(each for each in given if self.out(each) is None))

    def is_open(self, judge: str, entry: str) -> bool:
        """Whether nothing but the clock and the sheet hinders the judge from marking an entry of theirs."""
        return self.out(entry) is None and self.conflict(judge, entry) is None

    def readings(self) -> Iterator[tuple[str, str, Mark | None]]:
        """(judge, entry, mark) of what counts towards the marks of an entry: the given, and those that may come."""
        for judge, sheet in self.sheets.items():
            active = self.is_active(judge)
            for entry, mark in sheet.entries.items():
                if (active and self.is_open(judge, entry)) if mark is None else not mark.excluded:
                    yield judge, entry, mark

    def standing(self) -> frozenset[str]:
        """The entries of the cohort that are judged."""
        return (self.cohort or frozenset()) - self.withdrawn - self.disqualified

    # the matter of `assignment`

    @property
    def limits(self) -> Limits:
        judging = self.rule_set.judging
        return Limits(judging.min_marks, judging.max_entries_per_judge, judging.same_city_conflicts)

    @property
    def rule_set(self) -> rules.Campaign:
        """The rule set of an open campaign."""
        assert self.campaign is not None, "nothing of this is asked before the campaign is open"
        return self.campaign

    @property
    def seed(self) -> str:
        """Fixed before anybody knows the cohort, and public: nobody can try seeds until a judge gets an entry."""
        return self.commitment or self.rule_set.id

    def to_assign(self) -> list[Entry]:
        """The standing entries with who reads them, for all that scoring has read of them."""
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
                self.needs(each),
            )
            for each in sorted(self.standing())
        ]

    def bench(self) -> list[Judge]:
        """The judges who may be given entries. What is out is no load any more."""
        return [
            Judge(each, self._reader(each), sum(1 for entry in self.sheet(each).entries if self.out(entry) is None))
            for each in sorted(self.judges)
            if self.is_active(each) and each not in self.relieved
        ]

    def _reader(self, judge: str) -> Reader:
        appointed = self.judges[judge]
        return Reader(appointed.employer, appointed.city, frozenset(appointed.conflicts))


def evolve(panel: ScoringState, fact: Any) -> ScoringState:
    """The state after a fact of scoring, moderation, submission or ranking; other facts change nothing."""
    match fact:
        case JudgeAppointed():
            judges = panel.judges.set(fact.judge, fact)
            return replace(panel, judges=judges, relieved=panel.relieved - {fact.judge})
        case ConflictDeclared():
            recused = panel.recused.get(fact.entry, frozenset()) | {fact.judge}
            return replace(_marked(panel, fact), recused=panel.recused.set(fact.entry, recused))
        case EntriesReassigned():
            return replace(_marked(panel, fact), relieved=panel.relieved | {fact.judge})
        case EntriesAssigned() | MarkDrafted() | ScoreGiven() | ScoreRevised() | ScoreExcluded() | SheetSubmitted():
            return _marked(panel, fact)
        case AnchorsChosen():
            return replace(panel, anchors=fact.entries)
        case ThirdReadingCalled():
            return replace(panel, called=panel.called.set(fact.entry, fact))
        case CohortFixed():
            return replace(panel, cohort=frozenset(fact.entries).union(panel.cohort or ()))
        case RollChunk() | RollImported() | EntrySubmitted() | EntryWithdrawn():
            return _handed_in(panel, fact)
        case _:
            return _told(panel, fact)


def _marked(panel: ScoringState, fact: Marking) -> ScoringState:
    return replace(panel, sheets=panel.sheets.set(fact.judge, judge_sheet.evolve(panel.sheet(fact.judge), fact)))


def _handed_in(panel: ScoringState, fact: RollChunk | RollImported | EntrySubmitted | EntryWithdrawn) -> ScoringState:
    match fact:
        case RollChunk():
            parts = panel.parts.get(fact.roll, Map()).set(fact.part, fact.rows)
            return replace(panel, parts=panel.parts.set(fact.roll, parts))
        case RollImported():
            parts = panel.parts.get(fact.roll, Map())
            rows = {row.code: row for part in range(fact.parts) for row in parts[part]}
            # A unit that a later roll leaves out keeps its entry, so what it was in conflict with stays known.
            return replace(panel, units=panel.units.update(rows), parts=panel.parts.delete(fact.roll))
        case EntrySubmitted():
            types = panel.types.set(fact.entry, fact.type)
            return replace(panel, owners=panel.owners.set(fact.entry, fact.unit), types=types)
        case EntryWithdrawn():
            return replace(panel, withdrawn=panel.withdrawn | {fact.entry})
        case _:
            assert_never(fact)


def _told(panel: ScoringState, fact: Any) -> ScoringState:
    """What the desk says."""
    match fact:
        case desk.CampaignOpened():
            clock = fact.now if fact.rehearsal else 0
            return replace(panel, campaign=rules.from_data(fact.campaign), rehearsal=fact.rehearsal, clock=clock)
        case desk.ClockMoved():
            return replace(panel, clock=fact.now)
        case desk.RulesLocked():
            return replace(panel, campaign=rules.from_data(fact.campaign), commitment=fact.seed_commitment)
        case desk.WindowMoved() if panel.campaign is not None:
            again = fact.window == "judging" and fact.at >= panel.campaign.windows.judging.end
            moved = panel.campaign.moved(fact.window, rules.Window(fact.start, fact.end))
            return replace(panel, campaign=moved, reopened=fact.at if again else panel.reopened)
        case desk.StaffAppointed():
            return replace(panel, staff=panel.staff.set(fact.staff, "judge" in fact.roles))
        case desk.ShortlistConfirmed():
            types = {each.entry: each.type for each in fact.entries}
            return replace(panel, desk_types=panel.desk_types.update(types))
        case desk.TypeCorrected():
            return replace(panel, desk_types=panel.desk_types.set(fact.entry, fact.type))
        case desk.EntryApproved():
            return replace(panel, approved=panel.approved.set(fact.entry, fact.version))
        case desk.EntryReturned() | desk.EntryRejected() if fact.entry in panel.approved:
            return replace(panel, approved=panel.approved.delete(fact.entry))
        case desk.EntryDisqualified():
            return replace(panel, disqualified=panel.disqualified | {fact.entry})
        case _:
            return panel
