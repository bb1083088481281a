"""Ballots that this process has sent to the vote writers, so that a repeated one is the same ballot.

A ballot is one request that likes several entries. Promises: a key that is used again for other entries is refused.
Does not promise to know a ballot after a restart, or one of another gateway.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.admission.turnstile import AdmittedOrder
from gateway.http.problems import Problem

REMEMBERED = 5_000


@dataclass(slots=True)
class SentBallot:
    """A ballot that was admitted: its entries by id, its instant in ms, and the writers' answers so far, in order.

    An entry that is not shown is None. `lock` is held while orders of the ballot are under way.
    """

    content: str
    entries: Sequence[str | None]
    at: int
    admitted: AdmittedOrder
    answers: list[dict[str, Any]] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SentBallots:
    """The newest `most` ballots of this process, by the sender's part of their command ids."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._ballots: OrderedDict[str, SentBallot] = OrderedDict()

    def find(self, command: str) -> SentBallot | None:
        """Return the ballot with this command id, or None. Raise Problem if its key was used for other content."""
        whose, _, content = command.partition(".")
        ballot = self._ballots.get(whose)
        if ballot is not None and ballot.content != content:
            raise Problem("idempotency-key-reused")
        return ballot

    def add(self, command: str, entries: Sequence[str | None], *, at: int, admitted: AdmittedOrder) -> SentBallot:
        """Remember a ballot that was admitted, and return it; beyond the bound, forget the oldest."""
        whose, _, content = command.partition(".")
        ballot = self._ballots[whose] = SentBallot(content, entries, at, admitted)
        while len(self._ballots) > self._most:
            self._ballots.popitem(last=False)
        return ballot

    def drop(self, command: str) -> None:
        """Forget a ballot of which nothing was decided, so that it may begin anew."""
        self._ballots.pop(command.partition(".")[0], None)
