"""Decide on taking cuts (how far each log is read at a time), and on fixing the cohort, the entries that are judged.

Promises: a cut never moves back in any log; the cohort is fixed only after all polls are closed, and it only ever
grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.moderation import campaign as rules
from services.ranking.calculation.cohort import Contender, choose_cohort
from services.ranking.events import CohortFixed, CutTaken
from services.ranking.followed_logs import OWN_LOG
from services.ranking.state import RankingState
from shared.decider import Decision, Refused

REFUSALS = frozenset({"campaign-not-open", "polls-open", "cohort-already-fixed", "cohort-empty"})


@dataclass(frozen=True, slots=True)
class TakeCut:
    """Command: record a cut, the positions of all logs, as of campaign time `at` (ms since the epoch)."""

    cut: Mapping[str, int]
    at: int


@dataclass(frozen=True, slots=True)
class FixCohort:
    """Command: fix or extend the cohort (the entries that are judged) from the contenders at `cut`.

    `closed` are the vote partitions that take no more likes.
    """

    cut: Mapping[str, int]
    closed: tuple[int, ...]
    contenders: tuple[Contender, ...]
    at: int


def cohort_refusal(state: RankingState, at: int) -> Refused | None:
    """Return why the cohort cannot be fixed at `at` (campaign time, ms), as far as that is known without a table.

    The clock process tries every few seconds, so this check comes before the table is read.
    """
    if state.campaign is None:
        return Refused("campaign-not-open")
    if at < state.campaign.window("likes").end:
        return open_polls_refusal((), state.campaign)
    if state.cohort is not None and state.campaign.cohort.top_n is None:
        return Refused("cohort-already-fixed")
    return None


def open_polls_refusal(closed: tuple[int, ...], campaign: rules.Campaign) -> Refused | None:
    """Return the refusal of an act that must wait for the end of likes, or None if all vote partitions are closed.

    The refusal names the partitions that still take likes.
    """
    still = sorted(set(range(campaign.likes.partitions)) - set(closed))
    return Refused("polls-open", detail={"partitions": still}) if still else None


def take_cut(command: TakeCut, state: RankingState) -> Decision:
    """Decide on recording a cut. Nothing changes if no log but ranking's own has moved since the last cut."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    last = state.cut or CutTaken(command.at, {})
    cut = {log: max(n, last.cut.get(log, 0)) for log, n in command.cut.items()}
    # A cut is itself a commit in ranking's log: if that counted, each cut would cause the next one.
    if _others(last.cut) == _others(cut):
        return []
    return [CutTaken(max(command.at, last.time), cut)]


def _others(cut: Mapping[str, int]) -> dict[str, int]:
    return {log: n for log, n in cut.items() if log != OWN_LOG}


def fix_cohort(command: FixCohort, state: RankingState) -> Decision:
    """Decide on fixing the cohort, or on extending it by entries that released or restored likes bring in.

    Refuse while any partition takes likes, and if no entry would be added.
    """
    if state.campaign is None:
        return Refused("campaign-not-open")
    if refused := open_polls_refusal(command.closed, state.campaign):
        return refused
    rule = state.campaign.cohort
    if state.cohort is not None and rule.top_n is None:
        return Refused("cohort-already-fixed")
    # Likes that are released or restored later may add entries to the cohort, but never remove any.
    entries = choose_cohort(command.contenders, rule) | set(state.cohort or ())
    if not entries:
        return Refused("cohort-empty")
    if state.cohort is not None and entries == set(state.cohort):
        return Refused("cohort-already-fixed")
    return [CohortFixed(dict(command.cut), tuple(sorted(entries)), command.at)]
