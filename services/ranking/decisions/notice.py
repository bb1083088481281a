"""How long the publication notice (公示) lasts: working days after the day of publication.

Promises: pure; the notice ends at the midnight after its last working day, in the campaign's zone, and the day of the
publication is not counted; the campaign's own days off and working days go before the table's.
Does not promise a table: of a year that it does not know, Saturdays and Sundays are off and nothing else, and the
notice says so (`WEEKENDS`), since a deadline that is computed is better than a result that cannot be published.
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
    """What a table of national holidays says, as YYYY-MM-DD."""

    off: frozenset[str] = frozenset()
    working: frozenset[str] = frozenset()  # Saturdays and Sundays that are worked
    years: frozenset[int] = frozenset()  # that it knows


@dataclass(frozen=True, slots=True)
class Notice:
    """Objections are taken before `until`, ms since the epoch. `basis` is TABLE, WEEKENDS or NO_DAYS."""

    until: int
    basis: str


def notice_from(at: int, campaign: Campaign, table: DaysOff) -> Notice:
    """The notice of a result that is published at `at`."""
    left = campaign.windows.notice_days
    if left == 0:
        return Notice(at, NO_DAYS)
    until, known = campaign.next_midnight(at), True
    for day in _days_after(campaign.day_of(at)):
        known = known and _is_told(day, campaign, table)
        until = campaign.next_midnight(until)
        left -= is_working(day, campaign, table)
        if left == 0:
            break
    return Notice(until, TABLE if known else WEEKENDS)


def is_working(day: date, campaign: Campaign, table: DaysOff) -> bool:
    """Whether a day counts."""
    name = day.isoformat()
    if name in campaign.windows.workdays:
        return True
    if name in campaign.windows.holidays:
        return False
    if name in table.working:
        return True
    return name not in table.off and day.weekday() < _SATURDAY


def _is_told(day: date, campaign: Campaign, table: DaysOff) -> bool:
    return day.year in table.years or day.isoformat() in (*campaign.windows.workdays, *campaign.windows.holidays)


def _days_after(day: str) -> Iterator[date]:
    following = date.fromisoformat(day)
    while True:
        following += _DAY
        yield following
