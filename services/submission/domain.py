"""Commands and decisions of submission: who may enter, what a valid entry is, and until when.

The roll is the organiser's list of eligible units. To hand in is to submit a version of an entry.
Promises: an entry comes from a unit of the roll whose level is eligible, and was handed in inside the window, with a
late pass, or to correct what was returned; it kept the limits and carried the declaration; a version never changes, and
a unit has at most one entry that is not withdrawn; a roll is in force as a whole or not at all, only if its difference
from the roll before was confirmed, and never without a unit that has an entry.
Does not promise: that what the entry says is true.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.submission import drafts, eligibility, entry_checks, invitations, roll, roll_difference
from services.submission import state as submission_state
from services.submission.declaration import DECLARATIONS, WORDS
from services.submission.eligibility import NextVersion, check_eligibility
from services.submission.entry_checks import Draft
from services.submission.events import (
    ConsentGiven,
    Declared,
    EntrySubmitted,
    EntryWithdrawn,
    LatePassGranted,
    ManagerAppointed,
    RollChunk,
    RollImported,
    RollRow,
    UnitClaimed,
)
from services.submission.invitations import InviteCadres, JoinUnit, LinkCadre, RemoveCadre
from services.submission.state import (
    APPROVED,
    DISQUALIFIED,
    REJECTED,
    SUBMITTED,
    WITHDRAWN,
    SubmissionState,
)
from shared.decider import Decision, Refused
from shared.names import is_visible
from shared.subtitles import vtt_form
from shared.text_rule import normal_form, one_line_form

REFUSALS = (
    eligibility.REFUSALS
    | entry_checks.REFUSALS
    | invitations.REFUSALS
    | drafts.REFUSALS
    | {
        "entry-unknown",
        "roll-part-broken",
        "roll-part-differs",
        "roll-part-missing",
        "roll-digest-differs",
        "roll-unit-repeated",
        "roll-closed",
        "roll-not-confirmed",
        "roll-difference-differs",
        "roll-unit-has-entry",
        "deadline-past",
        "deadline-past-likes",
        "reason-missing",
        "late-pass-differs",
        "not-managing",
        "not-managed",
        "manager-is-unit",
        "receipt-unknown",
        # Refused by the RPC service, which handles uploads, files and log-ins.
        "login-refused",
        "roll-broken",
        "upload-unknown",
        "upload-quota",
        "file-lost",
        "media-unreadable",
        "media-unsupported",
        "media-too-large",
        "media-timeout",
        "media-missing",
    }
)


@dataclass(frozen=True, slots=True)
class ImportRollPart:
    """Command: import one part of a roll (a list of eligible units). It has no effect until the roll is closed."""

    roll: str
    part: int
    rows: tuple[RollRow, ...]


@dataclass(frozen=True, slots=True)
class CloseRoll:
    """Command: put the imported parts 0 to `parts - 1` in force as the roll, in place of any earlier roll.

    It is refused if a part is missing, if `digest` is not the hash of their rows, if `confirmed` is not the digest of
    their difference from the roll in force (`roll_difference.py`), or if a unit with an entry is missing.
    """

    roll: str
    parts: int
    digest: str
    confirmed: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class HandIn:
    """Command: hand in (submit) a draft as the next version of an entry of the unit.

    `entry` None means the unit's current entry, or a new entry if it has none. `receipt` is the number that the unit
    gets for it. `by` is who types it for a unit that has a manager: another unit's code or, with `by_staff`, an
    organiser's name; None is the unit itself.
    """

    unit: str
    entry: str | None
    draft: Draft
    at: int
    receipt: str | None = None
    by: str | None = None
    by_staff: bool = False


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Command: withdraw an entry. `unit` is the unit that withdraws it, or None for staff, who must give a reason."""

    entry: str
    unit: str | None
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class GrantLatePass:
    """Command: allow a unit to hand in (submit an entry) once after the submission window, until `until` (ms)."""

    late_pass: str
    unit: str
    until: int
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class AppointManager:
    """Command: let another unit (`manager`, a code) or, with an empty code, organisers type a unit's entry for it."""

    unit: str
    manager: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class ClaimUnit:
    """Command: a unit takes over its entry from its manager."""

    unit: str
    at: int


Command = (
    ImportRollPart
    | CloseRoll
    | HandIn
    | Withdraw
    | GrantLatePass
    | InviteCadres
    | JoinUnit
    | RemoveCadre
    | LinkCadre
    | AppointManager
    | ClaimUnit
)


class SubmissionDecider:
    """Decides submission's commands, and folds its own log and the log of moderation (a Decider)."""

    def initial(self) -> SubmissionState:
        return SubmissionState()

    def evolve(self, state: SubmissionState, event: Any, address: str) -> SubmissionState:  # noqa: ARG002 -- a Decider's signature
        return submission_state.evolve(state, event)

    def decide(self, command: Command, state: SubmissionState) -> Decision:
        match command:
            case ImportRollPart():
                return _import_part(command, state)
            case CloseRoll():
                return _close_roll(command, state)
            case HandIn():
                return _hand_in(command, state)
            case Withdraw():
                return _withdraw(command, state)
            case GrantLatePass():
                return _grant(command, state)
            case InviteCadres():
                return invitations.invite(command, state)
            case JoinUnit():
                return invitations.join(command, state)
            case RemoveCadre():
                return invitations.remove(command, state)
            case LinkCadre():
                return invitations.link(command, state)
            case AppointManager():
                return _appoint_manager(command, state)
            case ClaimUnit():
                return _claim(command, state)
            case _:
                assert_never(command)


def _import_part(command: ImportRollPart, state: SubmissionState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    if command.roll in state.rolls:
        return []  # no effect, whatever it holds: closing that roll again is refused instead
    known = state.open_parts(command.roll).get(command.part)
    if known is not None:
        return [] if known == command.rows else Refused("roll-part-differs", detail={"part": command.part})
    if not 1 <= len(command.rows) <= roll.CHUNK_ROWS or command.part < 0:
        return Refused("roll-part-broken", detail={"part": command.part, "rows": len(command.rows)})
    for row in command.rows:
        if row == state.units.get(row.code):
            continue  # in force already, perhaps by older rules
        for found in roll.row_flaws(row, state.campaign):
            detail = {"part": command.part, "unit": row.code, found.column: found.code}
            return Refused("roll-part-broken", detail=detail)
    return [RollChunk(command.roll, command.part, command.rows)]


def _close_roll(command: CloseRoll, state: SubmissionState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    closed = state.rolls.get(command.roll)
    if closed is not None:
        in_force = closed == state.roll and (closed.digest, closed.parts) == (command.digest, command.parts)
        return [] if in_force else Refused("roll-closed")
    parts = state.open_parts(command.roll)
    missing = [part for part in range(max(command.parts, 1)) if part not in parts]
    if missing:
        return Refused("roll-part-missing", detail={"parts": missing[:20]})
    rows = [row for part in range(command.parts) for row in parts[part]]
    if roll.roll_digest(rows) != command.digest:
        return Refused("roll-digest-differs")
    twice = roll.repeated_code(rows, state.units)
    if twice is not None:
        return Refused("roll-unit-repeated", detail={"unit": twice})
    types = {each.code for each in state.campaign.unit_types}
    if unknown := [row for row in rows if row.type not in types and row != state.units.get(row.code)]:
        return eligibility.missing_types(unknown)  # the rules were replaced since the parts were imported
    if lost := roll_difference.lost_units(state.units, rows, state.of_unit):
        return Refused("roll-unit-has-entry", detail={"units": lost[:20], "count": len(lost)})
    if roll_difference.compare(state.units, rows).digest != command.confirmed:
        return Refused("roll-difference-differs", "confirm")
    return [RollImported(command.roll, command.parts, len(rows), command.digest, command.by, command.at)]


def _hand_in(command: HandIn, state: SubmissionState) -> Decision:
    if command.by is not None and not may_manage(state, command.unit, who=command.by, is_staff=command.by_staff):
        return Refused("not-managing", "unit")
    if repeats_current_entry(command, state):
        return []
    next_version, found = readiness(command, state)
    if found or next_version is None:
        return incomplete(found)
    content, unit = stored_content(command.draft), state.units[command.unit]
    submitted = EntrySubmitted(
        entry=next_version.entry,
        version=next_version.version,
        unit=command.unit,
        type=next_version.type,
        title=content.title,
        profile=content.profile,
        text=content.text,
        themes=content.themes,
        h5=content.h5,
        files=content.files,
        late_pass=next_version.late_pass,
        at=command.at,
        unit_name=unit.name,
        city=unit.city,
        employer=unit.employer,
        receipt=command.receipt,
        ai=content.ai,
        by=command.by,
    )
    declared = tuple(Declared(each.kind, each.words) for each in DECLARATIONS)
    return [submitted, ConsentGiven(next_version.entry, next_version.version, WORDS, command.at, declared)]


def readiness(command: HandIn, state: SubmissionState) -> tuple[NextVersion | None, list[Refused]]:
    """Return the version that a hand-in would create, and everything that prevents it, in the order of the form.

    The check of a draft and its hand-in both call this function, so they name the same problems.
    """
    found = []
    allowed = check_eligibility(state, command.unit, entry=command.entry, at=command.at)
    if isinstance(allowed, Refused):
        found.append(allowed)
    if state.campaign is not None:
        found += entry_checks.problems(command.draft, state.campaign)
    return (None if isinstance(allowed, Refused) else allowed), found


def incomplete(found: Sequence[Refused]) -> Refused:
    """Return the refusal of a hand-in: the first problem, with a list of all in its detail."""
    first, listed = found[0], [{"code": each.code, "field": each.field, "detail": each.detail} for each in found]
    return Refused(first.code, first.field, {**(first.detail or {}), "problems": listed})


def stored_content(draft: Draft) -> Draft:
    """Return a draft as a version stores it: each text in its normal form, those of one line without outer blanks."""
    files = tuple(
        replace(
            each,
            caption=one_line_form(each.caption),
            alt=one_line_form(each.alt),
            subtitles=vtt_form(each.subtitles),
        )
        for each in draft.files
    )
    return replace(
        draft,
        title=one_line_form(draft.title),
        profile=normal_form(draft.profile),
        text=normal_form(draft.text),
        files=files,
        ai=tuple(sorted(draft.ai, key=lambda each: (each.part, each.extent))),
    )


def repeats_current_entry(command: HandIn, state: SubmissionState) -> bool:
    """Return whether handing in this draft would change nothing: the unit's current entry has exactly this content, and
    waits for a decision or is approved. Before a decision it must also have the unit's type, name, city and employer as
    in the roll, so that a unit can hand in once more after the roll was corrected.
    """
    own = state.of_unit.get(command.unit, ())
    if not own or command.entry not in (None, own[-1]) or state.status(own[-1]) not in (SUBMITTED, APPROVED):
        return False
    held, draft = state.entries[own[-1]].latest, stored_content(command.draft)
    unit = state.units.get(command.unit)
    now = None if unit is None else (unit.type, unit.name, unit.city, unit.employer)
    before = held.type, held.unit_name, held.city, held.employer
    if state.status(own[-1]) == SUBMITTED and now not in (None, before):
        return False
    if command.draft.lost:
        return False
    return (held.title, held.profile, held.text, held.themes, held.h5, held.files, held.ai or ()) == (
        draft.title, draft.profile, draft.text, draft.themes, draft.h5, draft.files, draft.ai,
    )  # fmt: skip


def _withdraw(command: Withdraw, state: SubmissionState) -> Sequence[object] | Refused:
    if command.unit is not None and command.entry not in state.of_unit.get(command.unit, ()):
        return Refused("not-yours", "entry")
    if command.entry not in state.entries:
        return Refused("entry-unknown", "entry")
    status = state.status(command.entry)
    if status == WITHDRAWN:
        return []
    if status in (REJECTED, DISQUALIFIED):
        return Refused(f"entry-{status}")
    if command.unit is None and not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    return [EntryWithdrawn(command.entry, command.by, command.reason, command.at)]


def _grant(command: GrantLatePass, state: SubmissionState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    granted = LatePassGranted(command.late_pass, command.unit, command.until, command.reason, command.by, command.at)
    known = state.passes.get(command.late_pass)
    if known is not None:
        return [] if known.granted == granted else Refused("late-pass-differs")
    if command.unit not in state.units:
        return Refused("unit-unknown", "unit")
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    if command.until <= command.at:
        return Refused("deadline-past", "until")
    if command.until > state.campaign.window("likes").start:
        return Refused("deadline-past-likes", "until", {"likes": state.campaign.window("likes").start})
    return [granted]


def may_manage(state: SubmissionState, unit: str, *, who: str, is_staff: bool) -> bool:
    """Return whether somebody may type a unit's entry for it: the unit that manages it, or an organiser (`is_staff`) if
    organisers do.
    """
    appointed = state.managers.get(unit)
    return appointed is not None and appointed.manager == ("" if is_staff else who)


def _appoint_manager(command: AppointManager, state: SubmissionState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    if command.unit not in state.units:
        return Refused("unit-unknown", "unit")
    if command.manager == command.unit:
        return Refused("manager-is-unit", "manager")
    if command.manager and command.manager not in state.units:
        return Refused("unit-unknown", "manager")
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    appointed = state.managers.get(command.unit)
    if appointed is not None and appointed.manager == command.manager:
        return []
    return [ManagerAppointed(command.unit, command.manager, command.reason, command.by, command.at)]


def _claim(command: ClaimUnit, state: SubmissionState) -> Decision:
    appointed = state.managers.get(command.unit)
    if appointed is None:
        return Refused("not-managed")
    return [UnitClaimed(command.unit, appointed.manager, command.at)]
