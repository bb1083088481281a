"""Relay: every commit reaches its stream at least once, in order within one run."""

import bson
import pytest

from shared.commit import Head, Stamp, form
from shared.errors import BrokerUnreachable
from shared.ledger import PAGE
from shared.operations import drive
from shared.relay import FIRST_READ, SAVE_EVERY, Relay
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.toys import Added
from tests.unit.shared.writers import add, handle, till_writer


class Desk:
    """Publisher and cursor store in one, which records confirmed messages and cursors, and fails on demand."""

    def __init__(self) -> None:
        self.confirmed: list[tuple[str, int]] = []
        self.cursors: dict[str, int] = {}
        self.breaks_at_flush = 0
        self.flushed = 0
        self._sent: list[tuple[str, int]] = []

    def publish(self, queue: str, body: bytes) -> None:
        self._sent.append((queue, bson.decode(body)["n"]))

    def flush(self) -> None:
        sent, self._sent = self._sent, []
        self.flushed += 1
        if self.breaks_at_flush:
            self.breaks_at_flush -= 1
            self.confirmed += sent[: len(sent) // 2]
            raise BrokerUnreachable("the connection broke")
        self.confirmed += sent

    def load(self) -> dict[str, int]:
        return dict(self.cursors)

    def keep(self, log: str, n: int) -> None:
        assert (f"stream of {log}", n) in self.confirmed
        self.cursors[log] = n


@pytest.fixture
def ledger() -> MemoryLedger:
    ledger, writer = MemoryLedger(), till_writer()
    for k in range(5):
        handle(writer, ledger, add(f"{k}", -1))
    return ledger


def relay(ledger: MemoryLedger, desk: Desk) -> Relay:
    return Relay(ledger, desk, logs=["till", "booth.0"], queue=lambda log: f"stream of {log}")


def streamed(*numbers: int) -> list[tuple[str, int]]:
    return [("stream of till", n) for n in numbers]


def test_commits_are_published_in_order_and_the_cursor_follows_once_nothing_comes(ledger: MemoryLedger) -> None:
    desk = Desk()
    one = relay(ledger, desk)

    moved = one.step(desk)
    one.step(desk)

    assert moved == 5
    assert desk.confirmed == streamed(1, 2, 3, 4, 5)
    assert desk.cursors == {"till": 5}


def test_cursor_is_kept_now_and_then_while_commits_keep_coming(ledger: MemoryLedger) -> None:
    desk, writer = Desk(), till_writer()
    one = relay(ledger, desk)
    drive(writer.catch_up(), ledger)

    saved = []
    for k in range(2 * SAVE_EVERY):
        handle(writer, ledger, add(f"more-{k}", -1))
        one.step(desk)
        saved.append(desk.cursors.get("till", 0))

    assert sorted(set(saved)) == [0, 5 + SAVE_EVERY, 5 + 2 * SAVE_EVERY]


def test_long_log_is_moved_page_by_page_in_one_step() -> None:
    ledger, writer, desk = MemoryLedger(), till_writer(), Desk()
    for k in range(FIRST_READ + 2 * PAGE + 1):
        handle(writer, ledger, add(f"{k}", -1))

    moved = relay(ledger, desk).step(desk)

    assert moved == FIRST_READ + 2 * PAGE + 1
    assert desk.confirmed == streamed(*range(1, moved + 1))


def test_logs_share_one_wait_for_confirms() -> None:
    ledger, desk = MemoryLedger(), Desk()
    for log in ("till", "booth.0"):
        ledger.insert(form(Head(log), [Added("x", 1)], commands=[], stamp=Stamp("u", bytes(32), 1)))

    moved = relay(ledger, desk).step(desk)

    assert (moved, desk.flushed) == (2, 1)


def test_nothing_new_publishes_nothing(ledger: MemoryLedger) -> None:
    desk = Desk()
    one = relay(ledger, desk)
    one.step(desk)

    assert one.step(desk) == 0
    assert len(desk.confirmed) == 5


def test_step_moves_at_most_so_many_of_a_log(ledger: MemoryLedger) -> None:
    desk = Desk()
    one = relay(ledger, desk)

    assert [one.step(desk, at_most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert desk.confirmed == streamed(1, 2, 3, 4, 5)


def test_what_was_not_confirmed_is_published_again(ledger: MemoryLedger) -> None:
    desk = Desk()
    desk.breaks_at_flush = 1
    one = relay(ledger, desk)

    with pytest.raises(BrokerUnreachable):
        one.step(desk)
    one.step(desk)

    assert desk.confirmed == streamed(1, 2, 1, 2, 3, 4, 5)


def test_relay_that_starts_again_goes_on_from_its_cursor(ledger: MemoryLedger) -> None:
    desk = Desk()
    one = relay(ledger, desk)
    one.step(desk, at_most=3)
    one.keep()

    relay(ledger, desk).step(desk)

    assert desk.confirmed == streamed(1, 2, 3, 4, 5)


def test_lost_cursor_makes_repeats_and_no_losses(ledger: MemoryLedger) -> None:
    desk = Desk()
    one = relay(ledger, desk)
    one.step(desk)
    one.keep()
    desk.cursors.clear()

    relay(ledger, desk).step(desk)

    assert desk.confirmed == streamed(1, 2, 3, 4, 5) * 2


def test_cursor_of_another_log_is_left_alone(ledger: MemoryLedger) -> None:
    desk = Desk()
    desk.cursors["a log of others"] = 9

    assert relay(ledger, desk).positions == {"till": 0, "booth.0": 0}
