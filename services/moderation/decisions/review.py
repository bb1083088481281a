"""Decisions of moderators about one entry: claim, approve, return, reject, freeze, disqualify, correct the type
or the unit's name.

Promises: a decision is about the version that the moderator saw, never about a version that arrived meanwhile, and a
moderator who says which turn of the entry they saw never replaces what somebody else decided since; while a moderator's
claim on an entry lasts, no other moderator decides on it. A decision on a version may be replaced by
another decision until the entry is on the confirmed shortlist. Later an entry can only be frozen, disqualified or given
another unit type or another name of its unit. Where a second person is needed, a decision is first proposed, and
`second_opinion.py` decides what becomes of it; where the rules want two persons, so is a disqualification.
Does not promise: that a moderator claimed an entry before deciding on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.moderation.campaign import BY_REJECTION, BY_SYMBOLS
from services.moderation.events import (
    DisqualificationDeclined,
    DisqualificationProposed,
    EntryApproved,
    EntryClaimed,
    EntryDisqualified,
    EntryFlagged,
    EntryFrozen,
    EntryRejected,
    EntryReturned,
    EntryUnflagged,
    EntryUnfrozen,
    Remark,
    SecondOpinionAsked,
    TypeCorrected,
    UnitNameCorrected,
)
from services.moderation.state import (
    APPROVED,
    DISQUALIFIED,
    REJECTED,
    RETURNED,
    SUBMITTED,
    SYMBOLS,
    WITHDRAWN,
    Dossier,
    ModerationState,
)
from shared.decider import Decision, Refused
from shared.names import is_visible

CLAIM_MS = 15 * 60_000
REFUSALS = frozenset(
    {
        "campaign-not-open",
        "entry-unknown",
        "entry-not-pending",
        "entry-disqualified",
        "entry-withdrawn",
        "entry-shortlisted",
        "version-changed",
        "entry-decided-meanwhile",
        "claimed-by-other",
        "grade-missing",
        "grade-out-of-range",
        "remarks-missing",
        "reason-missing",
        "deadline-past",
        "deadline-past-likes",
        "type-unknown",
        "type-not-in-rules",
        "second-opinion-open",
        "second-person-needed",
        "disqualification-missing",
        "disqualification-open",
        "words-missing",
    }
)
ASKED = "asked"  # a second opinion that a moderator asked for, whatever the rules say


@dataclass(frozen=True, slots=True)
class Claim:
    """Command: reserve an entry for one moderator for `CLAIM_MS` (15 minutes), so that no other decides on it."""

    entry: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Approve:
    """Command: approve a version of an entry, so that it may be shown. `grade` (0 to 100) is for the shortlist."""

    entry: str
    version: int
    grade: int | None
    by: str
    at: int
    second: bool = False  # whether a second person is to look before it stands
    turn: int | None = None  # of the entry that the moderator saw (`Dossier.turn`); None does not ask


@dataclass(frozen=True, slots=True)
class Return:
    """Command: send a version of an entry back to its unit, which may correct it until `until` (ms since the epoch)."""

    entry: str
    version: int
    remarks: tuple[Remark, ...]
    until: int
    by: str
    at: int
    second: bool = False
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Command: reject a version of an entry, so that it is not shown. `remarks` are reasons for single items."""

    entry: str
    version: int
    reason: str
    by: str
    at: int
    remarks: tuple[Remark, ...] = ()
    second: bool = False
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Freeze:
    """Command: freeze an entry, so that it takes no likes. It stays visible."""

    entry: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Unfreeze:
    """Command: let a frozen entry take likes again."""

    entry: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Disqualify:
    """Command: remove an entry from the campaign for good.

    `words` say what the evidence shows, and `evidence` is its SHA-256. Where the rules want two persons, this proposes.
    """

    entry: str
    reason: str
    by: str
    at: int
    words: str = ""
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmDisqualification:
    """Command: confirm, or decline with words, a disqualification that somebody else proposed."""

    entry: str
    agrees: bool
    words: str
    by: str
    at: int
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class FlagEntry:
    """Command: put a flag of HAND_FLAGS on an entry, with words for the other moderators."""

    entry: str
    flag: str
    words: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class UnflagEntry:
    """Command: take a flag off an entry."""

    entry: str
    flag: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class CorrectType:
    """Command: give an entry another unit type than the type that its unit submitted it with."""

    entry: str
    type: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class CorrectUnitName:
    """Command: give an entry another name and city of its unit than those of its hand-in, such as after a typing error
    in the roll.
    """

    entry: str
    unit_name: str
    city: str
    reason: str
    by: str
    at: int


Verdict = Approve | Return | Reject
Mark = Freeze | Unfreeze | Disqualify | CorrectType | CorrectUnitName


def claim(command: Claim, state: ModerationState) -> Decision:
    """Decide on a claim. A moderator who claims the entry again extends the claim."""
    missing = missing_entry(command.entry, state)
    if missing is not None:
        return missing
    if state.status(command.entry) != SUBMITTED:
        return Refused("entry-not-pending", detail={"status": state.status(command.entry)})
    until = command.at + CLAIM_MS
    held = state.dossier(command.entry).claim_at(command.at)
    if (claimed := claim_of_other(command.entry, command.by, command.at, state)) is not None:
        return claimed
    if held is not None and held.until >= until:
        return []
    return [EntryClaimed(command.entry, command.by, until, command.at)]


def decide(command: Verdict, state: ModerationState) -> Decision:
    """Decide on an approval, a return or a rejection. Refuse if the version is not the latest, if another moderator has
    claimed the entry, or if the entry is listed, withdrawn or disqualified.
    """
    missing = missing_entry(command.entry, state)
    if missing is not None:
        return missing
    handed, dossier = state.handed[command.entry], state.dossier(command.entry)
    if command.version != handed.latest:
        return Refused("version-changed", "version", {"latest": handed.latest})
    if _repeats(command, dossier.decision):
        return []
    status = state.status(command.entry)
    if status in (DISQUALIFIED, WITHDRAWN):
        return Refused(f"entry-{status}")
    if dossier.number is not None:
        return Refused("entry-shortlisted", detail={"number": dossier.number})
    if (claimed := claim_of_other(command.entry, command.by, command.at, state)) is not None:
        return claimed
    if (changed := decided_meanwhile(command.entry, command.turn, state)) is not None:
        return changed
    opinion = state.opinion_on(command.entry)
    if opinion is not None and opinion.by != command.by:
        return Refused("second-opinion-open", detail={"by": opinion.by})
    if (wrong := flaw(command, state)) is not None:
        return wrong
    because = _second_person(command, state)
    if because is None:
        return [decision(command)]
    proposed = _proposal(command, because)
    return [] if opinion is not None and replace(opinion, at=command.at) == proposed else [proposed]


def claim_of_other(entry: str, by: str, at: int, state: ModerationState) -> Refused | None:
    """Return the refusal for somebody who decides on an entry that another moderator has claimed, or None."""
    held = state.dossier(entry).claim_at(at)
    if held is None or held.by == by:
        return None
    return Refused("claimed-by-other", detail={"by": held.by, "until": held.until})


def decided_meanwhile(entry: str, turn: int | None, state: ModerationState) -> Refused | None:
    """Return the refusal for somebody who decides on an entry as it was at another turn than now, or None."""
    dossier = state.dossier(entry)
    if turn is None or turn == dossier.turn:
        return None
    last = dossier.turns[-1] if dossier.turns else None
    by = getattr(last, "by", None) or getattr(last, "unit", "")
    return Refused("entry-decided-meanwhile", detail={"turn": dossier.turn, "by": by})


def mark(command: Mark, state: ModerationState) -> Decision:
    """Decide on freezing, unfreezing or disqualifying an entry, or correcting its unit type or unit name. Each needs
    a reason.
    """
    missing = missing_entry(command.entry, state)
    if missing is not None:
        return missing
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    dossier = state.dossier(command.entry)
    if isinstance(command, Disqualify):
        return _disqualify(command, dossier, state)
    if dossier.disqualified is not None:
        return Refused("entry-disqualified")
    return _decide_mark(command, state)


def confirm_disqualification(command: ConfirmDisqualification, state: ModerationState) -> Decision:
    """Decide on a proposed disqualification. Refuse whoever proposed it."""
    if (missing := missing_entry(command.entry, state)) is not None:
        return missing
    dossier = state.dossier(command.entry)
    if dossier.disqualified is not None and command.agrees and dossier.disqualified.by == command.by:
        return []
    proposed = dossier.disqualification
    if proposed is None:
        return Refused("disqualification-missing", "entry")
    if proposed.by == command.by:
        return Refused("second-person-needed", detail={"by": proposed.by})
    if (changed := decided_meanwhile(command.entry, command.turn, state)) is not None:
        return changed
    if not command.agrees:
        if not is_visible(command.words):
            return Refused("words-missing", "words")
        return [DisqualificationDeclined(command.entry, command.words, command.by, command.at)]
    return [
        EntryDisqualified(
            command.entry, proposed.reason, command.by, command.at, proposed.words, proposed.evidence, proposed.by
        )
    ]


def flag(command: FlagEntry | UnflagEntry, state: ModerationState) -> Decision:
    """Decide on putting a flag on an entry, or taking it off."""
    if (missing := missing_entry(command.entry, state)) is not None:
        return missing
    has = command.flag in state.dossier(command.entry).flags
    if isinstance(command, UnflagEntry):
        return [EntryUnflagged(command.entry, command.flag, command.by, command.at)] if has else []
    return [] if has else [EntryFlagged(command.entry, command.flag, command.words, command.by, command.at)]


def _disqualify(command: Disqualify, dossier: Dossier, state: ModerationState) -> Decision:
    assert state.campaign is not None
    if dossier.disqualified is not None:
        return []
    held = command.entry, command.reason, command.words, command.evidence
    if not state.campaign.moderation.two_for_disqualification:
        entry, reason, words, evidence = held
        return [EntryDisqualified(entry, reason, command.by, command.at, words, evidence)]
    proposed = dossier.disqualification
    if proposed is not None and (proposed.entry, proposed.reason, proposed.words, proposed.evidence) == held:
        return [] if proposed.by == command.by else Refused("disqualification-open", detail={"by": proposed.by})
    return [DisqualificationProposed(*held, command.by, command.at)]


def _decide_mark(
    command: Freeze | Unfreeze | CorrectType | CorrectUnitName, state: ModerationState
) -> Sequence[object] | Refused:
    frozen = state.dossier(command.entry).frozen
    match command:
        case Freeze():
            return [] if frozen else [EntryFrozen(command.entry, command.reason, command.by, command.at)]
        case Unfreeze():
            return [EntryUnfrozen(command.entry, command.reason, command.by, command.at)] if frozen else []
        case CorrectType():
            assert state.campaign is not None
            if command.type not in {each.code for each in state.campaign.unit_types}:
                return Refused("type-unknown", "type", {"type": command.type})
            if command.type == state.type_of(command.entry):
                return []
            return [TypeCorrected(command.entry, command.type, command.reason, command.by, command.at)]
        case CorrectUnitName():
            names = command.unit_name.strip(), command.city.strip()
            if names == state.unit_names(command.entry):
                return []
            return [UnitNameCorrected(command.entry, *names, command.reason, command.by, command.at)]


def missing_entry(entry: str, state: ModerationState) -> Refused | None:
    """Return why no decision about the entry is possible at all, or None."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    return None if entry in state.handed else Refused("entry-unknown", "entry")


def flaw(command: Verdict, state: ModerationState) -> Refused | None:
    """Return what is wrong with the decision itself, or None."""
    assert state.campaign is not None
    match command:
        case Approve(grade=None) if state.campaign.shortlist.rule == "top_n_by_grade":
            return Refused("grade-missing", "grade")
        case Approve(grade=int(grade)) if not 0 <= grade <= 100:
            return Refused("grade-out-of-range", "grade")
        case Approve(entry=entry) if state.type_of(entry) not in {each.code for each in state.campaign.unit_types}:
            code = state.type_of(entry)  # handed in while the rules were replaced
            return Refused("type-not-in-rules", "entry", {"types": [{"code": code, "zh": code, "en": code}]})
        case Return(remarks=()):
            return Refused("remarks-missing", "remarks")
        case Return(until=until) if until <= command.at:
            return Refused("deadline-past", "until")
        case Return(until=until) if until > state.campaign.window("likes").start:
            return Refused("deadline-past-likes", "until", {"likes": state.campaign.window("likes").start})
        case Reject(reason=reason) if not is_visible(reason):
            return Refused("reason-missing", "reason")
    return None


def _second_person(command: Verdict, state: ModerationState) -> str | None:
    """Return why the decision needs a second person, or None."""
    assert state.campaign is not None
    needed = state.campaign.moderation.second_opinion
    if isinstance(command, Reject) and BY_REJECTION in needed:
        return BY_REJECTION
    if BY_SYMBOLS in needed and _calls_for_another(SYMBOLS, command, state.dossier(command.entry)):
        return BY_SYMBOLS
    return ASKED if command.second else None


def _calls_for_another(flag: str, command: Verdict, dossier: Dossier) -> bool:
    """Return whether the flag is on, or was last taken off by whoever decides, and so must not decide alone."""
    removed = [each.by for each in dossier.history if isinstance(each, EntryUnflagged) and each.flag == flag]
    return flag in dossier.flags or removed[-1:] == [command.by]


def _proposal(command: Verdict, because: str) -> SecondOpinionAsked:
    held = command.entry, command.version
    who = command.by, command.at
    match command:
        case Approve():
            return SecondOpinionAsked(*held, APPROVED, because, command.grade, (), None, "", *who)
        case Return():
            return SecondOpinionAsked(*held, RETURNED, because, None, command.remarks, command.until, "", *who)
        case Reject():
            return SecondOpinionAsked(*held, REJECTED, because, None, command.remarks, None, command.reason, *who)


def decision(command: Verdict) -> EntryApproved | EntryReturned | EntryRejected:
    match command:
        case Approve():
            return EntryApproved(command.entry, command.version, command.grade, command.by, command.at)
        case Return():
            return EntryReturned(command.entry, command.version, command.remarks, command.until, command.by, command.at)
        case Reject():
            held = command.entry, command.version, command.reason
            return EntryRejected(*held, command.by, command.at, command.remarks)


def _repeats(command: Verdict, before: EntryApproved | EntryReturned | EntryRejected | None) -> bool:
    """Return whether the command repeats the decision that is in force."""
    match command, before:
        case Approve(), EntryApproved():
            return (command.version, command.grade) == (before.version, before.grade)
        case Return(), EntryReturned():
            decided = before.version, before.remarks, before.until
            return (command.version, command.remarks, command.until) == decided
        case Reject(), EntryRejected():
            rejected = before.version, before.reason, before.remarks
            return (command.version, command.reason, command.remarks) == rejected
    return False
