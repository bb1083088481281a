"""Combine judges' marks to an expert score.

Promises: exact arithmetic; the order of marks changes nothing; a score says when its method could not be used.
Does not promise enough marks: the campaign sets the minimum, and `final_ranking.rank` checks it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.moderation.campaign import Criterion, weighted_e2
from services.ranking.calculation.candidates import Mark

TRIMMED_MIN_MARKS = 5


@dataclass(frozen=True, slots=True)
class Score:
    """An expert score in points, and the method that produced it."""

    value: Fraction
    method: str  # the method that was used
    fell_back: bool  # whether the rules name another method


def judge_mark(mark: Mark, criteria: Sequence[Criterion]) -> Fraction:
    """Return one judge's weighted mark in points, 0 to 100. Raises ValueError if a criterion is missing or unknown."""
    points = dict(mark.scores)
    if len(points) != len(mark.scores) or points.keys() != {each.code for each in criteria}:
        raise ValueError(f"the marks of {mark.judge} do not match the criteria: {mark.scores}")
    return Fraction(weighted_e2(points, criteria), 100)


def criterion_points(mark: Mark, code: str) -> Fraction:
    """Return one judge's points for one criterion. Raises KeyError for a criterion that the mark does not have."""
    return Fraction(dict(mark.scores)[code])


def combine(method: str, values: Sequence[Fraction]) -> Score:
    """Combine several judges' values for one entry to a score, by `mean`, `median` or `trimmed`.

    `trimmed` falls back to the mean for fewer than TRIMMED_MIN_MARKS values. Raises KeyError for an unknown method, and
    ValueError without values.
    """
    if not values:
        raise ValueError("no marks to combine")
    if method == "trimmed" and len(values) < TRIMMED_MIN_MARKS:
        return Score(mean(values), "mean", fell_back=True)
    return Score(_BY_NAME[method](values), method, fell_back=False)


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def median(values: Sequence[Fraction]) -> Fraction:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def trimmed(values: Sequence[Fraction]) -> Fraction:
    """Return the mean without one highest and one lowest value."""
    return mean(sorted(values)[1:-1])


_BY_NAME: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {"mean": mean, "median": median, "trimmed": trimmed}
