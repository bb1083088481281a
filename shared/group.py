"""Group commit: one insert in flight for each log; commands that wait meanwhile go into the next commit.

The caller that gets the lock serves all callers that wait, so no thread is needed for it. Works the same under threads
and under eventlet's green threads, because it uses nothing but a lock and a deque.

Promises: each caller gets its own answer, or Overdue at its deadline. But the caller that serves the others stays for
as long as the ledger is unreachable, so that nothing else is sent while an outcome is unknown.
Does not promise that an overdue command has no effect: the same id sent again gets the first answer.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.commit import Commit
from shared.decider import CommandEnvelope, Outcome
from shared.errors import Overdue
from shared.ledger import Ledger
from shared.operations import drive
from shared.writer import LogWriter

S = TypeVar("S")


@dataclass(slots=True, eq=False)
class _Waiting:
    """One caller's command, and the event that wakes it once its outcome or failure is set."""

    envelope: CommandEnvelope
    outcome: Outcome | None = None
    failure: BaseException | None = None
    served: threading.Event = field(default_factory=threading.Event)


class GroupCommit(Generic[S]):
    """Shares one log's writer among many threads: commands that wait together are stored in one commit.

    `at_most` limits how many commands are decided together.
    """

    def __init__(self, writer: LogWriter[S], ledger: Ledger, *, at_most: int = 256) -> None:
        self._writer, self._ledger, self._at_most = writer, ledger, at_most
        self._waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()

    @property
    def state(self) -> S:
        """The state after the last commit that this process has folded. Later commits do not change the object."""
        return self._writer.state

    def position(self, log: str) -> int:
        """Return the number of the last commit of a log that the state includes."""
        return self._writer.position(log)

    def submit(self, envelope: CommandEnvelope, *, timeout_s: float = 5.0) -> Outcome:
        """Decide a command, store its events, and return the outcome.

        Raises Overdue after `timeout_s` (the command may still take effect), and TooManyEvents, NotCanonical or
        FollowerStopped where the writer raises them.
        """
        mine = _Waiting(envelope)
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
        """Answer the oldest waiting commands, at most `at_most`, and wake their callers. Needs the lock."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._at_most))]
        try:
            self._answer(batch)
        finally:
            for each in batch:
                if each.outcome is None and each.failure is None:  # the caller that served them was killed meanwhile
                    each.failure = Overdue(f"{self._writer.log}: no answer; the command may still take effect")
                each.served.set()

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        """Serve a batch. Where it fails, serve its commands one by one, so that a bad command fails alone."""
        try:
            outcomes = drive(self._writer.handle([each.envelope for each in batch]), self._ledger)
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
        """Fold a commit of a followed log into the state. A repeat is dropped; missing commits are read from the ledger
        first.
        """
        with self._lock:
            have = self._writer.position(commit.log)
            if commit.n == have + 1:
                self._writer.fold(commit)
            elif commit.n > have:
                drive(self._writer.catch_up(commit.log, at_least=commit.n), self._ledger)

    def catch_up(self, logs: Sequence[str], *, at_least: int = 0) -> None:
        """Read and fold each of these logs to its current end, or until it has reached commit `at_least`.

        Waits for as long as the ledger is unreachable. Raises FollowerStopped.
        """
        with self._lock:
            for log in logs:
                drive(self._writer.catch_up(log, at_least=at_least), self._ledger)
