"""Complaints and suggestions of anybody, and what the office answers.

Promises: each has a number that nobody can guess, by which its state may be asked for; words and contact stand sealed
under a key of that number alone, so one can be forgotten without the others; of several answers the last stands, and
all are in the log. Does not promise that anything follows from a complaint: freezing an entry is `review.py`'s.
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
    complaint: str
    kind: str
    entry: str | None  # None: it is about the campaign
    words: Sealed
    contact: Sealed | None
    at: int


@dataclass(frozen=True, slots=True)
class AnswerComplaint:
    complaint: str
    words: str
    by: str
    at: int


def file(order: FileComplaint, office: ModerationState) -> Decision:
    if office.campaign is None:
        return Refused("campaign-not-open")
    if order.entry is not None and order.entry not in office.handed:
        return Refused("entry-unknown", "entry")
    if order.complaint in office.complaints:
        return []
    return [ComplaintFiled(order.complaint, order.kind, order.entry, order.words, order.contact, order.at)]


def answer(order: AnswerComplaint, office: ModerationState) -> Decision:
    known = office.complaints.get(order.complaint)
    if known is None:
        return Refused("complaint-unknown", "complaint")
    if not order.words.strip():
        return Refused("words-missing", "words")
    if known.answered is not None and known.answered.words == order.words:
        return []
    return [ComplaintAnswered(order.complaint, order.words, order.by, order.at)]
