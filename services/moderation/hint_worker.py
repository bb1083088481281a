"""The hint worker: finds near-duplicates and runs machine checks, in a thread of the media worker's process.

It follows submission's log by itself and keeps the latest versions in memory; after a start it computes everything anew
and replaces what was stored.
Promises: it never holds up a hand-in or a page; a version that a check could not look at stays not checked and is tried
again; what fails is tried again, and nothing else stops.
Does not promise a time. A moderator sees until then that a version was not checked.
"""

import threading
import time
from collections.abc import Callable, Sequence

from services.moderation.content_checks import ContentCheck, read_word_list
from services.moderation.hint_store import NEVER_MS, HintStore
from services.moderation.near_duplicates import FOLD, NearDuplicates
from services.moderation.state import UNCHECKED
from services.moderation.wechat_check import NOT_SENT, read_account
from services.submission.events import EntrySubmitted, EntryWithdrawn
from shared.errors import BaijiaError
from shared.ledger import Ledger, read_commits
from shared.logs import logger
from shared.mongo_ledger import MongoLedger, connect
from shared.settings import Settings
from shared.stamps import wall_ms

LOG = "submission"
EVERY_S = 5.0
CHECKS_A_STEP = 50
AGAIN_MS = 600_000  # after what kept a check from looking
log_ = logger(__name__)


class HintWorker:
    """Follows the hand-ins of one campaign, step by step."""

    def __init__(
        self,
        ledger: Ledger,
        store: HintStore,
        checks: Callable[[], Sequence[ContentCheck]],
        *,
        now_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._now_ms = now_ms
        self._ledger, self._store, self._checks = ledger, store, checks
        self._duplicates = NearDuplicates()
        self._versions: dict[str, EntrySubmitted] = {}
        self._read = 0
        self._stale: set[str] = set()
        self._is_complete = False

    def step(self) -> int:
        """Take what was handed in since the last step, and look at up to CHECKS_A_STEP versions. Return how many.

        Raises Unreachable, Overdue or Corrupt; then the next step goes on from here.
        """
        for commit in read_commits(self._ledger, LOG, self._read, commands=False):
            for fact in commit.events():
                self._take(fact)
            self._read = commit.n
        self._store_duplicates()
        return self._look()

    def _take(self, fact: object) -> None:
        self._stale |= self._duplicates.apply(fact)
        if isinstance(fact, EntrySubmitted):
            self._versions[fact.entry] = fact
        elif isinstance(fact, EntryWithdrawn):
            self._versions.pop(fact.entry, None)

    def _store_duplicates(self) -> None:
        if not self._is_complete:  # the first time also what was stored of entries that are there no more
            self._stale |= self._store.entries()
        if self._stale:
            found = {entry: self._duplicates.of(entry) for entry in sorted(self._stale)}
            self._store.put_duplicates(found, revision=f"{FOLD}.{self._read}")
            self._stale, self._is_complete = set(), True

    def _look(self) -> int:
        looked = 0
        for check in self._checks():
            for entry, version in self._versions.items():
                if looked >= CHECKS_A_STEP:
                    return looked
                now_ms, known = self._now_ms(), (entry, version.version, check.source)
                if not self._store.has_check(*known, check.edition, now_ms=now_ms):
                    items = check.check(version)
                    failed = any(each.state == UNCHECKED and each.why != NOT_SENT for each in items)
                    again_ms = now_ms + AGAIN_MS if failed else NEVER_MS
                    self._store.put_check(*known, items, edition=check.edition, again_ms=again_ms)
                    looked += 1
        return looked


def start(settings: Settings, *, stop: Callable[[], bool]) -> threading.Thread:
    """Start the worker in a thread of this process, until `stop` returns true, and return the thread."""
    thread = threading.Thread(target=_run, args=(settings, stop), name="hints", daemon=True)
    thread.start()
    return thread


def _run(settings: Settings, stop: Callable[[], bool]) -> None:
    database = connect(settings.mongo_uri)[settings.database]
    folder = settings.data / "moderation"

    def checks() -> list[ContentCheck]:
        found: tuple[ContentCheck | None, ...] = (read_word_list(folder), read_account(folder))
        return [each for each in found if each is not None]

    worker = HintWorker(MongoLedger(database), HintStore(database), checks)
    while not stop():
        try:
            more = worker.step() >= CHECKS_A_STEP
        except BaijiaError as problem:
            log_.warning("hints wait", problem=repr(problem))
            more = False
        except Exception as problem:  # an error of ours must not end the hints for good
            log_.error("hints failed, trying again", exc_info=problem)
            more = False
        _wait(0.0 if more else EVERY_S, stop)


def _wait(seconds: float, stop: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not stop() and time.monotonic() < until:
        time.sleep(0.2)
