"""Complaints and suggestions from anybody, and the office's answers.

Promises: each has a number that cannot be guessed and that gives access to its state; text and contact are sealed under
a key of that number alone, so one complaint can be forgotten without the others; of several answers the last one
counts, and all stay in the log.
Does not promise: that anything follows from a complaint. Freezing an entry is decided in `review.py`.
"""

from dataclasses import dataclass

from services.moderation.events import ComplaintAnswered, ComplaintFiled
from services.moderation.state import ModerationState
from shared.decider import Decision, Refused
from shared.events import Sealed

KINDS = ("complaint", "suggestion")
OPEN, ANSWERED = "open", "answered"
REFUSALS = frozenset({"campaign-not-open", "entry-unknown", "complaint-unknown", "words-missing"})


@dataclass(frozen=True, slots=True)
class FileComplaint:
    """File a complaint or a suggestion under its reference number."""

    complaint: str
    kind: str
    entry: str | None  # None if it is about the campaign
    words: Sealed
    contact: Sealed | None
    at: int


@dataclass(frozen=True, slots=True)
class AnswerComplaint:
    """Answer a complaint, or replace the last answer."""

    complaint: str
    words: str
    by: str
    at: int


def file(command: FileComplaint, state: ModerationState) -> Decision:
    """Decide on filing a complaint. A number that is filed already changes nothing."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if command.entry is not None and command.entry not in state.handed:
        return Refused("entry-unknown", "entry")
    if command.complaint in state.complaints:
        return []
    return [ComplaintFiled(command.complaint, command.kind, command.entry, command.words, command.contact, command.at)]


def answer(command: AnswerComplaint, state: ModerationState) -> Decision:
    """Decide on an answer. Repeating the last answer changes nothing."""
    known = state.complaints.get(command.complaint)
    if known is None:
        return Refused("complaint-unknown", "complaint")
    if not command.words.strip():
        return Refused("words-missing", "words")
    if known.answered is not None and known.answered.words == command.words:
        return []
    return [ComplaintAnswered(command.complaint, command.words, command.by, command.at)]
