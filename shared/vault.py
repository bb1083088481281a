"""Vault: one encryption key for each person, itself encrypted ("wrapped") by the key in the key file.

To forget a person, the vault destroys the person's key for good.

A person is `<kind>.<name>`: `staff.olga`, `voter.<pseudonym>`. A key's id is `p.<person>.<tag>`. The tag is drawn with
the key, so that a person who was forgotten and comes back has a key with another id, and the old fields stay closed.

The steps: copy all other keys, wrapped anew, to the next generation; then, while no process creates keys, copy the keys
that were created meanwhile and swap the key file (`shared.wrapping`); drop the old generation. The swap is the moment
that counts. A crash before it leaves the old generation in force, and the copies are thrown away. A crash after it
leaves remnants, and the next `forget`, also of the same persons, removes them first. Old copies of the database, in
backups or in free pages of its files, are wrapped by a key that no longer exists.

Promises: two processes that create one person's key get the same key. Clear keys are stored nowhere: a clear key lives
as long as the call that requested it; so once `forget` has returned, only calls already in progress can open what it
sealed. (The network key lives longer, see `shared.network`.) Does not promise that a database backup from before the
last `forget` opens anything: that is the price of forgetting.
"""

import secrets
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from shared.errors import Corrupt
from shared.events import Sealed
from shared.sealing import Sealer, key_id_of
from shared.wrapping import KEY_BYTES, NETWORK, Wrapping, WrappingKeys

_MARK = "p."
_TAG_BYTES = 4


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key: its id `p.<person>.<tag>`, and the key itself, 32 clear bytes."""

    id: str
    clear: bytes


class VaultStore(Protocol):
    """Store of wrapped (encrypted) keys by person, for each generation of the wrapping key.

    It is MongoDB in production (`shared.mongo_vault`) and memory in tests. Every method raises Unreachable.
    """

    def put(self, generation: int, person: str, wrapped: Sealed) -> Sealed:
        """Store a person's key where the person has none. Returns the key that is stored now: `wrapped`, or the key of
        an earlier caller.
        """

    def get(self, generation: int, persons: Collection[str]) -> dict[str, Sealed]:
        """Return the wrapped keys by person. Persons without a key are left out."""

    def persons(self, generation: int) -> set[str]:
        """Return all persons who have a key in the generation."""

    def pages(self, generation: int) -> Iterator[Mapping[str, Sealed]]:
        """Yield all keys of a generation by person, in pages. Keys that are added meanwhile may be missing."""

    def fill(self, generation: int, wrapped: Mapping[str, Sealed]) -> None:
        """Add keys to a generation that is not in force yet."""

    def generations(self) -> set[int]:
        """Return the generations that have keys."""

    def drop(self, generation: int) -> None:
        """Delete all keys of a generation."""


class Vault:
    """Creates, finds and destroys the keys of the persons of one campaign, as the module docstring promises."""

    def __init__(self, store: VaultStore, keys: WrappingKeys) -> None:
        self._store, self._keys = store, keys

    def key_of(self, person: str) -> Key:
        """Return the person's key, which is created on first use.

        Waits while another process swaps the key file; raises Overdue where that takes too long, and Unreachable.
        """
        with self._keys.creation_lock():
            wrapping = self._keys.read()
            found = self._store.get(wrapping.generation, [person]).get(person)
            if found is None:
                key_id = f"{_MARK}{person}.{secrets.token_hex(_TAG_BYTES)}"
                fresh = Sealer(wrapping.key, key_id=key_id).seal(secrets.token_bytes(KEY_BYTES))
                found = self._store.put(wrapping.generation, person, fresh)
            return Key(key_id_of(found), _unwrapped(found, wrapping))

    def find(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Return the clear keys (32 bytes) with these ids, by id, with one query. A key that is left out is destroyed.

        Raises Unreachable, and Corrupt where an id is not the id of a person's key.
        """
        wanted = {key_id: person_of(key_id) for key_id in key_ids}
        wrapping, found = self._wrapped_keys(set(wanted.values()))
        existing = {key_id_of(each): each for each in found.values()}
        return {each: _unwrapped(existing[each], wrapping) for each in wanted if each in existing}

    def holds(self, person: str) -> bool:
        """Return whether the person has a key; for `NETWORK`, whether the network key exists. Raises Unreachable."""
        if person == NETWORK:
            return self._keys.read().network is not None
        return person in self._wrapped_keys([person])[1]

    def forget(self, persons: Iterable[str]) -> None:
        """Destroy the keys of these persons, and the network key where `NETWORK` is among them, in one swap.

        First finishes what an earlier `forget` left undone. Raises Unreachable or Overdue: then call it again.
        """
        for _ in self.forget_steps(persons):
            pass

    def forget_steps(self, persons: Iterable[str]) -> Generator[str, None, None]:
        """Run `forget` as a generator that yields the name of each step, so that a test can stop it between any two."""
        forgotten = set(persons)
        with self._keys.forget_lock():
            yield from self._keys.tidy()
            old = self._keys.read()
            yield from self._drop_all_but(old.generation)
            ends_network = NETWORK in forgotten and old.network is not None
            if not ends_network and not self._store.get(old.generation, forgotten):
                return
            new = old.next_generation(network=NETWORK not in forgotten)
            for page in self._store.pages(old.generation):
                self._store.fill(new.generation, _rewrapped(page, forgotten, old, new))
                yield "page copied"
            with self._keys.swap_lock():
                late = self._store.persons(old.generation) - self._store.persons(new.generation) - forgotten
                created = self._store.get(old.generation, late)
                self._store.fill(new.generation, _rewrapped(created, forgotten, old, new))
                yield "late ones copied"
                yield from self._keys.swap(new)
            yield from self._drop_all_but(new.generation)

    def _wrapped_keys(self, persons: Collection[str]) -> tuple[Wrapping, dict[str, Sealed]]:
        """Return the wrapped keys of these persons, and the generation that wraps them."""
        while True:
            wrapping = self._keys.read()
            found = self._store.get(wrapping.generation, persons)
            # A swap between the two reads may drop the rows before they are read: then read again, with the new key.
            if self._keys.read().generation == wrapping.generation:
                return wrapping, found

    def _drop_all_but(self, generation: int) -> Iterator[str]:
        """Drop every generation but one. Raises Corrupt where the key file is older than the stored keys."""
        found = self._store.generations()
        if found and max(found) > generation + 1:
            # Dropping generations that this key file cannot open would destroy every key.
            raise Corrupt(f"the key file has generation {generation}, but the vault has generation {max(found)}")
        for each in sorted(found - {generation}):
            self._store.drop(each)
            yield f"generation {each} dropped"


def person_of(key_id: str) -> str:
    """Return the person, `<kind>.<name>`, from the id of a person's key. Raises Corrupt for any other key id."""
    if not key_id.startswith(_MARK):
        raise Corrupt(f"{key_id!r} is not the id of a person's key")
    return key_id.removeprefix(_MARK).rpartition(".")[0]


def _unwrapped(wrapped: Sealed, wrapping: Wrapping) -> bytes:
    return Sealer(wrapping.key, key_id=key_id_of(wrapped)).open(wrapped)


def _rewrapped(page: Mapping[str, Sealed], forgotten: set[str], old: Wrapping, new: Wrapping) -> dict[str, Sealed]:
    return {
        person: Sealer(new.key, key_id=key_id_of(wrapped)).seal(_unwrapped(wrapped, old))
        for person, wrapped in page.items()
        if person not in forgotten
    }
