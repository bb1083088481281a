"""Find conflicts of interest between a judge and a unit: the same employer, the same city, or a declared unit.

Promises: names are compared as people read them, without differences of width, case and blanks; an unknown name is no
conflict.
Does not cover: recusals. Those are events about one entry, and `state.ScoringState` has them.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

EMPLOYER, CITY, DECLARED = "employer", "city", "declared"


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of an entry, with the facts that can cause a conflict with a judge: its code, employer and city.

    `at_hand_in` is the unit as of the hand-in, where it differs from the roll now: a conflict with either counts.
    """

    code: str
    employer: str
    city: str
    at_hand_in: "Unit | None" = None


@dataclass(frozen=True, slots=True)
class Reader:
    """The facts about a judge that can cause a conflict with a unit. `declared` has the codes of declared units."""

    employer: str
    city: str
    declared: frozenset[str] = frozenset()


def conflict(reader: Reader, unit: Unit, *, same_city: bool) -> str | None:
    """Return why a judge may not read an entry of a unit (DECLARED, EMPLOYER or CITY), or None.

    The city counts only with `same_city`.
    """
    if unit.code in reader.declared:
        return DECLARED
    if _same_name(reader.employer, unit.employer):
        return EMPLOYER
    if same_city and _same_name(reader.city, unit.city):
        return CITY
    if unit.at_hand_in is not None:
        return conflict(reader, unit.at_hand_in, same_city=same_city)
    return None


@lru_cache(maxsize=1 << 14)  # an assignment compares every unit with every judge
def normalised(name: str) -> str:
    """Return a name in the form in which names are compared: without blanks, and with uniform width and case."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _same_name(one: str, other: str) -> bool:
    return bool(one) and bool(other) and (one == other or normalised(one) == normalised(other))
