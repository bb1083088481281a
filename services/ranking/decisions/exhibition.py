"""What is exhibited.

Promises: the winners of the published result, provisional until that result is final, without what was taken down. Once
it is open it follows: a corrected result that is published shows at once who moved up.
"""

from dataclasses import dataclass

from services.ranking.events import EntryTakenDown, ExhibitionOpened
from services.ranking.state import RankingState
from shared.decider import Decision, Refused

REFUSALS = frozenset({"result-not-published", "exhibition-not-open", "entry-not-exhibited", "reason-missing"})


@dataclass(frozen=True, slots=True)
class OpenExhibition:
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class TakeDown:
    entry: str
    reason: str
    by: str
    at: int


def open_exhibition(command: OpenExhibition, state: RankingState) -> Decision:
    if state.published is None:
        return Refused("result-not-published")
    if state.exhibition == state.published.winners:
        return []
    return [ExhibitionOpened(state.published.winners, not state.is_final, command.by, command.at)]


def take_down(command: TakeDown, state: RankingState) -> Decision:
    if state.exhibition is None:
        return Refused("exhibition-not-open")
    if command.entry not in state.exhibition:
        return Refused("entry-not-exhibited", field="entry")
    if command.entry in state.taken_down:
        return []
    if not command.reason.strip():
        return Refused("reason-missing", field="reason")
    return [EntryTakenDown(command.entry, command.reason, command.by, command.at)]
