"""Reference numbers: always the same for the same thing, of a shape that people can type, and not to be worked out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference_numbers import PATTERN, reference_number

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("complaint", "c1", "6KDAQ3T2X5NK77JN"),
        ("objection", "c1", "VWY2WVJ6LWCYZGTY"),
        ("certificate", "1 A012", "AO37FW7R7TSXBQME"),
    ],
)
def test_numbers_that_were_given_out_stay(kind: str, name: str, expected: str) -> None:
    assert expected == reference_number(KEY, kind, name)


@given(st.binary(min_size=16, max_size=32), st.text(), st.text())
def test_number_can_be_typed(key: bytes, kind: str, name: str) -> None:
    assert re.fullmatch(PATTERN, reference_number(key, kind, name))


def test_number_is_of_its_key_its_kind_and_its_name() -> None:
    numbers = [reference_number(key, kind, name) for key in (KEY, KEY[::-1]) for kind in "ab" for name in "cd"]

    assert len(set(numbers)) == len(numbers)
