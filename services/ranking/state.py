"""State of the ranking decider, and how each event changes it.

Holds how far the campaign has come towards its result: cohort, proposals, signatures, publication, objections,
certificates, exhibition and saved scenarios. Holds no likes and no marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.ranking.events import (
    CertificateIssued,
    CertificateRevoked,
    CohortFixed,
    CutTaken,
    EntryTakenDown,
    ExhibitionOpened,
    ObjectionDecided,
    ObjectionFiled,
    ProjectionPromoted,
    ReleaseScheduled,
    ResultFinal,
    ResultProposed,
    ResultPublished,
    ResultSigned,
    ScenarioSaved,
    SeedRevealed,
)
from services.submission.events import EntrySubmitted, EntryWithdrawn

WAITING, FAILED, SENT = "waiting", "failed", "sent"  # of an approved letter
Rows = tuple[Mapping[str, Any], ...]  # of a canonical ranking


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed result with its signatures. `rows` is the ranking, and `cut` the positions that it was computed at.

    `before` is the proposal that it replaces, whose own `before` is dropped; None for the first proposal.
    """

    proposal: str
    digest: str
    winners: tuple[str, ...]
    rows: Rows = ()
    signatures: tuple[str, ...] = ()
    before: "Proposal | None" = None
    cut: Mapping[str, int] = field(default_factory=dict)

    @property
    def new_winners(self) -> tuple[str, ...]:
        """The entries that win in this proposal but did not win in the proposal before it."""
        return () if self.before is None else tuple(sorted(set(self.winners) - set(self.before.winners)))

    @property
    def former_winners(self) -> tuple[str, ...]:
        """The entries that won in the proposal before this proposal and do not win any more."""
        return () if self.before is None else tuple(sorted(set(self.before.winners) - set(self.winners)))


@dataclass(frozen=True, slots=True)
class Published:
    """The published result, with its publication notice and when it became final. Times are campaign time in ms."""

    proposal: Proposal
    at: int
    notice_until: int
    notice_basis: str
    final_at: int | None = None

    @property
    def winners(self) -> tuple[str, ...]:
        return self.proposal.winners


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to a published result, and the last decision on it, if there is one."""

    filed: ObjectionFiled
    decided: ObjectionDecided | None = None
    against: str | None = None  # the proposal that was the published one when the objection was decided


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it was issued, and whether an organiser revoked it.

    `decisions/certificates.py` derives whether it is valid.
    """

    issued: CertificateIssued
    revoked: CertificateRevoked | None = None


@dataclass(frozen=True, slots=True)
class RankingState:
    """The folded state that ranking decides on: rules, cohort, proposals, publication, objections and certificates.

    Objections and certificates are keyed by their reference numbers.
    """

    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's time
    rule_hash: str | None = None  # of the locked rules, as people know them
    stored_hash: str | None = None  # the one that `RulesLocked` stores, and the digest of a result covers
    commitment: str = ""
    organisers: frozenset[str] = frozenset()
    passwords: Map[str, str] = field(default_factory=Map)  # of staff, sealed: only compared with the next one
    # staff -> commit of moderation's log in which the person last became or ceased to be an organiser, or got another
    # password or a link for one
    unchanged_since: Map[str, int] = field(default_factory=Map)
    disqualified: Map[str, int] = field(default_factory=Map)  # entry -> campaign time
    withdrawn: frozenset[str] = frozenset()
    proposed_disqualifications: frozenset[str] = frozenset()  # entries that wait for the second organiser
    complaints: Map[str, int] = field(default_factory=Map)  # number -> campaign time; those without an answer
    cut: CutTaken | None = None
    cohort: tuple[str, ...] | None = None
    proposals: int = 0
    proposal: Proposal | None = None
    release: ReleaseScheduled | None = None  # when the proposal is to be published, if a time is set
    published: Published | None = None
    seed_revealed: bool = False
    objections: Map[str, Objection] = field(default_factory=Map)
    certificates: Map[str, Certificate] = field(default_factory=Map)
    # entry -> numbers of its certificates, oldest first
    certificate_numbers: Map[str, tuple[str, ...]] = field(default_factory=Map)
    exhibition: tuple[str, ...] | None = None
    taken_down: frozenset[str] = frozenset()
    scenarios: tuple[ScenarioSaved, ...] = ()
    changes: Map[str, desk.ChangesProposed] = field(default_factory=Map)  # change sets, whatever became of them
    changes_applied: int = 0  # how many of them were applied
    changes_closed: frozenset[str] = frozenset()  # those that were applied or dropped
    handed_in: Map[str, int] = field(default_factory=Map)  # entry -> its latest version
    decided: Map[str, int] = field(default_factory=Map)  # entry -> the version that the moderators decided on last
    listed: frozenset[str] = frozenset()  # entries on the confirmed shortlist
    open_letters: Map[str, str] = field(default_factory=Map)  # name -> WAITING or FAILED; those that are not settled

    @property
    def is_final(self) -> bool:
        """Whether the published result is final."""
        return self.published is not None and self.published.final_at is not None

    @property
    def removed_winners(self) -> tuple[str, ...]:
        """The winners of the published result that were disqualified or withdrawn since. Any makes it outdated."""
        winners = () if self.published is None else self.published.winners
        return tuple(each for each in winners if each in self.disqualified or each in self.withdrawn)

    @property
    def open_objections(self) -> tuple[str, ...]:
        """The numbers of the objections that are not decided yet."""
        return tuple(sorted(number for number, each in self.objections.items() if each.decided is None))

    @property
    def open_complaints(self) -> tuple[str, ...]:
        """The numbers of the complaints without an answer that were filed before the notice of the result ended.

        Those that are filed later do not count, so that nobody can put off the final result for ever.
        """
        if self.published is None:
            return ()
        until = self.published.notice_until
        return tuple(sorted(number for number, at in self.complaints.items() if at < until))

    @property
    def open_changes(self) -> tuple[str, ...]:
        """The change sets that are neither applied nor dropped."""
        return tuple(sorted(set(self.changes) - self.changes_closed))

    @property
    def undecided(self) -> tuple[str, ...]:
        """The entries whose latest version the moderators have not decided on, though they still may."""
        out = self.withdrawn | self.listed
        found = (
            entry
            for entry, version in self.handed_in.items()
            if self.decided.get(entry, 0) < version and entry not in out and entry not in self.disqualified
        )
        return tuple(sorted(found))

    @property
    def upheld_objections(self) -> tuple[str, ...]:
        """The numbers of the objections that were upheld against the published result. Publishing another result or
        deciding the objection again removes it.
        """
        now = None if self.published is None else self.published.proposal.proposal
        found = ((number, each) for number, each in self.objections.items() if each.against == now)
        return tuple(sorted(number for number, each in found if each.decided is not None and each.decided.upheld))


def evolve(state: RankingState, event: Any, n: int = 0) -> RankingState:
    """Return the state after an event of ranking, moderation or submission. Other events change nothing.

    `n` is the number of the event's commit in its log.
    """
    match event:
        case CutTaken():
            return replace(state, cut=event)
        case CohortFixed():
            return replace(state, cohort=event.entries)
        case ResultProposed():
            before = None if state.proposal is None else replace(state.proposal, before=None)
            rows = tuple(event.table.get("rows", ()))
            proposed = Proposal(event.proposal, event.digest, event.winners, rows, before=before, cut=event.cut)
            return replace(state, proposals=state.proposals + 1, proposal=proposed, release=None)
        case ResultSigned() if state.proposal is not None:
            signed = replace(state.proposal, signatures=(*state.proposal.signatures, event.by))
            return replace(state, proposal=signed)
        case ReleaseScheduled():
            return replace(state, release=event)
        case ResultPublished() if state.proposal is not None:
            notice = event.at, event.notice_until, event.notice_basis
            shown = None if state.exhibition is None else state.proposal.winners
            return replace(state, published=Published(state.proposal, *notice), exhibition=shown, release=None)
        case ResultFinal() if state.published is not None:
            return replace(state, published=replace(state.published, final_at=event.at))
        case SeedRevealed():
            return replace(state, seed_revealed=True)
        case ExhibitionOpened():
            return replace(state, exhibition=event.entries)
        case EntryTakenDown():
            return replace(state, taken_down=state.taken_down | {event.entry})
        case ProjectionPromoted():
            return state  # written by earlier versions only; nothing depends on it (DECISIONS 121)
        case ScenarioSaved():
            return replace(state, scenarios=(*state.scenarios, event))
        case _:
            return _evolve_objections_and_certificates(state, event, n)


def _evolve_objections_and_certificates(state: RankingState, event: Any, n: int) -> RankingState:
    """Return the state after an event about objections or certificates."""
    match event:
        case ObjectionFiled():
            return replace(state, objections=state.objections.set(event.objection, Objection(event)))
        case ObjectionDecided():
            now = None if state.published is None else state.published.proposal.proposal
            answered = replace(state.objections[event.objection], decided=event, against=now)
            return replace(state, objections=state.objections.set(event.objection, answered))
        case CertificateIssued():
            of_entry = (*state.certificate_numbers.get(event.entry, ()), event.certificate)
            numbers = state.certificate_numbers.set(event.entry, of_entry)
            certificates = state.certificates.set(event.certificate, Certificate(event))
            return replace(state, certificate_numbers=numbers, certificates=certificates)
        case CertificateRevoked():
            revoked = replace(state.certificates[event.certificate], revoked=event)
            return replace(state, certificates=state.certificates.set(event.certificate, revoked))
        case _:
            return _evolve_other_logs(state, event, n)


def _evolve_other_logs(state: RankingState, event: Any, n: int) -> RankingState:
    """Return the state after an event of moderation, or a withdrawal; any other event leaves the state unchanged."""
    match event:
        case desk.CampaignOpened():
            clock = event.now if event.rehearsal else None
            return replace(state, campaign=rules.from_data(event.campaign), clock=clock)
        case desk.WindowMoved() if state.campaign is not None:
            window = rules.Window(event.start, event.end)
            return replace(state, campaign=state.campaign.with_window(event.window, window))
        case desk.ClockMoved():
            return replace(state, clock=event.now)
        case desk.RulesReplaced():
            return replace(state, campaign=rules.from_data(event.campaign))
        case desk.RulesLocked():
            locked = rules.from_data(event.campaign)
            return replace(
                state,
                campaign=locked,
                rule_hash=rules.rule_hash_of(event.campaign),
                stored_hash=event.rule_hash,
                commitment=event.seed_commitment,
            )
        case desk.StaffAppointed():
            return _with_staff(state, event, n)
        case desk.PasswordLinkIssued() | desk.PasswordSet():
            password = event.password if isinstance(event, desk.PasswordSet) else ""
            return _with_password(state, event.staff, password, n)
        case desk.DisqualificationProposed():
            return replace(state, proposed_disqualifications=state.proposed_disqualifications | {event.entry})
        case desk.DisqualificationDeclined():
            return replace(state, proposed_disqualifications=state.proposed_disqualifications - {event.entry})
        case desk.ChangesProposed():
            return replace(state, changes=state.changes.set(event.changes, event))
        case desk.ChangesApplied():
            closed = state.changes_closed | {event.changes}
            return replace(state, changes_applied=state.changes_applied + 1, changes_closed=closed)
        case desk.ChangesDropped():
            return replace(state, changes_closed=state.changes_closed | {event.changes})
        case desk.EntryDisqualified():
            waiting = state.proposed_disqualifications - {event.entry}
            disqualified = state.disqualified.set(event.entry, event.at)
            return replace(state, disqualified=disqualified, proposed_disqualifications=waiting)
        case desk.ComplaintFiled() if event.kind == "complaint":
            return replace(state, complaints=state.complaints.set(event.complaint, event.at))
        case desk.ComplaintAnswered() if event.complaint in state.complaints:
            return replace(state, complaints=state.complaints.delete(event.complaint))
        case EntryWithdrawn():
            return replace(state, withdrawn=state.withdrawn | {event.entry})
        case EntrySubmitted():
            return replace(state, handed_in=state.handed_in.set(event.entry, event.version))
        case desk.ShortlistConfirmed():
            return replace(state, listed=state.listed | {each.entry for each in event.entries})
        case desk.EntryApproved() | desk.EntryReturned() | desk.EntryRejected():
            return replace(state, decided=state.decided.set(event.entry, event.version))
        case desk.DecisionUndone():  # the decision that it had replaced follows at once, if there is one
            return replace(state, decided=state.decided.set(event.entry, 0))
        case _:
            letters = _letters(state.open_letters, event)
            return state if letters is state.open_letters else replace(state, open_letters=letters)


def _letters(letters: Map[str, str], event: Any) -> Map[str, str]:
    """Return the approved letters that are not settled after an event; other events change nothing."""
    match event:
        case desk.LettersApproved():
            return letters.update({each.letter: WAITING for each in event.letters})
        case desk.LettersResumed():
            return letters.update(dict.fromkeys(event.letters, WAITING))
        case desk.LettersWithdrawn():
            for name in set(event.letters) & set(letters):
                letters = letters.delete(name)
            return letters
        case desk.DeliveryEnded() if event.state == SENT and event.letter in letters:
            return letters.delete(event.letter)
        case desk.DeliveryEnded() if event.state == FAILED:
            return letters.set(event.letter, FAILED)
        case _:
            return letters


def _with_staff(state: RankingState, event: desk.StaffAppointed, n: int) -> RankingState:
    organisers = state.organisers - {event.staff}
    if "organiser" in event.roles:
        organisers |= {event.staff}
    changed = organisers != state.organisers or event.password != state.passwords.get(event.staff, "")
    state = replace(state, organisers=organisers)
    return _with_password(state, event.staff, event.password, n) if changed else state


def _with_password(state: RankingState, staff: str, password: str, n: int) -> RankingState:
    passwords = state.passwords.set(staff, password)
    return replace(state, passwords=passwords, unchanged_since=state.unchanged_since.set(staff, n))
