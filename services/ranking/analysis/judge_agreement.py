"""How far the judges agree: Krippendorff's alpha, and how strict, how spread and how like the others each judge is.

Promises: exact fractions, but for the correlation, which is a float for the eye; a value that has no meaning (one
judge, one value for everything) is None, never 0 or 1 by accident.
Does not promise that disagreement is a fault: a third reading is for single entries, exclusion for what has a reason.

Alpha for interval data: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section D.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from services.ranking.calculation.exact import root
from services.ranking.calculation.expert_scores import FEW_MARKS
from services.ranking.calculation.judge_effects import Reading, effects
from services.ranking.calculation.marks import mean


@dataclass(frozen=True, slots=True)
class JudgeFigures:
    """One judge against the panel. `strictness` in points: positive gives less than the others to the same entries."""

    judge: str
    marks: int
    mean: Fraction
    spread: Fraction  # population sigma of the judge's marks, in points
    strictness: Fraction
    correlation: float | None  # with the mean of the others, over the entries that have others
    few: bool  # fewer than FEW_MARKS: figures of a small sample


@dataclass(frozen=True, slots=True)
class EntryFigures:
    """How far the marks of one entry lie apart, in points."""

    entry: str
    marks: int
    spread: Fraction  # greatest less least
    sigma: Fraction


@dataclass(frozen=True, slots=True)
class Agreement:
    """`alpha` is 1 where all agree, 0 where marks say as much as chance; None where nothing can be compared."""

    alpha: Fraction | None
    judges: tuple[JudgeFigures, ...]  # by name
    entries: tuple[EntryFigures, ...]  # the widest apart first


def agreement(readings: Sequence[Reading]) -> Agreement:
    """Of one value a judge and entry: the weighted mark, or one criterion."""
    by_entry = _grouped((each.entry, each) for each in readings)
    by_judge = _grouped((each.judge, each) for each in readings)
    mild = effects(readings)
    judges = [_judge(judge, marks, by_entry, mild[judge]) for judge, marks in sorted(by_judge.items())]
    entries = [_entry(entry, [each.value for each in marks]) for entry, marks in by_entry.items()]
    widest = sorted(entries, key=lambda each: (-each.spread, each.entry))
    return Agreement(alpha(by_entry), tuple(judges), tuple(widest))


def alpha(by_entry: Mapping[str, Sequence[Reading]]) -> Fraction | None:
    """Krippendorff's alpha with the interval metric, over the entries that two or more judges have marked."""
    units = [[each.value for each in marks] for marks in by_entry.values() if len(marks) > 1]
    pairable = [value for values in units for value in values]
    expected = _squares_between(pairable)
    if not expected:
        return None
    observed = sum((_squares_between(values) / (len(values) - 1) for values in units), Fraction(0))
    return 1 - (len(pairable) - 1) * observed / expected


def _squares_between(values: Sequence[Fraction]) -> Fraction:
    """The sum of (x - y)² over all ordered pairs."""
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
    return root(mean([(each - middle) ** 2 for each in values]))


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's; None for fewer than three pairs, or where one side never moves."""
    if len(pairs) < 3 or any(len(set(side)) == 1 for side in zip(*pairs, strict=True)):
        return None
    return float(np.corrcoef(np.array(sorted(pairs)).T)[0, 1])


def _grouped(pairs: Iterable[tuple[str, Reading]]) -> dict[str, list[Reading]]:
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    for key, each in pairs:
        found[key].append(each)
    return dict(found)
