"""Driving writers of several logs together gives the same answers and commits as driving each alone."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.commit import Commit, Document
from shared.decider import CommandEnvelope
from shared.errors import LedgerError, OutcomeUnknown, Unreachable
from shared.ledger import PAGE
from shared.operations import Pause, Steps, drive, drive_together
from shared.testing.actors import ImmediateExecutor
from shared.testing.memory_ledger import Fate, MemoryLedger
from shared.testing.toys import CAP, TillDecider
from shared.writer import LogWriter
from tests.unit.shared.writers import add, stamps, stored

LOGS = ("till.0", "till.1", "till.2")
ORDERS = st.lists(st.builds(add, st.sampled_from("abcdef"), st.integers(-3, CAP), pieces=st.integers(1, 3)), max_size=6)


class CountingLedger(MemoryLedger):
    """Records how many claims each request held."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[int] = []

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        self.questions.append(len(documents))
        return super().insert_all(documents)


def writers(name: str = "u", *, at_most: int = 256) -> list[LogWriter]:
    return [LogWriter(log, TillDecider(), stamp=stamps(f"{name} {log} "), at_most=at_most) for log in LOGS]


def together(
    ledger: MemoryLedger,
    mine: Iterable[LogWriter],
    orders: Sequence[Sequence[CommandEnvelope]],
    beside: Executor | None = None,
) -> list:
    steps = [writer.handle(each) for writer, each in zip(mine, orders, strict=True)]
    return drive_together(steps, ledger, sleep=lambda _: None, beside=beside)


@given(orders=st.tuples(ORDERS, ORDERS, ORDERS), at_most=st.integers(1, 4), ahead=st.booleans())
def test_together_is_as_each_alone(orders: tuple[list[CommandEnvelope], ...], at_most: int, ahead: bool):
    ledger, alone = MemoryLedger(), MemoryLedger()

    outcomes = together(ledger, writers(at_most=at_most), orders, ImmediateExecutor() if ahead else None)

    insert_one_by_one = zip(writers(at_most=at_most), orders, strict=True)
    assert outcomes == [drive(writer.handle(each), alone) for writer, each in insert_one_by_one]
    assert [[each["runs"] for each in stored(ledger, log)] for log in LOGS] == (
        [[each["runs"] for each in stored(alone, log)] for log in LOGS]
    )


def test_inserts_of_several_writers_are_one_question():
    ledger = CountingLedger()

    together(ledger, writers(at_most=1), [[add("a"), add("b")], [add("a")], [add("a")]])

    assert ledger.questions == [3]
    assert [ledger.head(log) for log in LOGS] == [2, 1, 1]


@pytest.mark.parametrize("fate", [Fate.LOST, Fate.UNANSWERED])
def test_writer_whose_outcome_is_unknown_goes_on_alone_and_stores_once(fate: Fate):
    ledger = MemoryLedger()
    ledger.next_insert(fate)

    outcomes = together(ledger, writers(), [[add("a")], [add("a")], [add("a")]])

    assert [outcome.addresses for (outcome,) in outcomes] == [(f"{log}/1/0",) for log in LOGS]
    assert [ledger.head(log) for log in LOGS] == [1, 1, 1]


def test_writer_that_lost_its_race_decides_again_and_the_others_are_answered():
    ledger, first, late = MemoryLedger(), writers("theirs"), writers("ours")
    drive(first[1].handle([add("theirs", CAP)]), ledger)

    outcomes = together(ledger, late, [[add("a")], [add("a")], [add("a")]])

    assert [outcome.refused.code if outcome.refused else None for (outcome,) in outcomes] == [None, "full", None]
    assert [ledger.head(log) for log in LOGS] == [1, 1, 1]


def test_looks_of_several_writers_are_one_question_and_see_what_is_newer():
    class Looking(MemoryLedger):
        looks = 0

        def read_many(self, positions, *, each):
            self.looks += 1
            return super().read_many(positions, each=each)

    ledger, theirs, late = Looking(), writers("theirs"), writers("ours")
    drive(theirs[1].handle([add("theirs", CAP)]), ledger)
    full = [add("a", CAP + 1)]

    outcomes = together(ledger, late, [full, [add("a", CAP + 1)], full])

    assert [outcome.refused.code for (outcome,) in outcomes] == ["full"] * 3
    assert [outcome.refused.detail for (outcome,) in outcomes] == [{"total": 0}, {"total": CAP}, {"total": 0}]
    assert ledger.looks == 1


def test_what_stops_one_writer_stops_all():
    class Broken(MemoryLedger):
        def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
            raise ValueError(len(documents))

    with pytest.raises(ValueError, match="3"):
        together(Broken(), writers(), [[add("a")], [add("a")], [add("a")]])


def test_ledger_that_is_away_is_asked_again_until_it_is_back():
    class AwayTwice(CountingLedger):
        def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
            self.questions.append(len(documents))
            if len(self.questions) < 3:
                return [OutcomeUnknown("away") for _ in documents]
            return super().insert_all(documents)

    ledger = AwayTwice()

    outcomes = together(ledger, writers(), [[add("a")], [add("a")], [add("a")]])

    assert [outcome.addresses for (outcome,) in outcomes] == [(f"{log}/1/0",) for log in LOGS]
    assert ledger.questions[:3] == [3, 3, 3]


def test_looks_that_do_not_come_back_are_asked_again():
    ledger = MemoryLedger()
    full = [add("a", CAP + 1)]
    mine = writers()
    ledger.fail_reads(times=2)

    outcomes = together(ledger, mine, [full, full, full])

    assert [outcome.refused.code for (outcome,) in outcomes] == ["full"] * 3


def test_writers_that_fail_together_pause_once():
    class AwayTwice(CountingLedger):
        def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
            self.questions.append(len(documents))
            if len(self.questions) < 3:
                return [OutcomeUnknown("away") for _ in documents]
            return super().insert_all(documents)

    pauses_s: list[float] = []
    steps = [writer.handle([add("a")]) for writer in writers()]

    drive_together(steps, AwayTwice(), sleep=pauses_s.append)

    assert len(pauses_s) == 2


def test_pause_of_several_writers_is_the_longest():
    def paused(*attempts: int) -> Steps[None]:
        for attempt in attempts:
            yield Pause(attempt)

    pauses_s: list[float] = []

    drive_together([paused(0, 0), paused(6), paused(1)], MemoryLedger(), sleep=pauses_s.append)

    assert [0.5 <= pauses_s[0] <= 1.0, 0.01 <= pauses_s[1] <= 0.02, len(pauses_s)] == [True, True, 2]


def test_writer_that_pauses_does_not_delay_one_that_can_go_on():
    ledger = MemoryLedger()
    ledger.next_insert(Fate.LOST)
    heads_at_pause: list[list[int]] = []
    steps = [writer.handle([add("a"), add("b")]) for writer in writers(at_most=1)]

    drive_together(steps, ledger, sleep=lambda _: heads_at_pause.append([ledger.head(log) for log in LOGS]))

    assert heads_at_pause[0] == [0, 2, 2]


def test_ledger_that_is_away_is_read_once_for_all_writers():
    class Away(MemoryLedger):
        is_away, failures = True, 0

        def read(self, log: str, after: int, *, limit: int = PAGE, commands: bool = True) -> list[Commit]:
            if self.is_away:
                self.failures += 1
                raise Unreachable("away")
            return super().read(log, after, limit=limit, commands=commands)

        def return_after_pause(self, _pause_s: float) -> None:
            self.is_away = False

    ledger = Away()

    drive_together([writer.catch_up() for writer in writers()], ledger, sleep=ledger.return_after_pause)

    assert ledger.failures == 1
