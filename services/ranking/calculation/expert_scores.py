"""Expert scores of all candidates together.

Two methods, `zscore` and `judge_effect`, read each mark in the light of the same judge's other marks.
Promises: the order of candidates and marks changes nothing; `mean`, `median` and `trimmed` are exact; `zscore` and
`judge_effect` are computed to more than 25 digits and then rounded to 12 significant digits.
Does not promise that `judge_effect` stays between 0 and 100: the best entry of a strict panel may get more than 100.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from services.ranking.calculation.candidates import Candidate, Mark
from services.ranking.calculation.exact import square_root, to_significant_digits
from services.ranking.calculation.judge_effects import Reading, effects
from services.ranking.calculation.marks import Score, combine, mean

FEW_MARKS = 10  # a judge with fewer marks has no scale of their own
_SHRINKING = 5  # the k of n / (n + k)
_EQUAL = Fraction(1, 10**40)  # z values that differ by less count as equal

Value = Callable[[Mark], Fraction]  # what is read from a mark: the weighted sum, or one criterion
Scores = dict[str, Score]


def field_scores(method: str, candidates: Sequence[Candidate], value: Value) -> Scores:
    """Return the expert score of each entry that has marks, by entry, computed by `method`.

    `value` reads the number from a mark: the weighted sum, or one criterion. Raises KeyError for an unknown method.
    """
    of_field = _OF_FIELD.get(method)
    if of_field is None:
        return {each.entry: combine(method, [value(mark) for mark in each.marks]) for each in candidates if each.marks}
    readings = [Reading(each.entry, mark.judge, value(mark)) for each in candidates for mark in each.marks]
    if not readings:
        return {}
    return {entry: Score(score, method, fell_back=False) for entry, score in of_field(readings).items()}


def pooled_judges(candidates: Iterable[Candidate], value: Value) -> tuple[str, ...]:
    """Return the judges whom `zscore` standardises by all judges' marks, because they have fewer than FEW_MARKS marks
    or gave every entry the same mark.
    """
    marks = _by_judge(Reading(each.entry, mark.judge, value(mark)) for each in candidates for mark in each.marks)
    return tuple(sorted(judge for judge, values in marks.items() if _has_no_scale(values)))


def zscore(readings: Sequence[Reading]) -> dict[str, Fraction]:
    """Return each entry's mean z-score (marks standardised by judge), as points.

    The z-scores are mapped linearly, so that the lowest and the highest equal the lowest and the highest mean mark.
    """
    if not readings:
        return {}
    by_judge = _by_judge(readings)
    pooled = _scale([each.value for each in readings])
    scales = {judge: pooled if _has_no_scale(values) else _scale(values) for judge, values in by_judge.items()}
    raw = _means(readings, lambda each: each.value)
    z = _means(readings, lambda each: _z(each.value, *scales[each.judge]))
    least, most = min(z.values()), max(z.values())
    if most - least < _EQUAL:
        return {entry: to_significant_digits(score) for entry, score in raw.items()}
    low, high = min(raw.values()), max(raw.values())
    return {
        entry: to_significant_digits(low + (each - least) * (high - low) / (most - least)) for entry, each in z.items()
    }


def judge_effect(readings: Sequence[Reading]) -> dict[str, Fraction]:
    """Return each entry's mean mark, after subtracting from each mark how lenient its judge is (`judge_effects`).

    The effect of a judge with n marks is multiplied by n/(n + 5), so that few marks correct less.
    """
    counts = {judge: len(values) for judge, values in _by_judge(readings).items()}
    shrunk = {
        judge: effect * counts[judge] / (counts[judge] + _SHRINKING) for judge, effect in effects(readings).items()
    }
    means = _means(readings, lambda each: each.value - shrunk[each.judge])
    return {entry: to_significant_digits(score) for entry, score in means.items()}


def _by_judge(readings: Iterable[Reading]) -> Mapping[str, list[Fraction]]:
    found: defaultdict[str, list[Fraction]] = defaultdict(list)
    for each in readings:
        found[each.judge].append(each.value)
    return found


def _has_no_scale(values: Sequence[Fraction]) -> bool:
    return len(values) < FEW_MARKS or min(values) == max(values)


def _scale(values: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Return the mean and the population standard deviation."""
    middle = mean(values)
    return middle, square_root(mean([(each - middle) ** 2 for each in values]))


def _z(value: Fraction, middle: Fraction, sigma: Fraction) -> Fraction:
    return (value - middle) / sigma if sigma else Fraction(0)


def _means(readings: Iterable[Reading], of: Callable[[Reading], Fraction]) -> dict[str, Fraction]:
    found: defaultdict[str, list[Fraction]] = defaultdict(list)
    for each in readings:
        found[each.entry].append(of(each))
    return {entry: mean(values) for entry, values in found.items()}


_OF_FIELD: dict[str, Callable[[Sequence[Reading]], dict[str, Fraction]]] = {
    "zscore": zscore,
    "judge_effect": judge_effect,
}
