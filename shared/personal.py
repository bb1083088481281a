"""Personal fields of events: each is sealed (encrypted) with the vault's key of the person whom it is about.

A sealed field names its key. Promises: a field whose key is destroyed is shown as `DELETED`, and nothing fails because
of it. Older fields can still be opened, whether they were sealed with the campaign's own key or stored in clear.
Does not promise that these older fields become unreadable with the person's key. Sealed older fields become unreadable
when the campaign's keys are destroyed; clear fields never do.
"""

from collections.abc import Callable, Iterable

from shared.errors import Forgotten
from shared.events import Sealed
from shared.sealing import CAMPAIGN, Sealer, key_id_of
from shared.vault import Vault

DELETED = "已删除 (deleted)"
CLEAR_PREFIX = "clear."  # prefix of a field that an old event stored in clear; see the upcasters


def person(kind: str, name: str) -> str:
    """Return `<kind>.<name>`, under which the vault keeps a person's key: `staff.olga`, `voter.<pseudonym>`."""
    return f"{kind}.{name}"


class PersonalFields:
    """Seals (encrypts) and opens personal fields with the persons' keys from the vault.

    `campaign` is the campaign's own key, which opens fields that were sealed before there was a vault.
    """

    def __init__(self, vault: Vault, campaign: bytes) -> None:
        self._vault, self._before = vault, Sealer(campaign)

    def seal(self, person: str, clear: bytes) -> Sealed:
        """Encrypt bytes with the person's key, which is created on first use. Raises Unreachable, Overdue."""
        key = self._vault.key_of(person)
        return Sealer(key.clear, key_id=key.id).seal(clear)

    def seal_text(self, person: str, clear: str, *, current: Sealed | None = None) -> Sealed:
        """Encrypt text with the person's key. Raises Unreachable, Overdue.

        Returns `current` itself where it holds the same text under the person's present key: each encryption differs,
        so a new encryption would look like a change.
        """
        key = self._vault.key_of(person)
        sealer = Sealer(key.clear, key_id=key.id)
        if current is not None and key_id_of(current) == key.id and sealer.open_text(current) == clear:
            return current
        return sealer.seal_text(clear)

    def open(self, sealed: Sealed) -> bytes:
        """Return the clear bytes of a sealed field. Raises Forgotten where its key is destroyed, Corrupt where the key
        does not fit, Unreachable.
        """
        opened = self._open_all([sealed]).get(sealed)
        if opened is None:
            raise Forgotten(f"the key {key_id_of(sealed)!r} is destroyed")
        return opened

    def text_lookup(self, fields: Iterable[Sealed]) -> Callable[[Sealed], str]:
        """Open these fields with one query of the vault, and return a function from a field to its text.

        The function gives DELETED where the key of a field is destroyed. Raises Corrupt, Unreachable.
        """
        opened = self._open_all(fields)

        def text(sealed: Sealed) -> str:
            clear = opened.get(sealed)
            return DELETED if clear is None else clear.decode()

        return text

    def _open_all(self, fields: Iterable[Sealed]) -> dict[Sealed, bytes]:
        """Return the clear bytes of the fields whose key still exists."""
        opened: dict[Sealed, bytes] = {}
        persons: dict[Sealed, str] = {}
        for sealed in fields:
            if sealed.startswith(CLEAR_PREFIX):
                opened[sealed] = sealed.removeprefix(CLEAR_PREFIX).encode()
            elif key_id_of(sealed) == CAMPAIGN:
                opened[sealed] = self._before.open(sealed)
            else:
                persons[sealed] = key_id_of(sealed)
        keys = self._vault.find(persons.values()) if persons else {}
        for sealed, key_id in persons.items():
            if key_id in keys:
                opened[sealed] = Sealer(keys[key_id], key_id=key_id).open(sealed)
        return opened
