"""Destroying keys: follows moderation's log, and has the vault forget whom it says.

Promises: whoever is named by a `SubjectForgotten` has no key any more a tick of the clock later, at the most ten times
as long as a forgetting takes; a crash at any moment loses none, since the position is kept only afterwards.
Does not promise that nobody is forgotten twice: after a crash a new key of somebody who came back may go too.
"""

import time
from collections.abc import Callable, Iterator

from services.moderation.events import SubjectForgotten
from shared.ledger import Ledger
from shared.logs import logger
from shared.relay import Cursors
from shared.vault import Vault

LOG = "moderation"
SHARE = 10  # after each forgetting, so many times as long without one: a tenth of the time at the most copies keys
log_ = logger(__name__)


class Forgetter:
    """See the module."""

    def __init__(
        self, ledger: Ledger, cursors: Cursors, vault: Vault, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._ledger, self._cursors, self._vault, self._now = ledger, cursors, vault, now
        self._at: int | None = None
        self._not_before = float("-inf")
        self._through = now()

    def step(self) -> int:
        """Forget all whom the log names since the last step, in one swap of the key file; how many they are.

        Raises Unreachable, Overdue, Corrupt: then the next step does it.
        """
        now = self._now()
        if now < self._not_before:
            return 0
        if self._at is None:
            self._at = self._cursors.load().get(LOG, 0)
        at, subjects = self._at, set[str]()
        for n, found in self._news(self._at):
            at, subjects = n, subjects | found
        if subjects:
            started = self._now()
            self._vault.forget(subjects)
            ended = self._now()
            self._not_before = ended + SHARE * (ended - started)
            log_.info("forgotten", subjects=len(subjects), took_s=round(ended - started, 3))
        if at > self._at:
            self._cursors.keep(LOG, at)
            self._at = at
        self._through = now
        return len(subjects)

    def age_s(self) -> float:
        """How long ago everybody who had asked by then was forgotten; at first, how long this has been tried."""
        return self._now() - self._through

    def _news(self, after: int) -> Iterator[tuple[int, set[str]]]:
        """Number and named subjects of each commit beyond `after`."""
        while page := self._ledger.read(LOG, after, commands=False):
            for commit in page:
                events = commit.events()
                yield commit.n, {each.subject for each in events if isinstance(each, SubjectForgotten)}
            after = page[-1].n
