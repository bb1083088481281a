"""Open the exhibition of the winners, and take entries down from it.

Promises: the exhibition shows the winners of the published result, provisionally until that result is final, without
the entries that were taken down. Once open, it follows the published result: when a corrected result is published, the
exhibition shows the entries that moved up.
"""

from dataclasses import dataclass

from services.ranking.events import EntryTakenDown, ExhibitionOpened
from services.ranking.state import RankingState
from shared.decider import Decision, Refused
from shared.names import is_visible

REFUSALS = frozenset({"result-not-published", "exhibition-not-open", "entry-not-exhibited", "reason-missing"})


@dataclass(frozen=True, slots=True)
class OpenExhibition:
    """Command: open the exhibition with the winners of the published result."""

    by: str
    at: int


@dataclass(frozen=True, slots=True)
class TakeDown:
    """Command: take an entry out of the exhibition, for a reason."""

    entry: str
    reason: str
    by: str
    at: int


def open_exhibition(command: OpenExhibition, state: RankingState) -> Decision:
    """Decide on opening the exhibition. Opening it again with the same winners changes nothing."""
    if state.published is None:
        return Refused("result-not-published")
    if state.exhibition == state.published.winners:
        return []
    return [ExhibitionOpened(state.published.winners, not state.is_final, command.by, command.at)]


def take_down(command: TakeDown, state: RankingState) -> Decision:
    """Decide on taking an exhibited entry down. Taking it down again changes nothing."""
    if state.exhibition is None:
        return Refused("exhibition-not-open")
    if command.entry not in state.exhibition:
        return Refused("entry-not-exhibited", field="entry")
    if command.entry in state.taken_down:
        return []
    if not is_visible(command.reason):
        return Refused("reason-missing", field="reason")
    return [EntryTakenDown(command.entry, command.reason, command.by, command.at)]
