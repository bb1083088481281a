"""Writers of the simulation's till and booth on a ledger in memory, for the unit tests of the kernel."""

from collections.abc import Callable
from itertools import count
from typing import Any

from shared.commit import Document, Stamp
from shared.decider import Order, Outcome
from shared.ledger import Ledger
from shared.operations import drive
from shared.testing.toys import Add, BoothDecider, TillDecider
from shared.writer import LogWriter


def stamps(name: str = "u") -> Callable[[], Stamp]:
    """Fresh stamps, the same in each run."""
    numbers = count(1)
    return lambda: Stamp(f"{name}{(n := next(numbers))}", n.to_bytes(32, "big"), 1_000 + n)


def till_writer(name: str = "u") -> LogWriter[Any]:
    return LogWriter("till", TillDecider(), stamp=stamps(name))


def booth_writer(name: str = "u") -> LogWriter[Any]:
    return LogWriter("booth.0", BoothDecider(), stamp=stamps(name), remember=False)


def add(id_: str, amount: int = 1, *, pieces: int = 1) -> Order:
    return Order(id_, "customer", Add("x", amount, pieces))


def handle(writer: LogWriter[Any], ledger: Ledger, *orders: Order) -> list[Outcome]:
    return drive(writer.handle(orders), ledger, sleep=lambda _: None)


def stored(ledger: Ledger, log: str = "till") -> list[Document]:
    return [commit.document for commit in ledger.read(log, 0, limit=1_000)]
