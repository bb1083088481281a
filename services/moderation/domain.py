"""Commands and decisions of moderation: the campaign and its clock, the rules, the staff, entries and the shortlist.

Promises: a campaign opens once; its rules are locked before a shortlist is confirmed, and likes need the shortlist;
windows move only as `decisions/windows.py` allows; campaign time never goes back; an entry is listed only after a
moderator approved it. `decisions/rule_versions.py` decides on locking the rules, `decisions/review.py` on entries,
`decisions/forget_subject.py` on forgetting, and `decisions/complaints.py` on complaints.
Does not promise: that the rules make sense. `campaign_file` checks them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from services.moderation import state as moderation_state
from services.moderation.campaign import PHASES, Campaign, Window, to_data
from services.moderation.decisions import (
    complaints,
    forget_subject,
    review,
    rule_versions,
    shortlist,
    windows,
)
from services.moderation.decisions.complaints import AnswerComplaint, AnswerComplaints, FileComplaint
from services.moderation.decisions.forget_subject import EndNetworkKey, ForgetSubject
from services.moderation.decisions.review import (
    Approve,
    Claim,
    CorrectType,
    CorrectUnitName,
    Disqualify,
    Freeze,
    Reject,
    Return,
    Unfreeze,
)
from services.moderation.decisions.rule_versions import AmendRules, LockRules
from services.moderation.events import (
    CampaignOpened,
    ClockMoved,
    ShortlistConfirmed,
    StaffAppointed,
    WindowMoved,
)
from services.moderation.state import ROLES, ModerationState
from shared.decider import Decision, Refused
from shared.events import Sealed
from shared.names import is_visible

REFUSALS = (
    review.REFUSALS
    | windows.REFUSALS
    | forget_subject.REFUSALS
    | complaints.REFUSALS
    | rule_versions.REFUSALS
    | {
        "campaign-is-open",
        "role-unknown",
        "judges-only-judge",
        "password-missing",
        "last-organiser",
        "organisers-only",
        "clock-is-real",
        "clock-goes-back",
        "rules-not-locked",
        "likes-begun",
        "shortlist-empty",
        "shortlist-differs",
        # Refused by the RPC service, which reads campaign files and checks passwords.
        "campaign-file-broken",
        "login-refused",
    }
)


@dataclass(frozen=True, slots=True)
class FirstOrganiser:
    """The first organiser of a campaign, who appoints the other staff. Name and password are sealed (encrypted)."""

    staff: str
    name: Sealed
    password: Sealed


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """Command: open the campaign under a rule set.

    `now` (ms since the epoch) is where a rehearsal's clock starts; in a live campaign it is the wall clock's time.
    """

    campaign: Campaign
    now: int
    by: str
    organiser: FirstOrganiser | None = None


@dataclass(frozen=True, slots=True)
class AppointStaff:
    """Command: give a person exactly these roles. No roles dismiss the person; `password` None keeps the password."""

    staff: str
    name: Sealed
    roles: tuple[str, ...]
    password: Sealed | None
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class MoveClock:
    """Command: move the clock of a rehearsal forward to `now`, in ms since the epoch."""

    now: int
    by: str


@dataclass(frozen=True, slots=True)
class MoveWindow:
    """Command: give a window of the campaign a new start and end, in ms since the epoch, for a reason."""

    window: str
    start: int
    end: int
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class ConfirmShortlist:
    """Command: confirm the shortlist. `entries` are the proposed entries that the organiser saw; the command is refused
    if the proposal has changed since.
    """

    entries: tuple[str, ...]
    by: str
    at: int


Command = (
    OpenCampaign
    | AppointStaff
    | MoveClock
    | MoveWindow
    | LockRules
    | AmendRules
    | ConfirmShortlist
    | Claim
    | Approve
    | Return
    | Reject
    | Freeze
    | Unfreeze
    | Disqualify
    | CorrectType
    | CorrectUnitName
    | ForgetSubject
    | EndNetworkKey
    | FileComplaint
    | AnswerComplaint
    | AnswerComplaints
)


class ModerationDecider:
    """Decides moderation's commands, and folds its own log and the logs of submission and ranking (a Decider)."""

    def initial(self) -> ModerationState:
        return ModerationState()

    def evolve(self, state: ModerationState, event: Any, address: str) -> ModerationState:  # noqa: ARG002 -- a Decider's signature
        return moderation_state.evolve(state, event)

    def decide(self, command: Command, state: ModerationState) -> Decision:
        match command:
            case OpenCampaign():
                return _open(command, state)
            case AppointStaff():
                return _appoint(command, state)
            case MoveClock():
                return _move_clock(command, state)
            case MoveWindow():
                return _move_window(command, state)
            case LockRules():
                return rule_versions.lock(command, state)
            case AmendRules():
                return rule_versions.amend(command, state)
            case ConfirmShortlist():
                return _confirm(command, state)
            case Claim():
                return review.claim(command, state)
            case Approve() | Return() | Reject():
                return review.decide(command, state)
            case Freeze() | Unfreeze() | Disqualify() | CorrectType() | CorrectUnitName():
                return review.mark(command, state)
            case ForgetSubject():
                return forget_subject.forget(command, state)
            case EndNetworkKey():
                return forget_subject.end_network_key(command, state)
            case FileComplaint():
                return complaints.file(command, state)
            case AnswerComplaint():
                return complaints.answer(command, state)
            case AnswerComplaints():
                return complaints.answer_all(command, state)
            case _:
                assert_never(command)


def _open(command: OpenCampaign, state: ModerationState) -> Decision:
    opened = CampaignOpened(to_data(command.campaign), command.campaign.rehearsal, command.now, command.by)
    if state.opened is not None:
        return [] if state.opened == opened else Refused("campaign-is-open")
    first = command.organiser
    if first is None:
        return [opened]
    return [opened, StaffAppointed(first.staff, first.name, ("organiser",), first.password, command.by, command.now)]


def _appoint(command: AppointStaff, state: ModerationState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    unknown = [each for each in command.roles if each not in ROLES]
    if unknown:
        return Refused("role-unknown", "roles", {"role": unknown[0]})
    if "judge" in command.roles and len(set(command.roles)) > 1:  # every other role sees likes, ranks, marks or remarks
        return Refused("judges-only-judge", "roles")
    member = state.staff.get(command.staff)
    password = command.password or (member.password if member else None)
    if not password:
        return Refused("password-missing", "password")
    roles = tuple(each for each in ROLES if each in command.roles)
    if "organiser" in (*roles, *(member.roles if member else ())) and not _may_name_organisers(command.by, state):
        return Refused("organisers-only", "roles")
    if member is not None and "organiser" in member.roles and "organiser" not in roles and _organisers(state) == 1:
        return Refused("last-organiser", "roles")
    if member == moderation_state.Member(command.name, roles, password):
        return []
    return [StaffAppointed(command.staff, command.name, roles, password, command.by, command.at)]


def _may_name_organisers(by: str, state: ModerationState) -> bool:
    """Return whether this person may appoint an organiser or give one another password. Two organisers sign a result,
    so only an organiser may; the first one is the exception.
    """
    acting = state.staff.get(by)
    return not _organisers(state) or (acting is not None and "organiser" in acting.roles)


def _organisers(state: ModerationState) -> int:
    return sum("organiser" in each.roles for each in state.staff.values())


def _move_clock(command: MoveClock, state: ModerationState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    if state.clock is None:
        return Refused("clock-is-real")
    if command.now < state.clock:
        return Refused("clock-goes-back", "now", {"now": state.clock})
    return [ClockMoved(command.now, command.by)] if command.now > state.clock else []


def _move_window(command: MoveWindow, state: ModerationState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    to = Window(command.start, command.end)
    if command.window in PHASES and state.campaign.window(command.window) == to:
        return []
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    refused = windows.refusal_to_move(
        state.campaign, command.window, to=to, at=command.at, listed=state.listed, is_final=state.is_final
    )
    return refused or [WindowMoved(command.window, command.start, command.end, command.reason, command.by, command.at)]


def _confirm(command: ConfirmShortlist, state: ModerationState) -> Sequence[object] | Refused:
    if state.campaign is None:
        return Refused("campaign-not-open")
    if state.locked_rules is None:
        return Refused("rules-not-locked")
    proposal = shortlist.propose(state)
    proposed, seen = {each.entry for each in proposal}, set(command.entries)
    listed = {entry for entry, each in state.dossiers.items() if each.number and state.may_be_shown(entry)}
    if proposed == seen == listed and proposed:
        return []
    if command.at >= state.campaign.window("likes").start:
        return Refused("likes-begun", detail={"start": state.campaign.window("likes").start})
    if not proposal:
        return Refused("shortlist-empty")
    if proposed != seen:
        missing, extra = sorted(proposed - seen), sorted(seen - proposed)
        return Refused("shortlist-differs", "entries", {"missing": missing[:20], "extra": extra[:20]})
    return [ShortlistConfirmed(proposal, command.by, command.at)]
