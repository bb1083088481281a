"""Store of uploaded files, written from a stream and addressed by the SHA-256 of their content.

Promises: a file in the store is complete, and its name is the SHA-256 of its bytes: it is written under another name,
flushed, and renamed. No text from a client becomes part of a path. Submission decides what a file contains
(`inspect_upload`), `shared.media.copies` reads the store, and
`public.media` decides who may see a file. Does not promise disk space: use is bounded only
by the limits on the size and number of uploads at once.
"""

import asyncio
import errno
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

from gateway.http.problems import Problem
from shared.media.storage import Storage

WRITE_BYTES = 1 << 20  # written and hashed per step, in a thread: the event loop must not wait for a disk


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that `Store.save` has written: its SHA-256, its size in bytes and its path."""

    sha256: str
    bytes: int
    path: str  # relative to the store


class Store:
    """The uploaded files of one campaign, each named by its SHA-256."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def save(self, stream: AsyncIterator[bytes]) -> Stored:
        """Write a stream of bytes to the store, and return the stored file.

        Raise Problem if the stream is empty or the disk is full, and whatever the stream raises; then no file is left.
        """
        try:
            with self._storage.draft() as draft:
                stored = await self._write(stream, draft)
                await asyncio.to_thread(self._storage.put, draft, stored.path)
        except OSError as problem:
            if problem.errno in (errno.ENOSPC, errno.EDQUOT):
                raise Problem("storage-full", retry_s=60) from problem
            raise
        return stored

    async def _write(self, stream: AsyncIterator[bytes], draft: Path) -> Stored:
        digest, size, waiting = hashlib.sha256(), 0, bytearray()
        with draft.open("xb") as file:
            async for part in stream:
                waiting += part
                size += len(part)
                if len(waiting) >= WRITE_BYTES:
                    await asyncio.to_thread(_write_part, file, digest, bytes(waiting))
                    waiting.clear()
            await asyncio.to_thread(_write_part, file, digest, bytes(waiting))
        if size == 0:
            raise Problem("file-empty")
        name = digest.hexdigest()
        return Stored(name, size, f"{name[:2]}/{name}")

    def sweep(self) -> None:
        """Remove unfinished uploads that are older than a day, which a killed process left behind."""
        self._storage.sweep_drafts()


def _write_part(file: BufferedWriter, digest: "hashlib._Hash", part: bytes) -> None:
    file.write(part)
    digest.update(part)
