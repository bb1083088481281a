"""Commands and decisions of moderation: the campaign and its clock, the rules, the staff, entries and the shortlist.

Promises: a campaign opens once; its rules are locked before a shortlist is confirmed, and likes need the shortlist;
windows move only as `decisions/windows.py` allows; campaign time never goes back; an entry is listed only after a
moderator approved it. `decisions/rule_versions.py` decides on locking the rules, `decisions/review.py` on entries,
`decisions/forget_subject.py` on forgetting, `decisions/complaints.py` on complaints, `decisions/staff.py` on staff,
and `decisions/authenticators.py` on their authenticators.
Does not promise: that the rules make sense. `campaign_file` checks them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from services.moderation import state as moderation_state
from services.moderation.campaign import PHASES, Campaign, Window, to_data
from services.moderation.decisions import (
    authenticators,
    bulk,
    changes,
    complaints,
    desk_work,
    forget_subject,
    letters,
    outages,
    questions,
    review,
    rule_versions,
    second_opinion,
    shortlist,
    staff,
    type_requests,
    windows,
)
from services.moderation.decisions.authenticators import AddAuthenticator, RemoveAuthenticator, UseRecoveryCode
from services.moderation.decisions.bulk import DecideInBulk, UndoBulk, UndoDecision
from services.moderation.decisions.changes import ApplyChanges, DropChanges, ProposeChanges
from services.moderation.decisions.complaints import AnswerComplaint, AnswerComplaints, FileComplaint
from services.moderation.decisions.desk_work import HandOver, NoteCheck, NoteChecks
from services.moderation.decisions.forget_subject import EndNetworkKey, ForgetSubject
from services.moderation.decisions.letters import (
    ApproveLetters,
    BeginDelivery,
    DraftLetters,
    EndDelivery,
    GiveWeChatConsent,
    ResumeLetters,
    SetMessageContact,
    WithdrawLetters,
    WithdrawReversed,
    WithdrawWeChatConsent,
)
from services.moderation.decisions.outages import DeclareOutage, RevokeOutage
from services.moderation.decisions.questions import (
    AnswerQuestion,
    AskQuestion,
    BroadcastQuestion,
    ClaimQuestion,
    DropStockAnswer,
    PublishQuestion,
    RemovePublicQuestion,
    SetStockAnswer,
)
from services.moderation.decisions.review import (
    Approve,
    Claim,
    ConfirmDisqualification,
    CorrectType,
    CorrectUnitName,
    Disqualify,
    FlagEntry,
    Freeze,
    Reject,
    Return,
    UnflagEntry,
    Unfreeze,
)
from services.moderation.decisions.rule_versions import AmendRules, LockRules, ReplaceRules
from services.moderation.decisions.second_opinion import GiveSecondOpinion
from services.moderation.decisions.staff import (
    AppointStaff,
    ChangePassword,
    ConfirmStaffChange,
    FirstOrganiser,
    SetPassword,
)
from services.moderation.decisions.type_requests import AskTypeCorrection, DecideTypeCorrection
from services.moderation.events import (
    CampaignOpened,
    ClockMoved,
    LetterTextsSet,
    PageThemeSet,
    ShortlistConfirmed,
    WindowMoved,
)
from services.moderation.state import ModerationState
from shared.decider import Decision, Refused
from shared.names import is_visible

REFUSALS = (
    review.REFUSALS
    | windows.REFUSALS
    | forget_subject.REFUSALS
    | complaints.REFUSALS
    | rule_versions.REFUSALS
    | staff.REFUSALS
    | authenticators.REFUSALS
    | second_opinion.REFUSALS
    | type_requests.REFUSALS
    | bulk.REFUSALS
    | changes.REFUSALS
    | outages.REFUSALS
    | desk_work.REFUSALS
    | letters.REFUSALS
    | questions.REFUSALS
    | {
        "campaign-is-open",
        "clock-is-real",
        "clock-goes-back",
        "rules-not-locked",
        "likes-begun",
        "shortlist-empty",
        "shortlist-differs",
        # Refused by the RPC service, which reads campaign files and holds the draft and the set-up.
        "campaign-file-broken",
        "campaign-file-unreadable",
        "draft-differs",
        "picture-too-large",
        "picture-unknown",
        "organisers-missing",
        "setup-link-spent",
    }
)


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """Command: open the campaign under a rule set.

    `now` (ms since the epoch) is where a rehearsal's clock starts; in a live campaign it is the wall clock's time.
    """

    campaign: Campaign
    now: int
    by: str
    organisers: tuple[FirstOrganiser, ...] = ()
    link: str = ""  # names the links by which they set their passwords
    theme: dict[str, Any] = field(default_factory=dict)  # how pages look, if the campaign file says so
    letters: dict[str, Any] = field(default_factory=dict)  # texts of letters, if the campaign file has some


@dataclass(frozen=True, slots=True)
class SetPageTheme:
    """Command: let pages look as `theme` says, the table `[theme]` of a campaign file as plain data, and letters say
    what its table `[letters]` says.
    """

    theme: dict[str, Any]
    by: str
    at: int
    letters: dict[str, Any] = field(default_factory=dict)


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
    | SetPageTheme
    | AppointStaff
    | ConfirmStaffChange
    | SetPassword
    | ChangePassword
    | AddAuthenticator
    | RemoveAuthenticator
    | UseRecoveryCode
    | MoveClock
    | MoveWindow
    | ReplaceRules
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
    | ConfirmDisqualification
    | FlagEntry
    | UnflagEntry
    | GiveSecondOpinion
    | AskTypeCorrection
    | DecideTypeCorrection
    | DecideInBulk
    | UndoBulk
    | UndoDecision
    | ProposeChanges
    | ApplyChanges
    | DropChanges
    | DeclareOutage
    | RevokeOutage
    | HandOver
    | NoteCheck
    | NoteChecks
    | ForgetSubject
    | EndNetworkKey
    | FileComplaint
    | AnswerComplaint
    | AnswerComplaints
    | letters.Command
    | questions.Command
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
            case SetPageTheme():
                return _set_theme(command, state)
            case AppointStaff():
                return staff.appoint(command, state)
            case ConfirmStaffChange():
                return staff.confirm(command, state)
            case SetPassword():
                return staff.set_password(command, state)
            case ChangePassword():
                return staff.change_password(command, state)
            case AddAuthenticator():
                return authenticators.add(command, state)
            case RemoveAuthenticator():
                return authenticators.remove(command, state)
            case UseRecoveryCode():
                return authenticators.use_recovery_code(command, state)
            case MoveClock():
                return _move_clock(command, state)
            case MoveWindow():
                return _move_window(command, state)
            case ReplaceRules():
                return rule_versions.replace_unlocked(command, state)
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
            case ConfirmDisqualification():
                return review.confirm_disqualification(command, state)
            case FlagEntry() | UnflagEntry():
                return review.flag(command, state)
            case GiveSecondOpinion():
                return second_opinion.give(command, state)
            case AskTypeCorrection():
                return type_requests.request(command, state)
            case DecideTypeCorrection():
                return type_requests.decide(command, state)
            case DecideInBulk() | UndoBulk() | UndoDecision():
                return _decide_bulk(command, state)
            case ProposeChanges() | ApplyChanges() | DropChanges():
                return _decide_changes(command, state)
            case DeclareOutage():
                return outages.declare(command, state)
            case RevokeOutage():
                return outages.revoke(command, state)
            case HandOver():
                return desk_work.hand_over(command, state)
            case NoteCheck():
                return desk_work.note_check(command, state)
            case NoteChecks():
                return desk_work.note_checks(command, state)
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
            case (
                SetMessageContact()
                | GiveWeChatConsent()
                | WithdrawWeChatConsent()
                | DraftLetters()
                | ApproveLetters()
                | WithdrawLetters()
                | WithdrawReversed()
                | ResumeLetters()
                | BeginDelivery()
                | EndDelivery()
            ):
                return letters.decide(command, state)
            case (
                AskQuestion()
                | ClaimQuestion()
                | AnswerQuestion()
                | SetStockAnswer()
                | DropStockAnswer()
                | PublishQuestion()
                | RemovePublicQuestion()
                | BroadcastQuestion()
            ):
                return questions.decide(command, state)
            case _:
                assert_never(command)


def _decide_bulk(command: DecideInBulk | UndoBulk | UndoDecision, state: ModerationState) -> Decision:
    match command:
        case DecideInBulk():
            return bulk.decide(command, state)
        case UndoBulk():
            return bulk.undo_bulk(command, state)
        case UndoDecision():
            return bulk.undo(command, state)


def _decide_changes(command: ProposeChanges | ApplyChanges | DropChanges, state: ModerationState) -> Decision:
    match command:
        case ProposeChanges():
            return changes.propose(command, state)
        case ApplyChanges():
            return changes.apply(command, state)
        case DropChanges():
            return changes.drop(command, state)


def _open(command: OpenCampaign, state: ModerationState) -> Decision:
    opened = CampaignOpened(to_data(command.campaign), command.campaign.rehearsal, command.now, command.by)
    if state.opened is not None:
        return [] if state.opened == opened else Refused("campaign-is-open")
    theme = [PageThemeSet(command.theme, command.by, command.now)] if command.theme else []
    first = staff.first_organisers(command.organisers, link=command.link, by=command.by, at=command.now)
    texts = [LetterTextsSet(command.letters, command.by, command.now)] if command.letters else []
    return [opened, *theme, *texts, *first]


def _set_theme(command: SetPageTheme, state: ModerationState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    theme = [] if command.theme == (state.theme or {}) else [PageThemeSet(command.theme, command.by, command.at)]
    is_same = command.letters == dict(state.letter_texts)
    texts = [] if is_same else [LetterTextsSet(command.letters, command.by, command.at)]
    return [*theme, *texts]


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
    if outside := shortlist.outside_types(state):
        types = sorted({state.type_of(entry) for entry in outside})
        return Refused("type-not-in-rules", "entries", {"types": types, "entries": outside})
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
