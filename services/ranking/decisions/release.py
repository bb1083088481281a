"""Publication at a set time: an organiser sets the time, and the clock process publishes then (`PublishResult`).

Promises: only a proposal that could be published now may be given a time, and the time lies in the future; the last
setting counts, and setting none cancels it; a later proposal or a publication by hand cancels it as well.
Does not promise publication: what would refuse it by hand refuses it at the set time too, and then `result` still shows
the set time.
"""

from dataclasses import dataclass

from services.ranking.decisions.result import SIGNATURES, current_proposal, is_published, valid_signatures
from services.ranking.events import ReleaseScheduled
from services.ranking.state import RankingState
from shared.decider import Decision, Refused

REFUSALS = frozenset({"release-in-the-past", "release-not-due"})


@dataclass(frozen=True, slots=True)
class ScheduleRelease:
    """Set the time of publication; `release_at` is campaign time in ms, and None cancels a set time."""

    proposal: str
    release_at: int | None
    by: str
    at: int


def schedule(command: ScheduleRelease, state: RankingState) -> Decision:
    """Set or cancel the time of publication; the same time again changes nothing."""
    proposal = current_proposal(command.proposal, state)
    if isinstance(proposal, Refused):
        return proposal
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if is_published(proposal, state):
        return Refused("result-published")
    have = valid_signatures(proposal, state)
    if len(have) < SIGNATURES:
        return Refused("signatures-missing", detail={"have": len(have), "needed": SIGNATURES})
    if command.release_at is not None and command.release_at <= command.at:
        return Refused("release-in-the-past", "at", {"now": command.at})
    before = None if state.release is None else state.release.release_at
    if before == command.release_at:
        return []
    return [ReleaseScheduled(proposal.proposal, command.release_at, command.by, command.at)]


def due(state: RankingState, at: int) -> ReleaseScheduled | Refused:
    """Return the release whose time has come at `at`, or refuse if there is none."""
    if state.release is None or state.release.release_at is None or at < state.release.release_at:
        return Refused("release-not-due")
    return state.release
