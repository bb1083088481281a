"""The state of moderation: the campaign with its current windows, its clock and staff, and a dossier of each entry.

Promises: folding moderation's own log, submission's and ranking's in any order gives the same state, because each field
is written by one log alone: `handed`, `invited` and `roll_types` by submission's, `published_at` and `is_final` by
ranking's, all others by moderation's. Readers compare where several fields matter (`status` compares version numbers).
Makes no decisions.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from services.moderation import campaign as rules
from services.moderation import outbox as outbox_state
from services.moderation import question_desk as question_state
from services.moderation import roll_types as roll_state
from services.moderation.events import (
    AuthenticatorAdded,
    AuthenticatorRemoved,
    BulkDecided,
    CampaignOpened,
    ChangesApplied,
    ChangesDropped,
    ChangesProposed,
    ClockMoved,
    ComplaintAnswered,
    ComplaintFiled,
    DecisionUndone,
    DisqualificationDeclined,
    DisqualificationProposed,
    EntriesHandedOver,
    EntryApproved,
    EntryChecked,
    EntryClaimed,
    EntryDisqualified,
    EntryFlagged,
    EntryFrozen,
    EntryRejected,
    EntryReturned,
    EntryUnflagged,
    EntryUnfrozen,
    LetterTextsSet,
    LikesExcluded,
    MarkExcluded,
    OutageDeclared,
    OutageRevoked,
    PageThemeSet,
    PasswordLinkIssued,
    PasswordSet,
    RecoveryCodeUsed,
    RulesLocked,
    RulesReplaced,
    SecondOpinionAsked,
    SecondOpinionGiven,
    ShortlistConfirmed,
    StaffAppointed,
    StaffChangeProposed,
    SubjectForgotten,
    TypeCorrected,
    TypeCorrectionAsked,
    TypeCorrectionDeclined,
    UnitNameCorrected,
    WindowMoved,
)
from services.moderation.outbox import Outbox
from services.moderation.question_desk import QuestionDesk
from services.moderation.queue_index import CORRECTED, FIRST, Facet, Place, QueueIndex
from services.moderation.roll_types import RollTypes
from services.moderation.sorted_keys import SortedKeys
from services.ranking.events import ResultFinal, ResultPublished
from services.submission.events import (
    CadreInvited,
    CadreJoined,
    EntrySubmitted,
    EntryWithdrawn,
    RollChunk,
    RollImported,
)
from shared.events import Sealed

SUBMITTED, APPROVED, RETURNED, REJECTED = "submitted", "approved", "returned", "rejected"
WITHDRAWN, DISQUALIFIED = "withdrawn", "disqualified"
# The kinds of subject that may be forgotten, as the vault names them.
STAFF, VOTER, COMPLAINT, OBJECTION, CADRE = "staff", "voter", "complaint", "objection", "cadre"
CONTACT = "contact"  # whoever reads the letters to a unit
QUESTION = "question"  # the words of one question of a unit
JUDGE, ORGANISER = "judge", "organiser"
# What a moderator may put on an entry by hand.
SYMBOLS, ATTENTION = "symbols", "attention"
HAND_FLAGS = (SYMBOLS, ATTENTION)
# What the state knows of an entry that a moderator should know before opening it.
LATE_PASS, MANAGED = "late-pass", "managed"
AI_DECLARED, AI_LABELLED = "ai-declared", "ai-labelled"  # by the unit; by what a file says of itself
MACHINE_HINT, NOT_CHECKED = "machine-hint", "not-checked"
LINK_CHANGED, FILM_UNPLAYABLE = "link-changed", "film-unplayable"
TYPE_CORRECTION, SECOND_OPINION = "type-correction", "second-opinion"
DISQUALIFICATION, IS_FROZEN = "disqualification", "frozen"
# The states of a check of one item. "Not checked" never stands for "clean".
CLEAN, HIT, UNCHECKED = "clean", "hit", "not-checked"
# The sources of checks that look at what an entry says and shows, and those that look at whether it works.
CONTENT_SOURCES = ("words", "wechat")
WORKING_SOURCES = {"link": LINK_CHANGED, "film": FILM_UNPLAYABLE}
# What changes where an entry stands between its unit and the moderators: what was asked, proposed, decided or undone.
_TURNS = (
    EntryApproved,
    EntryReturned,
    EntryRejected,
    DecisionUndone,
    SecondOpinionAsked,
    SecondOpinionGiven,
    DisqualificationProposed,
    DisqualificationDeclined,
    EntryDisqualified,
    TypeCorrectionAsked,
    TypeCorrectionDeclined,
    TypeCorrected,
)
ROLES = rules.STAFF_ROLES


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """A link by which a person sets a password, by its name; `change` names the change that two people made."""

    id: str
    change: str | None
    until: int


@dataclass(frozen=True, slots=True)
class Authenticator:
    """The authenticator app of a person, by its name, with its sealed secret and the recovery codes that were used."""

    id: str
    secret: Sealed
    used: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff, with sealed (encrypted) name and password hash. A member without roles is dismissed.

    `credentials` counts the changes of the password: a session that began under an earlier count has ended.
    """

    name: Sealed
    roles: tuple[str, ...]
    password: Sealed  # empty until it is set, while a link for a new one is open, and once the person was forgotten
    link: PasswordLink | None = None
    held: frozenset[str] = frozenset()  # all roles that the person has or had
    had_password: bool = False
    credentials: int = 0
    authenticator: Authenticator | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The facts of one version of an entry that moderation needs. The content stays with submission."""

    unit: str
    type: str
    title: str
    themes: tuple[str, ...]
    at: int
    unit_name: str | None  # as of the hand-in; None in versions of the time before events held it
    city: str | None
    flags: frozenset[str] = frozenset()  # what the hand-in itself says, such as LATE_PASS


@dataclass(frozen=True, slots=True)
class HandedInEntry:
    """An entry that a unit handed in (submitted), with its versions in order, and whether it was withdrawn."""

    versions: tuple[Version, ...] = ()
    withdrawn: bool = False
    withdrawal: EntryWithdrawn | None = None

    @property
    def latest(self) -> int:
        """The number of the latest version, from 1."""
        return len(self.versions)


@dataclass(frozen=True, slots=True)
class Dossier:
    """The decisions of moderation about one entry. `decision` is about one version of it: a newer version waits for a
    decision of its own.
    """

    claim: EntryClaimed | None = None
    decision: EntryApproved | EntryReturned | EntryRejected | None = None
    frozen: bool = False
    disqualified: EntryDisqualified | None = None
    type: str | None = None  # the corrected type, if it was corrected
    named: UnitNameCorrected | None = None  # the last correction of the unit's name and city
    number: str | None = None  # on the poster; never changes once it is set
    earlier: EntryApproved | EntryReturned | EntryRejected | None = None  # the decision that `decision` replaced
    bulk: str | None = None  # the bulk in which `decision` was made
    opinion: SecondOpinionAsked | None = None  # the proposed decision that waits for a second person
    disqualification: DisqualificationProposed | None = None  # that waits for a second person
    type_request: TypeCorrectionAsked | None = None  # that is not decided
    flags: frozenset[str] = frozenset()  # put on by hand
    share: str | None = None  # the moderator whose share the entry is
    checks: Map[tuple[int, str], EntryChecked] = field(default_factory=Map)  # the last of each version and source
    history: tuple[Any, ...] = ()  # every event of moderation about the entry, in order

    @property
    def turns(self) -> tuple[Any, ...]:
        """What was asked, proposed, decided or undone about the entry, in order."""
        return tuple(each for each in self.history if isinstance(each, _TURNS))

    @property
    def turn(self) -> int:
        """How often something was asked, proposed, decided or undone about the entry."""
        return len(self.turns)

    @property
    def approved_version(self) -> int | None:
        """The number of the version that may be shown, or None."""
        return self.decision.version if isinstance(self.decision, EntryApproved) else None

    def claim_at(self, at: int) -> EntryClaimed | None:
        """Return the claim that is still valid at this time, or None."""
        return self.claim if self.claim is not None and at < self.claim.until else None


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint or suggestion, with the office's latest answer, if there is one."""

    filed: ComplaintFiled
    answered: ComplaintAnswered | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """Decisions that were made as one bulk, and those of its entries that were undone since."""

    decided: BulkDecided
    undone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outage:
    """A declared outage, and its revocation, if there is one."""

    declared: OutageDeclared
    revoked: OutageRevoked | None = None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Corrections that are applied together or not at all. While neither `applied` nor `dropped`, they are open."""

    proposed: ChangesProposed
    applied: ChangesApplied | None = None
    dropped: ChangesDropped | None = None

    @property
    def is_open(self) -> bool:
        """Whether the set is neither applied nor dropped."""
        return self.applied is None and self.dropped is None


@dataclass(frozen=True, slots=True)
class ModerationState:
    """The folded state that moderation decides on: campaign, clock, rules, staff, entries and complaints.

    `staff`, `handed`, `dossiers` and `complaints` are keyed by id; `index` is made of `handed` and `dossiers`.
    """

    opened: CampaignOpened | None = None
    campaign: rules.Campaign | None = None
    theme: dict[str, Any] | None = None  # how pages look; None until one was set
    clock: int | None = None  # a rehearsal's campaign time; None in a live campaign, which uses the wall clock
    rule_versions: tuple[RulesLocked, ...] = ()  # the first is the version that was locked before like week
    listed: bool = False  # whether a shortlist was confirmed
    staff: Map[str, Member] = field(default_factory=Map)
    staff_changes: Map[str, StaffChangeProposed] = field(default_factory=Map)  # that wait for a second person
    handed: Map[str, HandedInEntry] = field(default_factory=Map)
    dossiers: Map[str, Dossier] = field(default_factory=Map)
    index: QueueIndex = field(default_factory=QueueIndex)
    bulks: Map[str, Bulk] = field(default_factory=Map)
    changes: Map[str, ChangeSet] = field(default_factory=Map)
    outages: tuple[Outage, ...] = ()  # in the order in which they were declared
    decided_at: SortedKeys = field(default_factory=SortedKeys)  # (time, who, entry) of every decision on a version
    minutes: Map[str, Map[int, int]] = field(default_factory=Map)  # who -> minutes from claim to decision -> how often
    complaints: Map[str, Complaint] = field(default_factory=Map)
    forgotten: frozenset[str] = frozenset()  # all subjects ever forgotten, even if they returned since
    published_at: int | None = None  # when ranking last published a result
    published_at_once: int = 0  # how many results before it were published at the same time, as in a rehearsal
    is_final: bool = False  # whether that result is final
    listed_at: int = 0  # when a shortlist was first confirmed
    invited: Map[str, CadreInvited] = field(default_factory=Map)  # unit -> its open invitation
    outbox: Outbox = field(default_factory=Outbox)
    question_desk: QuestionDesk = field(default_factory=QuestionDesk)
    roll_types: RollTypes = field(default_factory=RollTypes)
    letter_texts: Map[str, Any] = field(default_factory=Map)  # kind -> the campaign's own texts

    @property
    def locked_rules(self) -> RulesLocked | None:
        """The rules in force, or None before they are locked."""
        return self.rule_versions[-1] if self.rule_versions else None

    def dossier(self, entry: str) -> Dossier:
        """Return the dossier of an entry: moderation's decisions about it, empty if there is none."""
        return self.dossiers.get(entry, Dossier())

    def status(self, entry: str) -> str:
        """Return the status of an entry, judged by its latest version. Raise KeyError for an entry that was not handed
        in.
        """
        return _status(self.handed[entry], self.dossier(entry))

    def flags_of(self, entry: str) -> frozenset[str]:
        """Return what a moderator should know of an entry before opening it. Raise KeyError if it was not handed in."""
        return _flags(self.handed[entry], self.dossier(entry))

    def opinion_on(self, entry: str) -> SecondOpinionAsked | None:
        """Return the proposed decision on the latest version that waits for a second person, or None."""
        opinion = self.dossier(entry).opinion
        return opinion if opinion is not None and opinion.version == self.handed[entry].latest else None

    def may_be_shown(self, entry: str) -> bool:
        """Return whether the entry may be shown and, once listed, liked and judged: it is approved, and neither
        withdrawn nor disqualified.
        """
        out = self.dossier(entry).disqualified is not None or self.handed.get(entry, HandedInEntry()).withdrawn
        return not out and self.dossier(entry).approved_version is not None

    def unit_names(self, entry: str) -> tuple[str | None, str | None]:
        """Return the name and city of the unit that an entry has now: as corrected, or as of its latest hand-in."""
        named, latest = self.dossier(entry).named, self.handed[entry].versions[-1]
        return (latest.unit_name, latest.city) if named is None else (named.unit_name, named.city)

    def type_of(self, entry: str) -> str:
        """Return the unit type of an entry: the corrected type if there is one, else the type that its latest version
        was handed in with. Raise KeyError for an entry that was neither handed in nor corrected.
        """
        return self.dossier(entry).type or self.handed[entry].versions[-1].type


def now(state: ModerationState, wall_ms: int) -> int:
    """Return the campaign time in ms since the epoch: a rehearsal's own clock, or else `wall_ms`."""
    return wall_ms if state.clock is None else state.clock


def evolve(state: ModerationState, fact: Any) -> ModerationState:
    """Return the state after an event of moderation, submission or ranking. Other events change nothing."""
    match fact:
        case CampaignOpened():
            clock = fact.now if fact.rehearsal else None
            return replace(state, opened=fact, campaign=rules.from_data(fact.campaign), clock=clock)
        case PageThemeSet():
            return replace(state, theme=fact.theme)
        case WindowMoved():
            assert state.campaign is not None
            moved = state.campaign.with_window(fact.window, rules.Window(fact.start, fact.end))
            return replace(state, campaign=moved)
        case ClockMoved():
            return replace(state, clock=fact.now)
        case RulesReplaced():
            return replace(state, campaign=rules.from_data(fact.campaign))
        case RulesLocked():
            versions = (*state.rule_versions, fact)
            return replace(state, rule_versions=versions, campaign=rules.from_data(fact.campaign))
        case StaffAppointed():
            return _with_appointment(state, fact)
        case StaffChangeProposed():
            return replace(state, staff_changes=state.staff_changes.set(fact.staff, fact))
        case PasswordLinkIssued():
            link = PasswordLink(fact.link, fact.change, fact.until)
            state = _with_authenticator(state, fact.staff, None)
            return _with_credentials(state, fact.staff, password=Sealed(""), link=link)
        case PasswordSet():
            return _with_credentials(state, fact.staff, password=fact.password, link=None)
        case AuthenticatorAdded():
            added = Authenticator(fact.authenticator, fact.secret)
            return _with_authenticator(state, fact.staff, added, ends_sessions=True)
        case AuthenticatorRemoved():
            return _with_authenticator(state, fact.staff, None, ends_sessions=True)
        case RecoveryCodeUsed():
            known = state.staff[fact.staff].authenticator
            assert known is not None  # of which the code was
            return _with_authenticator(state, fact.staff, replace(known, used=known.used | {fact.code}))
        case SubjectForgotten():
            return _forget(state, fact.subject)
        case ComplaintFiled():
            return replace(state, complaints=state.complaints.set(fact.complaint, Complaint(fact)))
        case ComplaintAnswered():
            answered = replace(state.complaints[fact.complaint], answered=fact)
            return replace(state, complaints=state.complaints.set(fact.complaint, answered))
        case ResultPublished():
            at_once = state.published_at_once + 1 if state.published_at == fact.at else 0
            return replace(state, published_at=fact.at, published_at_once=at_once, is_final=False)
        case ResultFinal():
            return replace(state, is_final=True)
        case ShortlistConfirmed():
            for each in fact.entries:
                state = _with_dossier(state, each.entry, number=each.number)
            return replace(state, listed=True, listed_at=state.listed_at or fact.at)
        case EntrySubmitted():
            return _with_version(state, fact)
        case EntryWithdrawn():
            withdrawn = replace(state.handed[fact.entry], withdrawn=True, withdrawal=fact)
            return _indexed(replace(state, handed=state.handed.set(fact.entry, withdrawn)), fact.entry)
        case RollChunk() | RollImported():
            return replace(state, roll_types=roll_state.evolve(state.roll_types, fact))
        case CadreInvited():
            return replace(state, invited=state.invited.set(fact.unit, fact))
        case CadreJoined():
            held = state.invited.get(fact.unit)
            used = held is not None and held.invitation == fact.invitation
            return replace(state, invited=state.invited.delete(fact.unit)) if used else state
        case LetterTextsSet():
            return replace(state, letter_texts=Map(fact.table))
        case ChangesProposed() | ChangesApplied() | ChangesDropped():
            return _with_change_set(state, fact)
        case OutageDeclared():
            return replace(state, outages=(*state.outages, Outage(fact)))
        case OutageRevoked():
            outages = (
                replace(each, revoked=fact) if each.declared.outage == fact.outage else each for each in state.outages
            )
            return replace(state, outages=tuple(outages))
        case _:
            return _evolve_entry(state, fact)


def _with_change_set(
    state: ModerationState, fact: ChangesProposed | ChangesApplied | ChangesDropped
) -> ModerationState:
    match fact:
        case ChangesProposed():
            changed = ChangeSet(fact)
        case ChangesApplied():
            changed = replace(state.changes[fact.changes], applied=fact)
        case ChangesDropped():
            changed = replace(state.changes[fact.changes], dropped=fact)
    return replace(state, changes=state.changes.set(fact.changes, changed))


def _evolve_entry(state: ModerationState, fact: Any) -> ModerationState:
    """Return the state after an event about one entry or several, whose hand-in may not be folded yet."""
    match fact:
        case EntryClaimed():
            return _with_fact(state, fact, claim=fact)
        case EntryApproved() | EntryReturned() | EntryRejected():
            return _with_decision(state, fact)
        case EntryFrozen() | EntryUnfrozen():
            return _with_fact(state, fact, frozen=isinstance(fact, EntryFrozen))
        case EntryDisqualified():
            return _with_fact(state, fact, disqualified=fact, disqualification=None)
        case DisqualificationProposed() | DisqualificationDeclined():
            proposed = fact if isinstance(fact, DisqualificationProposed) else None
            return _with_fact(state, fact, disqualification=proposed)
        case TypeCorrected():
            return _with_fact(state, fact, type=fact.type, type_request=None)
        case TypeCorrectionAsked() | TypeCorrectionDeclined():
            asked = fact if isinstance(fact, TypeCorrectionAsked) else None
            return _with_fact(state, fact, type_request=asked)
        case UnitNameCorrected():
            return _with_fact(state, fact, named=fact)
        case MarkExcluded() | LikesExcluded():
            return _with_fact(state, fact)
        case _:
            return _evolve_desk(state, fact)


def _evolve_desk(state: ModerationState, fact: Any) -> ModerationState:
    """Return the state after an event of the desk's own work: flags, opinions, checks, shares, bulks."""
    match fact:
        case EntryFlagged() | EntryUnflagged():
            before = state.dossier(fact.entry).flags
            flags = before | {fact.flag} if isinstance(fact, EntryFlagged) else before - {fact.flag}
            return _with_fact(state, fact, flags=flags)
        case SecondOpinionAsked():
            return _with_fact(state, fact, opinion=fact, claim=None)
        case SecondOpinionGiven():
            return _with_fact(state, fact, opinion=None)
        case EntryChecked():
            checks = state.dossier(fact.entry).checks.set((fact.version, fact.source), fact)
            return _with_fact(state, fact, checks=checks)
        case EntriesHandedOver():
            for entry in fact.entries:
                claim = state.dossier(entry).claim
                kept = claim if claim is not None and claim.by == fact.to else None
                history = (*state.dossier(entry).history, fact)
                state = _with_dossier(state, entry, share=fact.to, claim=kept, history=history)
            return state
        case BulkDecided():
            for entry in fact.entries:
                state = _with_dossier(state, entry, bulk=fact.bulk)
            return replace(state, bulks=state.bulks.set(fact.bulk, Bulk(fact)))
        case DecisionUndone():
            if fact.bulk is not None:
                bulk = state.bulks[fact.bulk]
                bulk = replace(bulk, undone=bulk.undone | {fact.entry})
                state = replace(state, bulks=state.bulks.set(fact.bulk, bulk))
            return _with_fact(state, fact, decision=None, bulk=None)  # `earlier` follows at once, if there is one
        case _:
            return _evolve_messages(state, fact)


def _evolve_messages(state: ModerationState, fact: Any) -> ModerationState:
    """Return the state after an event of the outbox or of the question desk. Other events change nothing."""
    outbox = outbox_state.evolve(state.outbox, fact)
    if outbox is not state.outbox:
        return replace(state, outbox=outbox)
    desk = question_state.evolve(state.question_desk, fact)
    return state if desk is state.question_desk else replace(state, question_desk=desk)


def _with_decision(state: ModerationState, fact: EntryApproved | EntryReturned | EntryRejected) -> ModerationState:
    before = state.dossier(fact.entry)
    # In a rehearsal the clock stands still, so a new decision can equal one that was undone.
    if fact == before.earlier and isinstance(
        before.history[-1], DecisionUndone
    ):  # an undone decision gives way to the one that it had replaced
        return _with_dossier(state, fact.entry, decision=fact, earlier=None, bulk=None)
    if before.claim is not None and before.claim.by == fact.by:
        spent = (fact.at - before.claim.at) // 60_000
        own = state.minutes.get(fact.by, Map())
        state = replace(state, minutes=state.minutes.set(fact.by, own.set(spent, own.get(spent, 0) + 1)))
    state = replace(state, decided_at=state.decided_at.add((fact.at, fact.by, fact.entry)))
    return _with_fact(state, fact, decision=fact, earlier=before.decision, bulk=None, claim=None, opinion=None)


def _with_appointment(state: ModerationState, fact: StaffAppointed) -> ModerationState:
    before = state.staff.get(fact.staff)
    held = (before.held if before else frozenset()) | frozenset(fact.roles)
    if before is None:
        member = Member(fact.name, fact.roles, fact.password, held=held, had_password=bool(fact.password))
    else:  # events of earlier versions could bring another password
        member = replace(
            before,
            name=fact.name,
            roles=fact.roles,
            password=fact.password,
            held=held,
            had_password=before.had_password or bool(fact.password),
            credentials=before.credentials + (fact.password != before.password),
        )
    changes = state.staff_changes
    changes = changes.delete(fact.staff) if fact.staff in changes else changes
    return replace(state, staff=state.staff.set(fact.staff, member), staff_changes=changes)


def _with_credentials(
    state: ModerationState, staff: str, *, password: Sealed, link: PasswordLink | None
) -> ModerationState:
    before = state.staff[staff]
    member = replace(
        before,
        password=password,
        link=link,
        had_password=before.had_password or bool(password),
        credentials=before.credentials + 1,
    )
    changes = state.staff_changes
    changes = changes.delete(staff) if link is not None and staff in changes else changes
    return replace(state, staff=state.staff.set(staff, member), staff_changes=changes)


def _with_authenticator(
    state: ModerationState, staff: str, authenticator: Authenticator | None, *, ends_sessions: bool = False
) -> ModerationState:
    before = state.staff[staff]
    member = replace(before, authenticator=authenticator, credentials=before.credentials + ends_sessions)
    return replace(state, staff=state.staff.set(staff, member))


def _forget(state: ModerationState, subject: str) -> ModerationState:
    kind, _, name = subject.partition(".")
    staff = state.staff
    if kind == STAFF:
        staff = staff.set(name, replace(staff[name], password=Sealed(""), link=None, authenticator=None))
    outbox = outbox_state.without_contact(state.outbox, subject)
    desk = state.question_desk
    desk = question_state.without_words(desk, name) if kind == QUESTION and name in desk.questions else desk
    forgotten = state.forgotten | {subject}
    return replace(state, staff=staff, outbox=outbox, question_desk=desk, forgotten=forgotten)


def _with_fact(state: ModerationState, fact: Any, **change: Any) -> ModerationState:
    """Return the state in which an event about one entry is part of its history and changed its dossier so."""
    return _with_dossier(state, fact.entry, history=(*state.dossier(fact.entry).history, fact), **change)


def _with_dossier(state: ModerationState, entry: str, **change: Any) -> ModerationState:
    dossiers = state.dossiers.set(entry, replace(state.dossier(entry), **change))
    return _indexed(replace(state, dossiers=dossiers), entry)


def _with_version(state: ModerationState, fact: EntrySubmitted) -> ModerationState:
    before = state.handed.get(fact.entry, HandedInEntry())
    if fact.version != before.latest + 1:
        raise ValueError(f"{fact.entry} has {before.latest} versions, so version {fact.version} cannot be next")
    known = {
        LATE_PASS: fact.late_pass is not None,
        MANAGED: fact.by is not None,
        AI_DECLARED: bool(fact.ai),
        AI_LABELLED: any(each.ai_labels for each in fact.files),
    }
    flags = frozenset(flag for flag, is_so in known.items() if is_so)
    version = Version(fact.unit, fact.type, fact.title, fact.themes, fact.at, fact.unit_name, fact.city, flags)
    handed = replace(before, versions=(*before.versions, version))
    return _indexed(replace(state, handed=state.handed.set(fact.entry, handed)), fact.entry)


def _indexed(state: ModerationState, entry: str) -> ModerationState:
    """Return the state whose index has the entry where it stands now; what was not handed in stands nowhere."""
    if entry not in state.handed:
        return state
    handed, dossier = state.handed[entry], state.dossier(entry)
    facets: set[Facet] = {("type", state.type_of(entry)), ("city", state.unit_names(entry)[1] or "")}
    facets |= {("theme", each) for each in handed.versions[-1].themes}
    facets |= {("flag", each) for each in _flags(handed, dossier)}
    if dossier.claim is not None:
        facets |= {("claim", dossier.claim.by), ("claimed", "")}
    if dossier.share is not None:
        facets.add(("share", dossier.share))
    if dossier.decision is not None and dossier.decision.version == handed.latest:
        facets.add(("by", dossier.decision.by))
    rank = CORRECTED if handed.latest > 1 else FIRST
    place = Place(_status(handed, dossier), rank, handed.versions[-1].at, frozenset(facets))
    return replace(state, index=state.index.with_place(entry, place))


def _status(handed: HandedInEntry, dossier: Dossier) -> str:
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


def _flags(handed: HandedInEntry, dossier: Dossier) -> frozenset[str]:
    flags = set(handed.versions[-1].flags | dossier.flags)
    checks = {source: each for (version, source), each in dossier.checks.items() if version == handed.latest}
    content = [each for source, each in checks.items() if source in CONTENT_SOURCES]
    if any(item.state == HIT for each in content for item in each.items):
        flags.add(MACHINE_HINT)
    if not content or any(item.state == UNCHECKED for each in content for item in each.items):
        flags.add(NOT_CHECKED)
    for source, flag in WORKING_SOURCES.items():
        if source in checks and any(item.state == HIT for item in checks[source].items):
            flags.add(flag)
    if dossier.opinion is not None and dossier.opinion.version == handed.latest:
        flags.add(SECOND_OPINION)
    if dossier.disqualification is not None:
        flags.add(DISQUALIFICATION)
    if dossier.type_request is not None:
        flags.add(TYPE_CORRECTION)
    if dossier.frozen:
        flags.add(IS_FROZEN)
    return frozenset(flags)
