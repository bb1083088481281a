"""Shared places: equal scores share one, and who has no public score has none."""

from hypothesis import given
from hypothesis import strategies as st

from shared.places import with_places

SCORES = st.lists(st.none() | st.integers(0, 5), max_size=12)


def places(scores: list[int | None]) -> list[tuple[str, int | None, int | None]]:
    rows = [{"name": f"{k:02}", "likes": likes} for k, likes in enumerate(scores)]
    return [(row["name"], row["likes"], row["place"]) for row in with_places(rows, score="likes", then="name")]


def test_equal_scores_share_a_place_and_stand_in_their_own_order() -> None:
    assert places([1, 2, 2, 0]) == [("01", 2, 1), ("02", 2, 1), ("00", 1, 3), ("03", 0, 4)]


def test_without_public_scores_there_are_no_places() -> None:
    assert places([None, None]) == [("00", None, None), ("01", None, None)]


@given(SCORES)
def test_place_is_one_more_than_the_number_of_those_above(scores: list[int | None]) -> None:
    public = [each for each in scores if each is not None]

    found = places(public)

    assert [place for _, _, place in found] == [1 + sum(other > likes for other in public) for _, likes, _ in found]


@given(SCORES)
def test_rows_keep_all_that_they_had(scores: list[int | None]) -> None:
    found = places(scores)

    assert sorted((name, likes) for name, likes, _ in found) == [(f"{k:02}", each) for k, each in enumerate(scores)]
