"""A ZIP archive as a stream: its parts one after the other, the manifest with their digests last.

Promises: what is in memory is one chunk, or one part that was made in memory, whatever the archive's size; the same
parts give the same bytes: every date in it is the one that is given. Films are stored as they are, for they are
compressed already. Raises whatever reading a part raises: the archive then ends without its directory, and no program
takes it for whole.
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
    """One file of an archive: from a file, or made when its turn comes."""

    name: str
    source: Path | Callable[[], bytes]


def zipped(parts: Iterable[Part], *, at: int, manifest: dict[str, Any]) -> Iterator[bytes]:
    """The archive in chunks. `at` is in ms since the epoch; to `manifest` comes `files`."""
    sink, files = _Sink(), list[dict[str, Any]]()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            digest, size = hashlib.sha256(), 0
            with archive.open(_entry(part.name, at), "w", force_zip64=isinstance(part.source, Path)) as inside:
                for chunk in _chunks(part.source):
                    inside.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                    yield sink.taken()
            files.append({"name": part.name, "bytes": size, "sha256": digest.hexdigest()})
        told = orjson.dumps({**manifest, "files": files}, option=orjson.OPT_INDENT_2)
        archive.writestr(_entry(MANIFEST, at), told)
    yield sink.taken()


def _entry(name: str, at: int) -> zipfile.ZipInfo:
    when = datetime.fromtimestamp(at / 1000, UTC)
    entry = zipfile.ZipInfo(name, (max(when.year, 1980), when.month, when.day, when.hour, when.minute, when.second))
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # on every system the same bytes
    return entry


def _chunks(source: Path | Callable[[], bytes]) -> Iterator[bytes]:
    if not isinstance(source, Path):
        yield source()
        return
    with source.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


class _Sink:
    """Where the archive writes to: it cannot go back, so sizes and checksums come behind each part."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._kept.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        kept, self._kept = b"".join(self._kept), []
        return kept
