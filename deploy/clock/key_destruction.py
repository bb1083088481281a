"""Delete the vault keys of the subjects that moderation's log names in `SubjectForgotten` events.

A subject is a person or a filed form whose stored fields are encrypted with a key of their own, which the vault holds.

Promises: a subject that a `SubjectForgotten` names has no key one tick of the clock later, or at most ten times as long
as one deletion takes. A crash at any moment loses no subject, because the position in the log is saved only after the
keys are deleted.
Does not promise that a subject is deleted only once: after a crash, the new key of a person who has returned in the
meantime may be deleted too.
"""

import time
from collections.abc import Callable, Iterator

from services.moderation.events import SubjectForgotten
from shared.ledger import Ledger, read_commits
from shared.logs import logger
from shared.relay import Cursors
from shared.vault import Vault

LOG = "moderation"
SHARE = (
    10  # after a deletion, pause for this many times its duration: at most a tenth of the time is spent copying keys
)
log_ = logger(__name__)


class KeyDestroyer:
    """Follow moderation's log, step by step, and delete the vault keys of the subjects that it asks to forget."""

    def __init__(
        self, ledger: Ledger, cursors: Cursors, vault: Vault, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._ledger, self._cursors, self._vault, self._now = ledger, cursors, vault, now
        self._at: int | None = None
        self._not_before = float("-inf")
        self._through = now()

    def step(self) -> int:
        """Delete the keys of all subjects named since the last step, and return their number.

        All are deleted in one swap of the key file. Returns 0 without reading the log while it pauses after a deletion.
        Raises Unreachable, Overdue or Corrupt; then the next step tries again.
        """
        now = self._now()
        if now < self._not_before:
            return 0
        if self._at is None:
            self._at = self._cursors.load().get(LOG, 0)
        at, subjects = self._at, set[str]()
        for n, found in self._forgotten_subjects(self._at):
            at, subjects = n, subjects | found
        if subjects:
            started = self._now()
            self._vault.forget(subjects)
            ended = self._now()
            self._not_before = ended + SHARE * (ended - started)
            log_.info("keys destroyed", subjects=len(subjects), took_s=round(ended - started, 3))
        if at > self._at:
            self._cursors.keep(LOG, at)
            self._at = at
        self._through = now
        return len(subjects)

    def age_s(self) -> float:
        """Return the seconds since the last step that left no deletion undone.

        Before the first one, count from the start.
        """
        return self._now() - self._through

    def _forgotten_subjects(self, after: int) -> Iterator[tuple[int, set[str]]]:
        """Yield the number of each commit after `after`, with the subjects that it names."""
        for commit in read_commits(self._ledger, LOG, after, commands=False):
            yield commit.n, {each.subject for each in commit.events() if isinstance(each, SubjectForgotten)}
