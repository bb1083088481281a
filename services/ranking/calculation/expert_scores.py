"""The expert scores of a whole field (rules, section 2): for two methods a mark means what its judge's other marks say.

Promises: the order of rows and marks changes nothing; `mean`, `median`, `trimmed` are exact, `zscore` and
`judge_effect` are worked out to more than 25 digits and then cut to 12 significant ones.
Does not promise a score between 0 and 100 by `judge_effect`: a strict panel's best entry may come out above.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from services.ranking.calculation.candidates import Candidate, Mark
from services.ranking.calculation.exact import root, significant
from services.ranking.calculation.judge_effects import Reading, effects
from services.ranking.calculation.marks import Score, combine, mean

FEW_MARKS = 10  # a judge with fewer has no scale of his own
_SHRINKING = 5  # k of n / (n + k)
_EQUAL = Fraction(1, 10**40)  # z values closer than this are the same

Value = Callable[[Mark], Fraction]  # of one judge's marks: their weighted sum, or one criterion
Scores = dict[str, Score]


def field_scores(method: str, rows: Sequence[Candidate], value: Value) -> Scores:
    """The score of each entry that has marks. A method that nobody wrote is a KeyError."""
    of_field = _OF_FIELD.get(method)
    if of_field is None:
        return {each.entry: combine(method, [value(mark) for mark in each.marks]) for each in rows if each.marks}
    readings = [Reading(each.entry, mark.judge, value(mark)) for each in rows for mark in each.marks]
    if not readings:
        return {}
    return {entry: Score(score, method, fell_back=False) for entry, score in of_field(readings).items()}


def pooled_judges(rows: Iterable[Candidate], value: Value) -> tuple[str, ...]:
    """The judges that `zscore` puts on the scale of all: with few marks, or with the same mark for everything."""
    marks = _by_judge(Reading(each.entry, mark.judge, value(mark)) for each in rows for mark in each.marks)
    return tuple(sorted(judge for judge, values in marks.items() if _has_no_scale(values)))


def zscore(readings: Sequence[Reading]) -> dict[str, Fraction]:
    """Mean of z an entry, refitted linearly so that the least and the greatest mean are the raw ones."""
    if not readings:
        return {}
    by_judge = _by_judge(readings)
    pooled = _scale([each.value for each in readings])
    scales = {judge: pooled if _has_no_scale(values) else _scale(values) for judge, values in by_judge.items()}
    raw = _means(readings, lambda each: each.value)
    z = _means(readings, lambda each: _z(each.value, *scales[each.judge]))
    least, most = min(z.values()), max(z.values())
    if most - least < _EQUAL:
        return {entry: significant(score) for entry, score in raw.items()}
    low, high = min(raw.values()), max(raw.values())
    return {entry: significant(low + (each - least) * (high - low) / (most - least)) for entry, each in z.items()}


def judge_effect(readings: Sequence[Reading]) -> dict[str, Fraction]:
    """What is left of an entry's marks when each judge's strictness, shrunk by how few marks show it, is taken off."""
    counts = {judge: len(values) for judge, values in _by_judge(readings).items()}
    shrunk = {
        judge: effect * counts[judge] / (counts[judge] + _SHRINKING) for judge, effect in effects(readings).items()
    }
    means = _means(readings, lambda each: each.value - shrunk[each.judge])
    return {entry: significant(score) for entry, score in means.items()}


def _by_judge(readings: Iterable[Reading]) -> Mapping[str, list[Fraction]]:
    found: defaultdict[str, list[Fraction]] = defaultdict(list)
    for each in readings:
        found[each.judge].append(each.value)
    return found


def _has_no_scale(values: Sequence[Fraction]) -> bool:
    return len(values) < FEW_MARKS or min(values) == max(values)


def _scale(values: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Mean and population sigma."""
    middle = mean(values)
    return middle, root(mean([(each - middle) ** 2 for each in values]))


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
