"""The end of the publication notice: working days, holidays, make-up days, and years outside the table."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import strategies as st

from services.moderation import campaign as rules
from services.ranking.decisions.notice import (
    NO_DAYS,
    TABLE,
    WEEKENDS,
    notice_from,
)
from shared.national_calendar import Calendar, is_working, national_calendar
from tests.unit.ranking.stories import campaign

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTHING = Calendar()


def at(text: str) -> int:
    """Return a moment of Shanghai time in ms since the epoch."""
    return rules.instant(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def local_time(until: int) -> str:
    return datetime.fromtimestamp(until / 1000, UTC).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def days(count: int, *, holidays: tuple[str, ...] = (), workdays: tuple[str, ...] = ()) -> rules.Campaign:
    windows = replace(campaign().windows, notice_days=count, holidays=holidays, workdays=workdays)
    return replace(campaign(), windows=windows)


def is_working_for(own: rules.Campaign, day: date) -> bool:
    return is_working(day, national_calendar(), off=own.windows.holidays, worked=own.windows.workdays)


@pytest.mark.parametrize(
    ("published", "until"),
    [
        pytest.param("2026-12-28 10:00", "2027-01-06 00:00", id="over New Year's Day"),
        pytest.param("2027-02-01 10:00", "2027-02-11 00:00", id="over the eve and the third day of Spring Festival"),
        pytest.param("2027-04-02 10:00", "2027-04-13 00:00", id="over Tomb-Sweeping Day"),
        pytest.param("2027-06-08 10:00", "2027-06-17 00:00", id="over Dragon Boat"),
        pytest.param("2027-09-14 10:00", "2027-09-23 00:00", id="over Mid-Autumn"),
        pytest.param("2027-09-30 10:00", "2027-10-09 00:00", id="over National Day, of which two fall on a weekend"),
    ],
)
def test_days_that_the_law_fixes_never_count_even_without_a_table(published: str, until: str) -> None:
    found = notice_from(at(published), days(5), Calendar())

    assert (local_time(found.until), found.basis) == (until, WEEKENDS)


def test_day_that_the_law_fixes_does_not_count_even_if_the_campaign_names_it_a_working_day() -> None:
    named = days(1, workdays=("2027-01-01",))

    assert local_time(notice_from(at("2026-12-31 10:00"), named, Calendar()).until) == "2027-01-05 00:00"


@pytest.mark.parametrize(
    ("years", "basis"), [({2018}, WEEKENDS), ({2018, 2019}, TABLE)], ids=["before the next notice", "after it"]
)
def test_last_days_of_december_are_settled_by_the_next_years_notice(years: set[int], basis: str) -> None:
    calendar = Calendar(years=frozenset(years))

    assert notice_from(at("2018-12-28 10:00"), days(1), calendar).basis == basis
    assert notice_from(at("2018-12-26 10:00"), days(1), calendar).basis == TABLE


@pytest.mark.parametrize(
    ("published", "count", "until"),
    [
        pytest.param("2021-06-16 01:00", 5, "2021-06-24 00:00", id="over one weekend"),
        pytest.param("2021-06-18 23:59", 1, "2021-06-22 00:00", id="on a Friday evening"),
        pytest.param("2021-06-19 12:00", 1, "2021-06-22 00:00", id="on a Saturday"),
        pytest.param("2021-06-11 10:00", 1, "2021-06-16 00:00", id="before Dragon Boat, whose Monday is off"),
        pytest.param("2021-09-30 10:00", 2, "2021-10-10 00:00", id="over National Day, with a Saturday worked for it"),
        pytest.param("2021-04-23 10:00", 1, "2021-04-26 00:00", id="before a Sunday that is worked for May Day"),
        pytest.param("2022-01-30 10:00", 1, "2022-02-08 00:00", id="over Spring Festival"),
    ],
)
def test_notice_ends_at_the_midnight_after_its_last_working_day(published: str, count: int, until: str) -> None:
    found = notice_from(at(published), days(count), national_calendar())

    assert (local_time(found.until), found.basis) == (until, TABLE)


def test_campaigns_own_days_go_before_the_table() -> None:
    own = days(2, holidays=("2021-06-17",), workdays=("2021-06-19",))

    found = notice_from(at("2021-06-16 09:00"), own, national_calendar())

    assert local_time(found.until) == "2021-06-20 00:00"


def test_day_that_is_both_off_and_worked_is_worked() -> None:
    both = days(1, holidays=("2021-06-19",), workdays=("2021-06-19",))

    assert is_working_for(both, date(2021, 6, 19))


def test_year_that_no_table_knows_has_weekends_alone_and_the_notice_says_so() -> None:
    found = notice_from(at("2031-09-22 10:00"), days(3), national_calendar())

    assert (local_time(found.until), found.basis) == ("2031-09-26 00:00", WEEKENDS)


def test_notice_that_runs_into_an_unknown_year_says_so() -> None:
    known = Calendar(years=frozenset({2030}))

    assert notice_from(at("2030-12-26 10:00"), days(1), known).basis == TABLE
    assert notice_from(at("2030-12-31 10:00"), days(1), known).basis == WEEKENDS


def test_unknown_days_that_the_campaign_names_are_known() -> None:
    named = days(1, workdays=("2031-10-08",), holidays=("2031-10-07",))

    found = notice_from(at("2031-10-06 10:00"), named, NOTHING)

    assert (local_time(found.until), found.basis) == ("2031-10-09 00:00", TABLE)


def test_without_notice_days_the_notice_is_over_at_once() -> None:
    published = at("2021-06-16 01:00")

    found = notice_from(published, days(0), national_calendar())

    assert (found.until, found.basis) == (published, NO_DAYS)


MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda when: rules.instant(when.replace(tzinfo=SHANGHAI))
)
DAYS = st.dates(date(2019, 1, 1), date(2030, 3, 1)).map(date.isoformat)


@hypothesis.given(MOMENTS, st.integers(1, 20), st.sets(DAYS, max_size=30), st.sets(DAYS, max_size=30))
def test_exactly_the_working_days_that_are_asked_for_lie_between_publication_and_end(
    published: int, count: int, off: set[str], worked: set[str]
) -> None:
    own = days(count, holidays=tuple(sorted(off)), workdays=tuple(sorted(worked)))

    until = notice_from(published, own, national_calendar()).until

    first = date.fromisoformat(own.day_of(published))
    last = date.fromisoformat(own.day_of(until - 1))
    between = [first + timedelta(days=k) for k in range(1, (last - first).days + 1)]
    assert sum(is_working_for(own, day) for day in between) == count
    assert is_working_for(own, last)
    assert own.next_midnight(until - 1) == until


@hypothesis.given(MOMENTS, MOMENTS, st.integers(0, 20))
def test_later_publication_never_ends_earlier(one: int, other: int, count: int) -> None:
    first, second = sorted((one, other))

    ends = [notice_from(each, days(count), national_calendar()).until for each in (first, second)]

    assert ends == sorted(ends)
