"""The analysts' pages in a browser, over real services in memory, with and without a script."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from services.moderation.events import EntryDisqualified
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.judged_town import JudgedTown, Staff
from tests.unit.ranking.stories import DAY, END, liked

pytestmark = pytest.mark.slow
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 740}}


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    """A gateway after judging."""
    with JudgedTown(tmp_path).gateway() as staff:
        yield staff


def open_page(staff: Staff, browser: Browser, path: str, *, by: str = "ada", **how: Any) -> Page:
    page = staff.sign_in(browser, by, java_script_enabled=False, **how).new_page()
    page.goto(staff.address + path)
    return page


def first_cells(page: Page) -> list[str]:
    return page.locator("tbody th[scope=row] strong").all_inner_texts()


def test_the_table_is_the_rankings_own_and_stays_the_same_at_its_position(staff: Staff, browser: Browser):
    page = open_page(staff, browser, "/analysis")
    assert first_cells(page) == ["B001", "A002", "A001"]
    position = page.locator("code").first.inner_text()
    staff.town.append("moderation", EntryDisqualified("u2-1", "抄袭", "o1", END + DAY))

    page.goto(f"{staff.address}/analysis")
    assert first_cells(page) == ["B001", "A001"]
    page.get_by_label("记录位置").fill(position)
    page.get_by_role("button", name="查看").click()
    assert first_cells(page) == ["B001", "A002", "A001"]

    page.goto(f"{staff.address}/analysis/compare?first-cut={position}")
    expect(page.get_by_role("heading", name="有变化的成果：2 个")).to_be_visible()
    assert sorted(first_cells(page)) == ["A001", "A002"]


def test_before_marks_the_table_is_by_likes_and_says_so(staff: Staff, browser: Browser):
    page = open_page(staff, browser, "/analysis?as_of=2021-06-08T12:00")
    expect(page.get_by_text("只按点赞比较，不是结果")).to_be_visible()
    page.goto(f"{staff.address}/analysis?cut=nonsense")
    expect(page.locator("#cut-error")).to_be_visible()


def test_an_entry_is_explained_with_its_curve(staff: Staff, browser: Browser):
    page = open_page(staff, browser, "/analysis")
    page.get_by_role("link", name="A001").click()
    expect(page.get_by_role("heading", name="A001")).to_be_visible()
    expect(page.get_by_role("img", name="有效赞与同类中位数")).to_be_visible()
    expect(page.get_by_text("mean of").or_(page.get_by_text("的平均"))).to_be_visible()


def test_a_recount_is_not_official_and_is_saved_with_author_and_reason(staff: Staff, browser: Browser):
    page = open_page(staff, browser, "/analysis/recount")
    page.get_by_label("去掉这些成果").fill("A002")
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_role("heading", name="入选 1 个，落选 1 个")).to_be_visible()
    expect(page.get_by_text("不是结果").first).to_be_visible()

    page.get_by_label("情景名称").fill("没有A002")
    page.get_by_role("button", name="存为情景").click()
    expect(page.locator("#reason-error")).to_be_visible()
    page.get_by_label("为什么保存").fill("有人提出异议")
    page.get_by_role("button", name="存为情景").click()
    expect(page.get_by_text("情景已保存")).to_be_visible()
    expect(page.get_by_role("heading", name="没有A002")).to_contain_text("非正式")
    expect(page.get_by_text("有人提出异议")).to_be_visible()
    expect(page.get_by_text("ada ·")).to_be_visible()
    page.get_by_role("link", name="没有A002").click()
    expect(page.get_by_text("结果与保存时相同")).to_be_visible()


def test_table_is_moved_by_one_commit_with_the_numbers_of_the_logs(staff: Staff, browser: Browser):
    page = staff.sign_in(browser, "ada").new_page()
    page.goto(f"{staff.address}/analysis")
    page.get_by_text("按记录位置逐条移动").click()
    number = page.get_by_label(re.compile("赛程与审核：读到第几条"))
    last = int(number.get_attribute("max") or 0)
    expect(number).to_have_value(str(last))
    page.get_by_role("slider", name="赛程与审核").press("ArrowLeft")
    expect(number).to_have_value(str(last - 1))

    page.get_by_role("button", name="显示这一位置").click()

    expect(page).to_have_url(re.compile(f"log.moderation={last - 1}"))
    expect(page.get_by_label(re.compile("赛程与审核：读到第几条"))).to_have_value(str(last - 1))
    expect(page.get_by_text(f"moderation:{last - 1},")).to_be_visible()


def test_exports_have_the_columns_of_the_dictionary(staff: Staff, browser: Browser):
    context = staff.sign_in(browser, "ada")
    table = context.request.get(f"{staff.address}/analysis/export/table.csv").text().lstrip("\ufeff").splitlines()
    dictionary = context.request.get(f"{staff.address}/analysis/export/dictionary.csv").text().splitlines()
    assert table[0].split(",") == [line.partition(",")[0] for line in dictionary[1:]]
    assert [line.partition(",")[0] for line in table[1:]] == ["B001", "A002", "A001"]
    assert context.request.get(f"{staff.address}/analysis/export/other.csv").status == 404


def test_likes_are_grouped_and_sealed_signals_need_a_second_person(staff: Staff, browser: Browser):
    staff.town.append("vote.0", *(liked("u1-1", voter=f"crowd{k}") for k in range(4)))
    page = open_page(staff, browser, "/analysis/cohorts?grouping=door")
    expect(page.get_by_role("rowheader", name="浏览器")).to_be_visible()
    page.get_by_role("link", name="这组的点赞：第 1 组").click()
    expect(page.get_by_role("heading", name=re.compile("这组的点赞"))).to_be_visible()
    page.get_by_role("button", name="去掉这些点赞试算").click()
    expect(page).to_have_url(re.compile("/analysis/recount"))
    expect(page.get_by_text("不是结果").first).to_be_visible()

    page.goto(f"{staff.address}/analysis/cohorts")
    expect(page.locator("option[value=network]")).to_be_disabled()
    page.get_by_label("理由").fill("一批赞来自同一网段")
    page.get_by_role("button", name="申请查看").click()
    expect(page.get_by_role("alert")).to_be_visible()  # no duration is chosen by us
    page.get_by_label("24 小时").check()
    page.get_by_role("button", name="申请查看").click()
    expect(page.get_by_text("须由另一人同意。", exact=True)).to_be_visible()
    second = open_page(staff, browser, "/analysis/cohorts", by="o1")
    second.get_by_role("button", name="同意", exact=True).click()
    expect(second.get_by_text("现在可以查看")).to_be_visible()
    expect(second.locator("option[value=network]")).to_be_enabled()


def test_judges_see_none_of_it(staff: Staff, browser: Browser):
    context = staff.sign_in(browser, "j1")
    assert {context.request.get(f"{staff.address}/analysis{path}").status for path in ("", "/methods", "/compare")} == {
        403
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_fit_and_have_nothing_that_axe_finds_wrong(staff: Staff, browser: Browser, size: str, lang: str):
    change = {"without_entries": ["u2-1"], "name": "s1", "reason": "看一看"}
    assert "ok" in staff.town.call("ranking", "save_scenario", **change)
    page = staff.sign_in(browser, "ada", viewport=SIZES[size]).new_page()
    for path in (
        "", "?moved=1", "?as_of=2021-06-08T12:00", "/compare?first-as_of=2021-06-08T12:00", "/entries/A001", "/recount",
        "/cohorts?grouping=door", "/scenarios", "/scenarios/s1", "/methods", "/stability", "/export",
    ):  # fmt: skip
        answer = page.goto(f"{staff.address}/analysis{path}{'&' if '?' in path else '?'}lang={lang}")
        assert (path, answer and answer.status) == (path, 200)
        assert (path, violations(page)) == (path, [])
        assert (path, overflow_px(page)) == (path, 0)


def test_slider_is_a_plain_form_that_a_script_puts_into_words(staff: Staff, browser: Browser):
    page = open_page(staff, browser, "/analysis?as_of=2021-06-08T12:00")
    slider = page.get_by_label("拖动到活动中的某一时刻")
    expect(page.locator("#slide-time")).to_have_text("2021-06-08 12:00")
    slider.press("End")
    page.get_by_role("button", name="显示这一时刻").click()
    expect(page.locator("#slide-time")).not_to_have_text("2021-06-08 12:00")
    expect(page.get_by_label("截至时刻")).not_to_have_value("")

    scripted = staff.sign_in(browser, "ada").new_page()
    scripted.goto(f"{staff.address}/analysis?as_of=2021-06-08T12:00")
    moved = scripted.get_by_label("拖动到活动中的某一时刻")
    expect(moved).to_have_attribute("aria-valuetext", re.compile(r"2021-06-0[78] \d\d:\d\d"))
    moved.press("Home")
    expect(scripted.locator("#slide-time")).to_have_text(re.compile("2021-0[45]-"))
