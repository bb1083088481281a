"""Cuts: how far each log has been read, as a value."""

import pytest

from shared.cut import Cut


def test_log_that_is_not_named_stands_at_zero() -> None:
    assert Cut({"a": 3})["b"] == 0
    assert Cut({"a": 0}) == Cut()


def test_moving_a_log_leaves_the_cut_as_it_was() -> None:
    cut = Cut({"a": 1})

    assert cut.at("b", 2) == Cut({"b": 2, "a": 1})
    assert cut == Cut({"a": 1})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"a": 2}, {"a": 2}, True),
        ({"a": 2, "b": 1}, {"a": 1}, True),
        ({"a": 2}, {"b": 1}, False),
        ({"a": 5, "b": 1}, {"a": 2, "b": 2}, False),
        ({}, {}, True),
    ],
)
def test_cut_covers_what_is_behind_it_in_every_log(one: dict[str, int], other: dict[str, int], expected: bool) -> None:
    assert Cut(one).covers(other) is expected


def test_equal_cuts_hash_and_print_alike() -> None:
    one, other = Cut({"b": 2, "a": 1}), Cut({"a": 1, "b": 2})

    assert hash(one) == hash(other)
    assert repr(one) == repr(other) == "Cut({'a': 1, 'b': 2})"


def test_cut_is_plain_data_and_back() -> None:
    cut = Cut({"vote.0": 7, "moderation": 2})

    assert Cut(cut.to_data()) == cut
    assert cut.commits == 9
