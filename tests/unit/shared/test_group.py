"""Group commit under threads: many callers, one insert in flight, and each caller gets its own answer."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.commit import Commit, Document
from shared.decider import CommandEnvelope, Outcome
from shared.errors import Overdue
from shared.group import GroupCommit
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.toys import Like, Mark
from tests.unit.shared.writers import (
    add,
    booth_writer,
    handle,
    stored,
    till_writer,
)


class SlowLedger(MemoryLedger):
    """A ledger whose inserts wait until `go` is set; `waiting` is set while one waits."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.waiting = threading.Event(), threading.Event()

    def insert(self, document: Document) -> None:
        self.waiting.set()
        assert self.go.wait(10)
        super().insert(document)


def meanwhile(
    ledger: SlowLedger, group: GroupCommit[Any], orders: list[CommandEnvelope]
) -> list[Callable[[], Outcome]]:
    """Submit orders while one insert is in flight, let it finish, and return what each caller gets."""
    with ThreadPoolExecutor(len(orders) + 1) as pool:
        pool.submit(group.submit, add("first"))
        assert ledger.waiting.wait(10)
        calls = [pool.submit(group.submit, order) for order in orders]
        while len(group._waiting) < len(orders):
            threading.Event().wait(0.001)
        ledger.go.set()
    return [call.result for call in calls]


def test_every_caller_of_many_threads_gets_its_own_answer() -> None:
    ledger = MemoryLedger()
    group = GroupCommit(till_writer(), ledger)
    orders = [add(f"{k}", -1, pieces=1 + k % 3) for k in range(200)]

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(group.submit, orders))

    addresses = [address for outcome in outcomes for address in outcome.addresses]
    assert [len(outcome.events) for outcome in outcomes] == [1 + k % 3 for k in range(200)]
    assert len(set(addresses)) == len(addresses) == sum(document["count"] for document in stored(ledger))
    answered = [each.id for document in stored(ledger) for each in Commit(document).commands]
    assert sorted(answered) == sorted(order.id for order in orders)


def test_what_waits_goes_into_one_commit() -> None:
    ledger = SlowLedger()
    group = GroupCommit(till_writer(), ledger)

    meanwhile(ledger, group, [add(f"{k}", -1) for k in range(12)])

    assert [document["count"] for document in stored(ledger)] == [1, 12]


def test_commit_takes_no_more_callers_than_it_may() -> None:
    ledger = SlowLedger()
    group = GroupCommit(till_writer(), ledger, at_most=5)

    meanwhile(ledger, group, [add(f"{k}", -1) for k in range(12)])

    assert [document["count"] for document in stored(ledger)] == [1, 5, 5, 2]


def test_poisoned_order_fails_alone() -> None:
    ledger = SlowLedger()
    group = GroupCommit(till_writer(), ledger)
    poisoned = CommandEnvelope("bad", "customer", "no command at all")

    results = meanwhile(ledger, group, [add("a", -1), poisoned, add("b", -1)])

    assert [results[0]().addresses, results[2]().addresses] == [("till/2/0",), ("till/3/0",)]
    with pytest.raises(TypeError, match="not a command of the till"):
        results[1]()


def test_poisoned_order_leaves_the_writer_as_it_was() -> None:
    ledger = MemoryLedger()
    group = GroupCommit(till_writer(), ledger)
    with pytest.raises(TypeError):
        group.submit(CommandEnvelope("bad", "customer", "no command at all"))

    outcome = group.submit(add("a"))

    assert outcome.addresses == ("till/1/0",)


def test_caller_whose_deadline_passes_is_told_and_the_same_id_gets_the_answer_later() -> None:
    ledger = SlowLedger()
    group = GroupCommit(till_writer(), ledger)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(group.submit, add("first"))
        assert ledger.waiting.wait(10)

        with pytest.raises(Overdue):
            group.submit(add("late", 2), timeout_s=0.01)
        ledger.go.set()
    again = group.submit(add("late", 2))

    assert again.addresses == ("till/2/0",)
    assert [document["count"] for document in stored(ledger)] == [1, 1]


def test_callers_of_a_batch_whose_server_is_killed_are_told_that_it_is_open() -> None:
    """A green thread that is killed while it serves others must not leave them unanswered."""

    class Killed(BaseException):
        pass

    class KillingLedger(SlowLedger):
        deadly = False

        def insert(self, document: Document) -> None:
            super().insert(document)
            if self.deadly:
                raise Killed
            self.deadly = True

    ledger = KillingLedger()
    group = GroupCommit(till_writer(), ledger)

    results = meanwhile(ledger, group, [add("a", -1), add("b", -1), add("c", -1)])

    failures = sorted(type(_failure(each)).__name__ for each in results)
    assert failures == ["Killed", "Overdue", "Overdue"]


def _failure(result: Callable[[], Outcome]) -> BaseException | None:
    try:
        result()
    except BaseException as failure:
        return failure
    return None


def test_followed_log_is_taken_in_once_in_order_and_holes_are_read() -> None:
    ledger = MemoryLedger()
    till = till_writer()
    for k, shut in enumerate((True, False, True)):
        handle(till, ledger, CommandEnvelope(f"{k}", "m", Mark("A1", shut)))
    first, second, third = ledger.read("till", 0)
    group = GroupCommit(booth_writer(), ledger)

    for commit in (first, first, third, second):
        group.take_in(commit)

    assert group.position("till") == 3
    assert group.state.shut["A1"] is True


def test_state_is_what_was_submitted_and_caught_up() -> None:
    ledger = MemoryLedger()
    handle(till_writer("other"), ledger, CommandEnvelope("a", "m", Mark("A1", True)))
    group = GroupCommit(booth_writer(), ledger)

    group.catch_up(["till", "booth.0"])
    outcome = group.submit(CommandEnvelope("b", "v", Like("v", "A2", 10)))

    assert group.state.shut["A1"] is True
    assert group.position("booth.0") == outcome.n == 1
