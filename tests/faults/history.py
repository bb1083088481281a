"""What clients saw, in the order in which they saw it, kept as JSON lines too for whoever looks after a failure.

An order is noted before it is sent, and each answer when it is heard. So what stands between the two notes may have
happened before the order was decided or after it, and nothing else may: the judge (`judge.py`) reads windows so.
"""

import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

UNKNOWN = "unknown"
STORED = {"counted", "pending"}  # said of a like that is in the ledger by this very order


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order that is about to be sent for the first time.

    `at` makes an order the same one, however often it is sent; it is 0 where the gateway says the time. There a voter
    sends one order for each entry, which tells them apart.
    """

    voter: str
    entry: str
    do: str
    at: int


@dataclass(frozen=True, slots=True)
class LikeSeen:
    """One sending of one order, and what was heard of it."""

    voter: str
    entry: str
    do: str
    at: int
    status: str  # as the gateway says it; `unknown` where the connection broke or nobody knows
    code: str = ""
    receipt: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class CommandSeen:
    """One sending of one command. `fact` is what its event holds and no other's."""

    key: str
    log: str
    fact: str
    status: str  # ok, refused or unknown
    answer: str = ""  # canonical JSON, without the word that it is a repeat


@dataclass(frozen=True, slots=True)
class WindowAsked:
    """The organiser is about to ask for this likes window. From now on it may be in force."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WindowShown:
    """The gateway shows this likes window. From now on no earlier one may be in force."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ListSeen:
    """The likes that a voter was shown when all was quiet."""

    voter: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketSeen:
    """What a ticket of an accepted order was answered when all was quiet, asked twice. `answers` are status or code,
    and receipt."""

    voter: str
    entry: str
    ticket: str
    answers: tuple[tuple[str, str], ...]


Seen = Ordered | LikeSeen | CommandSeen | WindowAsked | WindowShown | ListSeen | TicketSeen


@dataclass(slots=True)
class History:
    path: Path
    seen: list[Seen] = field(default_factory=list)
    counted: int = 0  # likes that were said to be
    accepted: int = 0  # commands that were
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, seen: Seen) -> None:
        line = orjson.dumps({"seen": type(seen).__name__, **asdict(seen)}, option=orjson.OPT_APPEND_NEWLINE)
        with self.lock:
            self.seen.append(seen)
            self.counted += isinstance(seen, LikeSeen) and seen.status == "counted"
            self.accepted += isinstance(seen, CommandSeen) and seen.status == "ok"
            with self.path.open("ab") as file:
                file.write(line)

    def of(self, kind: type[Any]) -> list[Any]:
        with self.lock:
            return [each for each in self.seen if isinstance(each, kind)]
