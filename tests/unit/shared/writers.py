"""Writers of the simulation's till and booth on an in-memory ledger, for the unit tests of the kernel."""

from collections.abc import Callable
from itertools import count
from typing import Any

from shared.commit import Document, Stamp
from shared.decider import CommandEnvelope, Outcome
from shared.ledger import Ledger
from shared.operations import drive
from shared.testing.toys import Add, BoothDecider, TillDecider
from shared.writer import LogWriter


def stamps(name: str = "u") -> Callable[[], Stamp]:
    """Return a source of fresh stamps, which are the same in each run."""
    numbers = count(1)
    return lambda: Stamp(f"{name}{(n := next(numbers))}", n.to_bytes(32, "big"), 1_000 + n)


def till_writer(name: str = "u") -> LogWriter[Any]:
    """Return a writer of the till."""
    return LogWriter("till", TillDecider(), stamp=stamps(name))


def booth_writer(name: str = "u") -> LogWriter[Any]:
    """Return a writer of the booth, which remembers no ids."""
    return LogWriter("booth.0", BoothDecider(), stamp=stamps(name), remember=False)


def add(id_: str, amount: int = 1, *, pieces: int = 1) -> CommandEnvelope:
    """Return an order that adds to the till."""
    return CommandEnvelope(id_, "customer", Add("x", amount, pieces))


def handle(writer: LogWriter[Any], ledger: Ledger, *orders: CommandEnvelope) -> list[Outcome]:
    """Let the writer handle the orders without pauses."""
    return drive(writer.handle(orders), ledger, sleep=lambda _: None)


def stored(ledger: Ledger, log: str = "till") -> list[Document]:
    """Return the stored documents of a log."""
    return [commit.document for commit in ledger.read(log, 0, limit=1_000)]
