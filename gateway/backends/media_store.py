"""Store of uploaded files, written from a stream and addressed by the SHA-256 of their content.

Promises: a file in the store is complete, and its name is the SHA-256 of its bytes: it is written under another name,
flushed, and renamed. No text from a client becomes part of a path. Submission decides what a file contains
(`inspect_upload`), `shared.media.copies` reads the store, and
`public.media` decides who may see a file. Does not promise disk space: use is bounded only
by the limits on the size and number of uploads at once.
"""

import asyncio
import contextlib
import errno
import hashlib
import os
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

from gateway.http.problems import Problem

WRITE_BYTES = 1 << 20  # written and hashed per step, in a thread: the event loop must not wait for a disk
DRAFT_AGE_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that `Store.save` has written: its SHA-256, its size in bytes and its path."""

    sha256: str
    bytes: int
    path: str  # relative to the store


class Store:
    """The uploaded files of one campaign, in one folder, each named by its SHA-256."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def save(self, stream: AsyncIterator[bytes]) -> Stored:
        """Write a stream of bytes to the store, and return the stored file.

        Raise Problem if the stream is empty or the disk is full, and whatever the stream raises; then no file is left.
        """
        coming = self._root / "coming"
        try:
            await asyncio.to_thread(coming.mkdir, parents=True, exist_ok=True)
            draft = coming / secrets.token_hex(12)
            try:
                stored = await self._write(stream, draft)
                target = self._root / stored.path
                await asyncio.to_thread(_move_into_place, draft, target)
            finally:
                draft.unlink(missing_ok=True)
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
            await asyncio.to_thread(_flush, file)
        if size == 0:
            raise Problem("file-empty")
        name = digest.hexdigest()
        return Stored(name, size, f"{name[:2]}/{name}")

    def sweep(self, *, older_s: float = DRAFT_AGE_S) -> None:
        """Remove unfinished uploads that are older than `older_s` seconds, which a killed process left behind."""
        for draft in (self._root / "coming").glob("*"):
            with contextlib.suppress(FileNotFoundError):  # another gateway may sweep at the same time
                if draft.stat().st_mtime < time.time() - older_s:
                    draft.unlink()


def _write_part(file: BufferedWriter, digest: "hashlib._Hash", part: bytes) -> None:
    file.write(part)
    digest.update(part)


def _flush(file: BufferedWriter) -> None:
    file.flush()
    os.fsync(file.fileno())


def _move_into_place(draft: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
