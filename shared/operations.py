"""Operations: the ledger calls of a writer as values. The writer is a generator that yields them to a driver.

    outcome = yield Insert(document)

The product drives it against a real ledger, one operation after the other (`drive`). The simulation drives many writers
at once, and crashes, pauses and reorders them between any two operations (`shared.testing.simulation`). So the code
that is tested under thousands of schedules is the code that runs. An insert may carry work to do meanwhile: the next
commit is planned while this one is being stored (DECISIONS 37).
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
from shared.errors import LedgerError, NumberTaken, Unreachable
from shared.ledger import Ledger
from shared.logs import logger

R = TypeVar("R")
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Insert:
    """Store a commit's document, and so claim its number. Answered with None; raises NumberTaken, OutcomeUnknown.

    `meanwhile` is work of the writer, without side effects outside it, that may run while the insert is under way. It
    is finished when the insert is answered. A driver without an executor does not run it.
    """

    document: Document
    meanwhile: Callable[[], None] | None = None
    seconds: ClassVar[Histogram] = metrics.STORE_S.labels("insert")

    def run(self, ledger: Ledger, beside: Executor | None) -> None:
        """Insert into a ledger, and run `meanwhile` in the executor `beside`, if there is one."""
        with _meanwhile([self], beside):
            ledger.insert(self.document)


@dataclass(frozen=True, slots=True)
class Get:
    """Read commit `n` of a log. Answered with the commit, or None where it is not stored yet; raises Unreachable."""

    log: str
    n: int
    seconds: ClassVar[Histogram] = metrics.STORE_S.labels("get")

    def run(self, ledger: Ledger, beside: Executor | None) -> Any:  # noqa: ARG002
        """Run the operation against a ledger."""
        return ledger.get(self.log, self.n)


@dataclass(frozen=True, slots=True)
class Read:
    """Read the commits that follow `after` in a log, up to the first missing number. Answered with at most one page of
    them; raises Unreachable.
    """

    log: str
    after: int
    seconds: ClassVar[Histogram] = metrics.STORE_S.labels("read")

    def run(self, ledger: Ledger, beside: Executor | None) -> Any:  # noqa: ARG002
        """Run the operation against a ledger."""
        return ledger.read(self.log, self.after)


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next attempt. `attempt` counts from 0, and the wait grows with it."""

    attempt: int


@contextmanager
def _meanwhile(inserts: Iterable[Insert], beside: Executor | None) -> Iterator[None]:
    """Run the work of the inserts in `beside` while the block runs, and finish it before the block ends."""
    work = [beside.submit(each.meanwhile) for each in inserts if each.meanwhile] if beside else []
    try:
        yield
    finally:
        for each in work:
            each.result()


Operation = Insert | Get | Read | Pause
Steps = Generator[Operation, Any, R]


class RunningSteps(Generic[R]):
    """A writer's generator in progress: the operation that it waits for, and its result once it has ended.

    `operation` is None once the generator has ended; only then `result` is set.
    """

    def __init__(self, steps: Steps[R]) -> None:
        self._steps = steps
        self._warned = False
        self.operation: Operation | None = None
        self.result: R
        self.resume()

    def resume(self, answer: Any = None, problem: LedgerError | None = None) -> None:
        """Give the generator the answer to its operation, or raise `problem` in it, and run it to its next operation.

        Only the first failure of the ledger is logged, because an outage may last long.
        """
        if problem is not None and not isinstance(problem, NumberTaken) and not self._warned:
            log_.warning("the ledger is unreachable, trying again", problem=str(problem))
            self._warned = True
        try:
            self.operation = self._steps.send(answer) if problem is None else self._steps.throw(problem)
        except StopIteration as end:
            self.operation, self.result = None, end.value

    def run(self, ledger: Ledger, sleep: Callable[[float], None], beside: Executor | None) -> None:
        """Run the current operation against the ledger, and resume the generator with its answer."""
        operation, answer, problem = self.operation, None, None
        assert operation is not None
        if isinstance(operation, Pause):
            sleep(pause_s(operation.attempt))
        else:
            started = time.perf_counter()
            try:
                answer = operation.run(ledger, beside)
            except LedgerError as failure:
                problem = failure
            finally:
                operation.seconds.observe(time.perf_counter() - started)
        self.resume(answer, problem)


def pause_s(attempt: int) -> float:
    """Return how long a Pause lasts in seconds: 0.02 at attempt 0, doubling to at most 1, less a random part of up to
    a half.
    """
    longest_s: float = min(1.0, 0.02 * 2 ** min(attempt, 6))
    return longest_s * random.uniform(0.5, 1.0)


def drive(
    steps: Steps[R],
    ledger: Ledger,
    *,
    sleep: Callable[[float], None] = time.sleep,
    beside: Executor | None = None,
) -> R:
    """Run a writer's generator against a ledger until it ends, and return its result.

    `beside` is the executor that runs the `meanwhile` of inserts; without it, that work is not done. Raises what the
    generator raises.
    """
    driven = RunningSteps(steps)
    while driven.operation is not None:
        driven.run(ledger, sleep, beside)
    return driven.result


def drive_together(
    steps: Iterable[Steps[R]],
    ledger: Ledger,
    *,
    sleep: Callable[[float], None] = time.sleep,
    beside: Executor | None = None,
) -> list[R]:
    """Run the generators of writers of different logs until all have ended, and return their results in order.

    Inserts that several writers wait for are sent as one request, and so are point reads. A separate insert costs the
    engine and this process as much as four that are sent together (DECISIONS 69). Writers pause together, once, and
    only when none of them can go on: pauses in turn would add up to most of a minute with 60 partitions.
    """
    all_driven = [RunningSteps(each) for each in steps]
    while running := [each for each in all_driven if each.operation is not None]:
        ready = [each for each in running if not isinstance(each.operation, Pause)]
        if not ready:
            _pause_together(running, sleep)
            continue
        for kind, run_together in ((Insert, _insert_together), (Get, _get_together), (Read, _read_in_turn)):
            alike = [each for each in ready if isinstance(each.operation, kind)]
            if len(alike) > 1:
                run_together(alike, ledger, beside)
                ready = [each for each in ready if each not in alike]
        for each in ready:
            each.run(ledger, sleep, beside)
    return [each.result for each in all_driven]


def _pause_together(driven: Sequence[RunningSteps[R]], sleep: Callable[[float], None]) -> None:
    """Sleep once, for the longest of the pauses that the writers wait for, and continue all of them."""
    sleep(max(pause_s(each.operation.attempt) for each in driven if isinstance(each.operation, Pause)))
    for one in driven:
        one.resume()


def _insert_together(driven: Sequence[RunningSteps[R]], ledger: Ledger, beside: Executor | None) -> None:
    """Send the inserts of several writers as one request, and continue each writer with its own result."""
    inserts = [each.operation for each in driven if isinstance(each.operation, Insert)]
    started = time.perf_counter()
    try:
        with _meanwhile(inserts, beside):
            problems = ledger.insert_all([each.document for each in inserts])
    finally:
        Insert.seconds.observe(time.perf_counter() - started)
    for one, problem in zip(driven, problems, strict=True):
        one.resume(problem=problem)


def _get_together(driven: Sequence[RunningSteps[R]], ledger: Ledger, beside: Executor | None) -> None:  # noqa: ARG001
    """Send the point reads of several writers as one query, and continue each writer with its own commit."""
    gets = [each.operation for each in driven if isinstance(each.operation, Get)]
    started = time.perf_counter()
    try:
        found = ledger.read_many({each.log: each.n - 1 for each in gets}, each=1)
    except Unreachable as problem:
        for one in driven:
            one.resume(problem=problem)
        return
    finally:
        Get.seconds.observe(time.perf_counter() - started)
    for one, get in zip(driven, gets, strict=True):
        one.resume(next(iter(found.get(get.log, ())), None))


def _read_in_turn(driven: Sequence[RunningSteps[R]], ledger: Ledger, beside: Executor | None) -> None:  # noqa: ARG001
    """Read for several writers in turn. The first read that fails fails the remaining ones, so that an unreachable
    ledger costs one time-out, not one for each writer.
    """
    failure: Unreachable | None = None
    for one in driven:
        read, answer = one.operation, None
        assert isinstance(read, Read)
        if failure is None:
            started = time.perf_counter()
            try:
                answer = ledger.read(read.log, read.after)
            except Unreachable as problem:
                failure = problem
            finally:
                Read.seconds.observe(time.perf_counter() - started)
        one.resume(answer, failure)
