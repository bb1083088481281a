"""The history of a run: what clients saw, in the order in which they saw it; also written as JSON lines, for reading
after a failure.

An order is noted before it is sent, and each answer when it arrives. So an event noted between the two may have
happened before the order was decided or after it, and nothing else may. The judge (`judge.py`) uses this to bound
which likes window was in force.
"""

import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

UNKNOWN = "unknown"
STORED = {"counted", "pending"}  # these answers say that this very order stored the like


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order that is about to be sent for the first time.

    `at` identifies the order, however often it is sent. It is 0 where the gateway sets the time; there a voter
    sends only one order for each entry, which tells the orders apart.
    """

    voter: str
    entry: str
    do: str
    at: int


@dataclass(frozen=True, slots=True)
class LikeSeen:
    """One sending of one order, and the answer to it."""

    voter: str
    entry: str
    do: str
    at: int
    status: str  # as the gateway answers; `unknown` if the connection broke or the outcome is uncertain
    code: str = ""
    receipt: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class CommandSeen:
    """One sending of one command. `fact` is a text that only the event of this command contains."""

    key: str
    log: str
    fact: str
    status: str  # ok, refused or unknown
    answer: str = ""  # canonical JSON, without the `repeated` flag


@dataclass(frozen=True, slots=True)
class WindowRequested:
    """The organiser is about to ask for this likes window. From this note on it may be in force."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WindowShown:
    """The gateway shows this likes window. From this note on no earlier window may be in force."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ListSeen:
    """The likes that a voter was shown after all work had stopped."""

    voter: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketSeen:
    """The answers to two questions about the ticket of an accepted order, after all work had stopped.

    `answers` are pairs of a status or code and a receipt.
    """

    voter: str
    entry: str
    ticket: str
    answers: tuple[tuple[str, str], ...]


Seen = Ordered | LikeSeen | CommandSeen | WindowRequested | WindowShown | ListSeen | TicketSeen


@dataclass(slots=True)
class History:
    """A list of notes that many threads append to, mirrored in the file at `path`."""

    path: Path
    seen: list[Seen] = field(default_factory=list)
    counted: int = 0  # likes that were answered `counted`
    accepted: int = 0  # commands that were answered `ok`
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, seen: Seen) -> None:
        """Append a note and write it to the file."""
        line = orjson.dumps({"seen": type(seen).__name__, **asdict(seen)}, option=orjson.OPT_APPEND_NEWLINE)
        with self.lock:
            self.seen.append(seen)
            self.counted += isinstance(seen, LikeSeen) and seen.status == "counted"
            self.accepted += isinstance(seen, CommandSeen) and seen.status == "ok"
            with self.path.open("ab") as file:
                file.write(line)

    def of(self, kind: type[Any]) -> list[Any]:
        """Return the notes of one kind, in order."""
        with self.lock:
            return [each for each in self.seen if isinstance(each, kind)]
