"""What submission knows: the roll, the entries, the late passes, and what the desk has said of each entry.

Promises: the state is the same in whatever order the two logs are folded, since each field speaks for one log only:
versions for submission's, verdicts for moderation's. Where both matter, `status` compares their version numbers.
Does not decide anything.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.submission.events import (
    ConsentGiven,
    EntrySubmitted,
    EntryWithdrawn,
    LatePassGranted,
    RollChunk,
    RollImported,
    RollRow,
)

SUBMITTED, APPROVED, RETURNED, REJECTED = "submitted", "approved", "returned", "rejected"
WITHDRAWN, DISQUALIFIED = "withdrawn", "disqualified"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the desk says of an entry. A decision speaks of its own version: a newer one waits for its own."""

    decision: desk.EntryApproved | desk.EntryReturned | desk.EntryRejected | None = None
    disqualified: desk.EntryDisqualified | None = None
    frozen: bool = False
    type: str | None = None  # where it was corrected
    number: str | None = None  # on the poster

    @property
    def approved(self) -> int | None:
        """The version that may be shown."""
        return self.decision.version if isinstance(self.decision, desk.EntryApproved) else None

    @property
    def mend_until(self) -> int:
        return self.decision.until if isinstance(self.decision, desk.EntryReturned) else 0


@dataclass(frozen=True, slots=True)
class Entry:
    """All versions of an entry, the first one first."""

    versions: tuple[EntrySubmitted, ...]
    withdrawn: EntryWithdrawn | None = None

    @property
    def latest(self) -> EntrySubmitted:
        return self.versions[-1]

    def status(self, verdict: Verdict) -> str:
        if verdict.disqualified is not None:
            return DISQUALIFIED
        if self.withdrawn is not None:
            return WITHDRAWN
        match verdict.decision:
            case desk.EntryApproved(version=self.latest.version):
                return APPROVED
            case desk.EntryReturned(version=self.latest.version):
                return RETURNED
            case desk.EntryRejected(version=self.latest.version):
                return REJECTED
        return SUBMITTED


@dataclass(frozen=True, slots=True)
class Pass:
    granted: LatePassGranted
    used_by: str | None = None


@dataclass(frozen=True, slots=True)
class SubmissionState:
    """See the module."""

    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's time; None: the wall clock's
    roll: RollImported | None = None
    units: Map[str, RollRow] = field(default_factory=Map)
    rolls: Map[str, RollImported] = field(default_factory=Map)  # all that were ever imported
    parts: Map[str, Map[int, tuple[RollRow, ...]]] = field(default_factory=Map)  # of rolls on their way
    entries: Map[str, Entry] = field(default_factory=Map)
    of_unit: Map[str, tuple[str, ...]] = field(default_factory=Map)
    holding: Map[str, tuple[str, ...]] = field(default_factory=Map)  # the entries that hold a file, by its SHA-256
    verdicts: Map[str, Verdict] = field(default_factory=Map)
    passes: Map[str, Pass] = field(default_factory=Map)
    consents: Map[tuple[str, int], ConsentGiven] = field(default_factory=Map)  # by entry and version

    def coming(self, roll: str) -> Map[int, tuple[RollRow, ...]]:
        """The parts of a roll that is not closed yet."""
        return self.parts.get(roll, Map())

    def verdict(self, entry: str) -> Verdict:
        return self.verdicts.get(entry, Verdict())

    def status(self, entry: str) -> str:
        return self.entries[entry].status(self.verdict(entry))

    def shown(self, entry: str) -> EntrySubmitted | None:
        """The version that the public may see; None for what is not approved, or is out."""
        found, verdict = self.entries.get(entry), self.verdict(entry)
        if found is None or found.withdrawn or verdict.disqualified or verdict.approved is None:
            return None
        known = verdict.approved <= len(found.versions)  # a replica may read the desk before its own log
        return found.versions[verdict.approved - 1] if known else None


def evolve(intake: SubmissionState, fact: Any) -> SubmissionState:
    """The state after a fact of submission or moderation; other facts change nothing."""
    match fact:
        case RollChunk():
            parts = intake.coming(fact.roll).set(fact.part, fact.rows)
            return replace(intake, parts=intake.parts.set(fact.roll, parts))
        case RollImported():
            return _imported(intake, fact)
        case EntrySubmitted():
            return _submitted(intake, fact)
        case EntryWithdrawn():
            entry = replace(intake.entries[fact.entry], withdrawn=fact)
            return replace(intake, entries=intake.entries.set(fact.entry, entry))
        case ConsentGiven():
            return replace(intake, consents=intake.consents.set((fact.entry, fact.version), fact))
        case LatePassGranted():
            return replace(intake, passes=intake.passes.set(fact.late_pass, Pass(fact)))
        case _:
            return _told(intake, fact)


def _imported(intake: SubmissionState, fact: RollImported) -> SubmissionState:
    parts = intake.parts[fact.roll]
    units = Map({row.code: row for part in range(fact.parts) for row in parts[part]})
    return replace(
        intake, roll=fact, units=units, rolls=intake.rolls.set(fact.roll, fact), parts=intake.parts.delete(fact.roll)
    )


def _submitted(intake: SubmissionState, fact: EntrySubmitted) -> SubmissionState:
    before = intake.entries.get(fact.entry)
    versions = before.versions if before else ()
    if fact.version != len(versions) + 1:
        raise ValueError(f"{fact.entry} has {len(versions)} versions, and version {fact.version} comes")
    of_unit, passes = intake.of_unit, intake.passes
    if before is None:
        of_unit = of_unit.set(fact.unit, (*of_unit.get(fact.unit, ()), fact.entry))
    if fact.late_pass is not None:
        passes = passes.set(fact.late_pass, replace(passes[fact.late_pass], used_by=fact.entry))
    holding = intake.holding
    for file in fact.files:
        if fact.entry not in holding.get(file.sha256, ()):
            holding = holding.set(file.sha256, (*holding.get(file.sha256, ()), fact.entry))
    entries = intake.entries.set(fact.entry, Entry((*versions, fact)))
    return replace(intake, entries=entries, of_unit=of_unit, holding=holding, passes=passes)


def _told(intake: SubmissionState, fact: Any) -> SubmissionState:
    """What the desk says. Its entry may be one that is not folded yet."""
    match fact:
        case desk.CampaignOpened():
            clock = fact.now if fact.rehearsal else None
            return replace(intake, campaign=rules.from_data(fact.campaign), clock=clock)
        case desk.ClockMoved():
            return replace(intake, clock=fact.now)
        case desk.RulesLocked():
            return replace(intake, campaign=rules.from_data(fact.campaign))
        case desk.WindowMoved() if intake.campaign is not None:
            moved = intake.campaign.moved(fact.window, rules.Window(fact.start, fact.end))
            return replace(intake, campaign=moved)
        case desk.EntryApproved() | desk.EntryReturned() | desk.EntryRejected():
            return _judged(intake, fact.entry, decision=fact)
        case desk.EntryFrozen() | desk.EntryUnfrozen():
            return _judged(intake, fact.entry, frozen=isinstance(fact, desk.EntryFrozen))
        case desk.EntryDisqualified():
            return _judged(intake, fact.entry, disqualified=fact)
        case desk.TypeCorrected():
            return _judged(intake, fact.entry, type=fact.type)
        case desk.ShortlistConfirmed():
            for listed in fact.entries:
                intake = _judged(intake, listed.entry, number=listed.number)
            return intake
        case _:
            return intake


def _judged(intake: SubmissionState, entry: str, **change: Any) -> SubmissionState:
    return replace(intake, verdicts=intake.verdicts.set(entry, replace(intake.verdict(entry), **change)))
