"""Find doubles (likes that a person gave twice under two names) by a fold of the vote logs that needs little memory.

It remembers of every voter that they have liked, in 12 bytes each. It keeps the likes only of persons with linked
names, and only if two of the names have liked at all. When a name is linked after it has liked, the logs are read again
from the start for that name.
Promises: after reading, it has all likes that count of every such person, up to the ends of the logs. It is a cache: a
new process reads everything again.
"""

import threading
from collections.abc import Iterable
from hashlib import blake2b

from services.voting.events import LikeCast, LikeRetracted
from services.voting.links import StandingLike, doubles
from shared.commit import Commit
from shared.ledger import Ledger, read_commits


class LikesOfPersons:
    """Cache of the likes that count now of persons who have several linked names. Safe for several threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._read: dict[str, int] = {}  # log -> the last commit that was read
        self._likers: set[bytes] = set()
        self._watched: set[str] = set()
        self._standing: dict[str, dict[str, StandingLike]] = {}
        self._begun: dict[str, tuple[int, str]] = {}
        self._lock = threading.Lock()

    def doubles(self, people: Iterable[frozenset[str]], partitions: int) -> list[StandingLike]:
        """Read the new commits of the vote logs, and return the doubles of these people: likes that should be void.

        Each person is the set of their names. Raise Unreachable if the ledger does not answer.
        """
        people = list(people)
        if not people:
            return []
        logs = [f"vote.{p}" for p in range(partitions)]
        with self._lock:
            self._read_new(logs)
            active = [[name for name in names if _short(name) in self._likers] for names in people]
            active = [names for names in active if len(names) > 1]
            self._read_again(logs, {name for names in active for name in names} - self._watched)
            return [each for names in active for each in self._doubles_of(names)]

    def _doubles_of(self, names: list[str]) -> list[StandingLike]:
        return doubles({name: list(self._standing.get(name, {}).values()) for name in names}, self._begun)

    def _read_new(self, logs: list[str]) -> None:
        for log in sorted(self._ledger.logs_with_new_commits({log: self._read.get(log, 0) for log in logs})):
            for commit in read_commits(self._ledger, log, self._read.get(log, 0), commands=False):
                for run in commit.runs:
                    if run.type == "like-cast":
                        self._likers.update(map(_short, set(run.columns["voter"])))
                self._apply_commit(commit, self._watched)
                self._read[log] = commit.n

    def _read_again(self, logs: list[str], names: set[str]) -> None:
        """Read the part of the logs that was read before once more, for these names."""
        if names:
            for log in logs:
                for commit in read_commits(self._ledger, log, upto=self._read.get(log, 0), commands=False):
                    self._apply_commit(commit, names)
            self._watched |= names

    def _apply_commit(self, commit: Commit, names: set[str]) -> None:
        if not names:
            return
        for run in commit.runs:
            if run.type not in ("like-cast", "like-retracted") or names.isdisjoint(run.columns["voter"]):
                continue
            for i, fact in enumerate(run.events(), run.first):
                if fact.voter in names:
                    self._apply(fact, f"{commit.log}/{commit.n}/{i}")

    def _apply(self, fact: LikeCast | LikeRetracted, address: str) -> None:
        likes = self._standing.setdefault(fact.voter, {})
        if isinstance(fact, LikeRetracted):
            likes.pop(fact.like, None)
            return
        likes[address] = StandingLike(fact.voter, fact.entry, fact.day, fact.at, address)
        self._begun[fact.voter] = min(self._begun.get(fact.voter, (fact.at, address)), (fact.at, address))


def _short(name: str) -> bytes:
    """Return a 12-byte hash of a name."""
    return blake2b(name.encode(), digest_size=12).digest()
