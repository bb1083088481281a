"""The national calendar: what the table settles, and what the law fixes."""

from datetime import date

import pytest

from shared.national_calendar import Calendar, days_fixed_by_law, is_working, national_calendar


@pytest.mark.parametrize("year", sorted(year for year in national_calendar().years if year >= 2025))
def test_every_day_that_the_law_fixes_is_off_in_the_published_table(year: int):
    assert {day.isoformat() for day in days_fixed_by_law(year)} <= national_calendar().off


def test_law_fixes_thirteen_days_of_a_year_fewer_where_two_coincide():
    assert [len(days_fixed_by_law(year)) for year in (2024, 2027, 2028)] == [0, 13, 12]


@pytest.mark.parametrize(
    ("day", "years", "settled"),
    [
        (date(2026, 12, 28), {2026}, True),
        (date(2026, 12, 29), {2026}, False),
        (date(2026, 12, 31), {2026}, False),
        (date(2026, 12, 31), {2026, 2027}, True),
        (date(2027, 1, 1), {2026}, False),
    ],
)
def test_table_settles_the_last_days_of_december_with_the_next_year(day: date, years: set[int], settled: bool):
    assert Calendar(years=frozenset(years)).knows(day) is settled


def test_unsettled_days_are_worked_by_the_weekday_whatever_the_table_has():
    calendar = Calendar(off=frozenset({"2018-12-31"}), working=frozenset({"2018-12-29"}), years=frozenset({2018}))

    assert not is_working(date(2018, 12, 29), calendar)
    assert is_working(date(2018, 12, 31), calendar)


def test_own_days_go_before_the_table_and_the_law_before_both():
    new_year = date(2027, 1, 1)

    assert not is_working(new_year, Calendar(), worked=("2027-01-01",))
    assert is_working(date(2027, 1, 2), Calendar(), worked=("2027-01-02",), off=("2027-01-02",))
    assert not is_working(date(2027, 1, 4), Calendar(), off=("2027-01-04",))
