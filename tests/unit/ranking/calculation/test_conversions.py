"""Conversion of likes to like points: the example of the rules, formulas of real notices, and general properties."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.campaign import Conversion
from services.ranking.calculation.conversions import like_points, mid_ranks
from tests.unit.ranking.examples import NONE, PERCENTILE, PROP_MAX, rank_step

HALF = Fraction(1, 2)
LIKES = st.lists(st.integers(0, 20), max_size=30)
ALL = st.sampled_from([PERCENTILE, PROP_MAX, NONE, rank_step("100", "0.5", "0"), rank_step("27", "2.5", "10")])


def places(count: int) -> list[int]:
    """Return the likes of entries without ties, the first entry with the most."""
    return list(range(count, 0, -1))


def test_mid_ranks_are_those_of_the_example_of_the_rules():
    assert mid_ranks([90, 70, 70, 10, 0]) == [1, 2 + HALF, 2 + HALF, 4, 5]


def test_mid_ranks_of_a_field_that_all_ties_are_the_middle():
    assert mid_ranks([7, 7, 7, 7]) == [2 + HALF] * 4


def test_rank_percentile_gives_the_example_of_the_rules():
    assert like_points(PERCENTILE, [90, 70, 70, 10, 0]) == [100, 62 + HALF, 62 + HALF, 25, 0]


@pytest.mark.parametrize("likes", [0, 12])
def test_rank_percentile_of_a_single_entry_is_full(likes):
    assert like_points(PERCENTILE, [likes]) == [100]


def test_rank_percentile_is_exact_where_decimals_end():
    assert [100, Fraction(200, 3), Fraction(100, 3), 0] == like_points(PERCENTILE, [4, 3, 2, 1])


def test_notice_of_2023_gives_30_29_28_and_nothing_from_place_31():
    points = like_points(rank_step("30", "1", "0"), places(33))

    assert points[:3] == [30, 29, 28]
    assert points[-5:] == [2, 1, 0, 0, 0]


def test_notice_of_2021_takes_half_a_point_a_place_and_all_from_place_201():
    points = like_points(rank_step("100", "0.5", "0"), places(202))

    assert points[:3] == [100, 99 + HALF, 99]
    assert points[-4:] == [1, HALF, 0, 0]


def test_notice_of_2011_starts_from_a_floor_that_fits_35_places_only():
    published = [10 + HALF * (35 - rank) for rank in range(1, 36)]

    assert published == like_points(rank_step("27", "0.5", "10"), places(35))
    assert like_points(rank_step("27", "0.5", "10"), places(36))[-2:] == [10, 10]


def test_rank_step_of_a_tie_takes_the_middle_of_the_places():
    assert like_points(rank_step("100", "0.5", "0"), [9, 5, 5, 1]) == [100, 99 + HALF / 2, 99 + HALF / 2, 98 + HALF]


def test_notice_of_2022_gives_likes_as_a_share_of_the_most():
    assert [100, 25, Fraction(100, 3), 0] == like_points(PROP_MAX, [1200, 300, 400, 0])


def test_prop_max_lets_one_void_at_the_top_move_every_score():
    before, after = like_points(PROP_MAX, [1000, 400, 200]), like_points(PROP_MAX, [500, 400, 200])

    assert before == [100, 40, 20]
    assert after == [100, 80, 40]


def test_prop_max_of_a_field_without_likes_is_nothing():
    assert like_points(PROP_MAX, [0, 0]) == [0, 0]


def test_none_gives_nothing_to_anybody():
    assert like_points(NONE, [3, 2, 1]) == [0, 0, 0]


def test_conversion_that_nobody_wrote_is_a_key_error():
    with pytest.raises(KeyError):
        like_points(Conversion("by_lot"), [1])


def test_disqualified_entry_lets_the_ranks_close_up():
    with_leader, without = like_points(PERCENTILE, [90, 50, 30, 10]), like_points(PERCENTILE, [50, 30, 10])

    assert [100, Fraction(200, 3), Fraction(100, 3), 0] == with_leader
    assert without == [100, 50, 0]


@given(ALL, st.just([]))
def test_field_without_entries_has_no_points(conversion, likes):
    assert like_points(conversion, likes) == []


@given(ALL, LIKES, st.randoms(use_true_random=False))
def test_order_of_entries_changes_no_points(conversion, likes, dice):
    numbers = list(range(len(likes)))
    dice.shuffle(numbers)

    shuffled = like_points(conversion, [likes[n] for n in numbers])

    assert [like_points(conversion, likes)[n] for n in numbers] == shuffled


@given(ALL, LIKES.filter(bool), st.data())
def test_more_likes_never_lower_own_points(conversion, likes, data):
    mine, more = data.draw(st.integers(0, len(likes) - 1)), data.draw(st.integers(1, 20))
    raised = [count + more * (n == mine) for n, count in enumerate(likes)]

    assert like_points(conversion, raised)[mine] >= like_points(conversion, likes)[mine]


@given(ALL, LIKES)
def test_points_keep_the_order_of_likes_and_stay_within_0_to_100(conversion, likes):
    points = like_points(conversion, likes)

    assert all(0 <= each <= 100 for each in points)
    assert all(
        mine >= theirs
        for mine, v in zip(points, likes, strict=True)
        for theirs, w in zip(points, likes, strict=True)
        if v >= w
    )


@given(LIKES)
def test_mid_ranks_sum_to_that_of_the_places(likes):
    assert len(likes) * (len(likes) + 1) // 2 == sum(mid_ranks(likes))
