"""The pages of judges in a browser, over the real services in memory: with and without scripts, online and offline."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import Desk
from tests.e2e.judging_town import MARKS, JudgingTown

pytestmark = pytest.mark.slow
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 740}}


@pytest.fixture
def town(tmp_path: Path) -> JudgingTown:
    return JudgingTown(tmp_path)


@pytest.fixture
def desk(town: JudgingTown) -> Iterator[Desk]:
    with town.gateway() as desk:
        yield desk


def open_page(desk: Desk, browser: Browser, path: str = "/judge", *, staff: str = "ju", **how: Any) -> Page:
    page = desk.sign_in(browser, staff, **how).new_page()
    page.goto(desk.address + path)
    return page


def fill_in(page: Page, **marks: int) -> None:
    for code, points in {**MARKS, **marks}.items():
        page.locator(f'[name="mark.{code}"]').fill(str(points))


def entries_of(town: JudgingTown, judge: str = "ju") -> list[str]:
    return [each["entry"] for each in town.sheet(judge)["entries"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_of_judges_fit_and_have_nothing_that_axe_finds_wrong(
    town: JudgingTown, desk: Desk, browser: Browser, size: str, lang: str
):
    first, second = entries_of(town)[:2]
    town.scoring("give_score", "ju", entry=first, marks=MARKS)
    town.scoring("give_score", "ju", entry=second, marks=MARKS)
    complaints: list[str] = []
    page = desk.sign_in(browser, "ju", viewport=SIZES[size]).new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    for path in ("/judge", "/judge?stage=marked", f"/judge/entries/{first}", f"/judge/entries/{entries_of(town)[3]}",
                 "/judge/sheet", "/judge/practice", "/judge/offline"):  # fmt: skip
        answer = page.goto(f"{desk.address}{path}{'&' if '?' in path else '?'}lang={lang}")
        assert (path, answer and answer.status) == (path, 200)
        assert (path, violations(page)) == (path, [])
        assert (path, overflow_px(page)) == (path, 0)
    assert complaints == []


def test_judge_declares_independence_before_the_first_entry(tmp_path: Path, browser: Browser):
    town = JudgingTown(tmp_path, independent=False)
    with town.gateway() as desk:
        page = open_page(desk, browser, java_script_enabled=False)
        page.goto(f"{desk.address}/judge/entries/{town.entries[0]}")
        expect(page).to_have_url(f"{desk.address}/judge")
        page.get_by_role("button", name="签署并开始").click()
        expect(page.get_by_text("请先勾选")).to_be_visible()

        page.get_by_label("我已阅读并作出以上声明").check()
        page.get_by_role("button", name="签署并开始").click()

        expect(page.get_by_role("heading", name="评审清单")).to_be_visible()
        assert town.sheet()["independence"]["declared_at"] == town.now


def test_practice_mark_shows_its_total_and_is_stored_nowhere(town: JudgingTown, desk: Desk, browser: Browser):
    before = town.town.ledger.head("scoring")
    page = open_page(desk, browser, "/judge/practice", java_script_enabled=False)
    fill_in(page, content=10, form=10, quality=10)
    page.get_by_role("button", name="看看总分").click()
    expect(page.locator("#words-error")).to_contain_text("请写明理由")

    page.get_by_label("评语").fill("空")
    page.get_by_role("button", name="看看总分").click()

    expect(page.locator("#result")).to_contain_text("总分 10.00")
    expect(page.locator("#result")).to_contain_text("您比参考分低 72.00 分，偏严。")
    assert town.town.ledger.head("scoring") == before


def test_judge_marks_without_scripts_and_what_is_shown_is_what_is_stored(
    town: JudgingTown, desk: Desk, browser: Browser
):
    first, second = entries_of(town)[:2]
    page = open_page(desk, browser, java_script_enabled=False)
    page.get_by_role("link", name="开始：第 1 项").click()
    fill_in(page)
    page.get_by_role("button", name="评定，看下一项").click()

    expect(page).to_have_url(f"{desk.address}/judge/entries/{second}?marked={first}")
    expect(page.locator(".success")).to_contain_text("已评定：83.00 分")
    assert town.filled(first)["total"] == "83.00"
    page.goto(f"{desk.address}/judge/entries/{first}")
    expect(page.locator('[name="mark.content"]')).to_have_value("88")


def test_form_of_another_window_overwrites_nothing(town: JudgingTown, desk: Desk, browser: Browser):
    first = entries_of(town)[0]
    context = desk.sign_in(browser, "ju", java_script_enabled=False)
    one, other = context.new_page(), context.new_page()
    for page in (one, other):
        page.goto(f"{desk.address}/judge/entries/{first}")
    fill_in(one)
    one.get_by_role("button", name="存为草稿").click()

    fill_in(other, content=60)
    other.get_by_role("button", name="评定，看下一项").click()

    expect(other.locator("[data-problem]")).to_have_attribute("data-problem", "draft-changed")
    expect(other.get_by_text("另一处存的是：88")).to_be_visible()
    expect(other.locator('[name="mark.content"]')).to_have_value("60")
    assert town.filled(first)["fields"]["mark.content"]["value"] == 88
    other.get_by_role("button", name="评定，看下一项").click()
    expect(other.locator(".success")).to_contain_text("已评定")
    assert town.filled(first)["fields"]["mark.content"]["value"] == 60


def test_judge_skips_and_recuses_in_two_presses(town: JudgingTown, desk: Desk, browser: Browser):
    first, second = entries_of(town)[:2]
    page = open_page(desk, browser, f"/judge/entries/{first}", java_script_enabled=False)
    page.get_by_role("button", name="先跳过").click()
    expect(page).to_have_url(f"{desk.address}/judge/entries/{second}?skipped={first}")

    page.get_by_text("回避这一项…").click()
    page.get_by_role("button", name="有亲友在该单位").click()

    expect(page.locator(".success")).to_contain_text("已回避")
    page.goto(f"{desk.address}/judge")
    expect(page.locator(f'[data-entry="{first}"]')).to_contain_text("先跳过")
    expect(page.locator(f'[data-entry="{second}"]')).to_contain_text("已回避")


def test_fields_are_saved_as_they_are_filled_in_and_go_on_on_another_device(
    town: JudgingTown, desk: Desk, browser: Browser
):
    first = entries_of(town)[0]
    page = open_page(desk, browser, f"/judge/entries/{first}")
    page.locator('[name="mark.content"]').fill("88")
    expect(page.locator("[data-saved]")).to_have_text("✓ 已保存")

    other = open_page(desk, browser, f"/judge/entries/{first}")

    expect(other.locator('[name="mark.content"]')).to_have_value("88")
    other.locator('[name="mark.content"]').fill("90")
    expect(other.locator("[data-saved]")).to_have_text("✓ 已保存")
    page.locator('[name="mark.content"]').fill("70")
    page.get_by_role("button", name="用另一处的：90").click()
    expect(page.locator("[data-saved]")).to_have_text("✓ 已保存")
    expect(page.locator('[name="mark.content"]')).to_have_value("90")
    assert town.filled(first)["fields"]["mark.content"]["value"] == 90


def test_judge_works_without_a_network_and_everything_arrives_once(town: JudgingTown, desk: Desk, browser: Browser):
    first, second, third = entries_of(town)[:3]
    context = desk.sign_in(browser, "ju")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{desk.address}/judge")
    expect(page.locator("[data-stored]")).to_have_text("✓ 已存到本机，断网也能看、能评。", timeout=30_000)

    context.set_offline(True)
    town.town.is_away = True  # a request with `keepalive` passes the browser's emulation, but no cut of a real network
    page.goto(f"{desk.address}/judge")
    page.get_by_role("link", name="开始：第 1 项").click()
    for entry in (first, second):
        page.wait_for_url(f"**/judge/entries/{entry}")
        assert page.evaluate(LOADED) == [True] * 4
        fill_in(page)
        page.get_by_role("button", name="评定，看下一项").click()
    page.wait_for_url(f"**/judge/entries/{third}")
    page.locator('[name="mark.form"]').fill("66")
    expect(page.locator("[data-saved]")).to_contain_text("没有网络")
    page.clock.fast_forward("07:00")
    page.reload()
    expect(page.locator('[name="mark.form"]')).to_have_value("66")
    page.goto(f"{desk.address}/judge/entries/{first}")
    expect(page.locator('[name="mark.content"]')).to_have_value("88")
    page.goto(f"{desk.address}/judge")
    expect(page.locator("[data-outbox]")).to_contain_text("还有 3 项只存在这台设备上")
    assert town.marks_given() == []

    town.town.is_away = False
    context.set_offline(False)
    expect(page.locator("[data-outbox]")).to_be_hidden(timeout=30_000)
    page.reload()

    arrived = sorted(town.marks_given())  # in whichever order: each entry is sent by itself
    assert arrived == sorted([("ScoreGiven", "ju", first), ("ScoreGiven", "ju", second)])
    assert town.filled(third)["fields"] == {
        "mark.form": {"value": 66, "revision": 1, "at": town.now},
    }
    expect(page.locator(f'[data-entry="{first}"]')).to_contain_text("83.00")
    page.goto(f"{desk.address}/judge/entries/{first}")
    expect(page.locator("[data-given]")).to_contain_text("83.00")
    assert sorted(town.marks_given()) == arrived


LOADED = """() => Promise.all([...document.querySelectorAll('.pictures img')].map(async each => {
  each.loading = 'eager';
  await each.decode().catch(() => {});
  return each.naturalWidth > 0;
}))"""


def test_entry_page_is_ready_in_half_the_requests_of_a_page_that_loads_its_parts_one_by_one(
    town: JudgingTown, desk: Desk, browser: Browser
):
    """Each browser has the list open before. What counts is what reaches the server until text, pictures and sheet
    are there; the other page is this one without a device that stores it, and with its data loaded by the API.
    """
    entry = entries_of(town)[0]
    page = open_page(desk, browser)
    expect(page.locator("[data-stored]")).to_have_text("✓ 已存到本机，断网也能看、能评。", timeout=30_000)
    before = len(town.requests)
    page.goto(f"{desk.address}/judge/entries/{entry}")
    assert page.evaluate(LOADED) == [True] * 4
    ready = needed(town.requests[before:])

    other = open_page(desk, browser, service_workers="block")
    expect(other.get_by_role("heading", name="评审清单")).to_be_visible()
    before = len(town.requests)
    other.goto(f"{desk.address}/judge/entries/{entry}")
    assert other.evaluate(LOADED) == [True] * 4
    parts = ("mine", f"entries/{entry}", f"entries/{entry}/sheet")
    for part in parts:
        assert other.evaluate("path => fetch(path).then(answer => answer.status)", f"/api/v1/judging/{part}") == 200
    one_by_one = needed(town.requests[before:])

    print(f"entry page of a judge: {len(ready)} requests, {len(one_by_one)} one by one")
    assert 2 * len(ready) <= len(one_by_one), (ready, one_by_one)


def needed(requests: list[str]) -> list[str]:
    """Return the requests that a page needs to be ready, without what it notes and sends behind itself."""
    return [each for each in requests if each.startswith("GET ") and not each.endswith("/judge/worker.js")]


def test_nothing_of_the_entries_stays_on_the_device_after_the_sign_out(town: JudgingTown, desk: Desk, browser: Browser):
    context = desk.sign_in(browser, "ju")
    page = context.new_page()
    page.goto(f"{desk.address}/judge")
    expect(page.locator("[data-stored]")).to_have_text("✓ 已存到本机，断网也能看、能评。", timeout=30_000)
    page.goto(f"{desk.address}/judge/entries/{entries_of(town)[0]}")
    assert page.evaluate("caches.keys()") != []

    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/desk/sign-in**")

    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("Object.keys(localStorage)") == []
    context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.goto(f"{desk.address}/judge")


def test_sign_out_from_another_page_of_the_desk_also_clears_the_device(desk: Desk, browser: Browser):
    page = desk.sign_in(browser, "ju").new_page()
    page.goto(f"{desk.address}/judge")
    expect(page.locator("[data-stored]")).to_have_text("✓ 已存到本机，断网也能看、能评。", timeout=30_000)
    page.goto(f"{desk.address}/desk")
    assert page.evaluate("caches.keys()") != []

    page.get_by_role("button", name="退出").click()

    expect(page.locator("html")).to_have_attribute("data-cleared", "yes")
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(found => found.length)") == 0


def test_judge_sees_the_own_distribution_and_hands_in_once(town: JudgingTown, desk: Desk, browser: Browser):
    page = open_page(desk, browser, "/judge/sheet", java_script_enabled=False)
    expect(page.get_by_text("还有 6 项没有评：")).to_be_visible()
    for entry in entries_of(town):
        points = {"state": 88, "private": 78, "other": 68}[town.version(town.entries.index(entry)).type]
        town.scoring("give_score", "ju", entry=entry, marks={**MARKS, "content": points})
    page.reload()
    expect(page.locator(".close-pairs li")).to_have_count(3)
    page.get_by_role("button", name="交卷").click()
    expect(page.get_by_text("请先勾选确认")).to_be_visible()
    assert town.sheet()["submitted_at"] is None

    page.get_by_label("我已核对，确认交卷").check()
    page.get_by_role("button", name="交卷").click()

    expect(page.get_by_text("交卷，共 6 项")).to_be_visible()
    assert town.sheet()["submitted_at"] == town.now
    page.goto(f"{desk.address}/judge/entries/{entries_of(town)[0]}")
    expect(page.get_by_role("button", name="评定")).to_have_count(0)
