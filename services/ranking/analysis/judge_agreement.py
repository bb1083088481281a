"""Judge agreement: Krippendorff's alpha, and each judge's strictness, spread and correlation with the others.

Promises: exact fractions, except for the correlation, a float that is only displayed; a value without meaning (one
judge, or one value for everything) is None, never 0 or 1 by accident.
Does not promise that disagreement is a fault: a third reading is meant for single entries, and an exclusion needs a
reason.

Alpha for interval data: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section D.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from services.ranking.calculation.exact import square_root
from services.ranking.calculation.expert_scores import FEW_MARKS
from services.ranking.calculation.judge_effects import Reading, effects
from services.ranking.calculation.marks import mean


@dataclass(frozen=True, slots=True)
class JudgeFigures:
    """One judge compared with the other judges. `strictness` is in points, and is positive for a judge who gives the
    same entries lower marks than the others do.
    """

    judge: str
    marks: int
    mean: Fraction
    spread: Fraction  # population standard deviation of the judge's marks, in points
    strictness: Fraction
    correlation: float | None  # with the mean of the other judges, over the entries that others have marked too
    few: bool  # fewer marks than FEW_MARKS: a small sample


@dataclass(frozen=True, slots=True)
class EntryFigures:
    """How far the judges' marks of one entry differ, in points."""

    entry: str
    marks: int
    spread: Fraction  # the greatest minus the least
    sigma: Fraction  # population standard deviation


@dataclass(frozen=True, slots=True)
class Agreement:
    """The judges' agreement about one value, with the figures of each judge and each entry.

    `alpha` is Krippendorff's: 1 for full agreement, 0 for chance, None if nothing can be compared.
    """

    alpha: Fraction | None
    judges: tuple[JudgeFigures, ...]  # by name
    entries: tuple[EntryFigures, ...]  # the greatest spread first


def agreement(readings: Sequence[Reading]) -> Agreement:
    """Return how far judges agree. `readings` has one value for each judge and entry: the mark, or one criterion."""
    by_entry = _grouped((each.entry, each) for each in readings)
    by_judge = _grouped((each.judge, each) for each in readings)
    mild = effects(readings)
    judges = [_judge(judge, marks, by_entry, mild[judge]) for judge, marks in sorted(by_judge.items())]
    entries = [_entry(entry, [each.value for each in marks]) for entry, marks in by_entry.items()]
    widest = sorted(entries, key=lambda each: (-each.spread, each.entry))
    return Agreement(alpha(by_entry), tuple(judges), tuple(widest))


def alpha(by_entry: Mapping[str, Sequence[Reading]]) -> Fraction | None:
    """Return Krippendorff's alpha for interval data, over the entries that two or more judges have marked.

    Return None if all these marks are equal or there are none.
    """
    units = [[each.value for each in marks] for marks in by_entry.values() if len(marks) > 1]
    pairable = [value for values in units for value in values]
    expected = _squares_between(pairable)
    if not expected:
        return None
    observed = sum((_squares_between(values) / (len(values) - 1) for values in units), Fraction(0))
    return 1 - (len(pairable) - 1) * observed / expected


def _squares_between(values: Sequence[Fraction]) -> Fraction:
    """Return the sum of (x - y)² over all ordered pairs."""
    total, squares = sum(values, Fraction(0)), sum((each * each for each in values), Fraction(0))
    return 2 * (len(values) * squares - total * total)


def _judge(
    judge: str, marks: Sequence[Reading], by_entry: Mapping[str, Sequence[Reading]], mild: Fraction
) -> JudgeFigures:
    values = [each.value for each in marks]
    others = {
        each.entry: mean([one.value for one in by_entry[each.entry] if one.judge != judge])
        for each in marks
        if len(by_entry[each.entry]) > 1
    }
    shared = [(float(each.value), float(others[each.entry])) for each in marks if each.entry in others]
    return JudgeFigures(
        judge, len(values), mean(values), _sigma(values), -mild, _correlation(shared), few=len(values) < FEW_MARKS
    )


def _entry(entry: str, values: Sequence[Fraction]) -> EntryFigures:
    return EntryFigures(entry, len(values), max(values) - min(values), _sigma(values))


def _sigma(values: Sequence[Fraction]) -> Fraction:
    middle = mean(values)
    return square_root(mean([(each - middle) ** 2 for each in values]))


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Pearson's correlation, or None for fewer than three pairs, or if one side is constant."""
    if len(pairs) < 3 or any(len(set(side)) == 1 for side in zip(*pairs, strict=True)):
        return None
    return float(np.corrcoef(np.array(sorted(pairs)).T)[0, 1])


def _grouped(pairs: Iterable[tuple[str, Reading]]) -> dict[str, list[Reading]]:
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    for key, each in pairs:
        found[key].append(each)
    return dict(found)
