"""Save a scenario, the recount of the result with a change, under a name. No other decision depends on scenarios."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.ranking.events import ScenarioSaved
from services.ranking.state import RankingState
from shared.decider import Decision, Refused

MOST = 500  # scenarios of a campaign


@dataclass(frozen=True, slots=True)
class SaveScenario:
    """Command: save a recount with its change and its outcome. The fields are explained at `ScenarioSaved`."""

    name: str
    reason: str
    change: Mapping[str, Any]
    cut: Mapping[str, int]
    official_digest: str
    digest: str
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    by: str
    at: int


def save_scenario(command: SaveScenario, state: RankingState) -> Decision:
    """Decide on saving a scenario. Its name can never be used for another scenario; saving an identical scenario again
    changes nothing. Refuse more than MOST scenarios.
    """
    if state.campaign is None:
        return Refused("campaign-not-open")
    saved = ScenarioSaved(
        name=command.name,
        reason=command.reason,
        change=dict(command.change),
        cut=dict(command.cut),
        official_digest=command.official_digest,
        digest=command.digest,
        enters=command.enters,
        leaves=command.leaves,
        by=command.by,
        at=command.at,
    )
    known = next((each for each in state.scenarios if each.name == command.name), None)
    if known is not None:
        return [] if replace(saved, by=known.by, at=known.at) == known else Refused("scenario-exists", field="name")
    if len(state.scenarios) >= MOST:
        return Refused("scenarios-full", detail={"most": MOST})
    return [saved]
