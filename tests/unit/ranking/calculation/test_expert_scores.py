"""Expert scores of all candidates together: z-scores and judge effects, checked against results worked out by hand."""

from fractions import Fraction

import pytest

from services.moderation.campaign import METHODS
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.exact import log1p, square_root, to_significant_digits
from services.ranking.calculation.expert_scores import field_scores, pooled_judges
from services.ranking.calculation.judge_effects import Reading, effects
from services.ranking.calculation.marks import judge_mark
from tests.unit.ranking.examples import RUBRIC, mark


def total(one):
    return judge_mark(one, RUBRIC)


def field(**entries: dict[str, int]) -> list[Candidate]:
    """Return candidates from the mark that each judge gives each entry, the same for every criterion."""
    return [
        Candidate(entry, "state", 0, 0, tuple(mark(judge, each, each, each) for judge, each in given.items()))
        for entry, given in entries.items()
    ]


def values(method: str, rows: list[Candidate]) -> dict[str, Fraction]:
    return {entry: each.value for entry, each in field_scores(method, rows, total).items()}


def ladder(judge: str, *, start: int, step: int) -> dict[str, dict[str, int]]:
    """Return ten entries that one judge has marked in equal steps."""
    return {f"E{n}": {judge: start + step * n} for n in range(10)}


def test_zscore_puts_a_wide_and_a_narrow_judge_on_one_scale():
    wide, narrow = ladder("wide", start=10, step=9), ladder("narrow", start=70, step=1)
    rows = field(**wide, **{f"F{n}": {"narrow": each["narrow"]} for n, each in enumerate(narrow.values())})

    found = values("zscore", rows)

    assert [found[f"E{n}"] for n in range(10)] == [found[f"F{n}"] for n in range(10)]
    assert (found["E0"], found["F9"]) == (10, 91)  # the least and the greatest raw mean


@pytest.mark.parametrize(("marks", "pooled"), [(9, ("few",)), (10, ())])
def test_judge_with_fewer_than_ten_marks_is_put_on_the_scale_of_all(marks, pooled):
    many, few = ladder("many", start=10, step=9), ladder("few", start=70, step=1)

    rows = field(**many, **{f"F{n}": {"few": few[f"E{n}"]["few"]} for n in range(marks)})

    assert pooled_judges(rows, total) == pooled


def test_zscore_of_marks_that_are_all_equal_is_the_raw_mean():
    assert set(values("zscore", field(**{f"E{n}": {"a": 80, "b": 80} for n in range(12)})).values()) == {80}


def test_judge_with_one_mark_for_everything_is_put_on_the_scale_of_all():
    rows = field(**{f"E{n}": {"flat": 80, "lively": 60 + n} for n in range(10)})

    assert pooled_judges(rows, total) == ("flat",)


def test_effects_are_half_the_difference_of_two_judges_who_read_the_same():
    readings = [
        Reading(f"E{n}", judge, Fraction(value + n)) for n in range(5) for judge, value in (("a", 80), ("b", 70))
    ]

    assert effects(readings) == {"a": 5, "b": -5}


def test_effects_follow_a_chain_of_entries_to_judges_who_never_meet():
    readings = [Reading("E", "a", Fraction(80)), Reading("E", "b", Fraction(74)), Reading("F", "b", Fraction(74))]
    readings.append(Reading("F", "c", Fraction(74)))

    assert effects(readings) == {"a": 4, "b": -2, "c": -2}


def test_effects_of_each_circle_of_judges_sum_to_0():
    readings = [Reading("E", "a", Fraction(80)), Reading("E", "b", Fraction(74)), Reading("F", "c", Fraction(20))]

    assert effects(readings) == {"a": 3, "b": -3, "c": 0}


def test_judge_effect_is_shrunk_by_how_few_marks_show_it():
    # Both judges marked five entries, so half of each effect of 5 points counts: 5 / (5 + 5).
    rows = field(**{f"E{n}": {"a": 80, "b": 70} for n in range(5)}, F={"a": 80})

    found = values("judge_effect", rows)

    # Judge a has six marks: 6/11 of +5, b half of -5.
    assert found["E0"] == to_significant_digits(Fraction(75) - (Fraction(30, 11) - Fraction(5, 2)) / 2)
    assert found["F"] == to_significant_digits(80 - Fraction(30, 11))


def test_reading_twice_is_a_value_error():
    with pytest.raises(ValueError, match="twice"):
        effects([Reading("E", "a", Fraction(1)), Reading("E", "a", Fraction(2))])


def test_no_readings_have_no_effects():
    assert effects([]) == {}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param(Fraction(1, 3), "0.333333333333", id="a third"),
        pytest.param(Fraction(200, 3), "66.6666666667", id="digits, not decimals"),
        pytest.param(Fraction(10**12 + 5, 10**10), "100.000000000", id="half to even"),
        pytest.param(Fraction(0), "0", id="nothing"),
    ],
)
def test_value_is_cut_to_twelve_significant_digits(value, kept):
    assert to_significant_digits(value) == Fraction(kept)


def test_root_and_logarithm_are_good_to_forty_digits():
    assert abs(square_root(Fraction(2)) ** 2 - 2) < Fraction(1, 10**40)
    assert str(float(log1p(1))) == "0.6931471805599453"


@pytest.mark.parametrize("method", METHODS)
def test_a_field_without_a_mark_has_no_scores(method):
    assert field_scores(method, [Candidate("A", "state", 3, 0, ())], total) == {}
