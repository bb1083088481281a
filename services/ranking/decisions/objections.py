"""Objections (异议) of anybody to the published result, and what the organisers answer.

Promises: taken from the publication until its notice ends, by campaign time, and not a moment later; each has a number
that nobody can guess, by which its state may be asked for; words and contact stand sealed under a key of that number
alone; while one is open no result is final. A result never is once an objection is upheld against it: another result
is published, or the objection is decided anew with other words, and all words stay on record. Does not promise that
anything else follows from an objection that is upheld: to disqualify and to propose again are orders of their own.
"""

from dataclasses import dataclass

from services.ranking.events import ObjectionDecided, ObjectionFiled
from services.ranking.state import RankingState
from shared.decider import Decision, Refused
from shared.events import Sealed

OPEN, UPHELD, DISMISSED = "open", "upheld", "dismissed"
STATES = (OPEN, UPHELD, DISMISSED)
REFUSALS = frozenset(
    {
        "result-not-published",
        "objection-late",
        "objection-unknown",
        "objection-settled",
        "entry-unknown",
        "words-missing",
        "not-an-organiser",
    }
)


@dataclass(frozen=True, slots=True)
class FileObjection:
    objection: str
    entry: str | None  # None: it is about the whole result
    words: Sealed
    contact: Sealed | None
    at: int


@dataclass(frozen=True, slots=True)
class DecideObjection:
    objection: str
    upheld: bool
    words: str
    by: str
    at: int


def not_taken(state: RankingState, at: int) -> Refused | None:
    """Why no objection is taken at `at`, if so."""
    if state.published is None:
        return Refused("result-not-published")
    if at >= state.published.notice_until:
        return Refused("objection-late", detail={"until": state.published.notice_until})
    return None


def file(order: FileObjection, state: RankingState) -> Decision:
    if order.objection in state.objections:
        return []
    if refused := not_taken(state, order.at):
        return refused
    if order.entry is not None and order.entry not in (state.cohort or ()):
        return Refused("entry-unknown", "entry")
    proposal = state.published.proposal.proposal if state.published is not None else ""
    return [ObjectionFiled(order.objection, proposal, order.entry, order.words, order.contact, order.at)]


def answer(order: DecideObjection, state: RankingState) -> Decision:
    """Of several answers the last stands; once the result is final it stays."""
    known = state.objections.get(order.objection)
    if known is None:
        return Refused("objection-unknown", "objection")
    if order.by not in state.organisers:
        return Refused("not-an-organiser")
    if not order.words.strip():
        return Refused("words-missing", "words")
    said = known.decided
    if said is not None and (said.upheld, said.words) == (order.upheld, order.words):
        return []
    if said is not None and state.is_final:
        return Refused("objection-settled", "objection")
    return [ObjectionDecided(order.objection, order.upheld, order.words, order.by, order.at)]
