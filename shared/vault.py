"""The vault: one key a person, wrapped by the key file, and the way to forget some of them for good.

A person is `<kind>.<name>`: `staff.olga`, `voter.<pseudonym>`. A key's id is `p.<person>.<tag>`; the tag is drawn with
the key, so that someone who was forgotten and comes back has a key of another name, and old fields stay closed.

To forget: copy all other keys, wrapped anew, to the next generation; then, while nobody makes keys, copy those that
came meanwhile and swap the key file (`shared.wrapping`); drop the old generation. The swap is the one moment that
counts. A crash before it leaves the old generation in force, and the copies are thrown away; a crash after it leaves
remnants, and the next `forget`, also of the same persons, takes them away first. Old copies of the database, in backups
or in free pages of its files, are wrapped by a key that is gone.

Promises: two makers of one person's key get the same key. Keys in clear are kept nowhere: a key lives as long as the
call that asked for it, so once `forget` has returned, only calls then in hand still open what it sealed. (The network
key lives longer, see `shared.network`.)
Does not promise that a database backup from before the last forgetting opens anything: the price of forgetting.
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
    id: str
    clear: bytes


class VaultStore(Protocol):
    """Wrapped keys by generation and person. Kept by MongoDB (`shared.mongo_vault`), or by memory.

    Everything raises Unreachable.
    """

    def put(self, generation: int, person: str, wrapped: Sealed) -> Sealed:
        """Keep a person's first key; what stands then: this one, or that of whoever came first."""

    def get(self, generation: int, persons: Collection[str]) -> dict[str, Sealed]:
        """Those of the persons who have a key."""

    def persons(self, generation: int) -> set[str]:
        """All who have a key in it."""

    def pages(self, generation: int) -> Iterator[Mapping[str, Sealed]]:
        """All keys of a generation, some at a time; of those that come meanwhile some."""

    def fill(self, generation: int, wrapped: Mapping[str, Sealed]) -> None:
        """Add keys to a generation that is not in force yet."""

    def generations(self) -> set[int]:
        """Those that have keys."""

    def drop(self, generation: int) -> None:
        """Delete all keys of a generation."""


class Vault:
    """See the module."""

    def __init__(self, store: VaultStore, keys: WrappingKeys) -> None:
        self._store, self._keys = store, keys

    def key_of(self, person: str) -> Key:
        """The person's key, made on first use. Raises Unreachable, Overdue where a forgetting takes long."""
        with self._keys.shared():
            wrapping = self._keys.read()
            found = self._store.get(wrapping.generation, [person]).get(person)
            if found is None:
                key_id = f"{_MARK}{person}.{secrets.token_hex(_TAG_BYTES)}"
                fresh = Sealer(wrapping.key, key_id=key_id).seal(secrets.token_bytes(KEY_BYTES))
                found = self._store.put(wrapping.generation, person, fresh)
            return Key(key_id_of(found), _unwrapped(found, wrapping))

    def find(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Those of the keys that are there; the others are destroyed. One question for all. Raises Unreachable."""
        wanted = {key_id: person_of(key_id) for key_id in key_ids}
        wrapping, found = self._standing(set(wanted.values()))
        standing = {key_id_of(each): each for each in found.values()}
        return {each: _unwrapped(standing[each], wrapping) for each in wanted if each in standing}

    def holds(self, person: str) -> bool:
        """Whether the person has a key, or for `NETWORK` whether the network key is there."""
        if person == NETWORK:
            return self._keys.read().network is not None
        return person in self._standing([person])[1]

    def forget(self, persons: Iterable[str]) -> None:
        """Destroy the keys of these persons, and with `NETWORK` among them the network key, in one swap.

        Ends what an earlier forgetting left undone. Raises Unreachable, Overdue: then ask again.
        """
        for _ in self.forgetting(persons):
            pass

    def forgetting(self, persons: Iterable[str]) -> Generator[str, None, None]:
        """`forget` a step at a time, so that a test can stop it between any two."""
        gone = set(persons)
        with self._keys.forgetting():
            yield from self._keys.tidy()
            old = self._keys.read()
            yield from self._drop_all_but(old.generation)
            ends_network = NETWORK in gone and old.network is not None
            if not ends_network and not self._store.get(old.generation, gone):
                return
            new = old.following(network=NETWORK not in gone)
            for page in self._store.pages(old.generation):
                self._store.fill(new.generation, _rewrapped(page, gone, old, new))
                yield "page copied"
            with self._keys.alone():
                late = self._store.persons(old.generation) - self._store.persons(new.generation) - gone
                made = self._store.get(old.generation, late)
                self._store.fill(new.generation, _rewrapped(made, gone, old, new))
                yield "late ones copied"
                yield from self._keys.swap(new)
            yield from self._drop_all_but(new.generation)

    def _standing(self, persons: Collection[str]) -> tuple[Wrapping, dict[str, Sealed]]:
        """The wrapped keys of these persons, and the generation that wraps them."""
        while True:
            wrapping = self._keys.read()
            found = self._store.get(wrapping.generation, persons)
            # A swap between the two reads takes the rows away from under us: then read again, with the new key.
            if self._keys.read().generation == wrapping.generation:
                return wrapping, found

    def _drop_all_but(self, generation: int) -> Iterator[str]:
        found = self._store.generations()
        if found and max(found) > generation + 1:
            # Dropping what this file does not open would destroy every key.
            raise Corrupt(f"the key file is of generation {generation}, and the vault of generation {max(found)}")
        for each in sorted(found - {generation}):
            self._store.drop(each)
            yield f"generation {each} dropped"


def person_of(key_id: str) -> str:
    """Whose key this is. Raises Corrupt where it is no person's."""
    if not key_id.startswith(_MARK):
        raise Corrupt(f"{key_id!r} is no key of a person")
    return key_id.removeprefix(_MARK).rpartition(".")[0]


def _unwrapped(wrapped: Sealed, wrapping: Wrapping) -> bytes:
    return Sealer(wrapping.key, key_id=key_id_of(wrapped)).open(wrapped)


def _rewrapped(page: Mapping[str, Sealed], gone: set[str], old: Wrapping, new: Wrapping) -> dict[str, Sealed]:
    return {
        person: Sealer(new.key, key_id=key_id_of(wrapped)).seal(_unwrapped(wrapped, old))
        for person, wrapped in page.items()
        if person not in gone
    }
