"""The ledger in memory keeps the ledger's contract, so the simulation's results hold for the real one."""

import pytest

from shared.commit import Head
from shared.testing.ledger_contract import Bench, LedgerContract, document
from shared.testing.memory_ledger import Fate, MemoryLedger


class MemoryFaults:
    """Faults of a ledger in memory, as the contract suite asks for them."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger

    def lose_next_answer(self) -> None:
        self._ledger.next_insert(Fate.UNANSWERED)

    def hold_next_insert(self) -> None:
        self._ledger.next_insert(Fate.HELD)

    def release(self) -> None:
        self._ledger.release()

    def disconnect(self) -> None:
        self._ledger.fail_reads(times=1_000)
        self._ledger.next_insert(*[Fate.LOST] * 1_000)

    def reconnect(self) -> None:
        self._ledger.fail_reads(times=0)
        self._ledger.forget_fates()


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def bench(self) -> Bench:
        ledger = MemoryLedger()
        return Bench(ledger, MemoryFaults(ledger), beside=ledger)


def test_reader_cannot_change_what_is_stored() -> None:
    ledger, sent = MemoryLedger(), document(Head("log"))
    ledger.insert(sent)
    sent["uuid"] = "changed by the sender"
    ledger.read("log", 0)[0].document["uuid"] = "changed by a reader"

    commit = ledger.get("log", 1)
    assert commit is not None
    assert commit.uuid not in ("changed by the sender", "changed by a reader")
