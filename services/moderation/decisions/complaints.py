"""Complaints and suggestions from anybody, and the office's answers.

Promises: each complaint has a reference number that cannot be guessed and that gives access to its state; its text and
contact are sealed (encrypted) with a key that no other complaint has, so that one complaint can be forgotten without
the others; of several answers the last counts, and all stay in the log.
Does not promise: that anything follows from a complaint. Freezing an entry is decided in `review.py`.
"""

from dataclasses import dataclass

from services.moderation.events import ComplaintAnswered, ComplaintFiled
from services.moderation.state import ModerationState
from shared.decider import Decision, Refused
from shared.events import Sealed
from shared.names import is_visible

KINDS = ("complaint", "suggestion")
OPEN, ANSWERED = "open", "answered"
REFUSALS = frozenset({"campaign-not-open", "entry-unknown", "complaint-unknown", "words-missing"})


@dataclass(frozen=True, slots=True)
class FileComplaint:
    """Command: file a complaint or a suggestion. `complaint` is its reference number; text and contact are sealed."""

    complaint: str
    kind: str
    entry: str | None  # None if it is about the campaign
    words: Sealed
    contact: Sealed | None
    at: int


@dataclass(frozen=True, slots=True)
class AnswerComplaint:
    """Command: answer a complaint or a suggestion, or replace the office's last answer to it."""

    complaint: str
    words: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class AnswerComplaints:
    """Command: give several complaints and suggestions the same answer at once."""

    complaints: tuple[str, ...]
    words: str
    by: str
    at: int


def file(command: FileComplaint, state: ModerationState) -> Decision:
    """Decide on filing a complaint. If its number is filed already, nothing changes."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if command.entry is not None and command.entry not in state.handed:
        return Refused("entry-unknown", "entry")
    if command.complaint in state.complaints:
        return []
    return [ComplaintFiled(command.complaint, command.kind, command.entry, command.words, command.contact, command.at)]


def answer(command: AnswerComplaint, state: ModerationState) -> Decision:
    """Decide on an answer to a complaint. Repeating the last answer changes nothing."""
    known = state.complaints.get(command.complaint)
    if known is None:
        return Refused("complaint-unknown", "complaint")
    if not is_visible(command.words):
        return Refused("words-missing", "words")
    if known.answered is not None and known.answered.words == command.words:
        return []
    return [ComplaintAnswered(command.complaint, command.words, command.by, command.at)]


def answer_all(command: AnswerComplaints, state: ModerationState) -> Decision:
    """Decide on the same answer to several complaints: on all of them, or on none if one is refused.

    The refusal names the first complaint that it is about. Complaints that have this answer already are passed over.
    """
    events: list[object] = []
    for number in dict.fromkeys(command.complaints):
        answered = answer(AnswerComplaint(number, command.words, command.by, command.at), state)
        if isinstance(answered, Refused):
            field = "complaints" if answered.field == "complaint" else answered.field
            return Refused(answered.code, field, {"complaint": number})
        events += answered
    return events
