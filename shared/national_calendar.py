"""China's calendar of working days: public holidays, weekend days that are worked in exchange (调休), and the law.

The table comes from the package chinesecalendar, which covers a year once the State Council has published it (usually
in November of the year before). The law fixes some days of every year, whether or not the year's table is known:
全国年节及纪念日放假办法, article 2, as revised in 2024. The package lunar-python says when the lunar ones are.

Promises: pure functions of days; a day that the law fixes is never a working day.
Does not promise that the table covers a year. In a year that it does not cover, Saturdays, Sundays and the days that
the law fixes are off, and `Calendar.knows` says so.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from chinese_calendar import constants
from lunar_python import Lunar, Solar

_SATURDAY = 5
_DAY = timedelta(days=1)
_LAW_SINCE = 2025  # years before it are all in the table


@dataclass(frozen=True, slots=True)
class Calendar:
    """A table of public holidays: days off and worked weekend days, as YYYY-MM-DD, and the years that it covers."""

    off: frozenset[str] = frozenset()
    working: frozenset[str] = frozenset()  # Saturdays and Sundays that are worked
    years: frozenset[int] = frozenset()  # that the table covers

    def knows(self, day: date) -> bool:
        """Return whether the table settles if a day is worked.

        The last three days of December belong to the next year's notice too, since New Year may be joined to them:
        they are settled only once the table covers that year. (2018-12-29 was a Saturday that was worked, and
        2018-12-31 a Monday off; both by the notice for 2019.)
        """
        last_days = (day.month, day.day) >= (12, 29)
        return day.year in self.years and (not last_days or day.year + 1 in self.years)


@cache
def national_calendar() -> Calendar:
    """Return the table as the installed package has it."""
    return Calendar(
        off=frozenset(day.isoformat() for day in constants.holidays),
        working=frozenset(day.isoformat() for day in constants.workdays),
        years=frozenset(day.year for day in constants.holidays),
    )


@cache
def days_fixed_by_law(year: int) -> frozenset[date]:
    """Return the days of a year, from 2025 on, on which everybody is off by law; none for an earlier year."""
    if year < _LAW_SINCE:
        return frozenset()
    spring = _lunar(year, 1, 1)
    tomb_sweeping = Solar.fromYmd(year, 1, 5).getLunar().getJieQiTable()["清明"]
    return frozenset(
        {
            date(year, 1, 1),
            *(spring + k * _DAY for k in range(-1, 3)),  # the eve, and the first three days
            date(year, tomb_sweeping.getMonth(), tomb_sweeping.getDay()),
            date(year, 5, 1),
            date(year, 5, 2),
            _lunar(year, 5, 5),  # Dragon Boat
            _lunar(year, 8, 15),  # Mid-Autumn
            *(date(year, 10, k) for k in (1, 2, 3)),
        }
    )


def is_working(day: date, calendar: Calendar, *, off: Collection[str] = (), worked: Collection[str] = ()) -> bool:
    """Return whether a day is a working day.

    The law goes first, then the organiser's own days (`worked` before `off`, both YYYY-MM-DD), then the table as far
    as it is settled, then the weekday.
    """
    name = day.isoformat()
    if day in days_fixed_by_law(day.year):
        return False
    if name in worked:
        return True
    if name in off:
        return False
    if calendar.knows(day) and name in calendar.working:
        return True
    return not (calendar.knows(day) and name in calendar.off) and day.weekday() < _SATURDAY


def days_until_last_working_day(
    after: date, count: int, calendar: Calendar, *, off: Collection[str] = (), worked: Collection[str] = ()
) -> Iterator[date]:
    """Yield the days that follow `after`, up to and including the one that completes `count` working days."""
    while count > 0:
        after += _DAY
        count -= is_working(after, calendar, off=off, worked=worked)
        yield after


def _lunar(year: int, month: int, day: int) -> date:
    found = Lunar.fromYmd(year, month, day).getSolar()
    return date(found.getYear(), found.getMonth(), found.getDay())
