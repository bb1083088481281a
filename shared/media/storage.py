"""Where files of a campaign are stored: in a folder by default, or in a bucket of an S3 server, both through fsspec.

A file has a name below the store: an original is `<ab>/<its SHA-256>`, a copy for the public `public/…` (`copies.py`).
It is written to a draft on the local disk first, and then put under its name as a whole.

Promises, of both kinds, which `shared/testing/storage_contract.py` tests: a file that is found is complete; putting it
again replaces it at once, and whoever reads the earlier one reads it to its end; after `put` returns, the file is
stored durably: the folder has synced the file and its directory, an S3 server has confirmed it. Decoders get a local
file (`working_copy`). No name leads outside the store. A full disk raises OSError with its number.
Does not promise that a listing shows what is stored or deleted while it runs.
"""

import contextlib
import os
import re
import secrets
import shutil
import time
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
from fsspec import AbstractFileSystem

DRAFT_AGE_S = 86_400.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_COPY_BYTES = 1 << 20


class BadStorage(Exception):
    """The file of the setting BAIJIA_STORAGE_FILE cannot be read, or lacks a value."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file: its name, its size, and the wall time at which it was stored, in seconds."""

    name: str
    bytes: int
    modified_s: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where files lie on an S3 server: `s3://<bucket>/<prefix>`, and the account that may write there."""

    url: str  # the bucket and the folder in it, `s3://bucket/folder`; files lie in a folder of the campaign below it
    key: str  # the name of the account's key
    secret: str  # the account's secret key
    endpoint: str = ""  # the server's address; default: the one of the region
    region: str = ""

    @staticmethod
    def read(path: Path) -> "Bucket":
        """Read the TOML file of an S3 store: `url`, `key`, `secret`, and if needed `endpoint` and `region`.

        Raises BadStorage.
        """
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
            bucket = Bucket(**found)
        except (OSError, ValueError, TypeError) as problem:
            raise BadStorage(f"{path}: {problem}") from problem
        if not all(isinstance(value, str) for value in found.values()):
            raise BadStorage(f"{path}: every value is a text")
        if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/[A-Za-z0-9._-]+)*", bucket.url):
            raise BadStorage(f"{path}: url is not of the form s3://bucket/prefix")
        return bucket


class Storage(ABC):
    """The store of one campaign's files. Any thread may use it."""

    #: Whether the files lie on the local disk, so that looking for one waits for no network.
    is_local: bool

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch  # a folder of the local disk, which all processes of the campaign share
        self._drafts = scratch / "coming"

    @contextlib.contextmanager
    def draft(self) -> Iterator[Path]:
        """Give a path on the local disk, where nothing is yet, for a file or folder to be written.

        What is still there at the end is deleted. Raises OSError.
        """
        self._drafts.mkdir(parents=True, exist_ok=True)
        path = self._drafts / secrets.token_hex(12)
        try:
            yield path
        finally:
            _delete(path)

    def sweep_drafts(self, *, older_s: float = DRAFT_AGE_S) -> None:
        """Delete drafts that are older than `older_s` seconds, which a killed process left behind."""
        for path in self._drafts.glob("*"):
            with contextlib.suppress(FileNotFoundError):  # another process may sweep at the same time
                if path.stat().st_mtime < time.time() - older_s:
                    _delete(path)

    @abstractmethod
    def put(self, draft: Path, name: str) -> None:
        """Store a local file under a name, and take the local one away. Raises OSError; then the draft is still there
        and what was stored under the name is unchanged.
        """

    @abstractmethod
    def stat(self, name: str) -> StoredFile | None:
        """Return what is stored under a name, or None. Raises OSError if the store does not answer."""

    @abstractmethod
    def path(self, name: str) -> Path | None:
        """Return a local file with the content of a stored one, or None if nothing is stored under the name.

        It is there for at least a minute, and must not be changed. Raises OSError.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete a stored file. One that is missing is passed over. Raises OSError."""

    @abstractmethod
    def children(self, folder: str, *, starting: str = "") -> list[StoredFile]:
        """Return the files that lie directly in a folder of the store and whose names there start with this text."""

    @abstractmethod
    def files(self, folders: Iterable[str]) -> Iterator[StoredFile]:
        """Yield the files that lie directly in any of these folders at the top of the store."""

    @abstractmethod
    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders that lie directly in a folder of the store, without the path to them."""

    @abstractmethod
    def first(self, names: Iterable[str]) -> str | None:
        """Return the first of these names of one folder under which a file is stored, or None."""

    @contextlib.contextmanager
    def working_copy(self, name: str) -> Iterator[Path]:
        """Give the path of a local file with the content of a stored one, for a decoder. It must not be changed.

        It stays as it is, whoever deletes or replaces the stored file meanwhile. Raise FileNotFoundError if nothing is
        stored under the name, and OSError.
        """
        path = self.path(name)
        if path is None:
            raise FileNotFoundError(name)
        yield path

    def open(self, name: str) -> BinaryIO:
        """Open a stored file for reading. Raises FileNotFoundError and OSError."""
        path = self.path(name)
        if path is None:
            raise FileNotFoundError(name)
        return path.open("rb")


class Folder(Storage):
    """A store in a folder of this machine, or of a volume that all processes mount."""

    is_local = True

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._root = root
        self._files: AbstractFileSystem = fsspec.filesystem("file", skip_instance_cache=True)

    def put(self, draft: Path, name: str) -> None:
        target = self._at(name)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def stat(self, name: str) -> StoredFile | None:
        try:
            seen = self._at(name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return StoredFile(name, seen.st_size, seen.st_mtime)

    def path(self, name: str) -> Path | None:
        at = f"{self._root}/{checked(name)}"  # pages ask it for each film: a text is looked up faster than a Path
        return Path(at) if os.path.isfile(at) else None

    @contextlib.contextmanager
    def working_copy(self, name: str) -> Iterator[Path]:
        with self.draft() as folder:
            folder.mkdir()
            path = folder / "file"
            link_or_copy(self._at(name), path)
            yield path

    def delete(self, name: str) -> None:
        self._at(name).unlink(missing_ok=True)

    def children(self, folder: str, *, starting: str = "") -> list[StoredFile]:
        rows = self._list(folder, "file")
        names = ((each["name"].rpartition("/")[2], each) for each in rows)
        found = ((name, each) for name, each in names if name.startswith(starting))
        return [
            StoredFile(f"{folder}/{name}", each["size"], each["mtime"]) for name, each in sorted(found, key=_by_name)
        ]

    def files(self, folders: Iterable[str]) -> Iterator[StoredFile]:
        for folder in folders:
            yield from self.children(folder)

    def folders(self, folder: str) -> list[str]:
        return sorted(each["name"].rpartition("/")[2] for each in self._list(folder, "directory"))

    def first(self, names: Iterable[str]) -> str | None:
        return next((name for name in names if self._at(name).is_file()), None)

    def _list(self, folder: str, kind: str) -> list[dict[str, Any]]:
        try:
            return [each for each in self._files.ls(str(self._at(folder)), detail=True) if each["type"] == kind]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _at(self, name: str) -> Path:
        return self._root / checked(name)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name on the same disk, or copy it where the disk knows no second names. Raises OSError."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def checked(name: str) -> str:
    """Return the name of a file in a store. Raise ValueError if it could lead outside."""
    if not _NAME.fullmatch(name) or len(name) > 500:
        raise ValueError(f"{name!r} is not the name of a file in a store")
    return name


def _by_name(row: tuple[str, dict[str, Any]]) -> str:
    return row[0]


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
