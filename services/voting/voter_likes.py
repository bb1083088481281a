"""Find the likes of one voter on all days, by a fold of the vote logs that needs little memory.

The vote writers keep two days. This index keeps every like in columns, 37 bytes each, and reads what is new in the
voter's log before it answers, so that no like that was answered is missing.
Promises: what it returns is what the log says, up to the log's end. It is a cache: a new process reads each log again
at the first question about it. Does not say whether a like is void: `vote.cases` and change sets do.
"""

import hashlib
import threading
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from services.voting.events import LikeCast, LikeRetracted
from shared.commit import Commit
from shared.ledger import Ledger, read_commits

_NAME_BYTES = 12


@dataclass(frozen=True, slots=True)
class VotersLike:
    """A like of a voter. `address` is the id of its event; `day` is YYYY-MM-DD; `at` is campaign time in ms."""

    address: str
    entry: str
    day: str
    at: int
    held: bool
    retracted: bool


@dataclass(slots=True)
class _LogIndex:
    """The likes of one log in columns, and the addresses of those that were taken back."""

    position: int = 0
    voters: bytearray = field(default_factory=bytearray)
    entries: "array[int]" = field(default_factory=lambda: array("I"))
    days: "array[int]" = field(default_factory=lambda: array("I"))
    times: "array[int]" = field(default_factory=lambda: array("Q"))
    places: "array[int]" = field(default_factory=lambda: array("Q"))  # commit number and index, in 16 bits
    held: bytearray = field(default_factory=bytearray)
    retracted: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)  # entries and days, which the columns hold by number
    numbers: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class VoterLikes:
    """The likes of all voters, by voter. Safe for several threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._logs: dict[str, _LogIndex] = {}

    def of(self, voter: str, partitions: int) -> list[VotersLike]:
        """Return the likes of a voter on all days, also those that were taken back, in the order of their log.

        Raise Unreachable if the ledger does not answer.
        """
        log = log_of(voter, partitions)
        index = self._logs.setdefault(log, _LogIndex())
        with index.lock:
            for commit in read_commits(self._ledger, log, index.position, commands=False):
                _add(index, commit)
                index.position = commit.n
            return [_like(log, index, row) for row in _rows(index.voters, _short(voter))]


def _add(index: _LogIndex, commit: Commit) -> None:
    for run in commit.runs:
        if run.type not in ("like-cast", "like-retracted"):
            continue
        for i, fact in enumerate(run.events(), run.first):
            if isinstance(fact, LikeRetracted):
                index.retracted.add(fact.like)
            elif isinstance(fact, LikeCast):
                index.voters += _short(fact.voter)
                index.entries.append(_number(index, fact.entry))
                index.days.append(_number(index, fact.day))
                index.times.append(fact.at)
                index.places.append(commit.n << 16 | i)
                index.held.append(fact.held is not None)


def _number(index: _LogIndex, text: str) -> int:
    number = index.numbers.setdefault(text, len(index.texts))
    if number == len(index.texts):
        index.texts.append(text)
    return number


def _like(log: str, index: _LogIndex, row: int) -> VotersLike:
    place = index.places[row]
    address = f"{log}/{place >> 16}/{place & 0xFFFF}"
    entry, day = index.texts[index.entries[row]], index.texts[index.days[row]]
    return VotersLike(address, entry, day, index.times[row], bool(index.held[row]), address in index.retracted)


def log_of(voter: str, partitions: int) -> str:
    """Return the vote log of a voter, as the gateway chooses it (`like_batches.partition_of`)."""
    return f"vote.{int.from_bytes(hashlib.sha256(voter.encode()).digest()[:4], 'big') % partitions}"


def _rows(voters: bytearray, name: bytes) -> Iterator[int]:
    """Return the rows whose voter has this name: a match that begins inside another name is none."""
    at = voters.find(name)
    while at >= 0:
        if at % _NAME_BYTES == 0:
            yield at // _NAME_BYTES
        at = voters.find(name, at + 1)


def _short(name: str) -> bytes:
    """Return a 12-byte hash of a name."""
    return blake2b(name.encode(), digest_size=_NAME_BYTES).digest()
