"""Lag watch: every two seconds, compare what the logs hold with what the process has processed.

Promises: the lag is read from the ledger, not from the follower, so it grows while a follower is stopped, is cut off,
or trusts a broker that has lost a message. Its age is that of the oldest commit that waits.
Does not promise to notice a lag that is shorter than the pause between two measurements.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared import metrics
from shared.errors import Unreachable
from shared.ledger import Ledger
from shared.logs import logger
from shared.stamps import wall_ms

INTERVAL_S = 2.0
#: A process with a greater lag is not ready. Three times what the SLO allows ranking at its peak.
BOUND_S = 15.0
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a process is behind one log: how many commits it has not processed, and the age of the oldest of them.

    Both are 0 where it has processed all.
    """

    commits: int = 0
    age_s: float = 0.0


def lags(ledger: Ledger, positions: Mapping[str, int], now_ms: int) -> dict[str, Lag]:
    """Compare the ledger with the positions that a process has processed, and return its lag behind each log.

    Raises Unreachable.
    """
    found = dict.fromkeys(positions, Lag())
    for log in ledger.logs_with_new_commits(positions):
        waiting = ledger.get(log, positions[log] + 1)
        if waiting is not None:
            age_s = max(0, now_ms - waiting.time) / 1000
            found[log] = Lag(max(1, ledger.head(log) - positions[log]), age_s)
    return found


class LagWatch:
    """Measures a process's lag every two seconds, sets the metrics, and answers two readiness checks (`reached`,
    `bounded`).

    `positions` returns the last commit of each log that the process has processed; it is called at each measurement.
    `role` labels the metrics.
    """

    def __init__(
        self,
        ledger: Ledger,
        positions: Callable[[], Mapping[str, int]] = dict,
        *,
        role: str,
        bound_s: float = BOUND_S,
        now_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._ledger, self._positions, self._role = ledger, positions, role
        self._bound_s, self._now_ms = bound_s, now_ms
        self._reached, self._worst_s = False, 0.0

    @property
    def reached(self) -> bool:
        """Whether the ledger answered the last measurement."""
        return self._reached

    @property
    def bounded(self) -> bool:
        """Whether no commit had waited longer than `bound_s` at the last measurement that the ledger answered."""
        return self._worst_s <= self._bound_s

    def measure(self) -> None:
        """Measure the lag once and set the metrics. Where the ledger is unreachable, `reached` becomes False."""
        try:
            found = lags(self._ledger, dict(self._positions()), self._now_ms())
        except Unreachable:
            self._reached = False  # not logged here: the code that works with the ledger logs it
            return
        for log, lag in found.items():
            metrics.LAG_COMMITS.labels(self._role, log).set(lag.commits)
            metrics.LAG_S.labels(self._role, log).set(lag.age_s)
        self._worst_s = max((lag.age_s for lag in found.values()), default=0.0)
        self._reached = True

    def start(self, stop: Callable[[], bool] = lambda: False) -> "LagWatch":
        """Measure until `stop` returns True, in a daemon thread (a green thread under eventlet). Returns itself."""
        threading.Thread(target=self._run, args=[stop], name="lag", daemon=True).start()
        return self

    def _run(self, stop: Callable[[], bool]) -> None:
        while not stop():
            try:
                self.measure()
            except Exception as problem:  # the outermost loop: the process is not ready, and the log says why
                self._reached = False
                log_.error("the lag cannot be measured", role=self._role, problem=repr(problem))
            time.sleep(INTERVAL_S)
