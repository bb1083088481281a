"""Planning ahead while a commit is being inserted gives the same commits and the same answers."""

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.commit import Commit
from shared.decider import CommandEnvelope, Outcome, Refused
from shared.errors import NumberTaken, OutcomeUnknown
from shared.operations import Get, Insert, Pause, Read, drive
from shared.testing.actors import ImmediateExecutor
from shared.testing.memory_ledger import Fate, MemoryLedger
from shared.testing.toys import CAP, TillDecider
from shared.writer import LogWriter
from tests.unit.shared.writers import (
    add,
    handle,
    stamps,
    stored,
    till_writer,
)


def ahead_writer(*, at_most: int = 1) -> LogWriter[Any]:
    return LogWriter("till", TillDecider(), stamp=stamps("a"), at_most=at_most)


def orders() -> st.SearchStrategy[list[CommandEnvelope]]:
    one = st.builds(add, st.sampled_from("abcdef"), st.integers(-3, CAP), pieces=st.integers(1, 3))
    return st.lists(one, max_size=12)


def answered(
    orders: list[CommandEnvelope], *, at_most: int, beside: Executor | None
) -> tuple[list[Outcome], list[object]]:
    ledger = MemoryLedger()
    outcomes = drive(ahead_writer(at_most=at_most).handle(orders), ledger, beside=beside)
    return outcomes, [document["runs"] for document in stored(ledger)]


@given(orders=orders(), at_most=st.integers(1, 4))
def test_looking_ahead_changes_no_answer_and_no_commit(orders: list[CommandEnvelope], at_most: int) -> None:
    assert answered(orders, at_most=at_most, beside=ImmediateExecutor()) == answered(
        orders, at_most=at_most, beside=None
    )


def test_work_beside_an_insert_is_done_by_another_thread() -> None:
    mine = [add(f"k{n}", 0) for n in range(6)]

    with ThreadPoolExecutor(1) as beside:
        outcomes, runs = answered(mine, at_most=2, beside=beside)

    assert [(outcome.n, outcome.first) for outcome in outcomes] == [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]
    assert len(runs) == 3


def test_what_is_planned_ahead_is_sent_only_after_the_answer() -> None:
    steps = ahead_writer().handle([add("a"), add("b")])
    first = next(steps)
    assert isinstance(first, Insert)
    assert first.meanwhile is not None
    first.meanwhile()

    assert isinstance(steps.throw(OutcomeUnknown()), Pause)
    again = next(steps)
    assert isinstance(again, Insert)
    behind = steps.send(None)
    assert isinstance(behind, Insert)

    assert again.document is first.document
    assert (behind.document["n"], behind.document["prev"]) == (2, Commit(first.document).hash)


def test_what_was_planned_behind_a_lost_number_is_decided_again() -> None:
    ledger = MemoryLedger()
    steps = ahead_writer().handle([add("a", 1), add("b", 1)])
    lost = next(steps)
    assert isinstance(lost, Insert)
    assert lost.meanwhile is not None
    lost.meanwhile()
    handle(till_writer("quick"), ledger, add("other", CAP))

    assert steps.throw(NumberTaken()) == Get("till", 1)
    assert steps.send(ledger.get("till", 1)) == Read("till", 0)
    assert steps.send(ledger.read("till", 0)) == Get("till", 2)
    with pytest.raises(StopIteration) as end:
        steps.send(None)

    full = Refused("full", detail={"total": CAP})
    assert [outcome.refused for outcome in end.value.value] == [full, full]


def test_id_in_two_commits_of_one_batch_is_decided_once() -> None:
    ledger = MemoryLedger()

    mine = [add("a", 2), add("b", 1), add("a", 2)]
    first, _, again = drive(ahead_writer().handle(mine), ledger, beside=ImmediateExecutor())

    assert (again.addresses, again.events, again.repeated) == (first.addresses, first.events, True)
    assert ledger.head("till") == 2


def test_plan_made_ahead_survives_an_unknown_outcome() -> None:
    ledger = MemoryLedger()
    ledger.next_insert(Fate.UNANSWERED)

    mine = [add("a", 1), add("b", 1)]
    outcomes = drive(ahead_writer().handle(mine), ledger, sleep=lambda _: None, beside=ImmediateExecutor())

    assert [outcome.n for outcome in outcomes] == [1, 2]
    assert [document["uuid"] for document in stored(ledger)] == ["a1", "a2"]
