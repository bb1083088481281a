"""Followers: each commit is applied once, in order, whatever the broker does; an event that does not apply is named."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from shared.commit import Commit
from shared.errors import BrokerUnreachable, FollowerStopped, Unreachable
from shared.follower import Follower, follow
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.shared.writers import add, handle, till_writer

COMMITS = 8


@pytest.fixture(scope="module")
def ledger() -> MemoryLedger:
    return filled()


def filled() -> MemoryLedger:
    ledger, writer = MemoryLedger(), till_writer()
    for k in range(COMMITS):
        handle(writer, ledger, add(f"{k}", -1))
    return ledger


def applying(ledger: MemoryLedger, *, at: int = 0) -> tuple[Follower, list[int]]:
    applied: list[int] = []
    return Follower(ledger, {"till": at}, lambda commit: applied.append(commit.n)), applied


def stopping_after(rounds: int) -> Callable[[], bool]:
    """Return a `stop` that is False so many times, and then True."""
    rounds_left = iter(range(rounds))
    return lambda: next(rounds_left, None) is None


@given(st.lists(st.integers(1, COMMITS), max_size=20))
def test_any_deliveries_are_applied_once_in_order(numbers: list[int]) -> None:
    ledger = filled()
    follower, applied = applying(ledger)

    for n in numbers:
        follower.offer(ledger.read("till", n - 1, limit=1)[0])

    assert applied == list(range(1, max(numbers, default=0) + 1))
    assert follower.positions == {"till": max(numbers, default=0)}


@pytest.mark.parametrize(("at", "upto"), [(0, 8), (3, 5), (8, 8), (5, 3)])
def test_catching_up_stops_where_it_is_told(ledger: MemoryLedger, at: int, upto: int) -> None:
    follower, applied = applying(ledger, at=at)

    follower.catch_up({"till": upto, "a log of others": 4})

    assert applied == list(range(at + 1, upto + 1))


def test_catching_up_reads_to_the_end(ledger: MemoryLedger) -> None:
    follower, applied = applying(ledger, at=6)

    follower.catch_up()

    assert applied == [7, 8]


def test_event_that_does_not_apply_stops_the_follower_where_it_stood(ledger: MemoryLedger) -> None:
    def apply(commit: Commit) -> None:
        if commit.n == 3:
            raise KeyError("x")

    follower = Follower(ledger, {"till": 0}, apply)
    with pytest.raises(FollowerStopped) as stop:
        follower.catch_up()

    assert (stop.value.address, follower.stopped) == ("till/3", stop.value)
    assert follower.positions == {"till": 2}


def test_stop_names_the_event_that_the_fold_names(ledger: MemoryLedger) -> None:
    def apply(commit: Commit) -> None:
        raise FollowerStopped(f"{commit.log}/{commit.n}/0", KeyError("x"))

    follower = Follower(ledger, {"till": 0}, apply)
    with pytest.raises(FollowerStopped, match="stopped at till/1/0"):
        follower.catch_up()


def test_stop_is_told_to_the_alarm(ledger: MemoryLedger) -> None:
    def apply(commit: Commit) -> None:
        raise KeyError(commit.n)

    with pytest.raises(FollowerStopped):
        Follower(ledger, {"till": 0}, apply, role="alarmed").catch_up()

    assert REGISTRY.get_sample_value("baijia_follower_stopped", {"role": "alarmed"}) == 1


def test_commit_behind_a_hole_that_the_ledger_does_not_fill_yet_is_not_applied(ledger: MemoryLedger) -> None:
    follower, applied = applying(MemoryLedger())
    third = ledger.read("till", 2, limit=1)[0]

    follower.offer(third)

    assert applied == []
    assert follower.positions == {"till": 0}


@pytest.mark.parametrize("away", [Unreachable("no"), BrokerUnreachable("no")], ids=["the ledger", "the broker"])
def test_engine_that_is_away_while_an_event_is_applied_does_not_stop_the_follower(
    ledger: MemoryLedger, away: Exception
) -> None:
    problems, applied = [away], list[int]()

    def apply(commit: Commit) -> None:
        if problems:
            raise problems.pop()
        applied.append(commit.n)

    follower = Follower(ledger, {"till": 6}, apply)
    with pytest.raises(type(away)):
        follower.catch_up()
    follower.catch_up()

    assert follower.stopped is None
    assert applied == [7, 8]


def test_ledger_that_is_away_does_not_stop_the_follower(ledger: MemoryLedger) -> None:
    follower, applied = applying(ledger)
    ledger.fail_reads(times=1)

    with pytest.raises(Unreachable):
        follower.catch_up()
    follower.catch_up()

    assert follower.stopped is None
    assert applied == list(range(1, COMMITS + 1))


def test_following_reads_the_ledger_once_it_is_subscribed(ledger: MemoryLedger) -> None:
    """Otherwise a commit published before the subscription would wait for the next message."""
    follower, applied = applying(ledger)

    follow(follower, lambda: iter([None]), stop=stopping_after(2))

    assert applied == list(range(1, COMMITS + 1))


def test_following_goes_on_from_the_ledger_while_the_broker_is_away(ledger: MemoryLedger) -> None:
    follower, applied = applying(ledger)

    def source() -> Iterator[Commit | None]:
        raise BrokerUnreachable("no")

    follow(follower, source, stop=stopping_after(3), sleep=lambda _: None)

    assert applied == list(range(1, COMMITS + 1))


@pytest.mark.parametrize("broker", ["there", "away"])
def test_following_outlives_a_ledger_that_is_away(ledger: MemoryLedger, broker: str) -> None:
    """Both may be unreachable at once, as when a machine restarts."""
    follower, applied = applying(ledger)
    ledger.fail_reads(times=3)
    slept: list[float] = []

    def source() -> Iterator[Commit | None]:
        if broker == "away":
            raise BrokerUnreachable("no")
        yield None

    follow(follower, source, stop=stopping_after(12), sleep=slept.append)

    assert applied == list(range(1, COMMITS + 1))
    assert slept.count(0.5) == 3


def test_idle_is_called_whenever_nothing_came(ledger: MemoryLedger) -> None:
    follower, _ = applying(ledger)
    calls: list[int] = []

    first = ledger.read("till", 0, limit=1)[0]
    follow(
        follower,
        lambda: iter([None, first, None]),
        idle=lambda: calls.append(follower.positions["till"]),
        stop=stopping_after(4),
    )

    assert calls == [COMMITS, COMMITS]
