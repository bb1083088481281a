"""File objections (异议) to the published result, and decide them.

Promises: anybody may file an objection from the publication until the end of its notice, by campaign time, and not a
moment later; each objection has a reference number that nobody can guess, and whoever has the number can read the
objection's state; words and contact are stored sealed (encrypted) with a key that no other objection has; while an
objection is open, no result becomes final. While an objection against a result is upheld, that result does not become
final either: another result must be published, or the objection must be decided again with other words. Every decision
stays in the log.
Does not promise that anything else follows from an upheld objection: to disqualify an entry and to propose a new result
are commands of their own.
"""

from dataclasses import dataclass

from services.ranking.events import ObjectionDecided, ObjectionFiled
from services.ranking.state import RankingState
from shared.decider import Decision, Refused
from shared.events import Sealed
from shared.names import is_visible

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
    """Command: file an objection under its reference number. Its texts are sealed (encrypted) already."""

    objection: str
    entry: str | None  # None: the objection concerns the whole result
    words: Sealed
    contact: Sealed | None
    at: int


@dataclass(frozen=True, slots=True)
class DecideObjection:
    """Command: uphold or dismiss an objection, with words that anyone who has its reference number can read."""

    objection: str
    upheld: bool
    words: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class DecideObjections:
    """Command: uphold or dismiss several objections at once, with words that hold for each of them."""

    objections: tuple[str, ...]
    upheld: bool
    words: str
    by: str
    at: int


def filing_refusal(state: RankingState, at: int) -> Refused | None:
    """Return why no objection may be filed at `at` (campaign time, ms), or None if it may be filed."""
    if state.published is None:
        return Refused("result-not-published")
    if at >= state.published.notice_until:
        return Refused("objection-late", detail={"until": state.published.notice_until})
    return None


def file(command: FileObjection, state: RankingState) -> Decision:
    """Decide on filing an objection. If its number is filed already, nothing changes."""
    if command.objection in state.objections:
        return []
    if refused := filing_refusal(state, command.at):
        return refused
    if command.entry is not None and command.entry not in (state.cohort or ()):
        return Refused("entry-unknown", "entry")
    proposal = state.published.proposal.proposal if state.published is not None else ""
    return [ObjectionFiled(command.objection, proposal, command.entry, command.words, command.contact, command.at)]


def answer(command: DecideObjection, state: RankingState) -> Decision:
    """Decide on the answer to an objection. The last answer counts; once the result is final, it cannot be changed."""
    known = state.objections.get(command.objection)
    if known is None:
        return Refused("objection-unknown", "objection")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if not is_visible(command.words):
        return Refused("words-missing", "words")
    previous = known.decided
    if previous is not None and (previous.upheld, previous.words) == (command.upheld, command.words):
        return []
    if previous is not None and state.is_final:
        return Refused("objection-settled", "objection")
    return [ObjectionDecided(command.objection, command.upheld, command.words, command.by, command.at)]


def answer_all(command: DecideObjections, state: RankingState) -> Decision:
    """Decide on the same answer to several objections: on all of them, or on none if one is refused.

    The refusal names the first objection that it is about. Objections that have this answer already are passed over.
    """
    events: list[object] = []
    for number in dict.fromkeys(command.objections):
        decided = answer(DecideObjection(number, command.upheld, command.words, command.by, command.at), state)
        if isinstance(decided, Refused):
            field = "objections" if decided.field == "objection" else decided.field
            return Refused(decided.code, field, {"objection": number})
        events += decided
    return events
