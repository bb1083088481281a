"""How strict each judge is: the least squares fit of mark = entry + judge, where the judges' effects sum to 0.

Promises: effects to 24 decimals, so that 12 digits of what follows are the same on every machine. The
normal equations have whole numbers; numpy solves them in floating point, and the rest that is left, exactly known, is
solved again until nothing is left of it.
Judges who share no entry with the others, not even by way of a third, are not compared with them: each such circle
sums to 0 by itself. Anchor entries make one circle of all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import networkx as nx
import numpy as np

_SCALE = 1 << 140  # effects are whole numbers of this part of a point
_KEPT = 10**24
_NOTHING = 1 << 40  # a rest of so many parts is none
_ROUNDS = 12  # each gains ten digits or so


@dataclass(frozen=True, slots=True)
class Reading:
    """One judge's value of one entry."""

    entry: str
    judge: str
    value: Fraction


def effects(readings: Sequence[Reading]) -> dict[str, Fraction]:
    """By judge: positive is mild. Two readings of one entry by one judge are a ValueError."""
    if len({(each.entry, each.judge) for each in readings}) != len(readings):
        raise ValueError("a judge has read an entry twice")
    judges = sorted({each.judge for each in readings})
    if not judges:
        return {}
    matrix, right = _normal_equations(sorted(readings, key=lambda each: (each.entry, each.judge)), judges)
    unit = lcm(*(each.denominator for each in right))
    solution = _solved(matrix, [int(each * unit) for each in right])
    exactly = {judge: Fraction(each, _SCALE * unit) for judge, each in zip(judges, solution, strict=True)}
    return {judge: Fraction(round(each * _KEPT), _KEPT) for judge, each in exactly.items()}


def _normal_equations(readings: Sequence[Reading], judges: Sequence[str]) -> tuple[list[list[int]], list[Fraction]]:
    """Without the entries, each of which is the mean of what is left of its marks; times their least common multiple.

    Each circle of judges gets one row more, its sum is 0: added to every row of the circle, which has no rank for it.
    """
    by_entry: defaultdict[str, list[Reading]] = defaultdict(list)
    for each in readings:
        by_entry[each.entry].append(each)
    whole = lcm(*(len(marks) for marks in by_entry.values()))
    place = {judge: number for number, judge in enumerate(judges)}
    matrix = [[0] * len(judges) for _ in judges]
    right = [Fraction(0)] * len(judges)
    for marks in by_entry.values():
        share, middle = whole // len(marks), sum((each.value for each in marks), Fraction(0)) / len(marks)
        for one in marks:
            row = place[one.judge]
            matrix[row][row] += whole
            right[row] += whole * (one.value - middle)
            for other in marks:
                matrix[row][place[other.judge]] -= share
    for circle in _circles(by_entry.values()):
        for here in circle:
            for there in circle:
                matrix[place[here]][place[there]] += whole
    return matrix, right


def _circles(marks_of_entries: Iterable[Sequence[Reading]]) -> list[set[str]]:
    graph = nx.Graph()
    for marks in marks_of_entries:
        nx.add_path(graph, [each.judge for each in marks])
    return [set(each) for each in nx.connected_components(graph)]


def _solved(matrix: Sequence[Sequence[int]], right: Sequence[int]) -> list[int]:
    """The solution as whole numbers of 1/_SCALE. Raises ArithmeticError where it does not settle."""
    floats = np.array(matrix, dtype=float)
    solution = [0] * len(right)
    rest = [each * _SCALE for each in right]
    for _ in range(_ROUNDS):
        largest = max(map(abs, rest))
        if largest <= _NOTHING:
            return solution
        step = np.linalg.solve(floats, np.array([float(Fraction(each, largest)) for each in rest]))
        solution = [old + int(Fraction(float(more)) * largest) for old, more in zip(solution, step, strict=True)]
        rest = [
            each * _SCALE - sum(factor * value for factor, value in zip(row, solution, strict=True) if factor)
            for each, row in zip(right, matrix, strict=True)
        ]
    raise ArithmeticError("the judges' effects do not settle")
