"""In-memory ledger, for unit tests and for the simulation.

Promises the same as any `shared.ledger.Ledger`, and passes the same contract suite: documents pass through BSON, so a
read returns what a server would return, and no caller shares an object with the store. Tests can make inserts and reads
fail as networks make them fail: see `Fate`, `next_insert` and `fail_reads`.
"""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from enum import Enum

import bson

from shared.commit import Commit, Document, commit_id
from shared.errors import LedgerError, NumberTaken, OutcomeUnknown, Unreachable
from shared.ledger import PAGE, insert_one_by_one


class Fate(Enum):
    """What happens to an insert whose answer never comes. In each case the sender gets OutcomeUnknown."""

    LOST = "it does not arrive"
    UNANSWERED = "it arrives, the answer is lost"
    HELD = "it arrives when `release` is called"


class MemoryLedger:
    """A ledger in memory that tests can make fail. Implements `shared.ledger.Ledger`."""

    def __init__(self) -> None:
        self._stored: dict[str, bytes] = {}
        self._heads: dict[str, int] = {}
        self._fates: deque[Fate] = deque()
        self._held: deque[tuple[str, int, bytes]] = deque()
        self._failing_reads = 0
        self._lock = threading.Lock()

    # Faults

    def next_insert(self, *fates: Fate) -> None:
        """Let the next inserts fail by these fates, one each. The inserts after them are stored and answered."""
        self._fates.extend(fates)

    def forget_fates(self) -> None:
        """Drop the fates that no insert has met yet, so that all inserts from now on are stored and answered."""
        self._fates.clear()

    def release(self) -> None:
        """Let the inserts with the fate HELD arrive now, in order. Their senders get no answer."""
        while self._held:
            self._claim(*self._held.popleft())

    def fail_reads(self, *, times: int) -> None:
        """Let the next `times` reads of any kind raise Unreachable."""
        self._failing_reads = times

    # The ledger

    def insert(self, document: Document) -> None:
        claim = document["_id"], document["n"], bson.encode(document)
        fate = self._fates.popleft() if self._fates else None
        if fate is Fate.HELD:
            self._held.append(claim)
        elif fate is not Fate.LOST:
            stored = self._claim(*claim)
        if fate is not None:
            raise OutcomeUnknown(f"{document['_id']}: {fate.value}")
        if not stored:
            raise NumberTaken(document["_id"])

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        return insert_one_by_one(self.insert, documents)

    def get(self, log: str, n: int) -> Commit | None:
        self._raise_if_failing()
        image = self._stored.get(commit_id(log, n))
        return None if image is None else Commit(bson.decode(image))

    def read(self, log: str, after: int, *, limit: int = PAGE, commands: bool = True) -> list[Commit]:
        self._raise_if_failing()
        prefix = self._prefix(log, after, limit)
        if not commands:
            for commit in prefix:
                del commit.document["commands"]
        return prefix

    def head(self, log: str) -> int:
        self._raise_if_failing()
        return self._heads.get(log, 0)

    def logs_with_new_commits(self, positions: Mapping[str, int]) -> set[str]:
        self._raise_if_failing()
        return {log for log, n in positions.items() if commit_id(log, n + 1) in self._stored}

    def read_many(self, positions: Mapping[str, int], *, each: int) -> dict[str, list[Commit]]:
        self._raise_if_failing()
        found = {log: self._prefix(log, n, each) for log, n in sorted(positions.items())}
        return {log: prefix for log, prefix in found.items() if prefix}

    def _claim(self, id_: str, n: int, image: bytes) -> bool:
        log, _, _ = id_.rpartition("/")
        with self._lock:
            if id_ in self._stored:
                return False
            self._stored[id_] = image
            self._heads[log] = max(n, self._heads.get(log, 0))
            return True

    def _prefix(self, log: str, after: int, limit: int) -> list[Commit]:
        prefix: list[Commit] = []
        while len(prefix) < limit:
            image = self._stored.get(commit_id(log, after + len(prefix) + 1))
            if image is None:
                break
            prefix.append(Commit(bson.decode(image)))
        return prefix

    def _raise_if_failing(self) -> None:
        if self._failing_reads:
            self._failing_reads -= 1
            raise Unreachable("the answer to a read is lost")
