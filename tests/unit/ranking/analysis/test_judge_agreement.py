"""Judge agreement, compared with published figures."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ranking.analysis.judge_agreement import agreement
from services.ranking.calculation.judge_effects import Reading

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section D: twelve units, four observers. "." is none.
OBSERVERS = {"A": "123321412...", "B": "1233224125.3", "C": ".3332342251.", "D": "12332441251."}
POINTS = st.integers(0, 4)


def readings(observers: dict[str, str]) -> list[Reading]:
    return [
        Reading(f"unit-{number}", judge, Fraction(int(each)))
        for judge, values in observers.items()
        for number, each in enumerate(values)
        if each != "."
    ]


def test_alpha_is_that_of_the_published_example():
    found = agreement(readings(OBSERVERS)).alpha

    assert found is not None
    assert round(found, 3) == Fraction("0.849")


def test_alpha_of_judges_who_agree_is_1():
    assert agreement(readings({"A": "0213", "B": "0213"})).alpha == 1


@pytest.mark.parametrize(
    "observers",
    [
        pytest.param({"A": "0213"}, id="one judge"),
        pytest.param({"A": "02..", "B": "..13"}, id="no entry in common"),
        pytest.param({"A": "22", "B": "22"}, id="one value for everything"),
        pytest.param({}, id="nothing"),
    ],
)
def test_alpha_that_has_no_meaning_is_none(observers):
    assert agreement(readings(observers)).alpha is None


def test_strictness_is_told_in_points_and_sums_to_0():
    mild, strict = agreement(readings({"A": "3434", "B": "1212"})).judges

    assert (mild.strictness, strict.strictness) == (-1, 1)


def test_strictness_does_not_blame_a_judge_for_weak_entries():
    found = agreement(readings({"A": "88..", "B": "8822", "C": "..22"}))

    assert [each.strictness for each in found.judges] == [0, 0, 0]


def test_correlation_of_a_judge_who_turns_the_order_round_is_minus_1():
    found = agreement(readings({"A": "0123", "B": "3210"}))

    assert [each.correlation for each in found.judges] == [pytest.approx(-1)] * 2


@pytest.mark.parametrize("values", ["01", "2222"])
def test_correlation_that_has_no_meaning_is_none(values):
    found = agreement(readings({"A": values, "B": "0123"[: len(values)]}))

    assert found.judges[0].correlation is None


def test_entries_stand_by_how_far_their_marks_lie_apart():
    found = agreement(readings({"A": "042", "B": "333"}))

    assert [(each.entry, each.spread) for each in found.entries] == [("unit-0", 3), ("unit-1", 1), ("unit-2", 1)]


@given(st.lists(st.tuples(POINTS, POINTS, POINTS), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_order_of_readings_changes_nothing(rows, dice):
    given_in_order = [
        Reading(f"unit-{number}", f"judge-{judge}", Fraction(value))
        for number, row in enumerate(rows)
        for judge, value in enumerate(row)
    ]
    shuffled = list(given_in_order)
    dice.shuffle(shuffled)

    assert agreement(shuffled) == agreement(given_in_order)
