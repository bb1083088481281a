"""What a writer asks of the outside, as values: the writer is a generator, and somebody drives it.

    outcome = yield Insert(document)

The product drives it against a real ledger, one operation after the other (`drive`); the simulation
(`shared.testing.simulation`) drives many at once and crashes, pauses and reorders between any two operations.
So the code that is tested under thousands of schedules is the code that runs.
An insert may name work to be done meanwhile: the next commit is planned while this one is on its way (DECISIONS 37).
"""

import random
import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from prometheus_client import Histogram

from shared import metrics
from shared.commit import Document
from shared.errors import LedgerError, Taken
from shared.ledger import Ledger
from shared.logs import logger

R = TypeVar("R")
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Insert:
    """Claim a number. Answers None; raises Taken, OutcomeUnknown.

    `meanwhile` is pure work of the writer's own, in vain where the number is another's: it is done beside the insert,
    or not at all. It is over when the insert is answered.
    """

    document: Document
    meanwhile: Callable[[], None] | None = None
    took: ClassVar[Histogram] = metrics.STORE_S.labels("insert")

    def ask(self, ledger: Ledger, beside: Executor | None) -> None:
        if self.meanwhile is None or beside is None:
            ledger.insert(self.document)
            return
        work = beside.submit(self.meanwhile)
        try:
            ledger.insert(self.document)
        finally:
            work.result()


@dataclass(frozen=True, slots=True)
class Get:
    """One commit or None. Raises Unreachable."""

    log: str
    n: int
    took: ClassVar[Histogram] = metrics.STORE_S.labels("get")

    def ask(self, ledger: Ledger, beside: Executor | None) -> Any:  # noqa: ARG002
        return ledger.get(self.log, self.n)


@dataclass(frozen=True, slots=True)
class Read:
    """What follows `after`, a contiguous prefix. Raises Unreachable."""

    log: str
    after: int
    took: ClassVar[Histogram] = metrics.STORE_S.labels("read")

    def ask(self, ledger: Ledger, beside: Executor | None) -> Any:  # noqa: ARG002
        return ledger.read(self.log, self.after)


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before trying again; `attempt` counts from 0."""

    attempt: int


Operation = Insert | Get | Read | Pause
Steps = Generator[Operation, Any, R]


def drive(
    steps: Steps[R],
    ledger: Ledger,
    *,
    sleep: Callable[[float], None] = time.sleep,
    beside: Executor | None = None,
) -> R:
    """Run the steps to their end against a ledger. Pauses grow from 20 ms to 1 s, with jitter.

    `beside`: where work meanwhile is done, a thread of its own; without it the writer does one thing after the other.

    Says once that the ledger is away: it may stay away for long, and callers only see that nothing comes.
    """
    answer: Any = None
    problem: LedgerError | None = None
    said = False
    while True:
        try:
            operation = steps.send(answer) if problem is None else steps.throw(problem)
        except StopIteration as end:
            result: R = end.value
            return result
        answer, problem = None, None
        if isinstance(operation, Pause):
            sleep(min(1.0, 0.02 * 2 ** min(operation.attempt, 6)) * random.uniform(0.5, 1.0))
            continue
        started = time.perf_counter()
        try:
            answer = operation.ask(ledger, beside)
        except Taken as taken:
            problem = taken
        except LedgerError as failure:
            problem = failure
            if not said:
                log_.warning("the ledger is away, trying again", problem=str(failure))
                said = True
        finally:
            operation.took.observe(time.perf_counter() - started)
