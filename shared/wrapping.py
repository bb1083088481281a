"""The key file of a vault: the one secret that opens all its keys, and the swap that makes it forget.

Holds a wrapping key with its generation, and the network key wrapped by it: a gateway needs that one and has no
database. Mode 0600, beside the campaign's other keys, never in the database.

The swap puts a new file in the place of the old one by a rename, which is the one moment where the old generation ends.
Before it the old file is whole and the new one a draft; after it the old one is a remnant. `tidy` destroys drafts and
remnants: overwritten, synced, unlinked. So a crash between any two steps leaves a file that opens the vault, and what
it left behind is destroyed by the next swap, or by `tidy`.

Promises: makers of keys (`shared`) and a swap (`alone`) never work at the same time, in all processes of the machine,
and two forgetters neither.
Does not promise that a disk forgets what is overwritten: flash memory and copy-on-write file systems may keep old
blocks. Encrypt the disk, and keep this folder out of every backup.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shared.errors import Overdue
from shared.events import Sealed
from shared.sealing import Sealer

NETWORK = "n1"
KEY_BYTES = 32
LOCK_AGAIN_S = 0.01


@dataclass(frozen=True, slots=True)
class Wrapping:
    """One generation. `network` is the network key, wrapped; None once it is destroyed."""

    generation: int
    key: bytes
    network: Sealed | None

    @staticmethod
    def first() -> "Wrapping":
        key = secrets.token_bytes(KEY_BYTES)
        return Wrapping(1, key, Sealer(key, key_id=NETWORK).seal(secrets.token_bytes(KEY_BYTES)))

    def following(self, *, network: bool) -> "Wrapping":
        """The next generation; without `network` its key does not come along."""
        key, clear = secrets.token_bytes(KEY_BYTES), self.network_key() if network else None
        sealed = None if clear is None else Sealer(key, key_id=NETWORK).seal(clear)
        return Wrapping(self.generation + 1, key, sealed)

    def network_key(self) -> bytes | None:
        """The network key in clear; None once it is destroyed."""
        return None if self.network is None else Sealer(self.key, key_id=NETWORK).open(self.network)


class WrappingKeys(Protocol):
    """Kept in a file (`KeyFile`), or in memory for tests."""

    def read(self) -> Wrapping:
        """The generation in force, made on first use."""

    def swap(self, new: Wrapping) -> Generator[str, None, None]:
        """Put `new` in force and destroy the old one, a step at a time; each is named after it is done."""

    def tidy(self) -> Iterator[str]:
        """Destroy what a swap left that did not come to its end, a step at a time."""

    def shared(self) -> AbstractContextManager[None]:
        """No swap while the block runs. Raises Overdue."""

    def alone(self) -> AbstractContextManager[None]:
        """Nobody makes a key while the block runs. Raises Overdue."""

    def forgetting(self) -> AbstractContextManager[None]:
        """Nobody else forgets while the block runs. Raises Overdue."""


class KeyFile:
    """See the module. `<data>/keys/<campaign>.vault`, and beside it `.next`, `.old`, and what is locked."""

    def __init__(self, data: Path, campaign: str, *, timeout_s: float = 10.0) -> None:
        self.path = data / "keys" / f"{campaign}.vault"
        self._timeout_s = timeout_s
        self._next, self._old = self._beside("next"), self._beside("old")
        self._makers, self._forgetter = self._beside("lock"), self._beside("forgetting")

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")

    def read(self) -> Wrapping:
        if not self.path.exists():
            self._make()
        stored = json.loads(self.path.read_text())
        return Wrapping(stored["generation"], bytes.fromhex(stored["key"]), stored["network"])

    def renew(self) -> None:
        """For a rehearsal that starts again: no key of before opens anything. Nothing of the campaign may run."""
        for path in (self._next, self._old, self.path):
            for _ in self._destroy(path):
                pass

    def swap(self, new: Wrapping) -> Generator[str, None, None]:
        self._write(self._next, new)
        yield "next written"
        os.link(self.path, self._old)  # so that the old file can be overwritten when its name is the new one's
        yield "old linked"
        self._next.replace(self.path)
        _sync(self.path.parent)
        yield "swapped"
        yield from self.tidy()

    def tidy(self) -> Iterator[str]:
        yield from self._destroy(self._next)
        if self._old.exists() and self.path.exists() and self._old.samefile(self.path):
            self._old.unlink()  # the swap stopped before its rename: this is the file in force
            yield "link undone"
        yield from self._destroy(self._old)

    def shared(self) -> AbstractContextManager[None]:
        return self._locked(self._makers, fcntl.LOCK_SH)

    def alone(self) -> AbstractContextManager[None]:
        return self._locked(self._makers, fcntl.LOCK_EX)

    def forgetting(self) -> AbstractContextManager[None]:
        return self._locked(self._forgetter, fcntl.LOCK_EX)

    @contextmanager
    def _locked(self, lock: Path, how: int) -> Iterator[None]:
        self._folder()
        deadline = time.monotonic() + self._timeout_s
        with lock.open("a") as file:
            while True:
                try:
                    fcntl.flock(file, how | fcntl.LOCK_NB)  # not waiting in it: under eventlet all would wait
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Overdue(f"{lock.name} is held for {self._timeout_s} s") from None
                    time.sleep(LOCK_AGAIN_S)
            yield

    def _make(self) -> None:
        self._folder()
        draft = self._beside(f"{os.getpid()}-{secrets.token_hex(4)}")
        self._write(draft, Wrapping.first())
        with suppress(FileExistsError):
            os.link(draft, self.path)  # fails where another process was first
        draft.unlink()
        _sync(self.path.parent)

    def _folder(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _write(self, path: Path, wrapping: Wrapping) -> None:
        text = json.dumps(
            {"generation": wrapping.generation, "key": wrapping.key.hex(), "network": wrapping.network}
        )  # fmt: skip
        with open(path, "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _sync(path.parent)

    def _destroy(self, path: Path) -> Iterator[str]:
        if not path.exists():
            return
        with path.open("r+b", buffering=0) as file:
            file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
            os.fsync(file.fileno())
        yield f"{path.suffix} overwritten"
        path.unlink()
        _sync(path.parent)
        yield f"{path.suffix} unlinked"


def _sync(folder: Path) -> None:
    """The names in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
