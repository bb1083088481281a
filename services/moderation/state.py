"""What moderation knows: the campaign as it stands, its clock and staff, and a dossier of each entry.

Promises: the state is the same in whatever order its own log, submission's and ranking's are folded: `handed` speaks
for submission's log only, `published_at` and `is_final` for ranking's, the rest for its own. Where several matter, the
reader compares (`status`: version numbers). Does not decide anything.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from services.moderation import campaign as rules
from services.moderation.events import (
    CampaignOpened,
    ClockMoved,
    ComplaintAnswered,
    ComplaintFiled,
    EntryApproved,
    EntryClaimed,
    EntryDisqualified,
    EntryFrozen,
    EntryRejected,
    EntryReturned,
    EntryUnfrozen,
    RulesLocked,
    ShortlistConfirmed,
    StaffAppointed,
    SubjectForgotten,
    TypeCorrected,
    WindowMoved,
)
from services.ranking.events import ResultFinal, ResultPublished
from services.submission.events import EntrySubmitted, EntryWithdrawn
from shared.events import Sealed

SUBMITTED, APPROVED, RETURNED, REJECTED = "submitted", "approved", "returned", "rejected"
WITHDRAWN, DISQUALIFIED = "withdrawn", "disqualified"
# the kinds of subject that may be forgotten, as the vault names them
STAFF, VOTER, COMPLAINT, OBJECTION = "staff", "voter", "complaint", "objection"
ROLES = ("moderator", "judge", "organiser", "auditor", "operator")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff; without roles, dismissed."""

    name: Sealed
    roles: tuple[str, ...]
    password: Sealed  # empty once the person was forgotten: whoever comes back needs a new one


@dataclass(frozen=True, slots=True)
class Version:
    """What the desk needs to know of a version; the rest is submission's."""

    unit: str
    type: str
    title: str
    themes: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Handed:
    """An entry as submission has it, the first version first."""

    versions: tuple[Version, ...] = ()
    withdrawn: bool = False

    @property
    def latest(self) -> int:
        return len(self.versions)


@dataclass(frozen=True, slots=True)
class Dossier:
    """An entry as the desk has it. A decision speaks of its own version: a newer one waits for its own."""

    claim: EntryClaimed | None = None
    decision: EntryApproved | EntryReturned | EntryRejected | None = None
    frozen: bool = False
    disqualified: EntryDisqualified | None = None
    type: str | None = None  # where it was corrected
    number: str | None = None  # on the poster; once given it stays

    @property
    def approved(self) -> int | None:
        """The version that may be shown."""
        return self.decision.version if isinstance(self.decision, EntryApproved) else None

    def claimed(self, at: int) -> EntryClaimed | None:
        """The claim that stands."""
        return self.claim if self.claim is not None and at < self.claim.until else None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody filed, and the last answer."""

    filed: ComplaintFiled
    answered: ComplaintAnswered | None = None


@dataclass(frozen=True, slots=True)
class ModerationState:
    """See the module."""

    opened: CampaignOpened | None = None
    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's time; None: the wall clock's
    rule_versions: tuple[RulesLocked, ...] = ()  # the first is the one that was locked before like week
    listed: bool = False  # a shortlist was confirmed
    staff: Map[str, Member] = field(default_factory=Map)
    handed: Map[str, Handed] = field(default_factory=Map)
    dossiers: Map[str, Dossier] = field(default_factory=Map)
    complaints: Map[str, Complaint] = field(default_factory=Map)
    forgotten: frozenset[str] = frozenset()  # subjects, also those that came back since
    published_at: int | None = None  # when ranking last published a result
    is_final: bool = False  # that result is final

    @property
    def locked(self) -> RulesLocked | None:
        """The rules in force, once any are locked."""
        return self.rule_versions[-1] if self.rule_versions else None

    def dossier(self, entry: str) -> Dossier:
        return self.dossiers.get(entry, Dossier())

    def status(self, entry: str) -> str:
        handed, dossier = self.handed[entry], self.dossier(entry)
        if dossier.disqualified is not None:
            return DISQUALIFIED
        if handed.withdrawn:
            return WITHDRAWN
        match dossier.decision:
            case EntryApproved(version=handed.latest):
                return APPROVED
            case EntryReturned(version=handed.latest):
                return RETURNED
            case EntryRejected(version=handed.latest):
                return REJECTED
        return SUBMITTED

    def standing(self, entry: str) -> bool:
        """Whether it may be shown and, once listed, liked and judged."""
        out = self.dossier(entry).disqualified is not None or self.handed.get(entry, Handed()).withdrawn
        return not out and self.dossier(entry).approved is not None

    def type_of(self, entry: str) -> str:
        """The unit type that counts: as corrected, else as handed in."""
        return self.dossier(entry).type or self.handed[entry].versions[-1].type


def now(office: ModerationState, wall_ms: int) -> int:
    """Campaign time: a rehearsal's clock, or the wall's."""
    return wall_ms if office.clock is None else office.clock


def evolve(office: ModerationState, fact: Any) -> ModerationState:
    """The state after a fact; those that moderation does not care for change nothing."""
    match fact:
        case CampaignOpened():
            clock = fact.now if fact.rehearsal else None
            return replace(office, opened=fact, campaign=rules.from_data(fact.campaign), clock=clock)
        case WindowMoved():
            assert office.campaign is not None
            moved = office.campaign.moved(fact.window, rules.Window(fact.start, fact.end))
            return replace(office, campaign=moved)
        case ClockMoved():
            return replace(office, clock=fact.now)
        case RulesLocked():
            versions = (*office.rule_versions, fact)
            return replace(office, rule_versions=versions, campaign=rules.from_data(fact.campaign))
        case StaffAppointed():
            member = Member(fact.name, fact.roles, fact.password)
            return replace(office, staff=office.staff.set(fact.staff, member))
        case SubjectForgotten():
            return _forgotten(office, fact.subject)
        case ComplaintFiled():
            return replace(office, complaints=office.complaints.set(fact.complaint, Complaint(fact)))
        case ComplaintAnswered():
            answered = replace(office.complaints[fact.complaint], answered=fact)
            return replace(office, complaints=office.complaints.set(fact.complaint, answered))
        case ResultPublished():
            return replace(office, published_at=fact.at, is_final=False)
        case ResultFinal():
            return replace(office, is_final=True)
        case ShortlistConfirmed():
            for each in fact.entries:
                office = _filed(office, each.entry, number=each.number)
            return replace(office, listed=True)
        case EntrySubmitted():
            return _handed(office, fact)
        case EntryWithdrawn():
            gone = replace(office.handed[fact.entry], withdrawn=True)
            return replace(office, handed=office.handed.set(fact.entry, gone))
        case _:
            return _reviewed(office, fact)


def _reviewed(office: ModerationState, fact: Any) -> ModerationState:
    """A fact about one entry, which may be one that is not folded yet."""
    match fact:
        case EntryClaimed():
            return _filed(office, fact.entry, claim=fact)
        case EntryApproved() | EntryReturned() | EntryRejected():
            return _filed(office, fact.entry, decision=fact, claim=None)
        case EntryFrozen() | EntryUnfrozen():
            return _filed(office, fact.entry, frozen=isinstance(fact, EntryFrozen))
        case EntryDisqualified():
            return _filed(office, fact.entry, disqualified=fact)
        case TypeCorrected():
            return _filed(office, fact.entry, type=fact.type)
        case _:
            return office


def _forgotten(office: ModerationState, subject: str) -> ModerationState:
    kind, _, name = subject.partition(".")
    staff = office.staff
    if kind == STAFF:
        staff = staff.set(name, replace(staff[name], password=Sealed("")))
    return replace(office, staff=staff, forgotten=office.forgotten | {subject})


def _filed(office: ModerationState, entry: str, **change: Any) -> ModerationState:
    return replace(office, dossiers=office.dossiers.set(entry, replace(office.dossier(entry), **change)))


def _handed(office: ModerationState, fact: EntrySubmitted) -> ModerationState:
    before = office.handed.get(fact.entry, Handed())
    if fact.version != before.latest + 1:
        raise ValueError(f"{fact.entry} has {before.latest} versions, and version {fact.version} comes")
    version = Version(fact.unit, fact.type, fact.title, fact.themes, fact.at)
    handed = replace(before, versions=(*before.versions, version))
    return replace(office, handed=office.handed.set(fact.entry, handed))
