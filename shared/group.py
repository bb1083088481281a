"""Group commit: one insert in flight a log; what waits meanwhile goes into the next commit.

Whoever gets the lock serves all that wait; there is no thread of its own. Works the same under threads and under
eventlet's green threads, since it uses nothing but a lock and a deque.

Promises: each caller gets its own answer, or Overdue at its deadline; but the one who serves the others stays for as
long as the ledger is away, so that nothing else is sent while an outcome is unknown. Does not promise that an overdue
order has no effect: the same id asked again gets the first answer.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.commit import Commit
from shared.decider import Order, Outcome
from shared.errors import Overdue
from shared.ledger import Ledger
from shared.operations import drive
from shared.writer import LogWriter

S = TypeVar("S")


@dataclass(slots=True, eq=False)
class _Waiting:
    order: Order
    outcome: Outcome | None = None
    failure: BaseException | None = None
    served: threading.Event = field(default_factory=threading.Event)


class GroupCommit(Generic[S]):
    """Many callers, one writer. `submit` decides and stores; `state` reads the latest folded state."""

    def __init__(self, writer: LogWriter[S], ledger: Ledger, *, at_most: int = 256) -> None:
        self._writer, self._ledger, self._at_most = writer, ledger, at_most
        self._waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()

    @property
    def state(self) -> S:
        """The state after the last commit folded here; a value, safe to keep."""
        return self._writer.state

    def position(self, log: str) -> int:
        """How far the state has read a log."""
        return self._writer.position(log)

    def submit(self, order: Order, *, timeout_s: float = 5.0) -> Outcome:
        """Decide, store, answer. Raises Overdue."""
        mine = _Waiting(order)
        self._waiting.append(mine)
        deadline = time.monotonic() + timeout_s
        while not mine.served.is_set():
            left = deadline - time.monotonic()
            if left <= 0 or not self._lock.acquire(timeout=left):
                raise Overdue(f"{self._writer.log}: no answer in {timeout_s} s")
            try:
                if not mine.served.is_set():
                    self._serve()
            finally:
                self._lock.release()
        if mine.failure is not None:
            raise mine.failure
        assert mine.outcome is not None
        return mine.outcome

    def _serve(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._at_most))]
        try:
            self._answer(batch)
        finally:
            for each in batch:
                if each.outcome is None and each.failure is None:  # whoever served them was killed meanwhile
                    each.failure = Overdue(f"{self._writer.log}: no answer; the order may still take effect")
                each.served.set()

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        """Serve a batch; where it fails, serve its orders one by one, so that one bad order fails alone."""
        try:
            outcomes = drive(self._writer.handle([each.order for each in batch]), self._ledger)
        except Exception as failure:
            if len(batch) == 1:
                batch[0].failure = failure
            else:
                for each in batch:
                    self._answer([each])
            return
        for each, outcome in zip(batch, outcomes, strict=True):
            each.outcome = outcome

    def take_in(self, commit: Commit) -> None:
        """Fold a commit of a followed log, in order; commits already held are dropped, holes read from the ledger."""
        with self._lock:
            have = self._writer.position(commit.log)
            if commit.n == have + 1:
                self._writer.fold(commit)
            elif commit.n > have:
                drive(self._writer.catch_up(commit.log, at_least=commit.n), self._ledger)

    def catch_up(self, logs: Sequence[str], *, at_least: int = 0) -> None:
        """Read logs to their end, or to a position."""
        with self._lock:
            for log in logs:
                drive(self._writer.catch_up(log, at_least=at_least), self._ledger)
