"""Find conflicts of interest between a judge and a unit: the same employer, the same city, or a declared unit.

Promises: names are compared as people read them, in the one form of `shared.names`; an unknown name is no conflict.
Does not cover: recusals. Those are events about one entry, and `state.ScoringState` has them.
"""

from dataclasses import dataclass

from services.moderation.campaign import conflict_reason


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
    """Return why a judge may not read an entry of a unit, one of `campaign.CONFLICTS`, or None.

    The city counts only with `same_city`.
    """
    found = conflict_reason(
        declared=unit.code in reader.declared,
        employers=(reader.employer, unit.employer),
        cities=(reader.city, unit.city),
        same_city=same_city,
    )
    if found is None and unit.at_hand_in is not None:
        return conflict(reader, unit.at_hand_in, same_city=same_city)
    return found
