"""Reading: the logs that ranking needs, their heads, and the table as it stands. No decision here.

What is told of a result, of objections and of certificates is in `views/result_views.py`.
"""

from collections.abc import Callable, Mapping

from services.ranking.read_model.as_of import cut_as_of
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.table import Table
from shared.cut import Cut
from shared.ledger import Ledger
from shared.projection import ProjectionStore, Projector, advance
from shared.snapshots import Snapshots

FOLDED_MUCH = 4_096  # commits: whoever folds more of them keeps what came of it


def logs_of(partitions: int) -> tuple[str, ...]:
    """Every log that the table is folded from."""
    votes = (f"vote.{p}" for p in range(partitions))
    return ("moderation", "submission", "scoring", "ranking", "vote.cases", *votes)


def heads(ledger: Ledger, logs: tuple[str, ...], *, known: Mapping[str, int]) -> Cut:
    """How far the logs are by now; only those that have grown beyond `known` are asked. Raises Unreachable."""
    positions = {log: known.get(log, 0) for log in logs}
    return Cut({**positions, **{log: ledger.head(log) for log in ledger.logs_with_new_commits(positions)}})


def current(ledger: Ledger, store: ProjectionStore, *, overdue: Callable[[], bool] = lambda: False) -> Projector[Table]:
    """The table at the present heads of all logs: what the projector stored, and what came since.

    So it neither waits for the projector nor depends on it. Raises Overdue, Unreachable, FollowerStopped.
    """
    projector = store.load(RankingProjection())
    if projector.table.campaign is None:
        advance(projector, ledger, {"moderation": min(1, ledger.head("moderation"))})
    campaign = projector.table.campaign
    logs = logs_of(0 if campaign is None else campaign["likes"]["partitions"])
    advance(projector, ledger, heads(ledger, logs, known=projector.cut), overdue=overdue)
    return projector


def as_of(
    ledger: Ledger, snapshots: Snapshots, *, at: int, partitions: int, overdue: Callable[[], bool] = lambda: False
) -> Projector[Table]:
    """Return the table as of an instant of campaign time. Raises Overdue, Unreachable, FollowerStopped."""
    return at_cut(ledger, snapshots, cut_as_of(ledger, logs_of(partitions), at=at, overdue=overdue), overdue=overdue)


def at_cut(
    ledger: Ledger, snapshots: Snapshots, cut: Mapping[str, int], *, overdue: Callable[[], bool] = lambda: False
) -> Projector[Table]:
    """The table at any cut: the newest snapshot within it, and what follows.

    What took long to fold is put aside, also where time ran out: whoever asks again goes on from there.
    Raises Overdue, Unreachable (also where the ledger ends before the cut), FollowerStopped.
    """
    projector = snapshots.newest_within(RankingProjection(), cut)
    begun = projector.cut.commits
    try:
        return advance(projector, ledger, cut, overdue=overdue)
    finally:
        if projector.cut.commits - begun > FOLDED_MUCH:
            snapshots.keep(projector)
