"""Finding what a person liked under two names: a fold of the vote logs that keeps little.

Of all voters it keeps that they have liked, 12 bytes each; likes it keeps of linked persons alone, and only where two
of their names have liked at all. A name that is linked after it has liked is read for once more from the start.
Promises: after `read`, the standing likes of every such person as of the logs' ends. It is a cache: a start reads anew.
"""

import threading
from collections.abc import Iterable
from hashlib import blake2b

from services.voting.events import LikeCast, LikeRetracted
from services.voting.links import Standing, doubles
from shared.commit import Commit
from shared.ledger import Ledger, read_commits


class LikesOfPersons:
    """See the module."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._read: dict[str, int] = {}  # log -> the last commit that was read
        self._heard: set[bytes] = set()
        self._watched: set[str] = set()
        self._standing: dict[str, dict[str, Standing]] = {}
        self._begun: dict[str, tuple[int, str]] = {}
        self._lock = threading.Lock()

    def doubles(self, people: Iterable[frozenset[str]], partitions: int) -> list[Standing]:
        """All likes of these people that stand twice. Raises Unreachable."""
        people = list(people)
        if not people:
            return []
        logs = [f"vote.{p}" for p in range(partitions)]
        with self._lock:
            self._go_on(logs)
            active = [[name for name in names if _short(name) in self._heard] for names in people]
            active = [names for names in active if len(names) > 1]
            self._look_back(logs, {name for names in active for name in names} - self._watched)
            return [each for names in active for each in self._of(names)]

    def _of(self, names: list[str]) -> list[Standing]:
        return doubles({name: list(self._standing.get(name, {}).values()) for name in names}, self._begun)

    def _go_on(self, logs: list[str]) -> None:
        for log in sorted(self._ledger.logs_with_new_commits({log: self._read.get(log, 0) for log in logs})):
            for commit in read_commits(self._ledger, log, self._read.get(log, 0), commands=False):
                for run in commit.runs:
                    if run.type == "like-cast":
                        self._heard.update(map(_short, set(run.columns["voter"])))
                self._keep(commit, self._watched)
                self._read[log] = commit.n

    def _look_back(self, logs: list[str], names: set[str]) -> None:
        """Read what was read before once more, for these names."""
        if names:
            for log in logs:
                for commit in read_commits(self._ledger, log, upto=self._read.get(log, 0), commands=False):
                    self._keep(commit, names)
            self._watched |= names

    def _keep(self, commit: Commit, names: set[str]) -> None:
        if not names:
            return
        for run in commit.runs:
            if run.type not in ("like-cast", "like-retracted") or names.isdisjoint(run.columns["voter"]):
                continue
            for i, fact in enumerate(run.events(), run.first):
                if fact.voter in names:
                    self._take(fact, f"{commit.log}/{commit.n}/{i}")

    def _take(self, fact: LikeCast | LikeRetracted, address: str) -> None:
        own = self._standing.setdefault(fact.voter, {})
        if isinstance(fact, LikeRetracted):
            own.pop(fact.like, None)
            return
        own[address] = Standing(fact.voter, fact.entry, fact.day, fact.at, address)
        self._begun[fact.voter] = min(self._begun.get(fact.voter, (fact.at, address)), (fact.at, address))


def _short(name: str) -> bytes:
    """A name in 12 bytes."""
    return blake2b(name.encode(), digest_size=12).digest()
