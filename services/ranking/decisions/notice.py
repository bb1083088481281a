"""Length of the publication notice (公示): the working days after the day of publication.

Promises: pure functions; the notice ends at the midnight after its last working day, in the campaign's time zone, and
the day of publication does not count; the campaign's own days off and working days take precedence over the table.
Does not promise that the table covers every year: in a year that it does not cover, Saturdays and Sundays are off and
nothing else, and the notice says so (`WEEKENDS`), because a computed deadline is better than a result that cannot be
published.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.moderation.campaign import Campaign

TABLE, WEEKENDS, NO_DAYS = "table", "weekends", "none"
_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DaysOff:
    """A table of national holidays: days off and worked weekend days, as YYYY-MM-DD, and the years that it covers."""

    off: frozenset[str] = frozenset()
    working: frozenset[str] = frozenset()  # Saturdays and Sundays that are worked
    years: frozenset[int] = frozenset()  # that the table covers


@dataclass(frozen=True, slots=True)
class Notice:
    """The publication notice of a result. Objections are taken before `until`, in ms since the epoch.

    `basis` says what its length rests on: the holiday table (TABLE), weekends alone (WEEKENDS), or no days (NO_DAYS).
    """

    until: int
    basis: str


def notice_from(at: int, campaign: Campaign, table: DaysOff) -> Notice:
    """Return the notice of a result that is published at `at` (ms since the epoch), as long as the rules require."""
    left = campaign.windows.notice_days
    if left == 0:
        return Notice(at, NO_DAYS)
    until, known = campaign.next_midnight(at), True
    for day in _days_after(campaign.day_of(at)):
        known = known and _is_listed(day, campaign, table)
        until = campaign.next_midnight(until)
        left -= is_working(day, campaign, table)
        if left == 0:
            break
    return Notice(until, TABLE if known else WEEKENDS)


def is_working(day: date, campaign: Campaign, table: DaysOff) -> bool:
    """Return whether a day is a working day, by the campaign's own days first, then by the table, then by weekday."""
    name = day.isoformat()
    if name in campaign.windows.workdays:
        return True
    if name in campaign.windows.holidays:
        return False
    if name in table.working:
        return True
    return name not in table.off and day.weekday() < _SATURDAY


def _is_listed(day: date, campaign: Campaign, table: DaysOff) -> bool:
    """Return whether the table or the campaign file says whether this day is worked."""
    return day.year in table.years or day.isoformat() in (*campaign.windows.workdays, *campaign.windows.holidays)


def _days_after(day: str) -> Iterator[date]:
    following = date.fromisoformat(day)
    while True:
        following += _DAY
        yield following
