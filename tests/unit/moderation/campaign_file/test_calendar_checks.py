"""Tests of a campaign file against the calendar of working days, and of its time zone."""

import re

import pytest

from services.moderation.campaign_file.check import check
from shared.national_calendar import national_calendar
from tests.files import ROOT

SOUND = (ROOT / "tests" / "unit" / "moderation" / "campaign_file" / "sound.toml").read_text()
LAST_YEAR = max(national_calendar().years)


def in_year(year: int, *lines: str) -> str:
    """Return the sound campaign file moved to another year, with these lines among its windows."""
    return SOUND.replace("2021-", f"{year}-").replace("[windows]", "\n".join(["[windows]", *lines]))


def judged_until(end: str, *lines: str) -> str:
    """Return a campaign of the last year that the table covers, whose judging ends then."""
    judging, exhibition = (
        "judging = { start = 2021-06-14, end = 2021-06-19 }",
        "exhibition = { start = 2021-06-19, end = 2021-10-01 }",
    )
    text = SOUND.replace(judging, f"judging = {{ start = 2021-06-14, end = {end} }}")
    text = text.replace(exhibition, f"exhibition = {{ start = {end}, end = {end}T12:00:00 }}")
    return text.replace("2021-", f"{LAST_YEAR}-").replace("[windows]", "\n".join(["[windows]", *lines]))


def calendar_problems(text: str) -> list[tuple[str, str, str]]:
    """Return the problems of the calendar: level, code, and the line of the file."""
    found = check(text)[1]
    return [
        (each.level, each.code, text.split("\n")[each.line - 1].split(" =")[0])
        for each in found
        if each.code in ("year-without-table", "day-fixed-by-law", "day-twice")
    ]


def test_one_warning_names_every_window_and_the_notice_in_a_year_without_a_table():
    text = in_year(2051, "notice_days = 5")

    (problem,) = [each for each in check(text)[1] if each.code == "year-without-table"]

    assert calendar_problems(text) == [("warning", "year-without-table", "submission")]
    assert re.findall(r"(\w+)（2051-", problem.zh) == ["报送", "点赞", "评审", "展播", "公示"]
    assert re.findall(r"([\w ]+) \(2051-", problem.en) == [
        "submission", " likes", " judging", " exhibition", " the notice",
    ]  # fmt: skip


def test_each_year_without_a_table_has_a_warning_of_its_own():
    text = in_year(2051).replace("end = 2051-10-01", "end = 2052-10-01")

    found = [each.en.partition(":")[0] for each in check(text)[1] if each.code == "year-without-table"]

    assert [re.findall(r"\((\d{4})", each) for each in found] == [["2051"] * (len(found[0].split(","))), ["2052"]]


def test_year_with_a_table_has_no_warning():
    assert calendar_problems(SOUND) == []


@pytest.mark.parametrize(
    ("end", "warned"),
    [(f"{LAST_YEAR}-12-18", False), (f"{LAST_YEAR}-12-24", True)],
    ids=["before the last days of December", "into them"],
)
def test_notice_that_runs_into_unsettled_days_is_a_warning(end: str, warned: bool):
    found = calendar_problems(judged_until(end, "notice_days = 5"))

    assert found == [("warning", "year-without-table", "notice_days")] * warned


def test_warning_says_which_year_and_what_to_do():
    (problem,) = [each for each in check(judged_until(f"{LAST_YEAR}-12-24", "notice_days = 5"))[1]
                  if each.code == "year-without-table"]  # fmt: skip

    assert f"{LAST_YEAR + 1} 年的放假安排" in problem.zh
    assert "windows.holidays" in problem.zh
    assert f"no holiday table for {LAST_YEAR + 1}" in problem.en


def test_day_that_the_law_fixes_is_no_working_day_of_a_campaign():
    found = calendar_problems(in_year(LAST_YEAR, f"workdays = [{LAST_YEAR}-10-01]"))

    assert found == [("error", "day-fixed-by-law", "workdays")]


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posixrules", "right/Asia/Shanghai", "../etc", "Mars/Base"])
def test_zone_that_is_not_the_same_everywhere_is_refused(zone: str):
    campaign, problems = check(SOUND.replace('zone = "Asia/Shanghai"', f'zone = "{zone}"'))

    assert campaign is None
    assert [each.code for each in problems] == ["unknown-zone"]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "UTC", "America/New_York"])
def test_zone_of_the_common_table_is_taken(zone: str):
    campaign, problems = check(SOUND.replace('zone = "Asia/Shanghai"', f'zone = "{zone}"'))

    assert campaign is not None, problems
