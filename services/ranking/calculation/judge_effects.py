"""Effect of each judge, in points: how much more the judge gives the same entries than the other judges do.

It is the least squares fit of mark = entry + judge, in which the judges' effects sum to 0.

Promises: effects to 24 decimals, so that the 12 digits that are derived from them are the same on every machine. The
normal equations have whole numbers; numpy solves them in floating point, and the residual, which is known exactly, is
solved for again until nothing is left of it.
Judges who share no entry with the others, not even through a chain of other judges, are not compared with them: each
such circle sums to 0 by itself. Anchor entries join all judges into one circle.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import networkx as nx
import numpy as np

_SCALE = 1 << 140  # effects are whole numbers of this part of a point
_DECIMALS = 10**24
_NOTHING = 1 << 40  # a residual of at most so many parts counts as zero
_ROUNDS = 12  # each round gains about ten digits


@dataclass(frozen=True, slots=True)
class Reading:
    """One judge's value for one entry, in points: the weighted mark, or the points for one criterion."""

    entry: str
    judge: str
    value: Fraction


def effects(readings: Sequence[Reading]) -> dict[str, Fraction]:
    """Return the effect of each judge in points: positive for a lenient judge, negative for a strict judge.

    Raises ValueError if a judge has two readings of an entry, and ArithmeticError if the solution does not converge.
    """
    if len({(each.entry, each.judge) for each in readings}) != len(readings):
        raise ValueError("a judge has read an entry twice")
    judges = sorted({each.judge for each in readings})
    if not judges:
        return {}
    matrix, right = _normal_equations(sorted(readings, key=lambda each: (each.entry, each.judge)), judges)
    unit = lcm(*(each.denominator for each in right))
    solution = _solve(matrix, [int(each * unit) for each in right])
    exactly = {judge: Fraction(each, _SCALE * unit) for judge, each in zip(judges, solution, strict=True)}
    return {judge: Fraction(round(each * _DECIMALS), _DECIMALS) for judge, each in exactly.items()}


def _normal_equations(readings: Sequence[Reading], judges: Sequence[str]) -> tuple[list[list[int]], list[Fraction]]:
    """Return the matrix and the right side, with the entries eliminated, scaled to whole numbers.

    Each entry equals the mean of its marks less their judges' effects, so only the judges remain as unknowns. Each
    circle of judges needs one equation more, that its effects sum to 0; it is added to every row of the circle, because
    those rows are linearly dependent.
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
        for mark in marks:
            row = place[mark.judge]
            matrix[row][row] += whole
            right[row] += whole * (mark.value - middle)
            for other in marks:
                matrix[row][place[other.judge]] -= share
    for circle in _circles(by_entry.values()):
        for judge in circle:
            for other_judge in circle:
                matrix[place[judge]][place[other_judge]] += whole
    return matrix, right


def _circles(marks_of_entries: Iterable[Sequence[Reading]]) -> list[set[str]]:
    """Return the groups of judges who are connected by entries that they share."""
    graph = nx.Graph()
    for marks in marks_of_entries:
        nx.add_path(graph, [each.judge for each in marks])
    return [set(each) for each in nx.connected_components(graph)]


def _solve(matrix: Sequence[Sequence[int]], right: Sequence[int]) -> list[int]:
    """Return the solution in units of 1/_SCALE. Raises ArithmeticError if it does not converge."""
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
    raise ArithmeticError("the judges' effects do not converge")
