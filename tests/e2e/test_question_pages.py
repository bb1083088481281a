"""Questions in a browser: a unit asks, an organiser answers with a stock answer and publishes, everybody reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import Desk, DeskTown

pytestmark = pytest.mark.slow

SIZES = {"1366": {"width": 1366, "height": 768}, "360": {"width": 360, "height": 640}}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Serve a campaign with two entries, and one question of the first unit."""
    town = DeskTown(tmp_path, count=2)
    town.town.import_roll("代码,名称,级别,类型,城市,用人单位,访问码\nU001,一厂工会,grassroots,state,唐山,一厂,\n")
    town.town.ok("ask_question", "U001", "unit", words="视频可以超过 8 分钟吗？", entry=town.entries[0])
    with town.gateway() as desk:
        yield desk


def check(page: Page, shots: Path, name: str) -> None:
    """Look at the page at both widths, and leave pictures of it."""
    for width, size in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (violations(page), overflow_px(page)) == ([], 0), f"{name} at {width}"
        page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size(SIZES["1366"])  # type: ignore[arg-type]


def test_organiser_answers_with_a_stock_answer_and_publishes_it_for_everybody(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    page = desk.sign_in(browser, "olga").new_page()
    page.goto(f"{desk.address}/organiser/questions")
    page.get_by_text("新增常用答复").click()
    page.get_by_label("名称").fill("片长")
    page.get_by_label("内容").fill("最长 8 分钟，含片头。")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("常用答复已保存")
    check(page, tmp_path, "desk-open")

    page.get_by_role("button", name="我来回复").click()
    expect(page.locator("main")).to_contain_text("这个提问由您回复")
    page.get_by_role("button", name="填入").click()
    expect(page.get_by_label("答复", exact=True)).to_have_value("最长 8 分钟，含片头。")
    page.get_by_role("button", name="发出答复").click()
    expect(page.locator("main")).to_contain_text("答复已发出")
    expect(page.locator("main")).to_contain_text("没有等待回复的提问")

    page.goto(f"{desk.address}/organiser/questions?state=answered")
    page.get_by_text("作为常见问题公开…").first.click()
    page.get_by_label("公开的问题").first.fill("视频最长多少？")
    check(page, tmp_path, "desk-answered")
    page.get_by_role("button", name="作为常见问题公开…").first.click()
    expect(page.locator("main")).to_contain_text("请确认没有提到单位和个人")
    page.locator("button[value=yes]").click()
    expect(page.locator("main")).to_contain_text("已公开，所有人可见")

    page.get_by_text("写给各单位").click()
    page.get_by_label("通知标题").fill("关于视频长度")
    page.get_by_role("button", name="放进发件箱").click()
    expect(page.locator("main")).to_contain_text("通知已放进发件箱")
    page.goto(f"{desk.address}/questions")
    expect(page.locator("main")).to_contain_text("视频最长多少？")
    expect(page.locator("main")).not_to_contain_text("U001")
    check(page, tmp_path, "public")
    page.goto(f"{desk.address}/questions?lang=en")
    check(page, tmp_path, "public-en")


def test_unit_asks_and_reads_the_answer(browser: Browser, desk: Desk, tmp_path: Path) -> None:
    number = desk.town.town.ok("questions", "olga", "organiser")["questions"][0]["question"]
    desk.town.town.ok("answer_question", "olga", "organiser", question=number, words="最长 8 分钟。")
    page = desk.sign_in_unit(browser, "U001").new_page()
    page.goto(f"{desk.address}/unit/questions")
    expect(page.locator("main")).to_contain_text("最长 8 分钟。")
    page.get_by_role("button", name="提交问题").click()
    expect(page.locator(".error")).to_have_count(1)
    page.get_by_label("问题", exact=True).fill("可以补交照片吗？")
    page.get_by_role("button", name="提交问题").click()
    expect(page.locator("main")).to_contain_text("问题已提交")
    expect(page.locator("main")).to_contain_text("可以补交照片吗？")
    check(page, tmp_path, "unit")
    page.goto(f"{desk.address}/unit/questions?lang=en")
    check(page, tmp_path, "unit-en")


def test_question_that_another_organiser_claimed_offers_no_form(browser: Browser, desk: Desk) -> None:
    number = desk.town.town.ok("questions", "olga", "organiser")["questions"][0]["question"]
    desk.town.town.ok("claim_question", "otto", "organiser", question=number)
    page = desk.sign_in(browser, "olga").new_page()
    page.goto(f"{desk.address}/organiser/questions")

    expect(page.locator("main")).to_contain_text("otto 正在回复")
    expect(page.get_by_role("button", name="发出答复")).to_have_count(0)
