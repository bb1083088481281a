"""Copies of uploaded files for the public: originals never leave to the public, only these do.

A copy lies at `public/<recipe>/<ab>/<sha256 of the original>.<ending>` in the store of the originals (`storage.py`),
which lie at `<ab>/<sha256>`. The ending says its type, and whether browsers play it. Copies are made from the originals
alone, so that they may be deleted at any time, and files that were handed in before there were copies get theirs when
they are first asked for. A change of the recipe begins a new folder.

Promises: a copy that is found is complete, for it is written under another name and renamed.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.media import limited_process
from shared.media.limited_process import Finished
from shared.media.picture_sizes import WIDTHS
from shared.media.probe import PICTURE_LIMITS, Inspected, Run, Unreadable, inspect
from shared.media.storage import Folder, Storage, StoredFile

RECIPE = "2"
RENDITIONS = "films-1"  # the folder of renditions (`film_renditions.py`); a change of their recipe begins a new one
PICTURES = "pictures-1"  # the folder of pictures in several widths (`pictures.py`), in the same way
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
_PICTURE_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
#: Media types of the files of renditions that leave: a picture in a width, a film, a sound, a film's poster.
RENDITION_TYPES = {
    **{f"{width}.{ending}": kind for width in WIDTHS for ending, kind in _PICTURE_TYPES.items()},
    **{f"poster-{width}.{ending}": kind for width in WIDTHS for ending, kind in _PICTURE_TYPES.items()},
    "film.mp4": "video/mp4",
    "sound.m4a": "audio/mp4",
    "strip.jpg": "image/jpeg",
}
#: Of these, what only the unit that owns the file and staff may see.
NOT_PUBLIC = frozenset({"strip.jpg"})
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
    """The copies of one campaign's files, in the store of the originals.

    Each method raises OSError if the store does not answer, but for `create`.
    """

    def __init__(self, storage: Storage | Path, run: Run = limited_process.run) -> None:
        self._storage = Folder(storage) if isinstance(storage, Path) else storage
        self._run = run

    @property
    def is_local(self) -> bool:
        """Whether looking for a file waits for no network."""
        return self._storage.is_local

    def original(self, sha256: str) -> Path | None:
        """Return the path of a local file with an original's content, or None if the store does not have it."""
        return self._storage.path(original_name(sha256)) if SHA256.fullmatch(sha256) else None

    def stat_original(self, sha256: str) -> StoredFile | None:
        """Return the size of an original and when it was stored, or None if the store does not have it."""
        return self._storage.stat(original_name(sha256)) if SHA256.fullmatch(sha256) else None

    def find(self, sha256: str) -> Copy | None:
        """Return the copy of the file with this SHA-256, or None if there is none yet."""
        if not SHA256.fullmatch(sha256):
            return None
        places = dict(_places(sha256))
        name = self._storage.first(places)
        path = self._storage.path(name) if name is not None else None
        return Copy(path, *places[name]) if name is not None and path is not None else None

    def create(self, sha256: str) -> Created | Unreadable:
        """Probe an original, and write its copy. An earlier copy is replaced. Raises ProbeNotInstalled.

        Where the store itself fails, as a full disk does, the code is `media-missing`: it is not the fault of the file.
        """
        try:
            if self.stat_original(sha256) is None:
                return Unreadable("media-missing", "the stored file could not be read")
            with self._storage.working_copy(original_name(sha256)) as original, self._storage.draft() as draft:
                found = inspect(original, draft, self._run)
                if isinstance(found, Unreadable):
                    return found
                if found.media.sha256 != sha256:
                    return Unreadable("media-unreadable", "stored under another hash")
                name = _copy_name(sha256, found.copied, plays=found.plays)
                self._storage.put(draft, name)
            path = self._storage.path(name)
        except OSError:
            return Unreadable("media-missing", "the copy could not be stored")
        if path is None:
            return Unreadable("media-missing", "the copy is not there any more")
        return Created(found, Copy(path, found.copied, found.plays))

    @contextlib.contextmanager
    def original_and_folder(self, sha256: str) -> Iterator[tuple[Path, Path]]:
        """Give a local file with an original's content, and an empty folder on the same disk, deleted at the end.

        Raise FileNotFoundError if the store does not have the original.
        """
        with self._storage.working_copy(original_name(sha256)) as original, self._storage.draft() as folder:
            folder.mkdir()
            yield original, folder

    @contextlib.contextmanager
    def draft_folder(self) -> Iterator[Path]:
        """Give an empty folder on the disk of drafts, deleted at the end."""
        with self._storage.draft() as folder:
            folder.mkdir()
            yield folder

    def put_rendition(self, sha256: str, name: str, draft: Path) -> None:
        """Store a local file as one of the files of a rendition, and take the local one away."""
        self._storage.put(draft, _rendition_name(sha256, name))

    def rendition(self, sha256: str, name: str) -> Path | None:
        """Return a local file with the content of one of the files of a rendition, or None if there is none."""
        return self._storage.path(_rendition_name(sha256, name)) if SHA256.fullmatch(sha256) else None

    def remove(self, sha256: str) -> None:
        """Delete an original and its copies, of this recipe and of earlier ones; what is missing is passed over."""
        if SHA256.fullmatch(sha256):
            self._storage.delete(original_name(sha256))
            for recipe in self._storage.folders("public"):
                for copy in self._storage.children(f"public/{recipe}/{sha256[:2]}", starting=f"{sha256}."):
                    self._storage.delete(copy.name)

    def originals(self, *, older_than_s: float) -> Iterator[str]:
        """Yield the SHA-256 of each original that was last written before this wall time, in seconds."""
        for found in self._storage.files(f"{n:02x}" for n in range(256)):
            sha256 = found.name.rpartition("/")[2]
            if SHA256.fullmatch(sha256) and found.modified_s < older_than_s:
                yield sha256

    def picture_for(self, sha256: str, *outlet: str | int) -> bytes:
        """Return a picture as JPEG for another outlet: `cover` (width, height) or `narrow` (greatest width).

        Raise CannotPrepare if there is no such picture, or if it cannot be prepared within the limits.
        """
        try:
            original = self.original(sha256)
        except OSError as problem:
            raise CannotPrepare(f"{sha256} for {outlet}: {problem}") from problem
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "picture"
            job = {"picture": str(original and original.absolute()), "target": str(target), "outlet": list(outlet)}
            ended = self._run(job, PICTURE_LIMITS)
            if not isinstance(ended, Finished) or ended.exit_code or not target.exists():
                raise CannotPrepare(f"{sha256} for {outlet}: {ended}")
            return target.read_bytes()


def original_name(sha256: str) -> str:
    """Return the name of an original in its store."""
    return f"{sha256[:2]}/{sha256}"


def _rendition_name(sha256: str, name: str) -> str:
    folder = PICTURES if name in RENDITION_TYPES and name[0].isdigit() else RENDITIONS
    return f"public/{folder}/{sha256[:2]}/{sha256}.{name}"


def _places(sha256: str) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield the names that the copy of a file may have, with its container and whether browsers play it."""
    for container in TYPES:
        yield _copy_name(sha256, container, plays=True), (container, True)
        if container != "jpeg":
            yield _copy_name(sha256, container, plays=False), (container, False)


def _copy_name(sha256: str, container: str, *, plays: bool) -> str:
    return f"public/{RECIPE}/{sha256[:2]}/{sha256}.{'' if plays else DOWNLOAD}{container}"
