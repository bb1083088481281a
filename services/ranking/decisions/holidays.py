"""The national table of holidays and of the Saturdays and Sundays that are worked for them (调休), as plain data.

It is the package chinesecalendar's, which learns of a year when the State Council has published it. Shells ask here;
what is decided gets the table as a value.
"""

from functools import cache

from chinese_calendar import constants

from services.ranking.decisions.notice import DaysOff


@cache
def national() -> DaysOff:
    """The table as this installation has it."""
    return DaysOff(
        off=frozenset(day.isoformat() for day in constants.holidays),
        working=frozenset(day.isoformat() for day in constants.workdays),
        years=frozenset(day.year for day in constants.holidays),
    )
