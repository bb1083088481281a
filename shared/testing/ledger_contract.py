"""Contract suite of `shared.ledger.Ledger`: memory and each Mongo-like server run the same tests.

    class TestMongoLedger(LedgerContract):
        @pytest.fixture
        def bench(self) -> Iterator[Bench]: ...

Each test works on a log of its own, so one database serves them all.
"""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from shared.commit import (
    Answered,
    Commit,
    Document,
    Head,
    Stamp,
    commit_id,
    form,
)
from shared.decider import CommandEnvelope, Outcome
from shared.errors import NumberTaken, OutcomeUnknown, Unreachable
from shared.events import event
from shared.ledger import PAGE, Ledger
from shared.operations import drive
from shared.stamps import stamp
from shared.testing.toys import (
    Add,
    Added,
    Mark,
    Shut,
    TillDecider,
)
from shared.writer import LogWriter

MANY = 8
EACH = 50
BATCH = 5


class Faults(Protocol):
    """Faults that a test can inject between the ledger under test and its store."""

    def lose_next_answer(self) -> None:
        """Let the next insert arrive at the store, and cut the connection before its answer."""

    def hold_next_insert(self) -> None:
        """Hold the next insert back until `release`, while its sender gives up and later requests overtake it."""

    def release(self) -> None:
        """Let the insert that is held back arrive at the store now."""

    def disconnect(self) -> None:
        """Let no request arrive at the store from now on."""

    def reconnect(self) -> None:
        """Let requests arrive at the store again."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a contract test works with: the ledger under test, and the faults on the way to its store.

    `beside` is another process's ledger on the same store, which no fault affects.
    """

    ledger: Ledger
    faults: Faults
    beside: Ledger


@event("contract-anything")
@dataclass(frozen=True, slots=True)
class Anything:
    """An event whose field holds any value."""

    value: Any


class LedgerContract:
    """The tests that every ledger must pass. A subclass provides the ledger by the fixture `bench`."""

    @pytest.fixture
    def ledger(self, bench: Bench) -> Ledger:
        return bench.ledger

    @pytest.fixture
    def log(self) -> str:
        return f"log-{secrets.token_hex(4)}.0"

    # Inserts

    def test_numbers_that_were_inserted_are_there(self, ledger: Ledger, log: str) -> None:
        documents = fill(ledger, log, 3)

        assert [commit.document for commit in ledger.read(log, 0)] == documents
        assert ledger.head(log) == 3

    def test_number_is_claimed_once(self, ledger: Ledger, log: str) -> None:
        (first,) = fill(ledger, log, 1)

        with pytest.raises(NumberTaken):
            ledger.insert(document(Head(log)))

        assert get_document(ledger, log, 1) == first

    def test_identical_document_sent_twice_is_stored_once(self, ledger: Ledger, log: str) -> None:
        (first,) = fill(ledger, log, 1)

        with pytest.raises(NumberTaken):
            ledger.insert(first)

        assert [commit.document for commit in ledger.read(log, 0)] == [first]

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(None, id="none"),
            pytest.param(True, id="a boolean"),
            pytest.param(0, id="zero"),
            pytest.param(2**31, id="beyond 32 bits"),
            pytest.param(2**53 - 1, id="the greatest integer"),
            pytest.param(-(2**53) + 1, id="the least integer"),
            pytest.param("", id="an empty string"),
            pytest.param("百佳 «é» \U0001f600 \x00 \u2028", id="unicode with a zero"),
            pytest.param([], id="an empty list"),
            pytest.param({}, id="an empty object"),
            pytest.param({"b": [1, {"c": None}], "a": [[True], "x"]}, id="nested"),
            pytest.param({"vote.0": 1, "$set": 2, "": 3}, id="keys with dots and dollars"),
            pytest.param("x" * 100_000, id="a long string"),
        ],
    )
    def test_values_come_back_with_their_types(self, ledger: Ledger, log: str, value: Any) -> None:
        sent = document(Head(log), Anything(value), Anything([value, 1]))
        ledger.insert(sent)

        (commit,) = ledger.read(log, 0)

        commit.verify()
        assert commit.document == sent
        assert kinds(commit.document) == kinds(sent)
        assert commit.events() == [Anything(value), Anything([value, 1])]
        assert commit.hash == Commit(sent).hash

    def test_full_commit_of_large_events_is_stored(self, ledger: Ledger, log: str) -> None:
        events = [Anything(f"{k} " + "百" * 1_000) for k in range(256)]
        ledger.insert(document(Head(log), *events))

        commit = ledger.get(log, 1)

        assert commit is not None
        assert commit.events() == events

    # Reads

    def test_nothing_is_an_empty_log(self, ledger: Ledger, log: str) -> None:
        assert (ledger.read(log, 0), ledger.get(log, 1), ledger.head(log)) == ([], None, 0)

    def test_read_is_in_the_order_of_the_numbers(self, ledger: Ledger, log: str) -> None:
        documents = chain(log, 12)
        for each in [*documents[6:], *documents[:6]]:
            ledger.insert(each)

        assert numbers(ledger.read(log, 0)) == list(range(1, 13))

    @pytest.mark.parametrize(("after", "limit", "expected"), [(0, 2, [1, 2]), (3, 10, [4, 5]), (5, 10, []), (9, 1, [])])
    def test_read_is_the_prefix_of_what_follows(
        self, ledger: Ledger, log: str, after: int, limit: int, expected: list[int]
    ) -> None:
        fill(ledger, log, 5)

        assert numbers(ledger.read(log, after, limit=limit)) == expected

    def test_read_without_a_limit_brings_a_page(self, ledger: Ledger, log: str) -> None:
        fill(ledger, log, PAGE + 1)

        assert numbers(ledger.read(log, 0)) == list(range(1, PAGE + 1))

    def test_read_for_a_fold_leaves_out_the_commands_alone(self, ledger: Ledger, log: str) -> None:
        documents = chain(log, 3)
        for document in documents:
            ledger.insert(document)

        read = [commit.document for commit in ledger.read(log, 0, commands=False)]

        assert read == [{name: each[name] for name in each if name != "commands"} for each in documents]

    def test_claims_in_several_logs_stand_alone(self, ledger: Ledger, log: str) -> None:
        mine = [document(Head(f"{log}.{name}")) for name in "abc"]
        theirs = document(Head(f"{log}.b"))
        ledger.insert(theirs)

        problems = ledger.insert_all(mine)

        assert [type(each) for each in problems] == [type(None), NumberTaken, type(None)]
        assert [get_document(ledger, each["_id"].rpartition("/")[0], 1)["uuid"] for each in mine] == [
            mine[0]["uuid"],
            theirs["uuid"],
            mine[2]["uuid"],
        ]
        assert [type(each) for each in ledger.insert_all(mine)] == [NumberTaken] * 3

    def test_outcomes_have_the_order_of_the_documents_that_were_given(self, ledger: Ledger, log: str) -> None:
        theirs = document(Head(f"{log}.c"))
        ledger.insert(theirs)

        problems = ledger.insert_all([document(Head(f"{log}.{name}")) for name in "bcad"])

        assert [type(each) for each in problems] == [type(None), NumberTaken, type(None), type(None)]

    def test_read_stops_at_a_hole(self, ledger: Ledger, log: str) -> None:
        """A missing number means that its commit is not stored yet.

        No writer leaves a hole, but no reader may step over it.
        """
        documents = chain(log, 5)
        for each in (*documents[:2], *documents[3:]):
            ledger.insert(each)

        assert numbers(ledger.read(log, 0)) == [1, 2]
        assert ledger.read(log, 2) == []
        ledger.insert(documents[2])
        assert numbers(ledger.read(log, 0)) == [1, 2, 3, 4, 5]

    def test_logs_do_not_meet(self, ledger: Ledger, log: str) -> None:
        near = [f"{log}0", log[:-1], f"{log}/x"]
        for each in (log, *near):
            fill(ledger, each, 2)

        assert numbers(ledger.read(log, 0)) == [1, 2]
        assert {commit.log for commit in ledger.read(log, 0)} == {log}
        assert ledger.head(log) == 2

    def test_grown_names_the_logs_that_hold_the_next_number(self, ledger: Ledger, log: str) -> None:
        fill(ledger, log, 2)
        fill(ledger, f"{log}.b", 1)

        assert ledger.logs_with_new_commits({log: 0, f"{log}.b": 1, f"{log}.c": 0}) == {log}
        assert ledger.logs_with_new_commits({log: 1, f"{log}.b": 0}) == {log, f"{log}.b"}
        assert ledger.logs_with_new_commits({log: 2}) == set()
        assert ledger.logs_with_new_commits({}) == set()

    def test_following_is_what_comes_next_of_each_log(self, ledger: Ledger, log: str) -> None:
        fill(ledger, log, 5)
        fill(ledger, f"{log}.b", 1)
        fill(ledger, f"{log}.c", 1)

        found = ledger.read_many({log: 1, f"{log}.b": 0, f"{log}.c": 1, f"{log}.d": 0}, each=3)

        assert {name: numbers(commits) for name, commits in found.items()} == {log: [2, 3, 4], f"{log}.b": [1]}
        assert {commit.log for commit in found[log]} == {log}
        assert ledger.read_many({}, each=3) == {}

    def test_following_stops_at_a_hole(self, ledger: Ledger, log: str) -> None:
        documents = chain(log, 4)
        for each in (*documents[:2], documents[3]):
            ledger.insert(each)

        assert numbers(ledger.read_many({log: 0}, each=4)[log]) == [1, 2]
        assert ledger.read_many({log: 2}, each=4) == {}

    # Writers

    def test_writers_that_race_store_every_accepted_order_once(self, ledger: Ledger, log: str) -> None:
        start = threading.Barrier(MANY)

        def work(who: int) -> tuple[LogWriter[Any], list[tuple[CommandEnvelope, Outcome]]]:
            writer, answered = till_writer(log), []
            start.wait(30)
            for first in range(0, EACH, BATCH):
                orders = [order(f"{who}-{k}", 1 if k % 3 else -1) for k in range(first, first + BATCH)]
                answered += list(zip(orders, run(writer, ledger, orders), strict=True))
            return writer, answered

        with ThreadPoolExecutor(MANY) as pool:
            results = list(pool.map(work, range(MANY)))

        commits = ledger.read(log, 0, limit=MANY * EACH)
        accepted = sorted(o.id for _, answers in results for o, outcome in answers if outcome.refused is None)
        places = sorted(a for _, answers in results for _, outcome in answers for a in outcome.addresses)
        assert numbers(commits) == list(range(1, ledger.head(log) + 1))
        assert sorted(each.id for commit in commits for each in commit.commands) == accepted
        assert sorted(recorded.address for commit in commits for recorded in commit.recorded()) == places
        assert sum(len(answers) for _, answers in results) == MANY * EACH
        states = []
        for writer, _ in results:
            drive(writer.catch_up(), ledger)
            states.append((writer.state, writer.head))
        assert states == [states[0]] * MANY

    def test_chain_of_racing_writers_holds(self, ledger: Ledger, log: str) -> None:
        def work(who: int) -> None:
            writer = till_writer(log)
            for k in range(10):
                run(writer, ledger, [order(f"{who}-{k}", -1)])

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(2)))

        before = bytes(32)
        for commit in ledger.read(log, 0, limit=MANY * EACH):
            commit.verify()
            assert bytes(commit.document["prev"]) == before
            before = commit.hash

    def test_writer_that_slept_across_a_takeover_answers_repeats_from_the_ledger(
        self, ledger: Ledger, log: str
    ) -> None:
        sleeper, successor = till_writer(log), till_writer(log)
        run(sleeper, ledger, [order("a", 1)])
        (first,) = run(successor, ledger, [order("b", 2)])
        run(successor, ledger, [order("c", 3)])

        (again,) = run(sleeper, ledger, [order("b", 2)])

        assert (again.addresses, again.events, again.repeated) == (first.addresses, (Added("x", 2),), True)
        assert ledger.head(log) == 3

    def test_writer_that_slept_gives_no_silent_answer_from_its_old_state(self, ledger: Ledger, log: str) -> None:
        sleeper, successor = till_writer(log), till_writer(log)
        run(sleeper, ledger, [CommandEnvelope("a", "m", Mark("A1", True))])
        run(successor, ledger, [CommandEnvelope("b", "m", Mark("A1", False))])

        (outcome,) = run(sleeper, ledger, [CommandEnvelope("c", "m", Mark("A1", True))])

        assert outcome.events == (Shut("A1", True),)
        assert outcome.addresses == (f"{log}/3/0",)

    # Faults

    def test_connection_cut_after_the_insert_left_is_an_unknown_outcome(self, bench: Bench, log: str) -> None:
        sent = document(Head(log))
        bench.faults.lose_next_answer()

        with pytest.raises(OutcomeUnknown):
            bench.ledger.insert(sent)
        with pytest.raises(NumberTaken):
            bench.ledger.insert(sent)

        assert [commit.document for commit in bench.beside.read(log, 0)] == [sent]

    def test_writer_whose_answer_was_lost_stores_once_and_answers(self, bench: Bench, log: str) -> None:
        bench.faults.lose_next_answer()

        (outcome,) = run(till_writer(log), bench.ledger, [order("a", 1)])

        assert outcome.addresses == (f"{log}/1/0",)
        assert outcome.repeated is False
        assert ids(bench.beside, log) == ["a"]

    def test_first_insert_that_arrives_late_is_stored_once(self, bench: Bench, log: str) -> None:
        bench.faults.hold_next_insert()
        writer = till_writer(log)

        (outcome,) = run(writer, bench.ledger, [order("a", 1)])
        stored = get_document(bench.beside, log, 1)
        bench.faults.release()
        run(writer, bench.ledger, [order("b", 1)])

        assert outcome.addresses == (f"{log}/1/0",)
        assert ids(bench.beside, log) == ["a", "b"]
        assert get_document(bench.beside, log, 1) == stored

    def test_late_insert_does_not_overwrite_who_took_its_number(self, bench: Bench, log: str) -> None:
        late, winner = document(Head(log)), document(Head(log))
        bench.faults.hold_next_insert()

        with pytest.raises(OutcomeUnknown):
            bench.ledger.insert(late)
        bench.beside.insert(winner)
        bench.faults.release()
        with pytest.raises(NumberTaken):
            bench.ledger.insert(late)

        assert get_document(bench.beside, log, 1)["uuid"] == winner["uuid"]

    def test_ledger_that_is_away_is_unreachable_and_comes_back(self, bench: Bench, log: str) -> None:
        fill(bench.ledger, log, 2)
        questions: list[Callable[[], object]] = [
            lambda: bench.ledger.get(log, 1),
            lambda: bench.ledger.read(log, 0),
            lambda: bench.ledger.head(log),
            lambda: bench.ledger.logs_with_new_commits({log: 0}),
            lambda: bench.ledger.read_many({log: 0}, each=4),
        ]

        bench.faults.disconnect()
        for question in questions:
            with pytest.raises(Unreachable):
                question()
        with pytest.raises(OutcomeUnknown):
            bench.ledger.insert(document(Head(log)))
        several = [document(Head(f"{log}.{name}")) for name in "ab"]
        assert [type(each) for each in bench.ledger.insert_all(several)] == [OutcomeUnknown] * 2
        bench.faults.reconnect()

        assert numbers(bench.ledger.read(log, 0)) == [1, 2]


def till_writer(log: str) -> LogWriter[Any]:
    return LogWriter(log, TillDecider(), stamp=stamp)


def order(id_: str, amount: int) -> CommandEnvelope:
    return CommandEnvelope(id_, "customer", Add("x", amount))


def run(writer: LogWriter[Any], ledger: Ledger, orders: list[CommandEnvelope]) -> list[Outcome]:
    return drive(writer.handle(orders), ledger)


def document(head: Head, *events: object) -> Document:
    """Build the document of the next commit after `head`. Two documents for the same number differ by their stamps."""
    contents = events or (Added("x", 1),)
    fresh = Stamp(secrets.token_hex(16), secrets.token_bytes(32), 1_700_000_000_000)
    return form(head, contents, commands=[Answered("id", "actor", "", "", 0, len(contents))], stamp=fresh)


def chain(log: str, count: int) -> list[Document]:
    head, documents = Head(log), []
    for _ in range(count):
        documents.append(document(head))
        head = head.after(documents[-1])
    return documents


def fill(ledger: Ledger, log: str, count: int) -> list[Document]:
    documents = chain(log, count)
    for each in documents:
        ledger.insert(each)
    return documents


def get_document(ledger: Ledger, log: str, n: int) -> Document:
    commit = ledger.get(log, n)
    assert commit is not None, f"{commit_id(log, n)} is not stored"
    return commit.document


def numbers(commits: list[Commit]) -> list[int]:
    return [commit.n for commit in commits]


def ids(ledger: Ledger, log: str) -> list[str]:
    return [each.id for commit in ledger.read(log, 0, limit=MANY * EACH) for each in commit.commands]


def kinds(value: Any) -> Any:
    """Return a value with every part replaced by its type, to compare how stores return types.

    So 1, True and a server's own integers can be told apart.
    """
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [kinds(inner) for inner in value]
    return int if isinstance(value, int) and not isinstance(value, bool) else type(value)
