"""Read access of ranking: the logs that it needs, their heads, and the table now or at a cut. Decides nothing.

The answers about the result, objections and certificates are built in `views/result_views.py`.
"""

from collections.abc import Callable, Mapping

from services.ranking.decisions.result import LAG_S
from services.ranking.read_model.as_of import cut_as_of
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.table import Table
from shared.cut import Cut
from shared.lag import lags
from shared.ledger import Ledger
from shared.projection import ProjectionStore, Projector, advance
from shared.snapshots import Snapshots

SNAPSHOT_AFTER_COMMITS = 4_096  # commits: a query that folds more than this stores a snapshot of what it folded


def logs_of(partitions: int) -> tuple[str, ...]:
    """Return the names of all logs that the ranking's table is folded from; `partitions` is the number of vote logs."""
    votes = (f"vote.{p}" for p in range(partitions))
    return ("moderation", "submission", "scoring", "ranking", "vote.cases", *votes)


def heads(ledger: Ledger, logs: tuple[str, ...], *, known: Mapping[str, int]) -> Cut:
    """Return a cut with the number of the last commit of each log. Raises Unreachable.

    `known` has positions that are reached already; only logs that have grown beyond them are asked again.
    """
    positions = {log: known.get(log, 0) for log in logs}
    return Cut({**positions, **{log: ledger.head(log) for log in ledger.logs_with_new_commits(positions)}})


def current(ledger: Ledger, store: ProjectionStore, *, overdue: Callable[[], bool] = lambda: False) -> Projector[Table]:
    """Return the table at the present heads of all logs: what the projector stored, and every commit since.

    A query therefore neither waits for the projector nor depends on it. Raises Overdue, Unreachable, FollowerStopped.
    """
    projector = store.load(RankingProjection())
    if projector.table.campaign is None:
        advance(projector, ledger, {"moderation": min(1, ledger.head("moderation"))})
    campaign = projector.table.campaign
    logs = logs_of(0 if campaign is None else campaign["likes"]["partitions"])
    advance(projector, ledger, heads(ledger, logs, known=projector.cut), overdue=overdue)
    return projector


def behind_s(ledger: Ledger, store: ProjectionStore, logs: tuple[str, ...], now_ms: int) -> int | None:
    """Return for how many seconds the oldest commit has waited that the stored table, and so the views, lack.

    0 where the projector has read all of these logs. None while a table is being built, as for a new version of the
    projection: nothing is stored yet, or nothing of a log whose commits have waited. Raises Unreachable.
    """
    cut = store.cut(RankingProjection())
    waiting = lags(ledger, {log: cut[log] for log in logs}, now_ms)
    if not cut or any(not cut[log] and each.age_s > LAG_S for log, each in waiting.items()):
        return None
    return int(max((each.age_s for each in waiting.values()), default=0))


def as_of(
    ledger: Ledger, snapshots: Snapshots, *, at: int, partitions: int, overdue: Callable[[], bool] = lambda: False
) -> Projector[Table]:
    """Return the table as of an instant `at` of campaign time (ms since the epoch), see `read_model/as_of.py`.

    Raises Overdue once `overdue` returns True, Unreachable, FollowerStopped.
    """
    return at_cut(ledger, snapshots, cut_as_of(ledger, logs_of(partitions), at=at, overdue=overdue), overdue=overdue)


def at_cut(
    ledger: Ledger, snapshots: Snapshots, cut: Mapping[str, int], *, overdue: Callable[[], bool] = lambda: False
) -> Projector[Table]:
    """Return the table at a cut (one position for each log): the newest snapshot within it, and the commits since.

    A fold of many commits is stored as a snapshot, even if time ran out, so that the next attempt continues from there.
    Raises Overdue once `overdue` returns True, Unreachable (also if the ledger ends before the cut), FollowerStopped.
    """
    projector = snapshots.newest_within(RankingProjection(), cut)
    folded_before = projector.cut.commits
    try:
        return advance(projector, ledger, cut, overdue=overdue)
    finally:
        if projector.cut.commits - folded_before > SNAPSHOT_AFTER_COMMITS:
            snapshots.keep(projector)
