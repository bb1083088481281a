"""How many units of each type the roll in force has, so that no rules come into force that lack a type of the roll.

Promises: the counts are those of the roll that submission has in force; parts of a roll that is not closed count
nothing. Holds no unit.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from services.submission.events import RollChunk, RollImported


@dataclass(frozen=True, slots=True)
class RollTypes:
    """The units of each type in the roll in force, and in each part of rolls that are not closed yet."""

    in_force: Map[str, int] = field(default_factory=Map)
    parts: Map[tuple[str, int], Map[str, int]] = field(default_factory=Map)


def evolve(known: RollTypes, fact: Any) -> RollTypes:
    """Return the counts after an event. Other events change nothing."""
    match fact:
        case RollChunk():
            counted = Map(Counter(row.type for row in fact.rows))
            return replace(known, parts=known.parts.set((fact.roll, fact.part), counted))
        case RollImported():
            total: Counter[str] = Counter()
            for part in range(fact.parts):
                total.update(known.parts.get((fact.roll, part), Map()))
            others = {key: counted for key, counted in known.parts.items() if key[0] != fact.roll}
            return RollTypes(Map(total), Map(others))
        case _:
            return known
