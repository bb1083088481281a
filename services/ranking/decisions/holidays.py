"""China's national table of public holidays and of weekend days that are worked in exchange (调休), as plain data.

The data come from the package chinesecalendar, which covers a year once the State Council has published it. The RPC
methods read the table here; decisions receive it as a value.
"""

from functools import cache

from chinese_calendar import constants

from services.ranking.decisions.notice import DaysOff


@cache
def national_holidays() -> DaysOff:
    """Return China's table of public holidays and worked weekend days, as the installed package has it."""
    return DaysOff(
        off=frozenset(day.isoformat() for day in constants.holidays),
        working=frozenset(day.isoformat() for day in constants.workdays),
        years=frozenset(day.year for day in constants.holidays),
    )
