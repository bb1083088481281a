"""Key file of a vault: the wrapping key that encrypts all keys of the vault, and the file swap that replaces it.

After a swap, the keys that were not copied for the new wrapping key can never be opened.

The file holds a wrapping key with its generation, and the network key wrapped by it: a gateway needs the network key
and has no database. Mode 0600, beside the campaign's other keys, never in the database.

The swap renames a new file over the old one; the rename is the one moment at which the old generation ends. Before it,
the old file is whole and the new one a draft; after it, the old one is a remnant. `tidy` destroys drafts and remnants:
it overwrites, syncs and unlinks them. So a crash between any two steps leaves a file that opens the vault, and the next
swap, or `tidy`, destroys what the crash left behind.

Promises: among all processes of the machine, those that create keys (`creation_lock`) and a swap (`swap_lock`) never
work at the same time, nor do two processes that forget (`forget_lock`).
Does not promise that a disk forgets overwritten data: flash memory and copy-on-write file systems may keep old blocks.
Encrypt the disk, and keep this folder out of every backup.
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

from shared import json_documents
from shared.errors import Overdue
from shared.events import Sealed
from shared.sealing import Sealer

NETWORK = "n1"
KEY_BYTES = 32
LOCK_AGAIN_S = 0.01


@dataclass(frozen=True, slots=True)
class Wrapping:
    """One generation of the wrapping key (32 bytes), numbered from 1.

    `network` is the network key, encrypted with the wrapping key, or None once the network key is destroyed.
    """

    generation: int
    key: bytes
    network: Sealed | None

    @staticmethod
    def first() -> "Wrapping":
        """Return generation 1 with a new wrapping key and a new network key."""
        key = secrets.token_bytes(KEY_BYTES)
        return Wrapping(1, key, Sealer(key, key_id=NETWORK).seal(secrets.token_bytes(KEY_BYTES)))

    def next_generation(self, *, network: bool) -> "Wrapping":
        """Return the next generation, with a new wrapping key. It takes over the network key only with `network`."""
        key, clear = secrets.token_bytes(KEY_BYTES), self.network_key() if network else None
        sealed = None if clear is None else Sealer(key, key_id=NETWORK).seal(clear)
        return Wrapping(self.generation + 1, key, sealed)

    def network_key(self) -> bytes | None:
        """Return the network key in clear, or None once it is destroyed."""
        return None if self.network is None else Sealer(self.key, key_id=NETWORK).open(self.network)


class WrappingKeys(Protocol):
    """Store of the wrapping key, with its locks: a file (`KeyFile`), or memory for tests."""

    def read(self) -> Wrapping:
        """Return the generation in force. The first generation is created on first use."""

    def swap(self, new: Wrapping) -> Generator[str, None, None]:
        """Put `new` in force and destroy the old generation. Yields the name of each step after it is done."""

    def tidy(self) -> Iterator[str]:
        """Destroy what an unfinished swap left behind. Yields the name of each step after it is done."""

    def creation_lock(self) -> AbstractContextManager[None]:
        """Lock out swaps while the block runs. Raises Overdue."""

    def swap_lock(self) -> AbstractContextManager[None]:
        """Lock out processes that create keys while the block runs. Raises Overdue."""

    def forget_lock(self) -> AbstractContextManager[None]:
        """Lock out other processes that forget while the block runs. Raises Overdue."""


class KeyFile:
    """Implements WrappingKeys with the file `<data>/keys/<campaign>.vault`, as the module docstring promises.

    Beside it are the draft `.next`, the remnant `.old` and two lock files. A lock is waited for at most `timeout_s`.
    """

    def __init__(self, data: Path, campaign: str, *, timeout_s: float = 10.0) -> None:
        self.path = data / "keys" / f"{campaign}.vault"
        self._timeout_s = timeout_s
        self._next, self._old = self._beside("next"), self._beside("old")
        self._creation, self._forgetting = self._beside("lock"), self._beside("forgetting")

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")

    def read(self) -> Wrapping:
        if not self.path.exists():
            self._create()
        stored = json_documents.loads(self.path.read_text())
        return Wrapping(stored["generation"], bytes.fromhex(stored["key"]), stored["network"])

    def renew(self) -> None:
        """Delete the key file, so that no earlier key opens anything: for a rehearsal that starts again.

        No process of the campaign may run meanwhile.
        """
        for path in (self._next, self._old, self.path):
            for _ in self._destroy(path):
                pass

    def swap(self, new: Wrapping) -> Generator[str, None, None]:
        self._write(self._next, new)
        yield "next written"
        os.link(self.path, self._old)  # keeps the old file reachable, to be overwritten once the new one has its name
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

    def creation_lock(self) -> AbstractContextManager[None]:
        return self._locked(self._creation, fcntl.LOCK_SH)

    def swap_lock(self) -> AbstractContextManager[None]:
        return self._locked(self._creation, fcntl.LOCK_EX)

    def forget_lock(self) -> AbstractContextManager[None]:
        return self._locked(self._forgetting, fcntl.LOCK_EX)

    @contextmanager
    def _locked(self, lock: Path, how: int) -> Iterator[None]:
        """Hold an exclusive or shared lock on a file while the block runs. Raises Overdue."""
        self._folder()
        deadline = time.monotonic() + self._timeout_s
        with lock.open("a") as file:
            while True:
                try:
                    fcntl.flock(
                        file, how | fcntl.LOCK_NB
                    )  # must not block: under eventlet every green thread would wait
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Overdue(f"{lock.name} was held by another process for {self._timeout_s} s") from None
                    time.sleep(LOCK_AGAIN_S)
            yield

    def _create(self) -> None:
        """Create the key file with generation 1, unless another process was first."""
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
        """Overwrite, sync and unlink a file if it exists. Yields the name of each step after it is done."""
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
    """Flush the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
