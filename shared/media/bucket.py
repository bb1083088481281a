"""A store in a bucket of an S3 server, through fsspec's s3fs (`storage.py` states its promises).

Files that processes need on the local disk are fetched into a cache beside the drafts, and are fetched again when the
stored file has changed. Services that run under eventlet let a child process talk to the server
(`bucket_process.py`), for s3fs runs an event loop that eventlet's green threads would take apart.

Promises: the cache has at most CACHE_BYTES, but for files of the last minutes; no part of a large file's upload holds
more than PART_BYTES in memory twice.
"""

import contextlib
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from fsspec import AbstractFileSystem

from shared.media.storage import Bucket, Storage, StoredFile, checked

CACHE_BYTES = 4 * 1024 * 1024 * 1024
CACHED_S = 600.0  # no file that was asked for within this time leaves the cache
PART_BYTES = 8 * 1024 * 1024
PARTS = 2  # sent at once
TRIES = 5  # to fetch a file that is replaced meanwhile
_CLIENT = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2, "mode": "standard"}}


class StorageAway(OSError):
    """The S3 server does not answer, or refuses what it was asked."""


class BucketStorage(Storage):
    """A store below a prefix of a bucket."""

    is_local = False

    def __init__(self, bucket: Bucket, campaign: str, scratch: Path) -> None:
        super().__init__(scratch)
        self._cache, self._lock = scratch / "cache", threading.Lock()
        self._root = f"{bucket.url.removeprefix('s3://').rstrip('/')}/{campaign}"
        self._files: AbstractFileSystem = fsspec.filesystem(
            "s3",
            key=bucket.key,
            secret=bucket.secret,
            endpoint_url=bucket.endpoint or None,
            client_kwargs={"region_name": bucket.region} if bucket.region else {},
            config_kwargs=_CLIENT,
            use_listings_cache=False,
            skip_instance_cache=True,
        )
        self._files.retries = 2  # times those of the client below it

    def put(self, draft: Path, name: str) -> None:
        with _as_os_error():
            self._files.put_file(str(draft), self._at(name), chunksize=PART_BYTES, max_concurrency=PARTS)
        draft.unlink(missing_ok=True)

    def stat(self, name: str) -> StoredFile | None:
        seen = self._info(name)
        return _stored(seen, self._root) if seen is not None else None

    def path(self, name: str) -> Path | None:
        seen = self._info(name)
        for _ in range(TRIES):
            if seen is None:
                return None
            version = hashlib.sha256(str(seen["ETag"]).encode()).hexdigest()[:16]
            path = self._cache / version / checked(name)
            modified_s = _epoch_s(seen["LastModified"])
            with contextlib.suppress(FileNotFoundError):
                os.utime(path, (time.time(), modified_s))  # the time of its last use; the other is part of its tag
                return path
            draft = path.with_name(f".{secrets.token_hex(6)}")
            try:
                is_whole = self._fetch(name, seen["size"], draft)
                again = self._info(name)
                if is_whole and again is not None and again["ETag"] == seen["ETag"]:
                    os.utime(draft, (time.time(), modified_s))
                    draft.replace(path)
                    return path
            finally:
                draft.unlink(missing_ok=True)
            seen = again  # it was replaced while it was fetched
        raise StorageAway(f"{name} changes too often to be read")

    def delete(self, name: str) -> None:
        with _as_os_error(), contextlib.suppress(FileNotFoundError):
            self._files.rm_file(self._at(name))

    def children(self, folder: str, *, starting: str = "") -> list[StoredFile]:
        with _as_os_error():
            try:
                rows = self._files.find(self._at(folder), maxdepth=1, detail=True, prefix=starting)
            except FileNotFoundError:
                return []
        files = (_stored(each, self._root) for each in rows.values())
        return sorted((each for each in files if each is not None), key=lambda each: each.name)

    def files(self, folders: Iterable[str]) -> Iterator[StoredFile]:
        wanted = set(folders)
        with _as_os_error():
            try:
                rows = self._files.find(self._root, detail=True)  # a page of a thousand with each request
            except FileNotFoundError:
                return
        for found in (_stored(each, self._root) for each in rows.values()):
            if found is not None and found.name.rpartition("/")[0] in wanted:
                yield found

    def folders(self, folder: str) -> list[str]:
        with _as_os_error():
            try:
                rows = self._files.ls(self._at(folder), detail=True)
            except FileNotFoundError:
                return []
        return sorted(each["name"].rstrip("/").rpartition("/")[2] for each in rows if each["type"] == "directory")

    def first(self, names: Iterable[str]) -> str | None:
        wanted = list(names)
        if not wanted:
            return None
        folder, _, _ = wanted[0].rpartition("/")
        lowest, highest = min(wanted), max(wanted)  # what these two begin with, all begin with
        same = next((n for n in range(len(lowest)) if not highest.startswith(lowest[: n + 1])), len(lowest))
        present = {each.name for each in self.children(folder, starting=lowest[len(folder) + 1 : same])}
        return next((name for name in wanted if name in present), None)

    def _info(self, name: str) -> dict[str, Any] | None:
        with _as_os_error():
            try:
                seen: dict[str, Any] = self._files.info(self._at(name))
            except FileNotFoundError:
                return None
        return seen if seen["type"] == "file" else None

    def _fetch(self, name: str, size: int, draft: Path) -> bool:
        """Fetch a file to a draft in the cache; return False if what came does not fit its checksum."""
        self._make_room(size)
        draft.parent.mkdir(parents=True, exist_ok=True)
        with _as_os_error():
            try:
                self._files.get_file(self._at(name), str(draft))
            except FlexibleChecksumError:
                return False
        return True

    def _make_room(self, coming_bytes: int) -> None:
        """Delete files of the cache that were not used for the longest time, so that it stays within its limit."""
        with self._lock:
            cached = []
            for path in self._cache.rglob("*"):
                with contextlib.suppress(FileNotFoundError):
                    if path.is_file():
                        seen = path.stat()
                        cached.append((seen.st_atime, seen.st_size, path))
            used = sum(size for _, size, _ in cached) + coming_bytes
            for last_use, size, path in sorted(cached):
                if used <= CACHE_BYTES or last_use > time.time() - CACHED_S:
                    return
                path.unlink(missing_ok=True)
                used -= size

    def _at(self, name: str) -> str:
        return f"{self._root}/{checked(name)}"


def _stored(row: dict[str, Any], root: str) -> StoredFile | None:
    if row["type"] != "file":
        return None
    return StoredFile(row["name"].removeprefix(f"{root}/"), row["size"], _epoch_s(row["LastModified"]))


@contextlib.contextmanager
def _as_os_error() -> Iterator[None]:
    """Turn what the client of S3 raises into OSError, as a disk does."""
    try:
        yield
    except (BotoCoreError, ClientError, TimeoutError) as problem:
        raise StorageAway(f"the S3 store: {problem}") from problem


def _epoch_s(when: datetime) -> float:
    """Return the seconds from the Unix epoch to a time with a zone, as buckets give it."""
    return (when - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
