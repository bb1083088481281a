"""Length of the publication notice (公示): the working days after the day of publication.

Promises: pure functions; the notice ends at the midnight after its last working day, in the campaign's time zone, and
the day of publication does not count. A day that the law fixes as a holiday never counts; otherwise the campaign's own
days off and working days take precedence over the national table.
Does not promise that the table covers every day: on a day that it does not settle, Saturdays, Sundays and the days that
the law fixes are off and nothing else, and the notice says so (`WEEKENDS`), because a computed deadline is better than
a result that cannot be published.
"""

from dataclasses import dataclass
from datetime import date

from services.moderation.campaign import Campaign
from shared.national_calendar import Calendar, days_until_last_working_day

TABLE, WEEKENDS, NO_DAYS = "table", "weekends", "none"


@dataclass(frozen=True, slots=True)
class Notice:
    """The publication notice of a result. Objections are taken before `until`, in ms since the epoch.

    `basis` says what its length rests on: the holiday table (TABLE), weekends and the law (WEEKENDS), or no days
    (NO_DAYS).
    """

    until: int
    basis: str


def notice_from(at: int, campaign: Campaign, calendar: Calendar) -> Notice:
    """Return the notice of a result that is published at `at` (ms since the epoch), as long as the rules require."""
    windows = campaign.windows
    if windows.notice_days == 0:
        return Notice(at, NO_DAYS)
    until, is_settled = campaign.next_midnight(at), True
    for day in days_until_last_working_day(
        date.fromisoformat(campaign.day_of(at)),
        windows.notice_days,
        calendar,
        off=windows.holidays,
        worked=windows.workdays,
    ):
        is_named = day.isoformat() in (*windows.workdays, *windows.holidays)
        is_settled = is_settled and (is_named or calendar.knows(day))
        until = campaign.next_midnight(until)
    return Notice(until, TABLE if is_settled else WEEKENDS)
