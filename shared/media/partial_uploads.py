"""Uploads that arrive in parts: bytes and state as files, so that every process of the campaign can go on with them.

An upload is a folder `partial/<mark of the unit>/<id>/` on the local disk of the store: `data` holds what has arrived,
`state.json` the rest, and `lock` is claimed by whoever works on the upload. The system ends a claim with its process.

Promises: what `Claim.sync` has returned for survives the end of the process and of the machine; a process that is
killed leaves an upload that another goes on with, at an offset that is never lower than one that was confirmed; bytes
whose checksum is not confirmed yet are cut off by the next claim; two claims at once are impossible, on one machine and
on a volume whose locks all machines share, as NFS 4 has.
Does not promise that an upload is finished: who asks for its result finishes it (`gateway/units/uploads.py`).
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

LIFE_S = 3 * 86_400.0  # after the last byte; a cadre may go on after a weekend
SPARE_BYTES = 64 * 1024 * 1024  # left on the disk for everybody else when an upload begins
_NAME = re.compile(r"[0-9a-f]{32}")
State = Literal["receiving", "received", "accepted", "refused"]


class Unknown(Exception):
    """The unit has no such upload: it never had, it was ended, or it expired long ago."""


class Expired(Exception):
    """Nobody has gone on with the upload for LIFE_S."""


class Locked(Exception):
    """Somebody else works on the upload now."""


class TooMany(Exception):
    """The unit's unfinished uploads leave no room for another one."""


@dataclass(frozen=True, slots=True)
class Partial:
    """An upload: what its creator said, and what became of it.

    `received` says that all bytes are there and in time; then it is `accepted` with the facts of the file, or `refused`
    with the code and the facts of a problem.
    """

    id: str
    unit: str
    name: str
    length: int
    state: State = "receiving"
    confirmed: int | None = None  # set while bytes arrive that a checksum has yet to confirm: where they begin
    sha256: str = ""
    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


class PartialUploads:
    """The uploads of one campaign that are not finished, or finished lately."""

    def __init__(self, scratch: Path, *, now_s: Callable[[], float] = time.time) -> None:
        self._root, self._now_s = scratch / "partial", now_s

    def create(self, unit: str, name: str, length: int, *, most_bytes: int, most_files: int) -> Partial:
        """Begin an upload of a unit. Raise TooMany if its unfinished ones and this one are more than these limits, and
        OSError, with ENOSPC if the disk has no room for the length.
        """
        folder = self._folder(unit)
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / "lock", wait=True):
            waiting = [each.length for each in self.unfinished(unit)]
            if sum(waiting) + length > most_bytes or len(waiting) + 1 > most_files:
                raise TooMany
            if shutil.disk_usage(folder).free < length + SPARE_BYTES:
                raise OSError(28, "no room for the upload")
            upload = Partial(secrets.token_hex(16), unit, name, length)
            place = folder / upload.id
            place.mkdir()
            for each in ("data", "lock"):
                (place / each).touch()
            _write(place, upload)
            _sync_folder(folder)
        return upload

    def unfinished(self, unit: str) -> list[Partial]:
        """Return a unit's uploads whose file is not accepted or refused yet, and that have not expired."""
        found = []
        for place in self._folder(unit).glob("*/"):
            with contextlib.suppress(Unknown):
                upload = _read(place)
                if upload.state in ("receiving", "received") and not self._is_expired(place):
                    found.append(upload)
        return found

    def find(self, unit: str, id: str) -> tuple[Partial, int]:
        """Return an upload of a unit and its offset, durably: what it says survives. Raise Unknown and Expired."""
        place = self._place(unit, id)
        upload = _read(place)
        if self._is_expired(place):
            raise Expired
        return upload, _offset(place, upload, sync=True)

    @contextlib.contextmanager
    def claim(self, unit: str, id: str) -> Iterator["Claim"]:
        """Hold an upload alone while the context is entered. Raise Unknown, Expired and Locked."""
        place = self._place(unit, id)
        with _locked(place / "lock", wait=False):
            upload = _read(place)  # again behind the lock: it may have been ended
            if self._is_expired(place):
                raise Expired
            claim = Claim(place, upload)
            try:
                yield claim
            finally:
                claim.close()

    def ask_to_leave(self, unit: str, id: str) -> None:
        """Tell whoever holds an upload that another waits for it, so that it leaves if nothing arrives any more."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(self._place(unit, id) / "lock")

    def remove(self, claim: "Claim") -> None:
        """End a claimed upload. Its file stays if it was accepted."""
        shutil.rmtree(claim.place, ignore_errors=True)

    def sweep(self) -> int:
        """Delete the uploads that expired and that nobody works on, and return their number."""
        swept = 0
        for place in self._root.glob("*/*/"):
            with contextlib.suppress(Unknown, Locked, FileNotFoundError):
                if self._is_expired(place):
                    with _locked(place / "lock", wait=False):
                        shutil.rmtree(place, ignore_errors=True)
                        swept += 1
        return swept

    def expires_s(self, unit: str, id: str) -> float:
        """Return the wall time, in seconds, at which an upload expires if nobody goes on with it. Raise Unknown."""
        return _touched_s(self._place(unit, id)) + LIFE_S

    def _is_expired(self, place: Path) -> bool:
        return _touched_s(place) + LIFE_S <= self._now_s()

    def _folder(self, unit: str) -> Path:
        return self._root / hashlib.sha256(unit.encode()).hexdigest()[:16]

    def _place(self, unit: str, id: str) -> Path:
        if not _NAME.fullmatch(id):
            raise Unknown
        return self._folder(unit) / id


class Claim:
    """An upload that this request holds alone. Its methods block, but for the properties."""

    def __init__(self, place: Path, upload: Partial) -> None:
        self.place, self.upload = place, upload
        self._begun_ns = (place / "lock").stat().st_mtime_ns
        self.offset = _offset(place, upload, sync=False)
        self._data: int | None = None
        if upload.confirmed is not None:  # a process was killed before it could compare a checksum
            self.offset = upload.confirmed
            os.truncate(self.data, self.offset)
            self.store(replace(upload, confirmed=None))

    @property
    def data(self) -> Path:
        """The file with the bytes that have arrived."""
        return self.place / "data"

    @property
    def is_wanted(self) -> bool:
        """Whether another request has asked for the upload since this one holds it."""
        try:
            return (self.place / "lock").stat().st_mtime_ns != self._begun_ns
        except FileNotFoundError:
            return True

    def write(self, parts: Sequence[bytes]) -> None:
        """Append bytes. Raises OSError, as on a full disk; `offset` then counts what was written before."""
        if self._data is None:
            self._data = os.open(self.data, os.O_WRONLY)
        for part in parts:
            view = memoryview(part)
            while view:
                done = os.pwrite(self._data, view, self.offset)
                self.offset += done
                view = view[done:]

    def cut(self, offset: int) -> None:
        """Cut off what was written behind an offset."""
        os.truncate(self.data, offset)
        self.offset = offset

    def sync(self) -> None:
        """Make what was written durable. Raises OSError."""
        if self._data is not None:
            os.fdatasync(self._data)

    def store(self, upload: Partial) -> None:
        """Store what became of the upload, durably. Raises OSError."""
        _write(self.place, upload)
        self.upload = upload

    def digest(self) -> str:
        """Return the SHA-256 of the bytes that have arrived."""
        with self.data.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def close(self) -> None:
        """Close the file of the bytes."""
        if self._data is not None:
            os.close(self._data)
            self._data = None


@contextlib.contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of a file. Raise Locked if another has it and `wait` is false, and Unknown if it is gone."""
    try:
        handle = os.open(path, os.O_RDWR | (os.O_CREAT if wait else 0), 0o600)
    except FileNotFoundError as problem:
        raise Unknown from problem
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as problem:
            raise Locked from problem
        if not os.fstat(handle).st_nlink:
            raise Unknown  # it was deleted before the lock was had
        yield
    finally:
        os.close(handle)


def _read(place: Path) -> Partial:
    try:
        return Partial(**json.loads((place / "state.json").read_bytes()))
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise Unknown from problem


def _write(place: Path, upload: Partial) -> None:
    draft = place / f"state.{secrets.token_hex(4)}"
    try:
        with draft.open("xb") as file:
            file.write(json.dumps(asdict(upload)).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place / "state.json")
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(place)


def _offset(place: Path, upload: Partial, *, sync: bool) -> int:
    if upload.state != "receiving":
        return upload.length
    try:
        with (place / "data").open("rb") as file:
            if sync:
                os.fdatasync(file.fileno())
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError as problem:
        raise Unknown from problem
    return size if upload.confirmed is None else min(size, upload.confirmed)


def _touched_s(place: Path) -> float:
    """Return when bytes of an upload arrived last, or its state changed."""
    found = []
    for name in ("state.json", "data"):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            found.append((place / name).stat().st_mtime)
    if not found:
        raise Unknown
    return max(found)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
