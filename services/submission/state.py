"""The state of submission: the roll (list of eligible units), entries, late passes, and moderation's decisions.

Promises: folding the two logs in any order gives the same state, because each field is written by one log alone:
versions by submission's log, verdicts by moderation's. Where both matter, `status` compares their version numbers.
Makes no decisions.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.submission.events import (
    CadreInvited,
    CadreJoined,
    CadreLinked,
    CadreRemoved,
    ConsentGiven,
    EntrySubmitted,
    EntryWithdrawn,
    LatePassGranted,
    ManagerAppointed,
    RollChunk,
    RollImported,
    RollRow,
    UnitClaimed,
)
from shared.names import comparable_code

SUBMITTED, APPROVED, RETURNED, REJECTED = "submitted", "approved", "returned", "rejected"
WITHDRAWN, DISQUALIFIED = "withdrawn", "disqualified"
STATUSES = (SUBMITTED, APPROVED, RETURNED, REJECTED, WITHDRAWN, DISQUALIFIED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Moderation's decisions about one entry. `decision` is about one version of it: a newer version waits for a
    decision of its own.
    """

    decision: desk.EntryApproved | desk.EntryReturned | desk.EntryRejected | None = None
    disqualified: desk.EntryDisqualified | None = None
    frozen: bool = False
    type: str | None = None  # the corrected type, if it was corrected
    named: desk.UnitNameCorrected | None = None  # the last correction of the unit's name and city
    number: str | None = None  # the number on the poster

    @property
    def approved_version(self) -> int | None:
        """The number of the version that may be shown, or None."""
        return self.decision.version if isinstance(self.decision, desk.EntryApproved) else None

    @property
    def correction_deadline(self) -> int:
        """The time until which a returned entry may be corrected; 0 if it was not returned."""
        return self.decision.until if isinstance(self.decision, desk.EntryReturned) else 0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: all its versions, in order, and its withdrawal, if there is one."""

    versions: tuple[EntrySubmitted, ...]
    withdrawn: EntryWithdrawn | None = None

    @property
    def latest(self) -> EntrySubmitted:
        """The latest version of the entry."""
        return self.versions[-1]

    def status(self, verdict: Verdict) -> str:
        """Return the status of the entry, judged by its latest version."""
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
class LatePass:
    """A late pass (permission to submit once after the window), and the entry that used it, if there is one."""

    granted: LatePassGranted
    used_by: str | None = None


@dataclass(frozen=True, slots=True)
class SubmissionState:
    """The folded state that submission decides on: rules, roll, entries, moderation's verdicts and late passes.

    `units`, `entries`, `verdicts` and `passes` are keyed by id, and `of_unit` has the entries of a unit, oldest first.
    """

    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's campaign time; None in a live campaign, which uses the wall clock
    roll: RollImported | None = None
    units: Map[str, RollRow] = field(default_factory=Map)
    codes: Map[str, str] = field(default_factory=Map)  # comparable form of a unit's code -> its code
    rolls: Map[str, RollImported] = field(default_factory=Map)  # every roll that was ever imported, by its name
    parts: Map[str, Map[int, tuple[RollRow, ...]]] = field(default_factory=Map)  # of rolls that are not closed yet
    entries: Map[str, Entry] = field(default_factory=Map)
    of_unit: Map[str, tuple[str, ...]] = field(default_factory=Map)
    holding: Map[str, tuple[str, ...]] = field(default_factory=Map)  # SHA-256 of a file -> the entries that hold it
    verdicts: Map[str, Verdict] = field(default_factory=Map)
    passes: Map[str, LatePass] = field(default_factory=Map)
    consents: Map[tuple[str, int], ConsentGiven] = field(default_factory=Map)  # by entry and version
    receipts: Map[str, tuple[str, int]] = field(default_factory=Map)  # receipt -> entry and version
    managers: Map[str, ManagerAppointed] = field(default_factory=Map)  # unit -> who types its entry, until it claims it
    news: Map[str, tuple[Any, ...]] = field(default_factory=Map)  # unit -> events of submission about it, in order
    desk_news: Map[str, tuple[Any, ...]] = field(default_factory=Map)  # entry -> events of moderation, in order
    claims: Map[str, desk.EntryClaimed] = field(default_factory=Map)  # entry -> the last moderator who took it up
    invitations: Map[str, CadreInvited] = field(default_factory=Map)  # the open one of each unit
    invitation_names: Map[str, tuple[str, ...]] = field(default_factory=Map)  # of each unit, all that were issued
    cadres: Map[str, Map[str, CadreJoined]] = field(default_factory=Map)  # of each unit, those with an account
    linked: Map[str, tuple[str, str]] = field(default_factory=Map)  # WeChat account -> unit, cadre
    cadre_count: Map[str, int] = field(default_factory=Map)  # of each unit, how many ever joined

    def unit_by_code(self, code: str) -> RollRow | None:
        """Return the unit that a person means by a code, whatever its width and letter case, or None."""
        exact = self.units.get(code)
        return exact if exact is not None else self.units.get(self.codes.get(comparable_code(code), ""))

    def open_parts(self, roll: str) -> Map[int, tuple[RollRow, ...]]:
        """Return the imported parts of a roll that is not in force yet, by number; none if there are none."""
        return self.parts.get(roll, Map())

    def cadres_of(self, unit: str) -> Map[str, CadreJoined]:
        """Return the cadres of a unit who have an account."""
        return self.cadres.get(unit, Map())

    def holds(self, unit: str, sha256: str) -> bool:
        """Return whether a version of an entry of this unit has the file, whatever became of the entry."""
        return any(entry in self.of_unit.get(unit, ()) for entry in self.holding.get(sha256, ()))

    def verdict(self, entry: str) -> Verdict:
        """Return moderation's decisions about an entry; an empty verdict if there are none."""
        return self.verdicts.get(entry, Verdict())

    def status(self, entry: str) -> str:
        """Return the status of an entry, by its latest version. Raise KeyError for an entry that does not exist."""
        return self.entries[entry].status(self.verdict(entry))

    def is_known_unit(self, unit: str) -> bool:
        """Return whether a unit is on the roll, or was: it has an entry or a late pass."""
        return (
            unit in self.units
            or unit in self.of_unit
            or any(each.granted.unit == unit for each in self.passes.values())
        )

    def public_version(self, entry: str) -> EntrySubmitted | None:
        """Return the version that the public may see, or None if the entry is not approved, or was withdrawn or
        disqualified.
        """
        found, verdict = self.entries.get(entry), self.verdict(entry)
        if found is None or found.withdrawn or verdict.disqualified or verdict.approved_version is None:
            return None
        known = verdict.approved_version <= len(found.versions)  # a replica may read moderation's log ahead of its own
        return found.versions[verdict.approved_version - 1] if known else None


def evolve(state: SubmissionState, fact: Any) -> SubmissionState:
    """Return the state after an event of submission or moderation. Other events change nothing."""
    match fact:
        case RollChunk():
            parts = state.open_parts(fact.roll).set(fact.part, fact.rows)
            return replace(state, parts=state.parts.set(fact.roll, parts))
        case RollImported():
            return _with_roll(state, fact)
        case EntrySubmitted():
            return _with_news(_with_version(state, fact), fact.unit, fact)
        case EntryWithdrawn():
            entry = replace(state.entries[fact.entry], withdrawn=fact)
            unit = entry.latest.unit
            return _with_news(replace(state, entries=state.entries.set(fact.entry, entry)), unit, fact)
        case ConsentGiven():
            return replace(state, consents=state.consents.set((fact.entry, fact.version), fact))
        case CadreInvited():
            names = (*state.invitation_names.get(fact.unit, ()), fact.invitation)
            return replace(
                state,
                invitations=state.invitations.set(fact.unit, fact),
                invitation_names=state.invitation_names.set(fact.unit, names),
            )
        case CadreJoined():
            return _with_cadre(state, fact)
        case CadreLinked():
            return replace(state, linked=_unlinked(state, fact.cadre).set(fact.account, (fact.unit, fact.cadre)))
        case CadreRemoved():
            left = state.cadres_of(fact.unit).delete(fact.cadre)
            return replace(state, cadres=state.cadres.set(fact.unit, left), linked=_unlinked(state, fact.cadre))
        case LatePassGranted():
            passes = state.passes.set(fact.late_pass, LatePass(fact))
            return _with_news(replace(state, passes=passes), fact.unit, fact)
        case ManagerAppointed():
            return _with_news(replace(state, managers=state.managers.set(fact.unit, fact)), fact.unit, fact)
        case UnitClaimed():
            return _with_news(replace(state, managers=state.managers.delete(fact.unit)), fact.unit, fact)
        case _:
            return _evolve_moderation(state, fact)


def _unlinked(state: SubmissionState, cadre: str) -> Map[str, tuple[str, str]]:
    """Return the WeChat accounts by which cadres sign in, without those of one cadre."""
    linked = state.linked
    for account, (_, other) in state.linked.items():
        if other == cadre:
            linked = linked.delete(account)
    return linked


def _with_cadre(state: SubmissionState, fact: CadreJoined) -> SubmissionState:
    invitations, open_invitation = state.invitations, state.invitations.get(fact.unit)
    if open_invitation is not None and open_invitation.invitation == fact.invitation:
        invitations = invitations.delete(fact.unit)
    return replace(
        state,
        invitations=invitations,
        cadres=state.cadres.set(fact.unit, state.cadres_of(fact.unit).set(fact.cadre, fact)),
        cadre_count=state.cadre_count.set(fact.unit, state.cadre_count.get(fact.unit, 0) + 1),
    )


def _with_roll(state: SubmissionState, fact: RollImported) -> SubmissionState:
    parts = state.parts[fact.roll]
    # Rolls of earlier versions could drop units with an entry. These stay, so that they can still sign in and correct.
    kept = {code: state.units[code] for code in state.of_unit if code in state.units}
    units = Map(kept | {row.code: row for part in range(fact.parts) for row in parts[part]})
    return replace(
        state,
        roll=fact,
        units=units,
        codes=Map({comparable_code(code): code for code in units}),
        rolls=state.rolls.set(fact.roll, fact),
        parts=state.parts.delete(fact.roll),
    )


def _with_version(state: SubmissionState, fact: EntrySubmitted) -> SubmissionState:
    before = state.entries.get(fact.entry)
    versions = before.versions if before else ()
    if fact.version != len(versions) + 1:
        raise ValueError(f"{fact.entry} has {len(versions)} versions, so version {fact.version} cannot be next")
    fact = _with_unit(state, fact)
    of_unit, passes = state.of_unit, state.passes
    if before is None:
        of_unit = of_unit.set(fact.unit, (*of_unit.get(fact.unit, ()), fact.entry))
    if fact.late_pass is not None:
        passes = passes.set(fact.late_pass, replace(passes[fact.late_pass], used_by=fact.entry))
    holding = state.holding
    for file in fact.files:
        if fact.entry not in holding.get(file.sha256, ()):
            holding = holding.set(file.sha256, (*holding.get(file.sha256, ()), fact.entry))
    entries = state.entries.set(fact.entry, Entry((*versions, fact)))
    receipts = state.receipts
    if fact.receipt is not None:
        receipts = receipts.set(fact.receipt, (fact.entry, fact.version))
    return replace(state, entries=entries, of_unit=of_unit, holding=holding, passes=passes, receipts=receipts)


def _with_news(state: SubmissionState, unit: str, fact: Any) -> SubmissionState:
    return replace(state, news=state.news.set(unit, (*state.news.get(unit, ()), fact)))


def _with_unit(state: SubmissionState, fact: EntrySubmitted) -> EntrySubmitted:
    """Return the version with its unit as of the hand-in: from the event, or from the roll that was in force then."""
    row = state.units.get(fact.unit)
    if fact.unit_name is not None or row is None:
        return fact
    return replace(fact, unit_name=row.name, city=row.city, employer=row.employer)


def _evolve_moderation(state: SubmissionState, fact: Any) -> SubmissionState:
    """Return the state after an event of moderation, whose entry may not be folded yet."""
    match fact:
        case desk.CampaignOpened():
            clock = fact.now if fact.rehearsal else None
            return replace(state, campaign=rules.from_data(fact.campaign), clock=clock)
        case desk.ClockMoved():
            return replace(state, clock=fact.now)
        case desk.RulesLocked() | desk.RulesReplaced():
            return replace(state, campaign=rules.from_data(fact.campaign))
        case desk.WindowMoved() if state.campaign is not None:
            moved = state.campaign.with_window(fact.window, rules.Window(fact.start, fact.end))
            return replace(state, campaign=moved)
        case desk.EntryClaimed():
            return replace(state, claims=state.claims.set(fact.entry, fact))
        case desk.EntryApproved() | desk.EntryReturned() | desk.EntryRejected():
            return _with_verdict(state, fact.entry, fact, decision=fact)
        case desk.DecisionUndone():
            return _with_verdict(state, fact.entry, fact, decision=None)
        case desk.EntryFrozen() | desk.EntryUnfrozen():
            return _with_verdict(state, fact.entry, fact, frozen=isinstance(fact, desk.EntryFrozen))
        case desk.EntryDisqualified():
            return _with_verdict(state, fact.entry, fact, disqualified=fact)
        case desk.TypeCorrected():
            return _with_verdict(state, fact.entry, fact, type=fact.type)
        case desk.UnitNameCorrected():
            return _with_verdict(state, fact.entry, fact, named=fact)
        case desk.LikesExcluded():
            return _with_verdict(state, fact.entry, fact)
        case desk.ShortlistConfirmed():
            for listed in fact.entries:
                state = _with_verdict(state, listed.entry, fact, number=listed.number)
            return state
        case _:
            return state


def _with_verdict(state: SubmissionState, entry: str, fact: Any, **change: Any) -> SubmissionState:
    known = state.desk_news.get(entry, ())
    news = state.desk_news if fact in known else state.desk_news.set(entry, (*known, fact))
    return replace(state, verdicts=state.verdicts.set(entry, replace(state.verdict(entry), **change)), desk_news=news)
