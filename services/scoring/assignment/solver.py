"""Who reads which entry: a seeded min-cost flow with hard limits.

Each entry gets as many judges as it is short of, never one with a conflict, never beyond a judge's cap. Of all
assignments that hold the limits it is one whose loads (with what each judge has already) have the least sum of
squares; of those, among the judges that each entry is offered, the one with the least sum of `lot` over its readings.
That optimum is unique but for a collision of sums of SHA-256 values, so the answer belongs to the input and the seed:
neither the order of the input nor the solver's way to it matters.
`assign` gives no partial answer: where the limits cannot be held, it says which entries are short, and why.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import networkx as nx

from services.scoring.assignment.conflicts import Reader, Unit, conflict

_LOT_RANGE = 1 << 32
# An entry with more judges to choose from than this is first offered only so many of them, by lot: the flow then grows
# with the entries and not with entries x judges (2,000 x 5 marks over 120 judges: 40 s become 10, on two shared cores).
_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Judge:
    judge: str
    reader: Reader
    load: int = 0  # entries that the judge has already


@dataclass(frozen=True, slots=True)
class Entry:
    """`readers` count towards its marks; `barred` may not read it (again), whatever the rules say of conflicts."""

    entry: str
    unit: Unit
    readers: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    marks: int | None = None  # that it needs, where that is not what the limits say


@dataclass(frozen=True, slots=True)
class Limits:
    marks: int  # an entry
    entries: int  # a judge
    same_city: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """An entry that stays `missing` marks short. `judges` are those that `limit` speaks of."""

    entry: str
    missing: int
    limit: str  # judges | conflicts | entries-per-judge
    judges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Infeasible:
    lacks: tuple[Lack, ...]


Readings = dict[str, tuple[str, ...]]  # judge -> the entries that are new to them


def assign(entries: Iterable[Entry], judges: Iterable[Judge], limits: Limits, seed: str) -> Readings | Infeasible:
    """The new readings of every judge that gets any; entries that are short of nothing get nothing."""
    readings, lacks = assign_most(entries, judges, limits, seed)
    return Infeasible(lacks) if lacks else readings


def assign_most(
    entries: Iterable[Entry], judges: Iterable[Judge], limits: Limits, seed: str
) -> tuple[Readings, tuple[Lack, ...]]:
    """As many readings as the limits leave room for, and what is lacking then."""
    wanting = sorted((each for each in entries if _missing(each, limits)), key=lambda each: each.entry)
    bench = sorted(judges, key=lambda each: each.judge)
    choices = {each.entry: by_lot(each, eligible(each, bench, limits), seed) for each in wanting}
    offered = {each.entry: choices[each.entry][: max(_OFFERED, 2 * _missing(each, limits) + 2)] for each in wanting}
    readings, short = _flow(wanting, bench, limits, seed, offered)
    if offered != choices and (short or not _is_level(readings, bench, limits)):
        readings, short = _flow(wanting, bench, limits, seed, choices)
    lacks = tuple(_lack(each, bench, limits, short[each.entry]) for each in wanting if each.entry in short)
    return {judge: entries for judge, entries in readings.items() if entries}, lacks


def substitute(entry: Entry, judges: Iterable[Judge], limits: Limits, seed: str) -> str | None:
    """The judge with most room who may read the entry, or None."""
    free = [each for each in eligible(entry, judges, limits) if each.load < limits.entries]
    return (
        min(free, key=lambda each: (each.load, lot(seed, entry.entry, each.judge), each.judge)).judge if free else None
    )


def eligible(entry: Entry, judges: Iterable[Judge], limits: Limits) -> list[Judge]:
    """The judges who may read an entry and do not yet, however full they are."""
    taken = entry.readers | entry.barred
    return [
        each
        for each in judges
        if each.judge not in taken and conflict(each.reader, entry.unit, same_city=limits.same_city) is None
    ]


def lot(seed: str, entry: str, judge: str) -> int:
    """The price of a reading: what the seed decides."""
    drawn = hashlib.sha256("\0".join((seed, entry, judge)).encode()).digest()
    return int.from_bytes(drawn[:4], "big")


def by_lot(entry: Entry, judges: Iterable[Judge], seed: str) -> list[str]:
    names = [each.judge for each in judges]
    return sorted(names, key=lambda name: (lot(seed, entry.entry, name), name))


def _wanted(entry: Entry, limits: Limits) -> int:
    return limits.marks if entry.marks is None else entry.marks


def _missing(entry: Entry, limits: Limits) -> int:
    return max(0, _wanted(entry, limits) - len(entry.readers))


def _flow(
    entries: Sequence[Entry], judges: Sequence[Judge], limits: Limits, seed: str, choices: dict[str, list[str]]
) -> tuple[Readings, dict[str, int]]:
    """Readings by judge, and how many marks each entry is short of."""
    wanted = {each.entry: _missing(each, limits) for each in entries}
    total = sum(wanted.values())
    # Prices in tiers: one step of balance outweighs all lots together, one mark too few outweighs all balance.
    step = _LOT_RANGE * total + 1
    heaviest = limits.entries + max((each.load for each in judges), default=0)
    too_few = step * (2 * heaviest + 1) * total + step
    graph = nx.MultiDiGraph()
    graph.add_node("sink", demand=total)
    for name, marks in wanted.items():
        graph.add_node(("entry", name), demand=-marks)
        graph.add_edge(("entry", name), "sink", capacity=marks, weight=too_few)
        for judge in sorted(choices[name]):
            graph.add_edge(("entry", name), ("judge", judge), capacity=1, weight=lot(seed, name, judge))
    for each in judges:
        # Load l to l + 1 costs (l + 1)^2 - l^2: an edge a step, so that the flow takes the cheap ones first.
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
    """Whether no reading could move to a judge with less: then even without conflicts there is no better balance."""
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
