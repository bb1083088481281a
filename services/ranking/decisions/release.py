"""Publication at a set time: an organiser sets the time, and the clock process publishes then (`PublishResult`).

Promises: only a proposal with enough signatures may be given a time, and the time lies in the future; the last time
that was set counts, and setting None cancels it; a later proposal or a publication by hand cancels it as well.
Does not promise publication: whatever would prevent a publication by hand prevents it at the set time too, and then the
view `result` still shows the set time.
"""

from dataclasses import dataclass

from services.ranking.decisions.result import SIGNATURES, current_proposal, is_published, valid_signatures
from services.ranking.events import ReleaseScheduled
from services.ranking.state import RankingState
from shared.decider import Decision, Refused

REFUSALS = frozenset({"release-in-the-past", "release-not-due"})


@dataclass(frozen=True, slots=True)
class ScheduleRelease:
    """Command: set the time of publication. `release_at` is campaign time in ms; None cancels a time that was set."""

    proposal: str
    release_at: int | None
    by: str
    at: int


def schedule(command: ScheduleRelease, state: RankingState) -> Decision:
    """Decide on setting or cancelling the time of publication. Setting the same time again changes nothing."""
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
    """Return the scheduled publication whose time has come at `at` (campaign time, ms), or refuse if there is none."""
    if state.release is None or state.release.release_at is None or at < state.release.release_at:
        return Refused("release-not-due")
    return state.release
