"""Store of uploaded files, written from a stream and addressed by the SHA-256 of their content.

Promises: a file in the store is complete, and its name is the SHA-256 of its bytes: it is written under another name,
flushed, and renamed. No text from a client becomes part of a path. Submission decides what a file contains
(`inspect_upload`), and `public.entries.media` decides who may see it. Does not promise disk space: use is bounded only
by the limits on the size and number of uploads at once.
"""

import asyncio
import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

from gateway.http.problems import Problem

SHA256 = re.compile(r"[0-9a-f]{64}")
WRITE_BYTES = 1 << 20  # written and hashed per step, in a thread: the event loop must not wait for a disk
HEAD_BYTES = 64
DRAFT_AGE_S = 86_400.0
TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "asf": "video/x-ms-asf",  # wmv and wma
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
}
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that `Store.save` has written: its SHA-256, its size in bytes and its path."""

    sha256: str
    bytes: int
    path: str  # relative to the store


class Store:
    """The uploaded files of one campaign, in one folder, each found by its SHA-256."""

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

    def path(self, sha256: str) -> Path | None:
        """Return the path of the file with this SHA-256, or None if the store does not have it."""
        if not SHA256.fullmatch(sha256):
            return None
        path = self._root / sha256[:2] / sha256
        return path if path.is_file() else None


def media_type(path: Path) -> str:
    """Return the media type that the first bytes of a file show, for the kinds that may be submitted; else UNKNOWN."""
    with path.open("rb") as file:
        return TYPES.get(_container(file.read(HEAD_BYTES)), UNKNOWN)


def _container(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return {b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a"}.get(head[8:12], "mp4")
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free"):
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    if head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"):
        return "asf"
    if head.startswith(b"ID3") or head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "mp3"
    return ""


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
