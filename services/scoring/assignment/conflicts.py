"""When a judge may not read an entry, whatever anybody says: employer, city, declared units.

Promises: names are compared as people read them, without width, case and blanks; what is not known is no conflict.
Does not know of recusals: those are facts of one entry, and `panel` keeps them.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

EMPLOYER, CITY, DECLARED = "employer", "city", "declared"


@dataclass(frozen=True, slots=True)
class Unit:
    """What of an entry's unit can stand in conflict with a judge."""

    code: str
    employer: str
    city: str


@dataclass(frozen=True, slots=True)
class Reader:
    """What of a judge can stand in conflict with a unit. `declared` are unit codes."""

    employer: str
    city: str
    declared: frozenset[str] = frozenset()


def conflict(reader: Reader, unit: Unit, *, same_city: bool) -> str | None:
    """Why this judge may not read an entry of this unit, or None."""
    if unit.code in reader.declared:
        return DECLARED
    if _same(reader.employer, unit.employer):
        return EMPLOYER
    if same_city and _same(reader.city, unit.city):
        return CITY
    return None


@lru_cache(maxsize=1 << 14)  # an assignment compares every unit with every judge
def plain(name: str) -> str:
    """A name without what a form or a typist adds."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _same(one: str, other: str) -> bool:
    return bool(one) and bool(other) and (one == other or plain(one) == plain(other))
