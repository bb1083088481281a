"""Two decimals, from hundredths."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.decimals import two_decimals


@pytest.mark.parametrize(
    ("hundredths", "words"), [(3_330, "33.30"), (5, "0.05"), (0, "0.00"), (-320, "-3.20"), (-5, "-0.05")]
)
def test_hundredths_are_written_with_two_decimals(hundredths: int, words: str) -> None:
    assert words == two_decimals(hundredths)


@given(st.integers())
def test_nothing_is_lost(hundredths: int) -> None:
    assert Fraction(two_decimals(hundredths)) == Fraction(hundredths, 100)
