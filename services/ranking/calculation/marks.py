"""From judges' marks to an expert score (rules, section 2).

Promises: exact arithmetic; the order of marks changes nothing; a method that could not be used says so.
Does not promise: enough marks. The minimum is the campaign's and is asked for where the result is made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.moderation.campaign import Criterion, weighted_e2
from services.ranking.calculation.candidates import Mark

TRIMMED_MIN_MARKS = 5


@dataclass(frozen=True, slots=True)
class Score:
    value: Fraction
    method: str  # the one that was used
    fell_back: bool  # another one was asked for


def judge_mark(mark: Mark, criteria: Sequence[Criterion]) -> Fraction:
    """The weighted sum of one judge's points. A criterion too many or too few is a ValueError."""
    points = dict(mark.scores)
    if len(points) != len(mark.scores) or points.keys() != {each.code for each in criteria}:
        raise ValueError(f"the marks of {mark.judge} do not fit the rubric: {mark.scores}")
    return Fraction(weighted_e2(points, criteria), 100)


def criterion_points(mark: Mark, code: str) -> Fraction:
    """One judge's points for one criterion."""
    return Fraction(dict(mark.scores)[code])


def combine(method: str, values: Sequence[Fraction]) -> Score:
    """Several judges' values as one. A method that nobody wrote is a KeyError, no values a ValueError."""
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
    """The mean without one highest and one lowest."""
    return mean(sorted(values)[1:-1])


_BY_NAME: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {"mean": mean, "median": median, "trimmed": trimmed}
