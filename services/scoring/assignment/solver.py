"""Assign entries to judges by a seeded min-cost flow with hard limits.

Each entry gets as many judges as it lacks. No judge reads an entry that they have a conflict with, or gets more entries
than the limit. Of all assignments within the limits, the solver chooses an assignment whose loads (including what each
judge already has) have the least sum of squares; of these, among the judges that each entry is offered, the assignment
with the least sum of `draw` over its readings. That optimum is unique unless sums of SHA-256 values collide, so the
result depends on the input and the seed alone: neither the order of the input nor the path of the solver matters.
`assign` returns no partial assignment: if the limits cannot be met, it returns which entries lack judges, and why.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import networkx as nx

from services.scoring.assignment.conflicts import Reader, Unit, conflict

_DRAW_RANGE = 1 << 32
# An entry with more eligible judges than this is first offered only so many of them, in order of their draws. The flow
# then grows with the entries and not with entries x judges (2,000 x 5 marks over 120 judges: 10 s instead of 40, on two
# shared cores).
_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge who may be assigned entries, with the facts for conflicts and the present load."""

    judge: str
    reader: Reader
    load: int = 0  # entries that the judge has already


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to assign to judges.

    `readers` are the judges whose marks, given or still to be given, count for it. Judges in `barred` may not read it
    (again), whether or not they have a conflict.
    """

    entry: str
    unit: Unit
    readers: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    marks: int | None = None  # how many it needs; None for the number of the limits


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an assignment: marks per entry, entries per judge, and whether the same city is a conflict."""

    marks: int  # per entry
    entries: int  # per judge
    same_city: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """An entry that cannot get all its judges: `missing` judges are lacking because of `limit`.

    `judges` are all judges, or those without a conflict, as the limit concerns them.
    """

    entry: str
    missing: int
    limit: str  # judges | conflicts | entries-per-judge
    judges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Infeasible:
    """The answer of `assign` if no assignment meets the limits: the entries that lack judges, and why."""

    lacks: tuple[Lack, ...]


Readings = dict[str, tuple[str, ...]]  # judge -> their new entries


def assign(entries: Iterable[Entry], judges: Iterable[Judge], limits: Limits, seed: str) -> Readings | Infeasible:
    """Assign the judges that entries lack, and return each judge's new entries, or Infeasible if not all can be met.

    Judges without new entries are left out.
    """
    readings, lacks = assign_most(entries, judges, limits, seed)
    return Infeasible(lacks) if lacks else readings


def assign_most(
    entries: Iterable[Entry], judges: Iterable[Judge], limits: Limits, seed: str
) -> tuple[Readings, tuple[Lack, ...]]:
    """Assign as many judges as the limits allow. Return each judge's new entries, and the entries that still lack
    judges.
    """
    wanting = sorted((each for each in entries if _missing(each, limits)), key=lambda each: each.entry)
    bench = sorted(judges, key=lambda each: each.judge)
    choices = {each.entry: by_draw(each, eligible(each, bench, limits), seed) for each in wanting}
    offered = {each.entry: choices[each.entry][: max(_OFFERED, 2 * _missing(each, limits) + 2)] for each in wanting}
    readings, short = _flow(wanting, bench, limits, seed, offered)
    if offered != choices and (short or not _is_level(readings, bench, limits)):
        readings, short = _flow(wanting, bench, limits, seed, choices)
    lacks = tuple(_lack(each, bench, limits, short[each.entry]) for each in wanting if each.entry in short)
    return {judge: entries for judge, entries in readings.items() if entries}, lacks


def substitute(entry: Entry, judges: Iterable[Judge], limits: Limits, seed: str) -> str | None:
    """Return the judge with the least load who may read the entry and has room, or None. Ties are drawn by `seed`."""
    free = [each for each in eligible(entry, judges, limits) if each.load < limits.entries]
    return (
        min(free, key=lambda each: (each.load, draw(seed, entry.entry, each.judge), each.judge)).judge if free else None
    )


def eligible(entry: Entry, judges: Iterable[Judge], limits: Limits) -> list[Judge]:
    """Return the judges who may be assigned an entry: no conflict, not barred, not a reader yet. Loads are ignored."""
    taken = entry.readers | entry.barred
    return [
        each
        for each in judges
        if each.judge not in taken and conflict(each.reader, entry.unit, same_city=limits.same_city) is None
    ]


def draw(seed: str, entry: str, judge: str) -> int:
    """Return a number from 0 to 2**32 - 1 for an entry and a judge, drawn from the seed: the cost of that reading."""
    drawn = hashlib.sha256("\0".join((seed, entry, judge)).encode()).digest()
    return int.from_bytes(drawn[:4], "big")


def by_draw(entry: Entry, judges: Iterable[Judge], seed: str) -> list[str]:
    """Return the names of the judges in the order of their draws for this entry."""
    names = [each.judge for each in judges]
    return sorted(names, key=lambda name: (draw(seed, entry.entry, name), name))


def _wanted(entry: Entry, limits: Limits) -> int:
    return limits.marks if entry.marks is None else entry.marks


def _missing(entry: Entry, limits: Limits) -> int:
    return max(0, _wanted(entry, limits) - len(entry.readers))


def _flow(
    entries: Sequence[Entry], judges: Sequence[Judge], limits: Limits, seed: str, choices: dict[str, list[str]]
) -> tuple[Readings, dict[str, int]]:
    """Return the readings by judge, and how many marks each entry lacks."""
    wanted = {each.entry: _missing(each, limits) for each in entries}
    total = sum(wanted.values())
    # Prices in tiers: one step of balance outweighs all draws together, and one missing mark outweighs all balance.
    step = _DRAW_RANGE * total + 1
    heaviest = limits.entries + max((each.load for each in judges), default=0)
    too_few = step * (2 * heaviest + 1) * total + step
    graph = nx.MultiDiGraph()
    graph.add_node("sink", demand=total)
    for name, marks in wanted.items():
        graph.add_node(("entry", name), demand=-marks)
        graph.add_edge(("entry", name), "sink", capacity=marks, weight=too_few)
        for judge in sorted(choices[name]):
            graph.add_edge(("entry", name), ("judge", judge), capacity=1, weight=draw(seed, name, judge))
    for each in judges:
        # Going from load l to l + 1 costs (l + 1)^2 - l^2. Each step is an edge, so the flow takes cheap ones first.
        for load in range(each.load, min(limits.entries, each.load + len(wanted))):
            graph.add_edge(("judge", each.judge), "sink", capacity=1, weight=(2 * load + 1) * step)
    flow = nx.network_simplex(graph)[1] if total else {}
    readings: dict[str, list[str]] = {each.judge: [] for each in judges}
    short: dict[str, int] = {}
    for name in wanted:
        for target, parallel in flow[("entry", name)].items():
            amount = sum(parallel.values())
            if amount and target == "sink":
                short[name] = amount
            elif amount:
                readings[target[1]].append(name)
    return {judge: tuple(names) for judge, names in readings.items()}, short


def _is_level(readings: Readings, judges: Collection[Judge], limits: Limits) -> bool:
    """Return whether no reading could move to a judge with a lower load. If so, no assignment has a better balance,
    even without conflicts.
    """
    loads = {each.judge: each.load + len(readings[each.judge]) for each in judges}
    given = [loads[each] for each, entries in readings.items() if entries]
    room = [load for load in loads.values() if load < limits.entries]
    return not given or not room or max(given) - min(room) <= 1


def _lack(entry: Entry, judges: Sequence[Judge], limits: Limits, short: int) -> Lack:
    able = [each.judge for each in eligible(entry, judges, limits)]
    everyone = tuple(each.judge for each in judges)
    if len(entry.readers.union(everyone)) < _wanted(entry, limits):
        return Lack(entry.entry, short, "judges", everyone)
    if len(able) < _missing(entry, limits):
        return Lack(entry.entry, short, "conflicts", tuple(able))
    return Lack(entry.entry, short, "entries-per-judge", tuple(able))
