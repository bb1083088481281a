"""Combination of judges' marks to an expert score."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ranking.calculation.candidates import Mark
from services.ranking.calculation.marks import Score, combine, judge_mark
from tests.unit.ranking.examples import RUBRIC, mark

VALUES = st.lists(st.fractions(0, 100), min_size=1, max_size=9)
METHODS = st.sampled_from(["mean", "median", "trimmed"])


def fractions(*values: int) -> list[Fraction]:
    return [Fraction(value) for value in values]


def test_judge_mark_is_the_weighted_sum_of_the_rubric():
    assert Fraction("83.3") == judge_mark(mark("j", 90, 73, 79), RUBRIC)


def test_judge_mark_does_not_ask_for_the_order_of_criteria():
    shuffled = Mark("j", (("quality", 79), ("content", 90), ("form", 73)))

    assert judge_mark(mark("j", 90, 73, 79), RUBRIC) == judge_mark(shuffled, RUBRIC)


@pytest.mark.parametrize(
    "scores",
    [
        pytest.param((("content", 90), ("form", 73)), id="a criterion too few"),
        pytest.param((("content", 90), ("form", 73), ("quality", 79), ("style", 1)), id="one too many"),
        pytest.param((("content", 90), ("form", 73), ("quality", 79), ("form", 1)), id="one twice"),
    ],
)
def test_judge_mark_that_does_not_fit_the_rubric_is_a_value_error(scores):
    with pytest.raises(ValueError, match="do not match the criteria"):
        judge_mark(Mark("j", scores), RUBRIC)


def test_mean_is_exact():
    assert Score(Fraction(251, 3), "mean", False) == combine("mean", fractions(80, 85, 86))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param((80, 100, 85), 85, id="an odd number of marks"),
        pytest.param((80, 100, 85, 90), Fraction("87.5"), id="an even number"),
        pytest.param((80,), 80, id="one mark"),
    ],
)
def test_median_is_the_middle(values, expected):
    assert Score(Fraction(expected), "median", False) == combine("median", fractions(*values))


def test_trimmed_drops_one_highest_and_one_lowest_of_seven_experts():
    assert Score(Fraction(86), "trimmed", False) == combine("trimmed", fractions(100, 90, 88, 86, 84, 82, 10))


def test_trimmed_drops_only_one_of_equal_extremes():
    assert Score(Fraction(270, 3), "trimmed", False) == combine("trimmed", fractions(100, 100, 90, 80, 80))


def test_trimmed_of_four_marks_falls_back_to_mean_and_says_so():
    assert Score(Fraction(75), "mean", True) == combine("trimmed", fractions(100, 90, 80, 30))


def test_notice_of_2023_adds_seven_tenths_of_the_mean_of_seven_experts_to_rank_points():
    experts = combine("mean", fractions(90, 92, 88, 91, 89, 90, 90))

    assert 30 + experts.value * Fraction("0.7") == 93


def test_no_marks_are_a_value_error():
    with pytest.raises(ValueError, match="no marks"):
        combine("mean", [])


@pytest.mark.parametrize("method", ["mode", "zscore"])
def test_method_that_nobody_wrote_is_a_key_error(method):
    with pytest.raises(KeyError):
        combine(method, fractions(1, 2, 3))


@given(METHODS, VALUES, st.randoms(use_true_random=False))
def test_order_of_marks_changes_nothing(method, values, dice):
    shuffled = list(values)
    dice.shuffle(shuffled)

    assert combine(method, values) == combine(method, shuffled)


@given(METHODS, VALUES)
def test_score_lies_between_the_lowest_and_the_highest_mark(method, values):
    assert min(values) <= combine(method, values).value <= max(values)


@given(st.lists(st.fractions(20, 80), min_size=5, max_size=9))
def test_trimmed_is_deaf_to_how_extreme_one_judge_is(values):
    extreme = sorted(values)

    extreme[-1] = Fraction(100)

    assert combine("trimmed", values) == combine("trimmed", extreme)
