"""Personal fields: each sealed under the key of the person whom it tells of, and opened by the key that it names.

Promises: a field whose key is destroyed is shown as `DELETED`, and nothing breaks on it; fields from before the vault,
under the campaign's key, still open, and so do those that old events held in clear.
Does not promise that those are forgotten with the person: they are when the campaign's own keys are destroyed.
"""

from collections.abc import Callable, Iterable

from shared.errors import Forgotten
from shared.events import Sealed
from shared.sealing import CAMPAIGN, Sealer, key_id_of
from shared.vault import Vault

DELETED = "已删除 (deleted)"
IN_CLEAR = "clear."  # before a field that an old event held in clear; see the upcasters


def person(kind: str, name: str) -> str:
    """A person's name in the vault: `staff.olga`, `voter.<pseudonym>`."""
    return f"{kind}.{name}"


class PersonalFields:
    """See the module. `campaign` is the campaign's own key."""

    def __init__(self, vault: Vault, campaign: bytes) -> None:
        self._vault, self._before = vault, Sealer(campaign)

    def seal(self, person: str, clear: bytes) -> Sealed:
        """Raises Unreachable, Overdue."""
        key = self._vault.key_of(person)
        return Sealer(key.clear, key_id=key.id).seal(clear)

    def seal_text(self, person: str, clear: str, *, standing: Sealed | None = None) -> Sealed:
        """The text sealed; `standing` where the person's present key seals the same in it already, since sealing it
        again would look like a change.
        """
        key = self._vault.key_of(person)
        sealer = Sealer(key.clear, key_id=key.id)
        if standing is not None and key_id_of(standing) == key.id and sealer.open_text(standing) == clear:
            return standing
        return sealer.seal_text(clear)

    def open(self, sealed: Sealed) -> bytes:
        """Raises Forgotten, Corrupt, Unreachable."""
        opened = self._open_all([sealed]).get(sealed)
        if opened is None:
            raise Forgotten(f"the key {key_id_of(sealed)!r} is destroyed")
        return opened

    def shown(self, fields: Iterable[Sealed]) -> Callable[[Sealed], str]:
        """What views show of each of these fields: its text, or DELETED. Asks the vault once."""
        opened = self._open_all(fields)

        def text(sealed: Sealed) -> str:
            clear = opened.get(sealed)
            return DELETED if clear is None else clear.decode()

        return text

    def _open_all(self, fields: Iterable[Sealed]) -> dict[Sealed, bytes]:
        """Those that open."""
        opened: dict[Sealed, bytes] = {}
        persons: dict[Sealed, str] = {}
        for sealed in fields:
            if sealed.startswith(IN_CLEAR):
                opened[sealed] = sealed.removeprefix(IN_CLEAR).encode()
            elif key_id_of(sealed) == CAMPAIGN:
                opened[sealed] = self._before.open(sealed)
            else:
                persons[sealed] = key_id_of(sealed)
        keys = self._vault.find(persons.values()) if persons else {}
        for sealed, key_id in persons.items():
            if key_id in keys:
                opened[sealed] = Sealer(keys[key_id], key_id=key_id).open(sealed)
        return opened
