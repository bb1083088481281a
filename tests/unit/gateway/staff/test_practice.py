"""A judge is told how a practice mark lies to the reference, and nobody else is."""

import pytest

from gateway.staff.judge_desk import practice_difference


@pytest.mark.parametrize(
    ("total", "told"),
    [
        ("82.00", ("near", "0.00")),
        ("85.00", ("near", "3.00")),
        ("85.01", ("above", "3.01")),
        ("78.99", ("below", "3.01")),
        ("100", ("above", "18.00")),
        ("9.5", ("below", "72.50")),
    ],
)
def test_practice_mark_lies_near_above_or_below_the_reference(total: str, told: tuple[str, str]):
    assert practice_difference(total) == told
