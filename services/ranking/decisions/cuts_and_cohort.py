"""Cuts, and who is judged.

Promises: a cut never goes back in any log; the cohort is fixed only behind closed polls, and only ever grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.moderation import campaign as rules
from services.ranking.calculation.cohort import Contender, chosen
from services.ranking.events import CohortFixed, CutTaken
from services.ranking.followed_logs import OWN_LOG
from services.ranking.state import RankingState
from shared.decider import Decision, Refused

REFUSALS = frozenset({"campaign-not-open", "polls-open", "cohort-already-fixed", "cohort-empty"})


@dataclass(frozen=True, slots=True)
class TakeCut:
    cut: Mapping[str, int]
    at: int


@dataclass(frozen=True, slots=True)
class FixCohort:
    cut: Mapping[str, int]
    closed: tuple[int, ...]
    contenders: tuple[Contender, ...]
    at: int


def not_due(state: RankingState, at: int) -> Refused | None:
    """Why a cohort cannot be fixed at `at`, as far as it is known without a table: the clock asks every few seconds."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if at < state.campaign.window("likes").end:
        return polls_open((), state.campaign)
    if state.cohort is not None and state.campaign.cohort.top_n is None:
        return Refused("cohort-already-fixed")
    return None


def polls_open(closed: tuple[int, ...], campaign: rules.Campaign) -> Refused | None:
    """The partitions that still take likes, if any."""
    still = sorted(set(range(campaign.likes.partitions)) - set(closed))
    return Refused("polls-open", detail={"partitions": still}) if still else None


def take_cut(command: TakeCut, state: RankingState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    last = state.cut or CutTaken(command.at, {})
    cut = {log: max(n, last.cut.get(log, 0)) for log, n in command.cut.items()}
    # A cut moves ranking's own log: were that counted, each cut would be the reason for the next.
    if _others(last.cut) == _others(cut):
        return []
    return [CutTaken(max(command.at, last.time), cut)]


def _others(cut: Mapping[str, int]) -> dict[str, int]:
    return {log: n for log, n in cut.items() if log != OWN_LOG}


def fix_cohort(command: FixCohort, state: RankingState) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    if refused := polls_open(command.closed, state.campaign):
        return refused
    rule = state.campaign.cohort
    if state.cohort is not None and rule.top_n is None:
        return Refused("cohort-already-fixed")
    # Likes that are released or restored later may bring entries in, never out.
    entries = chosen(command.contenders, rule) | set(state.cohort or ())
    if not entries:
        return Refused("cohort-empty")
    if state.cohort is not None and entries == set(state.cohort):
        return Refused("cohort-already-fixed")
    return [CohortFixed(dict(command.cut), tuple(sorted(entries)), command.at)]
