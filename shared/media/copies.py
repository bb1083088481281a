"""Copies of uploaded files for the public: originals never leave to the public, only these do.

A copy lies at `public/<recipe>/<ab>/<sha256 of the original>.<ending>` below the folder of the originals, which lie at
`<ab>/<sha256>`. The ending says its type, and whether browsers play it. Copies are made from the originals alone, so
that they may be deleted at any time, and files that were handed in before there were copies get theirs when they are
first asked for. A change of the recipe begins a new folder.

Promises: a copy that is found is complete, for it is written under another name and renamed.
"""

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.media import limited_process
from shared.media.limited_process import Finished
from shared.media.probe import PICTURE_LIMITS, Inspected, Run, Unreadable, inspect

RECIPE = "2"
SHA256 = re.compile(r"[0-9a-f]{64}")
#: Media types by the container of a copy; the ending of its name is the container.
TYPES = {
    "jpeg": "image/jpeg",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "wmv": "video/x-ms-wmv",
    "wma": "audio/x-ms-wma",
}
DOWNLOAD = "download."  # before the ending of what browsers do not play


class CannotPrepare(Exception):
    """A picture cannot be prepared for an outlet, though it was accepted: it is lost, or beyond today's limits."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of a file for the public: where it lies, its container, and whether browsers play it."""

    path: Path
    container: str
    plays: bool

    @property
    def media_type(self) -> str:
        """The media type of the copy."""
        return TYPES[self.container]

    @property
    def etag(self) -> str:
        """The entity tag: it changes with the original, the recipe, and the bytes that came of them."""
        seen = self.path.stat()
        return f'"{self.path.name[:64]}-{RECIPE}-{seen.st_size:x}-{seen.st_mtime_ns:x}"'


@dataclass(frozen=True, slots=True)
class Created:
    """What `PublicCopies.create` found out about a file, and the copy that it wrote."""

    inspected: Inspected
    copy: Copy


class PublicCopies:
    """The copies of one campaign's files, in the folder of the originals."""

    def __init__(self, root: Path, run: Run = limited_process.run) -> None:
        self._root, self._run = root, run

    def original(self, sha256: str) -> Path | None:
        """Return the path of an original, or None if the store does not have it."""
        if not SHA256.fullmatch(sha256):
            return None
        path = self._root / sha256[:2] / sha256
        return path if path.is_file() else None

    def find(self, sha256: str) -> Copy | None:
        """Return the copy of the file with this SHA-256, or None if there is none yet."""
        if SHA256.fullmatch(sha256):
            for path, container, plays in self._places(sha256):
                if path.is_file():
                    return Copy(path, container, plays)
        return None

    def create(self, sha256: str) -> Created | Unreadable:
        """Probe an original, and write its copy. An earlier copy is replaced. Raises ProbeNotInstalled.

        Where the store itself fails, as a full disk does, the code is `media-missing`: it is not the fault of the file.
        """
        original = self.original(sha256)
        if original is None:
            return Unreadable("media-missing", "the stored file could not be read")
        coming = self._root / "coming"
        draft = coming / secrets.token_hex(12)
        try:
            coming.mkdir(parents=True, exist_ok=True)
            found = inspect(original, draft, self._run)
            if isinstance(found, Unreadable):
                return found
            if found.media.sha256 != sha256:
                return Unreadable("media-unreadable", "stored under another hash")
            target = self._folder(sha256) / f"{sha256}.{'' if found.plays else DOWNLOAD}{found.copied}"
            target.parent.mkdir(parents=True, exist_ok=True)
            _flush(draft)
            draft.replace(target)
            return Created(found, Copy(target, found.copied, found.plays))
        except OSError:
            return Unreadable("media-missing", "the copy could not be stored")
        finally:
            draft.unlink(missing_ok=True)

    def remove(self, sha256: str) -> None:
        """Delete an original and its copies, of this recipe and of earlier ones; what is missing is passed over."""
        if SHA256.fullmatch(sha256):
            for path in (self._root / sha256[:2] / sha256, *self._root.glob(f"public/*/{sha256[:2]}/{sha256}.*")):
                path.unlink(missing_ok=True)

    def originals(self, *, older_than_s: float) -> Iterator[str]:
        """Yield the SHA-256 of each original that was last written before this wall time, in seconds."""
        for folder in self._root.glob("[0-9a-f][0-9a-f]"):
            for path in folder.iterdir():
                with contextlib.suppress(FileNotFoundError):  # another process may delete it at the same time
                    if SHA256.fullmatch(path.name) and path.stat().st_mtime < older_than_s:
                        yield path.name

    def picture_for(self, sha256: str, *outlet: str | int) -> bytes:
        """Return a picture as JPEG for another outlet: `cover` (width, height) or `narrow` (greatest width).

        Raise CannotPrepare if there is no such picture, or if it cannot be prepared within the limits.
        """
        original = self.original(sha256)
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "picture"
            job = {"picture": str(original and original.absolute()), "target": str(target), "outlet": list(outlet)}
            ended = self._run(job, PICTURE_LIMITS)
            if not isinstance(ended, Finished) or ended.exit_code or not target.exists():
                raise CannotPrepare(f"{sha256} for {outlet}: {ended}")
            return target.read_bytes()

    def _folder(self, sha256: str) -> Path:
        return self._root / "public" / RECIPE / sha256[:2]

    def _places(self, sha256: str) -> Iterator[tuple[Path, str, bool]]:
        for container in TYPES:
            yield self._folder(sha256) / f"{sha256}.{container}", container, True
            if container != "jpeg":
                yield self._folder(sha256) / f"{sha256}.{DOWNLOAD}{container}", container, False


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
