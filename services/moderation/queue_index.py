"""The index of the review queue: where each entry stands, under every facet that moderators filter by.

A facet is a pair such as ("type", "state") or ("flag", "late-pass"). Each status has, for each of its facets and for
all its entries together, two sorted lists: corrected versions, which come first, and first versions.
Promises: the index is a function of the entries' places alone, so states that hold the same entries have equal indexes;
to move one entry costs the same, and a page is found in the same time, whether ten entries wait or ten thousand, as
long as the rarest facet of the filter does not itself hold thousands that the other facets leave out.
Does not promise anything of claims, which end by the clock: the reader compares their time.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from immutables import Map

from services.moderation.sorted_keys import SortedKeys

Facet = tuple[str, str]
ALL: Facet = ("all", "")
IN_TURN, OLDEST, NEWEST = "queue", "oldest", "newest"
SORTS = (IN_TURN, OLDEST, NEWEST)
CORRECTED, FIRST = 0, 1
_EMPTY = (SortedKeys(), SortedKeys())


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: its status, whether its latest version corrects an earlier one, since when it waits, and
    its facets.
    """

    status: str
    rank: int  # CORRECTED | FIRST
    at: int
    facets: frozenset[Facet]


@dataclass(frozen=True, slots=True)
class QueueIndex:
    """All entries by status and facet. A value: a change gives a new index."""

    places: Map[str, Place] = field(default_factory=Map)
    lists: Map[tuple[str, Facet], tuple[SortedKeys, SortedKeys]] = field(default_factory=Map)

    def with_place(self, entry: str, place: Place) -> "QueueIndex":
        """Return the index in which the entry stands at this place, and nowhere else."""
        before = self.places.get(entry)
        if before == place:
            return self
        changes: dict[tuple[str, Facet], tuple[SortedKeys, SortedKeys]] = {}
        same_key = before is not None and (before.status, before.rank, before.at) == (
            place.status,
            place.rank,
            place.at,
        )
        old, new = _facets(before), _facets(place)
        for facet in old - new if same_key else old:
            assert before is not None
            _change(changes, self.lists, before, facet, entry, adds=False)
        for facet in new - old if same_key else new:
            _change(changes, self.lists, place, facet, entry, adds=True)
        lists = self.lists.mutate()
        for name, pair in changes.items():
            if pair[0] or pair[1]:
                lists[name] = pair
            elif name in lists:
                del lists[name]
        return replace(self, places=self.places.set(entry, place), lists=lists.finish())

    def count(self, status: str, facet: Facet = ALL) -> int:
        """Return how many entries of a status have a facet."""
        return sum(map(len, self.lists.get((status, facet), _EMPTY)))

    def counts(self, status: str) -> Mapping[str, dict[str, int]]:
        """Return how many entries of a status have each facet: {"type": {"state": 3, …}, …}."""
        found: dict[str, dict[str, int]] = {}
        for (held, (name, value)), pair in self.lists.items():
            if held == status and name != ALL[0]:
                found.setdefault(name, {})[value] = sum(map(len, pair))
        return found

    def walk(
        self, status: str, facets: Iterable[Facet], sort: str, after: tuple[int, int, str] | None = None
    ) -> Iterator[str]:
        """Yield the entries of a status that have all these facets, in the order of `sort`.

        `after` is (rank, at, entry): only what comes after it is yielded, whether or not that entry is still there.
        """
        wanted = frozenset(facets)
        rarest = min(wanted, key=lambda each: self.count(status, each), default=ALL)
        rest = wanted - {rarest}
        for _, entry in _in_order(self.lists.get((status, rarest), _EMPTY), sort, after):
            if rest <= self.places[entry].facets:
                yield entry

    def size(self, status: str, facets: Iterable[Facet]) -> int:
        """Return how many entries of a status have all these facets."""
        wanted = tuple(facets)
        if len(wanted) <= 1:
            return self.count(status, *wanted)
        return sum(1 for _ in self.walk(status, wanted, IN_TURN))


def _in_order(lists: tuple[SortedKeys, SortedKeys], sort: str, after: tuple[int, int, str] | None) -> Iterator[Any]:
    corrected, first = lists
    key = None if after is None else after[1:]
    if sort == NEWEST:
        return heapq.merge(corrected.before(key), first.before(key), reverse=True)
    if sort == OLDEST:
        return heapq.merge(corrected.after(key), first.after(key))
    if after is not None and after[0] == FIRST:
        return first.after(key)
    return chain(corrected.after(key), first)


def _facets(place: Place | None) -> frozenset[Facet]:
    return frozenset() if place is None else place.facets | {ALL}


def _change(
    changes: dict[tuple[str, Facet], tuple[SortedKeys, SortedKeys]],
    lists: Map[tuple[str, Facet], tuple[SortedKeys, SortedKeys]],
    place: Place,
    facet: Facet,
    entry: str,
    *,
    adds: bool,
) -> None:
    name = place.status, facet
    pair = list(changes[name] if name in changes else lists.get(name, _EMPTY))
    changed = pair[place.rank].add if adds else pair[place.rank].discard
    pair[place.rank] = changed((place.at, entry))
    changes[name] = pair[0], pair[1]
