"""As of: which cut stands for an instant of campaign time.

Ranking takes a cut every few seconds while anything moves. `newest_cut` is the last one at or before the instant.
`cut_as_of` is exact: it begins there and goes on in each log, commit by commit, up to the first that holds an event
later than the instant. So "as of 18:00" is all that is on record in the order of the logs before anything later, a
prefix of each log and therefore a cut, and whoever has the logs finds the same one. An event's time is its own: of a
like its acceptance. A like that was accepted in time, but stands in its log behind a later one, is not in it.
"""

from collections.abc import Callable, Mapping

from services.ranking.events import CutTaken
from services.ranking.followed_logs import OWN_LOG
from shared.commit import Commit
from shared.cut import Cut
from shared.errors import Overdue
from shared.ledger import PAGE, Ledger, read_pages

_TIMES = ("at", "time", "now")  # as the events of all services call their time; a part of a roll has none


def newest_cut(ledger: Ledger, *, at: int) -> CutTaken | None:
    """The last cut at or before `at`. Times of cuts never go back, so it is found by halves. Raises Unreachable."""
    low, high, found = 0, ledger.head(OWN_LOG), None  # whatever is at or below `low` is not later than `at`
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
    """How far each log stood at `at`. Raises Overdue, Unreachable."""
    taken = newest_cut(ledger, at=at)
    start: Mapping[str, int] = {} if taken is None else taken.cut
    return Cut({log: _reached(ledger, log, start.get(log, 0), at, overdue) for log in logs})


def _last_cuts(ledger: Ledger, *, upto: int, after: int) -> tuple[int, list[CutTaken]]:
    """The last commit with cuts of those from `after` + 1 to `upto`, which as a rule is the last, and its cuts."""
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
            raise Overdue(f"{log} is searched to {after}")
        for commit in commits:
            if _latest(commit) > at:
                return after
            after = commit.n
    return after


def _latest(commit: Commit) -> int:
    """The latest time of the commit's events; 0 where none of them has one."""
    named = [(run.columns, next((each for each in _TIMES if each in run.columns), None)) for run in commit.runs]
    return max((int(max(columns[name])) for columns, name in named if name is not None), default=0)
