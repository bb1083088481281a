"""Choose the cohort, the entries that are judged: the whole shortlist, or the best of each type by likes.

Promises: the same contenders give the same cohort, in whatever order they come. Every entry that ties with the last
place is in the cohort: no lot keeps an entry from being judged.
Does not promise a size: ties may make it larger than `top_n` in a type.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.moderation.campaign import Cohort


@dataclass(frozen=True, slots=True)
class Contender:
    """An entry that may be chosen for judging, with its valid likes at the time of the choice."""

    entry: str
    type: str
    likes: int


def choose_cohort(contenders: Iterable[Contender], rule: Cohort) -> frozenset[str]:
    """Return the ids of the entries that the rule chooses for judging: all, or the best of each type with ties."""
    by_type: dict[str, list[Contender]] = {}
    for each in contenders:
        by_type.setdefault(each.type, []).append(each)
    return frozenset(each.entry for group in by_type.values() for each in _best(group, rule))


def _best(group: list[Contender], rule: Cohort) -> list[Contender]:
    if rule.top_n is None or len(group) <= rule.top_n:
        return group
    least = sorted((each.likes for each in group), reverse=True)[rule.top_n - 1]
    return [each for each in group if each.likes >= least]
