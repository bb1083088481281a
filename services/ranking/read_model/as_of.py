"""Find the cut (one position for each log) that belongs to an instant of campaign time ("as of").

While anything changes, ranking records a cut every few seconds. `newest_cut` is the last recorded cut at or before the
instant. `cut_as_of` is exact: it starts from that cut and reads on in each log, commit by commit, up to the first
commit that holds an event later than the instant. "As of 18:00" is therefore everything that each log holds before the
first later event: a prefix of each log, hence a cut, and everybody who has the logs finds the same cut. The time of an
event is the time in its own fields; for a like this is when it was accepted. A like that was accepted in time, but
follows a later like in its log, is not included.
"""

from collections.abc import Callable, Mapping

from services.ranking.events import CutTaken
from services.ranking.followed_logs import OWN_LOG
from shared.commit import Commit
from shared.cut import Cut
from shared.errors import Overdue
from shared.ledger import PAGE, Ledger, read_pages

_TIMES = ("at", "time", "now")  # the fields in which events of all services hold their time; RollChunk has none


def newest_cut(ledger: Ledger, *, at: int) -> CutTaken | None:
    """Return the last recorded cut at or before `at` (campaign time, ms), or None if there is none.

    The times of cuts never go back, so a binary search of ranking's log finds it. Raises Unreachable.
    """
    low, high, found = 0, ledger.head(OWN_LOG), None  # no commit up to `low` is later than `at`
    while low < high:
        middle = (low + high + 1) // 2
        n, cuts = _last_cuts(ledger, upto=middle, after=low)
        fitting = [each for each in cuts if each.time <= at]
        found = fitting[-1] if fitting else found
        if len(fitting) == len(cuts):
            low = middle
        elif fitting:
            break
        else:
            high = n - 1
    return found


def cut_as_of(ledger: Ledger, logs: tuple[str, ...], *, at: int, overdue: Callable[[], bool] = lambda: False) -> Cut:
    """Return how far each log had come at the instant `at` (campaign time, ms), as the module docstring defines it.

    Raises Overdue once `overdue` returns True, Unreachable.
    """
    taken = newest_cut(ledger, at=at)
    start: Mapping[str, int] = {} if taken is None else taken.cut
    return Cut({log: _reached(ledger, log, start.get(log, 0), at, overdue) for log in logs})


def _last_cuts(ledger: Ledger, *, upto: int, after: int) -> tuple[int, list[CutTaken]]:
    """Return the number of the last commit with cuts between `after` + 1 and `upto`, usually `upto` itself, and its
    cuts.
    """
    span = 1
    while upto > after:
        start = max(after, upto - span)
        for commit in reversed(ledger.read(OWN_LOG, start, limit=upto - start)):
            if cuts := [event for event in commit.events() if isinstance(event, CutTaken)]:
                return commit.n, cuts
        upto, span = start, PAGE
    return 0, []


def _reached(ledger: Ledger, log: str, after: int, at: int, overdue: Callable[[], bool]) -> int:
    for commits in read_pages(ledger, log, after, commands=False):
        if overdue():
            raise Overdue(f"{log} has been searched up to commit {after}")
        for commit in commits:
            if _latest(commit) > at:
                return after
            after = commit.n
    return after


def _latest(commit: Commit) -> int:
    """Return the latest time of the commit's events, or 0 if none of them has a time."""
    named = [(run.columns, next((each for each in _TIMES if each in run.columns), None)) for run in commit.runs]
    return max((int(max(columns[name])) for columns, name in named if name is not None), default=0)
