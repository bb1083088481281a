"""What a writer asks of the outside, as values: the writer is a generator, and somebody drives it.

    outcome = yield Insert(document)

The product drives it against a real ledger, one operation after the other (`drive`); the simulation
(`shared.testing.simulation`) drives many at once and crashes, pauses and reorders between any two operations.
So the code that is tested under thousands of schedules is the code that runs.
An insert may name work to be done meanwhile: the next commit is planned while this one is on its way (DECISIONS 37).
"""

import random
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from prometheus_client import Histogram

from shared import metrics
from shared.commit import Document
from shared.errors import LedgerError, Taken, Unreachable
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
        with _meanwhile([self], beside):
            ledger.insert(self.document)


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


@contextmanager
def _meanwhile(inserts: Iterable[Insert], beside: Executor | None) -> Iterator[None]:
    """What the inserts name is done beside the block, and is over when the block is."""
    work = [beside.submit(each.meanwhile) for each in inserts if each.meanwhile] if beside else []
    try:
        yield
    finally:
        for each in work:
            each.result()


Operation = Insert | Get | Read | Pause
Steps = Generator[Operation, Any, R]


class Driven(Generic[R]):
    """Steps on their way: what they ask now, and at the end what came of them."""

    def __init__(self, steps: Steps[R]) -> None:
        self._steps = steps
        self._said = False
        self.operation: Operation | None = None
        self.result: R
        self.go_on()

    def go_on(self, answer: Any = None, problem: LedgerError | None = None) -> None:
        """Answer what was asked. Says once that the ledger is away: it may stay away for long."""
        if problem is not None and not isinstance(problem, Taken) and not self._said:
            log_.warning("the ledger is away, trying again", problem=str(problem))
            self._said = True
        try:
            self.operation = self._steps.send(answer) if problem is None else self._steps.throw(problem)
        except StopIteration as end:
            self.operation, self.result = None, end.value

    def ask(self, ledger: Ledger, sleep: Callable[[float], None], beside: Executor | None) -> None:
        """Ask what is asked now, and go on. Pauses grow from 20 ms to 1 s, with jitter."""
        operation, answer, problem = self.operation, None, None
        assert operation is not None
        if isinstance(operation, Pause):
            sleep(min(1.0, 0.02 * 2 ** min(operation.attempt, 6)) * random.uniform(0.5, 1.0))
        else:
            started = time.perf_counter()
            try:
                answer = operation.ask(ledger, beside)
            except LedgerError as failure:
                problem = failure
            finally:
                operation.took.observe(time.perf_counter() - started)
        self.go_on(answer, problem)


def drive(
    steps: Steps[R],
    ledger: Ledger,
    *,
    sleep: Callable[[float], None] = time.sleep,
    beside: Executor | None = None,
) -> R:
    """Run the steps to their end against a ledger.

    `beside`: where work meanwhile is done, a thread of its own; without it the writer does one thing after the other.
    """
    driven = Driven(steps)
    while driven.operation is not None:
        driven.ask(ledger, sleep, beside)
    return driven.result


def drive_together(
    steps: Iterable[Steps[R]],
    ledger: Ledger,
    *,
    sleep: Callable[[float], None] = time.sleep,
    beside: Executor | None = None,
) -> list[R]:
    """Run the steps of writers of different logs to their ends, in turn; what several insert or look for at once is one
    question.

    An insert of its own costs the engine and this process as much as four together: DECISIONS 69.
    """
    all_driven = [Driven(each) for each in steps]
    while running := [each for each in all_driven if each.operation is not None]:
        for kind, ask_together in ((Insert, _insert_together), (Get, _get_together)):
            alike = [each for each in running if isinstance(each.operation, kind)]
            if len(alike) > 1:
                ask_together(alike, ledger, beside)
                running = [each for each in running if each not in alike]
        for each in running:
            each.ask(ledger, sleep, beside)
    return [each.result for each in all_driven]


def _insert_together(driven: Sequence[Driven[R]], ledger: Ledger, beside: Executor | None) -> None:
    inserts = [each.operation for each in driven if isinstance(each.operation, Insert)]
    started = time.perf_counter()
    try:
        with _meanwhile(inserts, beside):
            problems = ledger.insert_all([each.document for each in inserts])
    finally:
        Insert.took.observe(time.perf_counter() - started)
    for one, problem in zip(driven, problems, strict=True):
        one.go_on(problem=problem)


def _get_together(driven: Sequence[Driven[R]], ledger: Ledger, beside: Executor | None) -> None:  # noqa: ARG001
    gets = [each.operation for each in driven if isinstance(each.operation, Get)]
    started = time.perf_counter()
    try:
        found = ledger.following({each.log: each.n - 1 for each in gets}, each=1)
    except Unreachable as problem:
        for one in driven:
            one.go_on(problem=problem)
        return
    finally:
        Get.took.observe(time.perf_counter() - started)
    for one, get in zip(driven, gets, strict=True):
        one.go_on(next(iter(found.get(get.log, ())), None))
