"""File objections (异议) to the published result, and decide them.

Promises: anybody may file an objection from the publication until the end of its notice, by campaign time, and not a
moment later; each objection has a number that nobody can guess, and with it anybody can read its state; words and
contact are stored sealed under a key that belongs to that number alone; while an objection is open, no result becomes
final. Nor does a result against which one is upheld: another result must be published, or the objection be decided
again with other words. Every decision stays on record.
Does not promise that anything else follows from an upheld objection: to disqualify an entry and to propose a new result
are commands of their own.
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
    """File an objection under its number, with its texts already sealed."""

    objection: str
    entry: str | None  # None: the objection concerns the whole result
    words: Sealed
    contact: Sealed | None
    at: int


@dataclass(frozen=True, slots=True)
class DecideObjection:
    """Uphold or dismiss an objection, with words that anyone who has its number can read."""

    objection: str
    upheld: bool
    words: str
    by: str
    at: int


def filing_refusal(state: RankingState, at: int) -> Refused | None:
    """Return why no objection may be filed at `at`, or None if one may."""
    if state.published is None:
        return Refused("result-not-published")
    if at >= state.published.notice_until:
        return Refused("objection-late", detail={"until": state.published.notice_until})
    return None


def file(command: FileObjection, state: RankingState) -> Decision:
    """File an objection; the same number again changes nothing."""
    if command.objection in state.objections:
        return []
    if refused := filing_refusal(state, command.at):
        return refused
    if command.entry is not None and command.entry not in (state.cohort or ()):
        return Refused("entry-unknown", "entry")
    proposal = state.published.proposal.proposal if state.published is not None else ""
    return [ObjectionFiled(command.objection, proposal, command.entry, command.words, command.contact, command.at)]


def answer(command: DecideObjection, state: RankingState) -> Decision:
    """Decide an objection. The last decision counts; once the result is final, it can no longer be changed."""
    known = state.objections.get(command.objection)
    if known is None:
        return Refused("objection-unknown", "objection")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if not command.words.strip():
        return Refused("words-missing", "words")
    previous = known.decided
    if previous is not None and (previous.upheld, previous.words) == (command.upheld, command.words):
        return []
    if previous is not None and state.is_final:
        return Refused("objection-settled", "objection")
    return [ObjectionDecided(command.objection, command.upheld, command.words, command.by, command.at)]
