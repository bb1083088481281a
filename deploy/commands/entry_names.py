"""How the command line names entries: by poster number, unit and title, never by an internal id.

Promises: a poster number is found in whatever case and width it is typed (`A012`, `a012`, `Ａ０１２`, `a12`), an id in
any case too.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.commands.refusals import CommandRefused
from gateway.http.poster_numbers import number_in


@dataclass(frozen=True, slots=True)
class EntryNames:
    """The names of entries by id, as ranking's `entry_names` answers them: `number` or None, `unit` and `title`."""

    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, str]:
        """The short names of all entries by id."""
        return {entry: self.short(entry) for entry in self.entries}

    def short(self, entry: str) -> str:
        """Return the poster number of an entry; without one, its unit and title; an unknown entry as it is."""
        names = self.entries.get(entry)
        if names is None:
            return entry
        return str(names["number"] or f"{names['unit']}《{names['title']}》")

    def unit(self, entry: str) -> str:
        """Return the name of the unit of an entry, or nothing."""
        return str(self.entries.get(entry, {}).get("unit", ""))

    def full(self, entry: str) -> str:
        """Return number, unit and title of an entry."""
        names = self.entries.get(entry)
        if names is None or not names["number"]:
            return self.short(entry)
        return f"{names['number']} {names['unit']}《{names['title']}》"

    def find(self, typed: str) -> str:
        """Return the id of the entry that somebody typed. Raises CommandRefused for an unknown one."""
        found = find_entry(typed, {entry: each["number"] for entry, each in self.entries.items()})
        if found is None:
            raise unknown_entry(typed)
        return found


def find_entry(typed: str, numbers: Mapping[str, str | None]) -> str | None:
    """Return the id that a typed poster number or id names, or None. `numbers` has poster numbers by id."""
    plain = unicodedata.normalize("NFKC", typed).strip().upper()
    if by_id := _only(entry for entry in numbers if entry.upper() == plain):
        return by_id
    wanted = number_in(plain) if "-" not in plain else None
    if wanted is None:
        return None
    return _only(entry for entry, number in numbers.items() if number and number_in(number) == wanted)


def unknown_entry(typed: str) -> CommandRefused:
    """Return the refusal for an entry that nobody knows."""
    return CommandRefused(f"没有成果 {typed}", f"there is no entry {typed}", code="entry-unknown")


def _only(found: Iterable[str]) -> str | None:
    """Return the only one, or None where there are none or several."""
    all_found = list(found)
    return all_found[0] if len(all_found) == 1 else None
