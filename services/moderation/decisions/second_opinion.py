"""The opinion of a second person on a proposed decision.

Promises: whoever proposed a decision does not second it; a decision that is seconded follows in the same commit, in the
name of whoever proposed it, and holds what was proposed; one that is not seconded leaves the entry waiting.
Does not promise that the second person looked closely.
"""

from dataclasses import dataclass

from services.moderation.decisions import review
from services.moderation.events import SecondOpinionAsked, SecondOpinionGiven
from services.moderation.state import APPROVED, DISQUALIFIED, REJECTED, WITHDRAWN, ModerationState
from shared.decider import Decision, Refused
from shared.names import is_visible

REFUSALS = frozenset({"second-opinion-missing", "second-person-needed", "words-missing"})


@dataclass(frozen=True, slots=True)
class GiveSecondOpinion:
    """Command: say whether a proposed decision stands; `words` are needed if it does not."""

    entry: str
    version: int
    agrees: bool
    words: str
    by: str
    at: int
    turn: int | None = None


def give(command: GiveSecondOpinion, state: ModerationState) -> Decision:
    """Decide on a second opinion. Refuse whoever proposed the decision, and an opinion on an older version."""
    if (missing := review.missing_entry(command.entry, state)) is not None:
        return missing
    latest = state.handed[command.entry].latest
    if command.version != latest:
        return Refused("version-changed", "version", {"latest": latest})
    given = SecondOpinionGiven(
        command.entry, command.version, command.agrees, command.words.strip(), command.by, command.at
    )
    asked = state.opinion_on(command.entry)
    if asked is None:
        return [] if _repeats(given, state) else Refused("second-opinion-missing", "entry")
    if asked.by == command.by:
        return Refused("second-person-needed", detail={"by": asked.by})
    if (changed := review.decided_meanwhile(command.entry, command.turn, state)) is not None:
        return changed
    if state.status(command.entry) in (DISQUALIFIED, WITHDRAWN):
        return Refused(f"entry-{state.status(command.entry)}")
    if (claimed := review.claim_of_other(command.entry, command.by, command.at, state)) is not None:
        return claimed
    if not command.agrees:
        return [given] if is_visible(command.words) else Refused("words-missing", "words")
    verdict = proposed(asked, command.at)
    return review.flaw(verdict, state) or [given, review.decision(verdict)]


def proposed(asked: SecondOpinionAsked, at: int) -> review.Verdict:
    """Return the proposed decision as the command that it was, decided at `at`."""
    if asked.kind == APPROVED:
        return review.Approve(asked.entry, asked.version, asked.grade, asked.by, at)
    if asked.kind == REJECTED:
        return review.Reject(asked.entry, asked.version, asked.reason, asked.by, at, asked.remarks)
    return review.Return(asked.entry, asked.version, asked.remarks, asked.until or 0, asked.by, at)


def _repeats(given: SecondOpinionGiven, state: ModerationState) -> bool:
    before = [each for each in state.dossier(given.entry).history if isinstance(each, SecondOpinionGiven)]
    return bool(before) and (before[-1].version, before[-1].agrees, before[-1].words, before[-1].by) == (
        given.version,
        given.agrees,
        given.words,
        given.by,
    )
