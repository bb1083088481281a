"""Short reference numbers notice a mistaken character and two that were exchanged."""

import hypothesis
from hypothesis import strategies

from shared.reference_numbers import check_character, checked_number, is_checked

KEY = b"k" * 32
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BODIES = strategies.text(strategies.sampled_from(SIGNS), min_size=11, max_size=11)


def test_number_is_the_same_for_the_same_name_and_another_for_another() -> None:
    numbers = [checked_number(KEY, "hand-in", name) for name in ("a", "a", "b")]

    assert (numbers[0] == numbers[1], numbers[0] == numbers[2]) == (True, False)
    assert all(map(is_checked, numbers))


@hypothesis.given(BODIES, strategies.integers(0, 11), strategies.sampled_from(SIGNS))
def test_number_with_another_character_does_not_fit(body: str, place: int, sign: str) -> None:
    number = body + check_character(body)
    mistaken = number[:place] + sign + number[place + 1 :]

    assert is_checked(mistaken) == (mistaken == number)


@hypothesis.given(BODIES, strategies.integers(0, 11), strategies.integers(0, 11))
def test_number_with_two_characters_exchanged_does_not_fit(body: str, one: int, other: int) -> None:
    number = body + check_character(body)
    signs = list(number)
    signs[one], signs[other] = signs[other], signs[one]

    assert is_checked("".join(signs)) == ("".join(signs) == number)


def test_text_that_is_no_number_does_not_fit() -> None:
    assert [is_checked(each) for each in ("", "A" * 11, "a" * 12, "A" * 13, "0" * 12)] == [False] * 5
