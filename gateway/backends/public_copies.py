"""Copies of uploaded files for the public, prepared when they are first asked for.

Submission writes the copy of each file that it accepts. Files that were handed in before there were copies, or whose
copies were deleted, get theirs here, in limited child processes beside the event loop.

Promises: one file is prepared once at a time, by WORKERS threads for all; who asks waits for at most `within_s` seconds
and is then told to come again; what cannot be prepared is not tried again at each request.
Does not promise that another gateway does not prepare the same file at the same time; both write the same bytes.
"""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from gateway.http.problems import Problem
from shared.logs import logger
from shared.media.copies import Copy, Created, PublicCopies
from shared.media.probe import ProbeNotInstalled, Unreadable
from shared.media.storage import Storage, StoredFile

WORKERS = 2
WAITING = 64  # files that may wait to be prepared; more are told to come again at once
WITHIN_S = 8.0
REFUSED_S = 600.0  # after this time a file that could not be prepared is tried again
REFUSED_LATE_S = 30.0  # the same for one that took too long, perhaps because the machine was busy
AWAY_S = 30  # after this time a client asks again where the machine itself cannot prepare files
MOST_REFUSED = 4_096
Seen = TypeVar("Seen")
log_ = logger(__name__)


class PreparedCopies(PublicCopies):
    """The copies of one campaign's files, for handlers of requests."""

    def __init__(self, storage: Storage, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(storage)
        self._now, self._lock = now, threading.Lock()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="copies")
        self._running: dict[str, Future[Created | Unreadable]] = {}
        self._refused: OrderedDict[str, float] = OrderedDict()

    async def get(self, sha256: str, *, within_s: float = WITHIN_S) -> Copy:
        """Return the copy of a stored file, and prepare it if there is none yet.

        Raise Problem: `upload-unknown` for a file that the store does not have, `media-unshowable` for one of which no
        copy can be prepared, and `media-not-ready` if that takes longer than `within_s` seconds, or if the machine
        cannot do it now: its disk is full, or ffmpeg is missing.
        """
        copy = await self.find_copy(sha256)
        if copy is not None:
            return copy
        if await self.stored_original(sha256) is None:
            raise Problem("upload-unknown")
        try:
            async with asyncio.timeout(within_s):
                created = await asyncio.shield(asyncio.wrap_future(self._begin(sha256)))
        except TimeoutError as late:
            raise Problem("media-not-ready", retry_s=2) from late
        except ProbeNotInstalled as problem:
            raise Problem("media-not-ready", retry_s=AWAY_S) from problem
        if isinstance(created, Unreadable):
            if created.code != "media-missing":
                raise Problem("media-unshowable")
            if await self.stored_original(sha256) is None:
                raise Problem("upload-unknown")
            raise Problem("media-not-ready", retry_s=AWAY_S)
        return created.copy

    async def find_copy(self, sha256: str) -> Copy | None:
        """Return the copy of a file, or None if there is none yet. Raise Problem if the store does not answer."""
        return await self._look(self.find, sha256)

    async def stored_original(self, sha256: str) -> StoredFile | None:
        """Return the size of an original and when it was stored, or None. Raise Problem as `find_copy` does."""
        return await self._look(self.stat_original, sha256)

    async def original_file(self, sha256: str) -> Path | None:
        """Return a local file with an original's content, or None. Raise Problem as `find_copy` does."""
        return await self._look(self.original, sha256)

    async def rendition_file(self, sha256: str, name: str) -> Path | None:
        """Return a local file with one of a file's renditions, or None. Raise Problem as `find_copy` does."""
        return await self._look(partial(self.rendition, name=name), sha256)

    async def _look(self, look: Callable[[str], Seen], sha256: str) -> Seen:
        """Look for a file, in a thread unless the store is a folder: the event loop must not wait for a network."""
        try:
            return look(sha256) if self.is_local else await asyncio.to_thread(look, sha256)
        except OSError as problem:
            raise Problem("media-not-ready", retry_s=AWAY_S) from problem

    def _begin(self, sha256: str) -> Future[Created | Unreadable]:
        """Return the preparation of a file that is running, or begin it. Raise Problem if it was tried or may not."""
        with self._lock:
            running = self._running.get(sha256)
            if running is not None:
                return running
            if self._refused.get(sha256, 0.0) > self._now():
                raise Problem("media-unshowable")
            if len(self._running) >= WAITING:
                raise Problem("media-not-ready", retry_s=5)
            future = self._running[sha256] = self._workers.submit(self._create, sha256)
            return future

    def _create(self, sha256: str) -> Created | Unreadable:
        try:
            created = self.create(sha256)
            if isinstance(created, Unreadable):
                log_.warning("no copy for the public", sha256=sha256, code=created.code, problem=created.detail)
            if isinstance(created, Unreadable) and created.code != "media-missing":
                wait_s = REFUSED_LATE_S if created.code == "media-timeout" else REFUSED_S
                with self._lock:
                    self._refused[sha256] = self._now() + wait_s
                    while len(self._refused) > MOST_REFUSED:
                        self._refused.popitem(last=False)
            return created
        except ProbeNotInstalled as problem:
            log_.error("no copy for the public", sha256=sha256, problem=str(problem))
            raise
        finally:
            with self._lock:
                del self._running[sha256]
