"""Receive uploads in parts, and put what is complete into the store of files under the SHA-256 of its bytes.

Promises: a file in the store is complete, and its name is the SHA-256 of its bytes. No text from a client becomes part
of a path. Bytes that `receive` has taken are durable when it returns, and also when a connection breaks or the disk is
full, but for those whose checksum does not fit or was never compared. The event loop never waits for a disk.
Submission decides what a file contains (`inspect_upload`), `shared.media.copies` reads the store, and `public.media`
decides who may see a file.
"""

import asyncio
import contextlib
import errno
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from hashlib import sha256 as new_sha256
from typing import TYPE_CHECKING

from gateway.http.limits import too_large
from gateway.http.problems import Problem
from gateway.http.tus import Checksum
from shared.media.copies import original_name
from shared.media.partial_uploads import Claim, Partial, PartialUploads
from shared.media.storage import Storage, link_or_copy

if TYPE_CHECKING:
    from hashlib import _Hash

WRITE_BYTES = 1 << 20  # written and hashed per step, in a thread
SYNC_BYTES = 2 << 20
WATCH_S = 1.0
STALLED_S = 20.0  # without a byte for so long, a request is ended
WANTED_S = 2.0  # the same while another request waits for the upload: the connection of this one is probably dead
HASHES = 256
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FRESH_S = 86_400.0  # no sweep takes a file as young as this


class Store:
    """The uploaded files of one campaign, and those that are on their way."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.partials = PartialUploads(storage.scratch)
        self._hashes: OrderedDict[str, tuple[int, _Hash]] = (
            OrderedDict()
        )  # of uploads that arrive here, as far as they are

    async def receive(self, claim: Claim, stream: AsyncIterator[bytes], *, checksum: Checksum | None = None) -> None:
        """Append the bytes of a request to a claimed upload; `claim.offset` counts what was taken.

        Raise Problem: `body-too-large` beyond the length of the upload and `checksum-mismatch`, of which nothing is
        taken, `upload-stalled` and `storage-full`; and whatever the stream raises.
        """
        start = claim.offset
        if checksum is not None:
            await asyncio.to_thread(claim.store, replace(claim.upload, confirmed=start))
        writer = _Writer(claim, self._hash_at(claim), checksum.hasher() if checksum is not None else None)
        is_whole = False
        try:
            with _storage_problems():
                await self._take(claim, stream, writer)
                is_whole = checksum is None or writer.check is None or writer.check.digest() == checksum.digest
                if not is_whole:
                    raise Problem("checksum-mismatch", field="Upload-Checksum")
        except Problem as problem:
            if problem.code == "body-too-large":
                await asyncio.to_thread(claim.cut, start)
            raise
        finally:
            if checksum is not None:
                if not is_whole:
                    await asyncio.to_thread(claim.cut, start)
                await asyncio.to_thread(claim.store, replace(claim.upload, confirmed=None))
            if writer.hash is not None and writer.hashed == claim.offset:
                self._keep_hash(claim, writer.hash)

    async def finish(self, claim: Claim) -> str:
        """Put the file of an upload whose bytes have all arrived into the store, and return its SHA-256.

        The bytes stay with the upload until `end`, so it may be called again after it was cut short, or after somebody
        else's refused file of the same bytes was deleted. Raise Problem: `file-lost` if the file is not there any more,
        and `storage-full`.
        """
        with _storage_problems():
            if claim.upload.state == "receiving":
                hashed = self._hash_at(claim)
                sha256 = hashed.hexdigest() if hashed is not None else await asyncio.to_thread(claim.digest)
                await asyncio.to_thread(claim.store, replace(claim.upload, state="received", sha256=sha256))
                self._hashes.pop(claim.upload.id, None)
            sha256 = claim.upload.sha256
            await asyncio.to_thread(self._put, claim, original_name(sha256))
        return sha256

    async def end(self, claim: Claim, upload: Partial) -> None:
        """Store what became of an upload, accepted or refused; its bytes are then needed no more."""
        await asyncio.to_thread(claim.store, upload)
        await asyncio.to_thread(claim.data.unlink, missing_ok=True)

    def sweep(self) -> None:
        """Delete drafts that are older than a day, which a killed process left behind."""
        self._storage.sweep_drafts()

    def _put(self, claim: Claim, name: str) -> None:
        """Put the bytes of an upload under their hash, unless the same bytes were put there lately."""
        present = self._storage.stat(name)
        if present is not None:
            is_fresh = present.modified_s > time.time() - FRESH_S
            if not claim.data.exists() or (is_fresh and claim.data.stat().st_size == present.bytes):
                return
        if not claim.data.exists():
            raise Problem("file-lost", facts={"name": claim.upload.name})
        with self._storage.draft() as draft:
            link_or_copy(claim.data, draft)
            self._storage.put(draft, name)

    async def _take(self, claim: Claim, stream: AsyncIterator[bytes], writer: "_Writer") -> None:
        """Write a stream to its end; what came before it broke is written and synced too."""
        most, received = claim.upload.length - claim.offset, 0
        try:
            async with asyncio.timeout(None) as limit:
                watch = asyncio.create_task(_watch(limit, writer, claim))
                try:
                    async for part in stream:
                        received += len(part)
                        if received > most:
                            raise too_large(most)
                        await writer.add(part)
                finally:
                    watch.cancel()
        except TimeoutError as late:
            raise Problem("upload-stalled", retry_s=1) from late
        finally:
            await writer.end()

    def _hash_at(self, claim: Claim) -> "_Hash | None":
        """Return the hash of all bytes of an upload so far, if this process knows it."""
        if claim.offset == 0:
            return new_sha256()
        offset, known = self._hashes.get(claim.upload.id, (-1, None))
        return known.copy() if known is not None and offset == claim.offset else None

    def _keep_hash(self, claim: Claim, known: "_Hash") -> None:
        self._hashes[claim.upload.id] = (claim.offset, known)
        self._hashes.move_to_end(claim.upload.id)
        while len(self._hashes) > HASHES:
            self._hashes.popitem(last=False)


class _Writer:
    """Write the bytes of one request in a thread, while the next ones are read."""

    def __init__(self, claim: Claim, hash: "_Hash | None", check: "_Hash | None") -> None:
        self.hash, self.check = hash, check
        self.hashed, self.received = claim.offset, 0
        self._claim, self._start, self._synced = claim, claim.offset, claim.offset
        self._waiting: list[bytes] = []
        self._size = 0
        self._writing: asyncio.Future[None] | None = None

    async def add(self, part: bytes) -> None:
        self._waiting.append(part)
        self._size += len(part)
        self.received += len(part)
        if self._size >= WRITE_BYTES:
            await self._begin()

    async def end(self) -> None:
        """Write what waits, and sync it all. What cannot be synced is cut off."""
        try:
            await self._begin()
            if self._writing is not None:
                await asyncio.shield(self._writing)
        finally:
            await asyncio.to_thread(self._sync)

    async def _begin(self) -> None:
        if self._writing is not None:
            await asyncio.shield(self._writing)  # a request that is cancelled leaves the thread at work
        parts, self._waiting, self._size = self._waiting, [], 0
        if parts:
            self._writing = asyncio.get_running_loop().run_in_executor(None, self._write, parts)

    def _sync(self) -> None:
        try:
            self._claim.sync()
        except OSError:
            self._claim.cut(self._start)
            raise

    def _write(self, parts: list[bytes]) -> None:
        self._claim.write(parts)
        for part in parts:
            for each in (self.hash, self.check):
                if each is not None:
                    each.update(part)
            self.hashed += len(part)
        if self._claim.offset - self._synced >= SYNC_BYTES:  # while the next bytes are read, rather than all at the end
            self._claim.sync()
            self._synced = self._claim.offset


async def _watch(limit: asyncio.Timeout, writer: _Writer, claim: Claim) -> None:
    """End a request that brings nothing for STALLED_S, or for WANTED_S while another waits for its upload."""
    received, still_s = 0, 0.0
    while True:
        await asyncio.sleep(WATCH_S)
        still_s = still_s + WATCH_S if writer.received == received else 0.0
        received = writer.received
        if still_s >= STALLED_S or (still_s >= WANTED_S and await asyncio.to_thread(lambda: claim.is_wanted)):
            limit.reschedule(asyncio.get_running_loop().time())
            return


@contextlib.contextmanager
def _storage_problems() -> Iterator[None]:
    """Turn a full disk into a Problem."""
    try:
        yield
    except OSError as problem:
        if problem.errno in FULL:
            raise Problem("storage-full", retry_s=60) from problem
        raise
