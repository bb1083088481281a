"""Find conflicts of interest between a judge and a unit: the same employer, the same city, or a declared unit.

Promises: names are compared as people read them, in the one form of `shared.names`; an unknown name is no conflict.
Does not cover: recusals. Those are events about one entry, and `state.ScoringState` has them.
"""

from dataclasses import dataclass

from shared.names import same_name

EMPLOYER, CITY, DECLARED = "employer", "city", "declared"


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of an entry, with the facts that can cause a conflict with a judge: its code, employer and city."""

    code: str
    employer: str
    city: str


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
    if same_name(reader.employer, unit.employer):
        return EMPLOYER
    if same_city and same_name(reader.city, unit.city):
        return CITY
    return None
