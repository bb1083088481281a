"""The organisers' pages of judging in a browser, over the real services in memory; all by plain forms."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import HOUR, Desk
from tests.e2e.judging_town import PanelTown

pytestmark = pytest.mark.slow
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
PAGES = ("", "/judges", "/judges?judge=no", "/assignment", "/marks", "/marks?entry=A001", "/marks?entry=Z999")
FILLED = ("", "/judges?judge=no", "/assignment", "/marks?entry=A001", "/marks?entry=Z999")
DAY = 24 * HOUR


@pytest.fixture
def town(tmp_path: Path) -> PanelTown:
    """A panel in the second day of judging, to which nothing is assigned yet."""
    town = PanelTown(tmp_path, assigned=False)
    town.now += DAY
    return town


@pytest.fixture
def desk(town: PanelTown) -> Iterator[Desk]:
    with town.gateway() as desk:
        yield desk


def under_way(town: PanelTown) -> None:
    """Assign everything on the first day. All mark every three hours but for `no`, who marks nothing; `ki` is strict,
    and `mu` recuses from an entry after marking it.
    """
    start = town.now - DAY
    town.scoring("assign", "olga", "organiser", at=start)
    for judge in ("ju", "ki", "lo", "mu"):
        for k, entry in enumerate(town.assigned_to(judge)):
            town.mark(judge, entry, at=start + (k + 1) * 3 * HOUR, content=60 if judge == "ki" else 95)


def open_page(desk: Desk, browser: Browser, path: str = "", *, staff: str = "olga", **how: Any) -> Page:
    page = desk.sign_in(browser, staff, **{"java_script_enabled": False, **how}).new_page()
    page.goto(f"{desk.address}/organiser/judging{path}")
    return page


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).click()


def row(page: Page, text: str) -> Any:
    return page.locator("tbody tr", has_text=text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_of_judging_fit_and_have_nothing_that_axe_finds_wrong(
    tmp_path: Path, browser: Browser, size: str, lang: str
):
    town = PanelTown(tmp_path, assigned=False)
    town.now += DAY
    with town.gateway() as desk:
        page = desk.sign_in(browser, "olga", viewport=SIZES[size]).new_page()
        for stage, paths in (("before", ("", "/assignment")), ("after", FILLED)):
            for path in paths:
                answer = page.goto(f"{desk.address}/organiser/judging{path}{'&' if '?' in path else '?'}lang={lang}")
                assert (stage, path, answer and answer.status) == (stage, path, 200)
                assert (stage, path, violations(page)) == (stage, path, [])
                assert (stage, path, overflow_px(page)) == (stage, path, 0)
            if stage == "before":
                under_way(town)


def test_assignment_is_read_with_its_numbers_and_confirmed(town: PanelTown, desk: Desk, browser: Browser):
    page = open_page(desk, browser)
    page.get_by_role("link", name="查看分配方案").click()
    expect(row(page, "专家ju").locator("td")).to_have_text(["0", re.compile(r"\+[34]"), re.compile("[34]")])

    press(page, "确认这份分配（18 次评审）")

    expect(page.get_by_role("status")).to_contain_text("已按方案分配")
    expect(page.get_by_text("每项成果的评委都够了")).to_be_visible()
    assert sum(len(town.assigned_to(each)) for each in town.judges) == 18


def test_assignment_that_changed_meanwhile_is_refused_and_shown_anew(town: PanelTown, desk: Desk, browser: Browser):
    page = open_page(desk, browser, "/assignment")
    expect(row(page, "专家no")).to_have_count(1)
    about = {"judge": "no", "name": "专家no", "employer": "省社科院", "city": "石家庄"}
    units = [each.partition("-")[0] for each in town.entries]
    town.scoring("appoint_judge", "olga", "organiser", **about, conflicts=units)

    press(page, re.compile("确认这份分配"))

    expect(page.get_by_role("alert")).to_contain_text("分配方案已变化")
    expect(row(page, "专家no").locator("td")).to_have_text(["0", "+0", "0"])
    assert all(town.assigned_to(each) == [] for each in town.judges)
    press(page, re.compile("确认这份分配"))
    expect(page.get_by_role("status")).to_contain_text("已按方案分配")
    assert town.assigned_to("no") == []


def test_assignment_that_the_conflicts_do_not_allow_names_the_entries_and_why(
    town: PanelTown, desk: Desk, browser: Browser
):
    unit = town.entries[0].partition("-")[0]
    for judge in ("ju", "ki", "lo"):
        about = {"judge": judge, "name": f"专家{judge}", "employer": "省社科院", "city": "石家庄"}
        town.scoring("appoint_judge", "olga", "organiser", **about, conflicts=[unit])

    page = open_page(desk, browser, "/assignment")

    expect(page.locator(".obstacles li")).to_have_count(1)
    expect(page.locator(".obstacles li")).to_contain_text("A001")
    expect(page.locator(".obstacles li")).to_contain_text("缺 1 人 · 因回避没有别的评委")
    expect(page.get_by_role("button", name=re.compile("确认这份分配"))).to_have_count(0)


def test_progress_forecasts_who_will_be_late_by_judge_and_by_unit_type(tmp_path: Path, browser: Browser):
    town = PanelTown(tmp_path, assigned=False)
    start = town.now
    town.scoring("assign", "olga", "organiser", at=start)
    slow, quick = "no", "mu"
    first, *rest = town.assigned_to(slow)
    for k, entry in enumerate(town.assigned_to(quick)[:2]):
        town.mark(quick, entry, at=start + (k + 1) * HOUR)
    town.now = start + 3 * DAY
    town.mark(slow, first)
    types = {town.version(town.entries.index(each)).type for each in rest}

    with town.gateway() as desk:
        page = open_page(desk, browser)

        expect(row(page, "专家no")).to_contain_text("预计逾期")
        expect(row(page, "专家no")).to_contain_text("1 / 4")
        for code, name in (("state", "国有"), ("private", "非公"), ("other", "其它")):
            late = row(page, name).locator("td").nth(2)
            expect(late).not_to_have_text("0") if code in types else expect(late).to_be_visible()
        expect(page.get_by_role("heading", name=re.compile("可能缺评分的成果"))).to_be_visible()


def test_who_declared_independence_is_shown_and_conflicts_are_entered_by_form(tmp_path: Path, browser: Browser):
    town = PanelTown(tmp_path, independent=False, assigned=False)
    town.scoring("declare_independence", "ju", words=town.sheet("ju")["independence"]["words"])
    with town.gateway() as desk:
        page = open_page(desk, browser, "/judges")
        expect(row(page, "专家ju").locator("td").nth(1)).to_contain_text("✓ 2021-06-14")
        expect(row(page, "专家ki").locator("td").nth(1)).to_have_text("未签署")

        page.get_by_role("link", name="专家ki").click()
        page.get_by_label("回避的单位（代码）").fill("U001，U002")
        press(page, "保存")

        expect(page.get_by_role("status")).to_contain_text("评委资料已保存")
        expect(row(page, "专家ki").locator("td").nth(2)).to_have_text("U001 U002")
        page.get_by_role("textbox", name="账号").fill("olga")
        page.get_by_role("textbox", name="姓名").fill("不是评委")
        press(page, "保存")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_role("textbox", name="姓名")).to_have_value("不是评委")


def test_entries_of_an_absent_judge_are_listed_and_go_to_others(tmp_path: Path, browser: Browser):
    town = PanelTown(tmp_path, assigned=False)
    town.now += DAY
    under_way(town)
    held = set(town.assigned_to("no"))
    with town.gateway() as desk:
        page = open_page(desk, browser)
        page.get_by_role("link", name="专家no").click()
        expect(page.locator(".plain-list li")).to_have_count(len(held))
        page.get_by_label("原因（加密保存）").fill("住院")
        press(page, f"改派这 {len(held)} 项")
        expect(page.locator(".effects")).to_contain_text("A00")
        expect(page.locator(".effects")).to_contain_text("住院")
        assert set(town.assigned_to("no")) == held

        press(page, "改派这位评委未评的成果")

        expect(page.get_by_role("status")).to_contain_text("已改派给其他评委")
        expect(row(page, "专家no")).to_contain_text("已改派，不再分配")
        assert town.assigned_to("no") == []
        readers = [entry for each in town.judges for entry in town.assigned_to(each)]
        assert sorted(readers) == sorted(3 * town.entries)


def test_marks_that_differ_too_much_get_a_third_reading(tmp_path: Path, browser: Browser):
    town = PanelTown(tmp_path, assigned=False)
    town.now += DAY
    under_way(town)
    for entry in town.assigned_to("no"):
        town.mark("no", entry, at=town.now - HOUR, content=95)
    apart = [each["entry"] for each in town.scoring("progress", "olga", "organiser")["apart"]]
    assert apart != []
    with town.gateway() as desk:
        page = open_page(desk, browser)
        expect(page.get_by_role("heading", name="评分相差过大，还没有安排加评")).to_be_visible()

        press(page, "现在安排加评")

        expect(page.get_by_role("status")).to_contain_text("已按规则安排加评")
        expect(page.get_by_text("等待加评")).to_have_count(len(apart))
        called = town.scoring("progress", "olga", "organiser")["third_readings"]
        assert [each["entry"] for each in called] == apart


def test_mark_is_excluded_only_after_it_was_asked_once_more(tmp_path: Path, browser: Browser):
    town = PanelTown(tmp_path, assigned=False)
    town.now += DAY
    under_way(town)
    entry = town.assigned_to("ju")[0]
    number = f"A{town.entries.index(entry) + 1:03}"
    with town.gateway() as desk:
        page = open_page(desk, browser, "/marks")
        page.get_by_label("海报编号").fill(number.lower())
        press(page, "查看评分")
        expect(row(page, "专家ju")).to_contain_text("计入")
        page.get_by_role("radio", name=re.compile("专家ju")).check()
        page.get_by_label(re.compile("理由")).fill("误评")
        press(page, "排除这份评分")
        expect(page.locator(".effects")).to_contain_text("专家ju")
        assert not any(each["excluded"] for each in marks_of(town, entry))

        press(page, "排除这份评分")

        expect(page.get_by_role("status")).to_contain_text("这份评分已排除")
        expect(row(page, "专家ju")).to_contain_text("已排除")
        assert [each["judge"] for each in marks_of(town, entry) if each["excluded"]] == ["ju"]


def marks_of(town: PanelTown, entry: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.scoring("marks_of_entry", "olga", "organiser", entry=entry)["marks"]
    return found


def test_auditor_reads_every_page_and_can_send_nothing(tmp_path: Path, browser: Browser):
    town = PanelTown(tmp_path, assigned=False)
    town.now += DAY
    under_way(town)
    with town.gateway() as desk:
        page = desk.sign_in(browser, "ada", java_script_enabled=False).new_page()
        for path in PAGES:
            page.goto(f"{desk.address}/organiser/judging{path}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.locator("main form[method=post]")).to_have_count(0)
