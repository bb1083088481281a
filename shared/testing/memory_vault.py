"""In-memory vault, with its keys and its key file: for unit tests, and as one subject of the vault contract."""

from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager

from shared.events import Sealed
from shared.vault import Vault
from shared.wrapping import Wrapping

PAGE = 3  # small, so that a few keys fill several pages


def memory_vault() -> Vault:
    """Return a new vault (the store of the keys that encrypt personal data) in memory, without any person's key."""
    return Vault(MemoryVaultStore(), MemoryKeyFile())


class MemoryVaultStore:
    """The wrapped (encrypted) keys of a vault, in memory. Implements `shared.vault.VaultStore`."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[str, Sealed]] = {}

    def put(self, generation: int, person: str, wrapped: Sealed) -> Sealed:
        return self._rows.setdefault(generation, {}).setdefault(person, wrapped)

    def get(self, generation: int, persons: Collection[str]) -> dict[str, Sealed]:
        rows = self._rows.get(generation, {})
        return {person: rows[person] for person in persons if person in rows}

    def persons(self, generation: int) -> set[str]:
        return set(self._rows.get(generation, {}))

    def pages(self, generation: int) -> Iterator[Mapping[str, Sealed]]:
        rows = sorted(self._rows.get(generation, {}).items())
        for start in range(0, len(rows), PAGE):
            yield dict(rows[start : start + PAGE])

    def fill(self, generation: int, wrapped: Mapping[str, Sealed]) -> None:
        self._rows.setdefault(generation, {}).update(wrapped)

    def generations(self) -> set[int]:
        return set(self._rows)

    def drop(self, generation: int) -> None:
        del self._rows[generation]


class MemoryKeyFile:
    """The key that wraps a vault's keys, in memory. Implements `shared.wrapping.WrappingKeys`.

    For one thread only: its locks do nothing.
    """

    def __init__(self) -> None:
        self.current = Wrapping.first()
        self.remnants: list[Wrapping] = []

    def read(self) -> Wrapping:
        return self.current

    def swap(self, new: Wrapping) -> Generator[str, None, None]:
        self.remnants.append(new)
        yield "next written"
        self.remnants, self.current = [self.read()], new
        yield "swapped"
        yield from self.tidy()

    def tidy(self) -> Iterator[str]:
        while self.remnants:
            self.remnants.pop()
            yield "remnant destroyed"

    @contextmanager
    def creation_lock(self) -> Iterator[None]:
        yield

    swap_lock = forget_lock = creation_lock
