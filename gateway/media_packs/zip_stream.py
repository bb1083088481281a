"""Produce a ZIP archive as a stream: one part after the other, and last a manifest with their digests.

Promises: whatever the size of the archive, only one chunk is in memory, or one part that was produced in memory. The
same parts give the same bytes, for every date in the archive is the given one. Parts are not compressed: pictures and
videos already are.
Raises whatever reading a part raises. The archive then ends without its directory, so that no program takes it for
complete.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

CHUNK_BYTES = 1 << 20
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an archive: its name, and the path that its bytes are read from or a function that produces them."""

    name: str
    source: Path | Callable[[], bytes]


def stream_zip(parts: Iterable[Part], *, at: int, manifest: dict[str, Any]) -> Iterator[bytes]:
    """Yield a ZIP archive of these parts in chunks, with a manifest as its last file.

    `at` is the date of every part in ms since the epoch. To the given `manifest` the name, size and digest of each part
    are added as `files`.
    """
    sink, files = _Sink(), list[dict[str, Any]]()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            digest, size = hashlib.sha256(), 0
            with archive.open(_entry(part.name, at), "w", force_zip64=isinstance(part.source, Path)) as inside:
                for chunk in _chunks(part.source):
                    inside.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                    yield sink.drain()
            files.append({"name": part.name, "bytes": size, "sha256": digest.hexdigest()})
        listing = orjson.dumps({**manifest, "files": files}, option=orjson.OPT_INDENT_2)
        archive.writestr(_entry(MANIFEST, at), listing)
    yield sink.drain()


def _entry(name: str, at: int) -> zipfile.ZipInfo:
    when = datetime.fromtimestamp(at / 1000, UTC)
    entry = zipfile.ZipInfo(name, (max(when.year, 1980), when.month, when.day, when.hour, when.minute, when.second))
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, so that every system produces the same bytes
    return entry


def _chunks(source: Path | Callable[[], bytes]) -> Iterator[bytes]:
    if not isinstance(source, Path):
        yield source()
        return
    with source.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


class _Sink:
    """A file that cannot seek, so that `zipfile` writes sizes and checksums after each part."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing, since no data is held back."""

    def drain(self) -> bytes:
        """Return what was written since the last call."""
        written, self._written = b"".join(self._written), []
        return written
