"""Where an entry stands, for its unit: the steps from draft to result, and what has happened so far.

The functions are pure. They know the logs of submission and moderation; whether a result is published, ranking says, so
the step `result` says that its phase has come and not what it holds.
"""

from typing import Any

from services.moderation import events as desk
from services.submission.events import (
    EntrySubmitted,
    EntryWithdrawn,
    LatePassGranted,
    ManagerAppointed,
    UnitClaimed,
)
from services.submission.state import (
    APPROVED,
    DISQUALIFIED,
    REJECTED,
    RETURNED,
    SUBMITTED,
    WITHDRAWN,
    SubmissionState,
)

STEPS = ("draft", "submitted", "review", "returned", "approved", "shortlisted", "likes", "judging", "result")
DONE, CURRENT, AHEAD, SKIPPED, ENDED = ("done", "current", "ahead", "skipped", "ended")
#: The phases of a campaign in which each step after the shortlist is the current one.
_PHASES = {"likes": ("likes", "counting"), "judging": ("judging",), "result": ("result", "exhibition", "over")}
_ENDS = frozenset({REJECTED, WITHDRAWN, DISQUALIFIED})


def current_step(*, status: str | None, claimed: bool, shortlisted: bool, listed: bool, phase: str) -> tuple[str, str]:
    """Return the step at which an entry stands, and why it ended there, or "".

    `status` is that of the entry, None for one that was never handed in; `claimed` says that a moderator is reading it;
    `shortlisted` that it is on the shortlist, `listed` that there is a shortlist; `phase` is the campaign's.
    """
    if status is None:
        return "draft", ""
    if status in _ENDS:
        return ("shortlisted" if shortlisted else "review"), status
    if status == RETURNED:
        return "returned", ""
    if status == SUBMITTED:
        return ("review" if claimed else "submitted"), ""
    if not shortlisted:
        return "approved", ("not-shortlisted" if listed else "")
    return next((step for step, phases in _PHASES.items() if phase in phases), "shortlisted"), ""


def progress(entry: str, state: SubmissionState, *, at: int) -> dict[str, Any]:
    """Return the step at which an entry stands at `at` (campaign time, ms), and the state of each step.

    An entry that was not handed in yet stands at `draft`. A step is done, current, ahead, skipped (a return that never
    came), or the one where the entry ended, for the reason in `ended`.
    """
    known = entry in state.entries
    status = state.status(entry) if known else None
    verdict, claim = state.verdict(entry), state.claims.get(entry)
    is_claimed = claim is not None and at < claim.until and known and claim.at >= state.entries[entry].latest.at
    phase = state.campaign.phase(at) if state.campaign is not None else "before"
    listed = any(each.number is not None for each in state.verdicts.values())
    step, ended = current_step(
        status=status, claimed=is_claimed, shortlisted=verdict.number is not None, listed=listed, phase=phase
    )
    was_returned = any(isinstance(each, desk.EntryReturned) for each in state.desk_news.get(entry, ()))
    return {"entry": entry, "step": step, "ended": ended, "steps": steps(step, ended, returned=was_returned)}


def steps(step: str, ended: str, *, returned: bool) -> list[dict[str, str]]:
    """Return the state of each of STEPS for an entry that stands at `step`; `returned` says that it once was."""
    here, found = STEPS.index(step), []
    for n, each in enumerate(STEPS):
        if n == here:
            state = ENDED if ended else CURRENT
        elif n > here:
            state = SKIPPED if ended else AHEAD
        else:
            state = DONE
        if each == "returned" and n != here:
            state = DONE if returned and n < here else SKIPPED
        found.append({"step": each, "state": state})
    return found


def messages(unit: str, state: SubmissionState) -> list[dict[str, Any]]:
    """Return what happened to a unit and its entries, the latest first, each as kind, time, entry and its facts."""
    told = [(each.at, 0, n, _own_message(each)) for n, each in enumerate(state.news.get(unit, ()))]
    for entry in state.of_unit.get(unit, ()):
        events = state.desk_news.get(entry, ())
        told += [(each.at, 1, n, _desk_message(entry, each)) for n, each in enumerate(events)]
    return [message for _, _, _, message in sorted(told, key=lambda each: each[:3], reverse=True)]


def _own_message(fact: Any) -> dict[str, Any]:
    match fact:
        case EntrySubmitted():
            facts = {"version": fact.version, "receipt": fact.receipt, "by": fact.by}
            return _message("handed-in", fact.at, fact.entry, facts)
        case EntryWithdrawn():
            return _message("withdrawn", fact.at, fact.entry, {"reason": fact.reason})
        case LatePassGranted():
            return _message("late-pass-granted", fact.at, None, {"until": fact.until, "reason": fact.reason})
        case ManagerAppointed():
            return _message("manager-appointed", fact.at, None, {"manager": fact.manager, "reason": fact.reason})
        case UnitClaimed():
            return _message("unit-claimed", fact.at, None, {"manager": fact.manager})
        case _:
            raise TypeError(f"{fact!r} is no news of a unit")


def _desk_message(entry: str, fact: Any) -> dict[str, Any]:
    match fact:
        case desk.EntryApproved():
            return _message(APPROVED, fact.at, entry, {"version": fact.version})
        case desk.EntryReturned():
            remarks = [{"item": each.item, "words": each.words} for each in fact.remarks]
            return _message(
                RETURNED, fact.at, entry, {"version": fact.version, "remarks": remarks, "until": fact.until}
            )
        case desk.EntryRejected():
            return _message(REJECTED, fact.at, entry, {"version": fact.version, "reason": fact.reason})
        case desk.DecisionUndone():
            return _message("decision-undone", fact.at, entry, {"version": fact.version})
        case desk.EntryFrozen():
            return _message("frozen", fact.at, entry, {"reason": fact.reason})
        case desk.EntryUnfrozen():
            return _message("unfrozen", fact.at, entry, {"reason": fact.reason})
        case desk.EntryDisqualified():
            return _message(DISQUALIFIED, fact.at, entry, {"reason": fact.reason})
        case desk.TypeCorrected():
            return _message("type-corrected", fact.at, entry, {"type": fact.type, "reason": fact.reason})
        case desk.UnitNameCorrected():
            facts = {"unit_name": fact.unit_name, "city": fact.city, "reason": fact.reason}
            return _message("unit-name-corrected", fact.at, entry, facts)
        case desk.LikesExcluded():
            return _message("likes-voided", fact.at, entry, {"reason": fact.reason})
        case desk.ShortlistConfirmed():
            number = next(each.number for each in fact.entries if each.entry == entry)
            return _message("shortlisted", fact.at, entry, {"number": number})
        case _:
            raise TypeError(f"{fact!r} is no news of an entry")


def _message(kind: str, at: int, entry: str | None, facts: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "at": at, "entry": entry, "facts": facts}
