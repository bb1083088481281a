"""Log writer, step by step: which operations it yields, and what it answers."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.commit import (
    Answered,
    Commit,
    Document,
    Head,
    form,
)
from shared.decider import CommandEnvelope, Refused
from shared.errors import (
    FollowerStopped,
    NumberTaken,
    OutcomeUnknown,
    TooManyEvents,
    Unreachable,
)
from shared.events import MAX_EVENTS
from shared.ledger import PAGE
from shared.operations import (
    Get,
    Insert,
    Pause,
    Read,
    drive,
)
from shared.testing.memory_ledger import Fate, MemoryLedger
from shared.testing.toys import (
    CAP,
    Added,
    Like,
    Liked,
    Mark,
    Shut,
)
from shared.writer import LogWriter
from tests.unit.shared.writers import (
    add,
    booth_writer,
    handle,
    stamps,
    stored,
    till_writer,
)

FULL = Refused("full", detail={"total": CAP})


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def caught_up(ledger: MemoryLedger, make: Callable[..., LogWriter[Any]] = till_writer, name: str = "b") -> Any:
    writer = make(name)
    drive(writer.catch_up(), ledger)
    return writer


def test_first_order_is_commit_one(ledger: MemoryLedger) -> None:
    (outcome,) = handle(till_writer(), ledger, add("a", 3))

    assert outcome.addresses == ("till/1/0",)
    assert outcome.events == (Added("x", 3),)
    assert ledger.head("till") == 1


def test_batch_is_one_commit_and_each_order_its_own_answer(ledger: MemoryLedger) -> None:
    outcomes = handle(till_writer(), ledger, add("a", CAP), add("b"), add("c", -1, pieces=2), add("d"))

    assert [outcome.addresses for outcome in outcomes] == [("till/1/0",), (), ("till/1/1", "till/1/2"), ("till/1/3",)]
    assert outcomes[1].refused == FULL
    assert [(each.id, each.first, each.count) for each in Commit(stored(ledger)[0]).commands] == [
        ("a", 0, 1),
        ("c", 1, 2),
        ("d", 3, 1),
    ]


def test_batch_that_does_not_fit_one_commit_goes_on_in_the_next(ledger: MemoryLedger) -> None:
    outcomes = handle(till_writer(), ledger, add("a", 1, pieces=200), add("b", -1, pieces=100), add("c", -1, pieces=50))

    assert [(outcome.n, outcome.first) for outcome in outcomes] == [(1, 0), (2, 0), (2, 100)]
    assert [document["count"] for document in stored(ledger)] == [200, 150]


def test_command_that_fills_a_commit_is_one_commit(ledger: MemoryLedger) -> None:
    outcomes = handle(till_writer(), ledger, add("a", -1, pieces=MAX_EVENTS), add("b", -1))

    assert [(outcome.n, outcome.first) for outcome in outcomes] == [(1, 0), (2, 0)]
    assert [document["count"] for document in stored(ledger)] == [MAX_EVENTS, 1]


def test_command_beyond_one_commit_is_an_error_and_stores_nothing(ledger: MemoryLedger) -> None:
    with pytest.raises(TooManyEvents):
        handle(till_writer(), ledger, add("a", -1, pieces=MAX_EVENTS + 1))

    assert ledger.head("till") == 0


def test_refusal_stores_nothing_and_may_be_accepted_later(ledger: MemoryLedger) -> None:
    writer = till_writer()
    handle(writer, ledger, add("a", CAP))

    (refused,) = handle(writer, ledger, add("b"))
    handle(writer, ledger, add("c", -5))
    (accepted,) = handle(writer, ledger, add("b"))

    assert refused.refused == FULL
    assert accepted.addresses == ("till/3/0",)


def test_lost_race_is_decided_again_on_the_newer_state(ledger: MemoryLedger) -> None:
    slow, quick = till_writer("slow"), till_writer("quick")
    handle(quick, ledger, add("a", CAP))

    (outcome,) = handle(slow, ledger, add("b"))

    assert outcome.refused == FULL
    assert ledger.head("till") == 1


def test_silent_batch_is_not_answered_from_an_old_state(ledger: MemoryLedger) -> None:
    slow, quick = till_writer("slow"), till_writer("quick")
    handle(slow, ledger, CommandEnvelope("a", "m", Mark("A1", True)))
    handle(quick, ledger, CommandEnvelope("b", "m", Mark("A1", False)))

    (outcome,) = handle(slow, ledger, CommandEnvelope("c", "m", Mark("A1", True)))

    assert outcome.events == (Shut("A1", True),)


def test_silent_batch_asks_for_the_next_number_last() -> None:
    writer = till_writer()
    steps = writer.handle([CommandEnvelope("a", "m", Mark("A1", False))])

    question = next(steps)

    assert question == Get("till", 1)
    with pytest.raises(StopIteration) as end:
        steps.send(None)
    assert [outcome.events for outcome in end.value.value] == [()]


def test_order_is_not_answered_before_its_insert_is() -> None:
    steps = till_writer().handle([add("a")])

    question = next(steps)

    assert isinstance(question, Insert)
    with pytest.raises(StopIteration):
        steps.send(None)


@pytest.mark.parametrize("fates", [(fate,) for fate in Fate] + [(Fate.LOST, Fate.UNANSWERED), (Fate.HELD, Fate.LOST)])
def test_unknown_outcome_is_settled_by_the_identical_document(ledger: MemoryLedger, fates: tuple[Fate, ...]) -> None:
    ledger.next_insert(*fates)

    (outcome,) = handle(till_writer(), ledger, add("a", 2))
    ledger.release()

    assert outcome.addresses == ("till/1/0",)
    assert [document["uuid"] for document in stored(ledger)] == ["u1"]


def test_nothing_else_is_sent_while_an_outcome_is_unknown() -> None:
    steps = till_writer().handle([add("a")])
    first = next(steps)
    assert isinstance(first, Insert)

    sent = [first.document]
    for _ in range(3):
        assert isinstance(steps.throw(OutcomeUnknown()), Pause)
        again = next(steps)
        assert isinstance(again, Insert)
        sent.append(again.document)

    assert sent == [first.document] * 4


def test_unknown_outcome_that_another_overtook_is_decided_again(ledger: MemoryLedger) -> None:
    ledger.next_insert(Fate.LOST)
    steps = till_writer("slow").handle([add("b")])
    first = next(steps)
    assert isinstance(first, Insert)
    with pytest.raises(OutcomeUnknown):
        ledger.insert(first.document)
    handle(till_writer("quick"), ledger, add("a", CAP))

    assert isinstance(steps.throw(OutcomeUnknown()), Pause)
    assert next(steps) == first
    assert steps.throw(NumberTaken()) == Get("till", 1)
    assert steps.send(ledger.get("till", 1)) == Read("till", 0)
    assert steps.send(ledger.read("till", 0)) == Get("till", 2)
    with pytest.raises(StopIteration) as end:
        steps.send(None)
    assert end.value.value[0].refused == FULL


@pytest.mark.parametrize("answer", [None, Unreachable()], ids=["no majority holds it", "no answer came"])
def test_number_that_is_taken_by_what_is_not_seen_is_claimed_again(answer: Unreachable | None) -> None:
    """A failover may roll back a commit that no majority held: waiting for that commit would never end."""
    steps = till_writer().handle([add("a")])
    first = next(steps)

    assert steps.throw(NumberTaken()) == Get("till", 1)
    assert (steps.send(None) if answer is None else steps.throw(answer)) == Pause(0)
    assert next(steps) == first
    with pytest.raises(StopIteration) as end:
        steps.send(None)
    assert [outcome.addresses for outcome in end.value.value] == [("till/1/0",)]


def test_reads_that_do_not_come_back_are_asked_again(ledger: MemoryLedger) -> None:
    handle(till_writer(), ledger, add("a", CAP))
    ledger.fail_reads(times=3)

    (outcome,) = handle(till_writer("b"), ledger, add("b"))

    assert outcome.refused == FULL


@pytest.mark.parametrize("who", ["the same writer", "a writer that starts", "a writer that slept"])
def test_accepted_id_gets_its_first_answer_and_writes_nothing(ledger: MemoryLedger, who: str) -> None:
    first_writer, slept = till_writer(), till_writer("slept")
    (first,) = handle(first_writer, ledger, add("a", CAP))
    handle(first_writer, ledger, add("b", -3))
    writer = {"the same writer": first_writer, "a writer that slept": slept}.get(who) or caught_up(ledger)

    (again,) = handle(writer, ledger, add("a", CAP))

    assert (again.addresses, again.events, again.repeated) == (first.addresses, first.events, True)
    assert ledger.head("till") == 2


def test_id_twice_in_one_batch_is_decided_once(ledger: MemoryLedger) -> None:
    first, again = handle(till_writer(), ledger, add("a", 2), add("a", 2))

    assert (again.addresses, again.events, again.repeated) == (first.addresses, first.events, True)
    assert stored(ledger)[0]["count"] == 1


@pytest.mark.parametrize("batched", [True, False], ids=["in one batch", "later"])
def test_id_with_another_content_is_refused(ledger: MemoryLedger, batched: bool) -> None:
    writer = till_writer()
    orders = [add("key.d1"), add("key.d2")]

    outcomes = handle(writer, ledger, *orders) if batched else [handle(writer, ledger, each)[0] for each in orders]

    assert outcomes[1].refused == Refused("idempotency-key-reused", field="Idempotency-Key")
    assert stored(ledger)[0]["count"] == 1


def test_silent_answer_names_the_commit_that_it_rests_on(ledger: MemoryLedger) -> None:
    """So a query that is told to read up to that position sees what the answer is about."""
    like = Like("v", "A1", 10)

    counted, already = handle(booth_writer(), ledger, CommandEnvelope("a", "v", like), CommandEnvelope("b", "v", like))

    assert (counted.events, already.events) == ((Liked("v", "A1", "day-0", 10),), ())
    assert already.n == counted.n == 1


def test_writer_that_remembers_no_ids_gives_no_news_to_a_repeat(ledger: MemoryLedger) -> None:
    writer, order = booth_writer(), CommandEnvelope("a", "v", Like("v", "A1", 10))
    handle(writer, ledger, order)

    (again,) = handle(writer, ledger, order)

    assert (again.events, again.repeated) == ((), False)


def test_order_is_judged_by_what_it_has_seen_elsewhere(ledger: MemoryLedger) -> None:
    handle(till_writer(), ledger, CommandEnvelope("a", "m", Mark("A1", True)))
    order = CommandEnvelope("b", "v", Like("v", "A1", 10), seen=(("till", 1),))

    (outcome,) = handle(booth_writer(), ledger, order)

    assert outcome.refused == Refused("shut")


class OneByOne(MemoryLedger):
    """A ledger whose reads return one commit at a time."""

    def read(self, log: str, after: int, *, limit: int = 1, commands: bool = True) -> list[Commit]:
        return super().read(log, after, limit=min(limit, 1), commands=commands)


def test_batch_is_judged_by_the_furthest_that_any_of_its_orders_has_seen() -> None:
    ledger, till = OneByOne(), till_writer()
    for entry in ("A2", "A1"):
        handle(till, ledger, CommandEnvelope(entry, "m", Mark(entry, True)))
    seen = [CommandEnvelope(f"{n}", f"v{n}", Like(f"v{n}", "A1", 10), seen=(("till", n),)) for n in (2, 1)]

    outcomes = handle(booth_writer(), ledger, *seen)

    assert [outcome.refused for outcome in outcomes] == [Refused("shut")] * 2


def test_writer_that_starts_reads_a_long_log_to_its_end(ledger: MemoryLedger) -> None:
    orders = [add(f"{k}", -1) for k in range(2 * PAGE + 1)]
    first = till_writer()
    for each in orders:
        handle(first, ledger, each)

    assert caught_up(ledger).position("till") == len(orders)


def test_order_that_has_seen_what_is_not_there_yet_waits(ledger: MemoryLedger) -> None:
    steps = booth_writer().handle([CommandEnvelope("b", "v", Like("v", "A1", 10), seen=(("till", 1),))])

    assert next(steps) == Read("till", 0)
    assert steps.send([]) == Pause(0)
    assert next(steps) == Read("till", 0)
    handle(till_writer(), ledger, CommandEnvelope("a", "m", Mark("A2", True)))
    assert isinstance(steps.send(ledger.read("till", 0)), Insert)


def test_event_that_does_not_apply_stops_the_writer_and_is_named(ledger: MemoryLedger) -> None:
    handle(till_writer(), ledger, add("a"), add("b"))
    writer = till_writer("b")
    writer.decider.evolve = _stumbles  # type: ignore[method-assign]

    with pytest.raises(FollowerStopped) as stop:
        drive(writer.catch_up(), ledger)

    assert stop.value.address == "till/1/1"
    assert writer.head.n == 0


def _stumbles(state: object, fact: object, address: str) -> object:  # noqa: ARG001
    if address.endswith("/1"):
        raise KeyError("x")
    return state


def test_commit_out_of_turn_is_not_folded(ledger: MemoryLedger) -> None:
    first = _document(Head("till"))
    second = _document(Head("till").after(first))

    writer = till_writer()

    with pytest.raises(ValueError, match="does not follow"):
        writer.fold(Commit(second))
    assert ledger.head("till") == 0


def test_state_of_a_lost_race_is_left_as_it_was() -> None:
    writer = till_writer()
    before = writer.state
    steps = writer.handle([add("a", 5)])
    next(steps)

    steps.throw(NumberTaken())

    assert writer.state is before
    assert writer.head == Head("till")


def test_ledger_that_is_away_is_no_answer() -> None:
    steps = till_writer().handle([CommandEnvelope("a", "m", Mark("A1", False))])
    next(steps)

    assert steps.throw(Unreachable()) == Pause(0)
    assert next(steps) == Get("till", 1)


def _document(head: Head) -> Document:
    return form(head, [Added("x", 1)], commands=[Answered("a", "", "", "", 0, 1)], stamp=stamps()())
