"""Check the days of a rule set against the national calendar of working days.

Promises: windows and a notice that reach into days which the national table does not settle get one warning for each
year that lacks a table, which names them all; an own working day on a day that the law fixes as a holiday is an error,
since it would not count.
Does not promise that the table is complete by the time the notice begins: it is the table of the installed package.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from services.moderation.campaign import PHASES, Campaign
from services.moderation.campaign_file.problems import PHASE_ZH, Report
from shared.national_calendar import days_fixed_by_law, days_until_last_working_day, national_calendar

#: A window or the notice: its place in the file, its name in Chinese and English, and its first day without a table.
_Reach = tuple[tuple[str, ...], str, str, date]


def check_calendar(campaign: Campaign, report: Report) -> None:
    """Report windows and a notice in years without a table, and own days that contradict each other or the law."""
    if report.broken("zone"):
        return
    _own_days(campaign, report)
    calendar, reaching = national_calendar(), defaultdict[int, list[_Reach]](list)
    for path, zh, en, days in _days_of_phases(campaign, report):
        unsettled = next((each for each in days if not calendar.knows(each)), None)
        if unsettled is not None:
            year = unsettled.year if unsettled.year not in calendar.years else unsettled.year + 1
            reaching[year].append((path, zh, en, unsettled))
    for year, phases in reaching.items():
        _warn(report, year, phases)


def _days_of_phases(campaign: Campaign, report: Report) -> Iterator[tuple[tuple[str, ...], str, str, list[date]]]:
    """Yield of each window and the notice: its place in the file, its name in both languages, and days to look up."""
    for name in PHASES:
        if not report.broken("windows", name):
            last = date.fromisoformat(campaign.day_of(campaign.window(name).end - 1))
            yield ("windows", name, "end"), PHASE_ZH[name], name, [last]
    parts = (("judging",), ("notice_days",), ("holidays",), ("workdays",))
    if not any(report.broken("windows", *each) for each in parts):
        yield ("windows", "notice_days"), "公示", "the notice", _unnamed_days_of_notice(campaign)


def _unnamed_days_of_notice(campaign: Campaign) -> list[date]:
    """Return the days of the earliest notice, one that begins when judging ends, that the campaign does not name."""
    windows = campaign.windows
    days = days_until_last_working_day(
        date.fromisoformat(campaign.day_of(windows.judging.end)),
        windows.notice_days,
        national_calendar(),
        off=windows.holidays,
        worked=windows.workdays,
    )
    return [each for each in days if each.isoformat() not in (*windows.holidays, *windows.workdays)]


def _warn(report: Report, year: int, phases: Sequence[_Reach]) -> None:
    """Warn that a year has no table, at the first of the phases that need one; each is named with its day."""
    zh = (
        f"{'、'.join(f'{name}（{day}）' for _, name, _, day in phases)}：{year} 年的放假安排尚未载入，"
        "公示只扣除周六、周日和法定节日；安排公布后请写入 windows.holidays 和 windows.workdays，"
        "结果公布前可用规则的新版补充"
    )
    en = (
        f"{', '.join(f'{name} ({day})' for _, _, name, day in phases)}: there is no holiday table for {year}, so the"
        " notice leaves out weekends and the days that the law fixes only; once the table is published, put it into"
        " windows.holidays and windows.workdays, by a version of the rules before the result is published"
    )
    report.warning(phases[0][0], "year-without-table", zh, en)


def _own_days(campaign: Campaign, report: Report) -> None:
    """Report days that are listed as both a holiday and a working day, and working days on which everybody is off."""
    if report.broken("windows", "holidays") or report.broken("windows", "workdays"):
        return
    for index, day in enumerate(campaign.windows.workdays):
        path = ("windows", "workdays", index)
        if day in campaign.windows.holidays:
            words = f"{day} 既是休息日又是工作日", f"{day} is both a holiday and a working day"
            report.error(path, "day-twice", *words)
        elif date.fromisoformat(day) in days_fixed_by_law(int(day[:4])):
            words = f"{day} 是法定节日，不能作为工作日", f"{day} is a public holiday by law, not a working day"
            report.error(path, "day-fixed-by-law", *words)
