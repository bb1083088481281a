"""The moderation desk in a browser, over the real services in memory: queue, reader, keys, forms without scripts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import Desk, DeskTown

pytestmark = pytest.mark.slow
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 740}}
QUEUE = "/desk/moderation"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A gateway with twelve entries that wait for review."""
    with DeskTown(tmp_path).gateway() as desk:
        yield desk


def open_page(desk: Desk, browser: Browser, path: str = QUEUE, *, staff: str = "mo", **how: Any) -> Page:
    page = desk.sign_in(browser, staff, **how).new_page()
    page.goto(desk.address + path)
    return page


def record(desk: Desk, k: int) -> dict[str, Any]:
    """Return moderation's record of the k-th entry, from 0."""
    return desk.town.town.ok("desk", "mo", "moderator", entry=desk.town.entries[k])


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def wait_for_case(page: Page, entry: str) -> None:
    page.locator(f'[data-case="{entry}"]').wait_for()
    expect(page.locator("[data-reader]")).not_to_have_attribute("aria-busy", "true")


# What everybody sees


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_of_the_desk_fit_and_have_nothing_that_axe_finds_wrong(
    desk: Desk, browser: Browser, size: str, lang: str
):
    town = desk.town
    town.hand_in_again(1, title="夜班食堂的灯更亮了", text="换了一段。")
    complaint = {"kind": "complaint", "entry": None, "words": "他们没有做这件事。\n请查。", "contact": "13900000000"}
    town.town.ok("file_complaint", "gateway", "operator", **complaint)
    entry = town.entries[1]
    complaints: list[str] = []
    page = desk.sign_in(browser, "olga", viewport=SIZES[size]).new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    for path in (
        QUEUE, f"{QUEUE}?entry={entry}", f"{QUEUE}?type=state&q=%E5%AE%B6", f"{QUEUE}?q=none",
        f"{QUEUE}/entries/{entry}/versions", f"{QUEUE}/entries/{entry}/beside/{town.entries[0]}",
        f"{QUEUE}/complaints", f"{QUEUE}/complaints?state=answered", f"{QUEUE}/print", f"{QUEUE}/bulk",
        f"{QUEUE}/pace", f"{QUEUE}/work", "/desk",
    ):  # fmt: skip
        answer = page.goto(f"{desk.address}{path}{'&' if '?' in path else '?'}lang={lang}")
        assert (path, answer and answer.status) == (path, 200)
        page.get_by_role("heading").first.wait_for()
        assert (path, violations(page)) == (path, [])
        assert (path, overflow_px(page)) == (path, 0)
    assert [each for each in complaints if "Password forms" not in each] == []


# Queue


def test_queue_is_filtered_by_pills_that_can_be_removed(desk: Desk, browser: Browser):
    page = open_page(desk, browser)
    page.get_by_text("筛选与排序").click()
    page.get_by_label("地区").select_option("唐山")
    page.get_by_label("单位类型").select_option("private")
    page.get_by_role("button", name="查找").last.click()

    expect(page.locator(".rows strong")).to_have_text(["夜班食堂的灯（2）"])
    page.get_by_role("link", name=re.compile("单位类型 非公")).click()
    expect(page.locator(".rows strong")).to_have_count(3)
    page.get_by_role("link", name="全部清除").click()
    expect(page.locator(".rows strong")).to_have_count(12)


def test_queue_is_searched_by_title_and_unit(desk: Desk, browser: Browser):
    page = open_page(desk, browser)
    page.get_by_label("搜索标题、单位").fill("第7机床厂")
    page.keyboard.press("Enter")

    expect(page.locator(".rows strong")).to_have_text(["把家安在车间里（7）"])
    expect(page.get_by_text("共 1 项")).to_be_visible()


def test_page_is_no_longer_than_its_content(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")

    footer = page.evaluate("document.querySelector('footer').getBoundingClientRect().bottom + scrollY")
    assert page.evaluate("document.documentElement.scrollHeight") <= footer + 1


# Claims


def test_entry_is_claimed_when_it_is_opened_and_the_other_moderator_sees_by_whom(desk: Desk, browser: Browser):
    first = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")
    first.get_by_text("由我审核").wait_for()
    second = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}", staff="wei")

    assert record(desk, 0)["claim"]["by"] == "mo"
    expect(second.get_by_text("mo 正在审核，保留到")).to_be_visible()
    expect(second.get_by_role("button", name="开始审核")).to_have_count(0)


def test_decision_on_what_another_reviews_is_refused_and_nothing_typed_is_lost(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}", staff="wei", java_script_enabled=False)
    desk.town.town.ok("claim", "mo", "moderator", entry=desk.town.entries[0])
    page.get_by_label("不通过的理由（单位会看到）").fill("不是本单位的成果。")
    page.get_by_role("button", name="不通过", exact=True).click()

    expect(page.locator("[data-problem]")).to_have_attribute("data-problem", "claimed-by-other")
    expect(page.get_by_label("不通过的理由（单位会看到）")).to_have_value("不是本单位的成果。")
    assert record(desk, 0)["status"] == "submitted"


# Decisions by keyboard


def test_moderator_works_by_keyboard_alone(desk: Desk, browser: Browser):
    entries = desk.town.entries
    page = open_page(desk, browser)
    press(page, "j")
    wait_for_case(page, entries[0])
    press(page, "a", "a")
    wait_for_case(page, entries[1])
    press(page, "j")
    wait_for_case(page, entries[2])
    press(page, "k")
    wait_for_case(page, entries[1])
    press(page, "r")
    page.keyboard.type("请把标题里的“第一”改掉：a r x 都不是快捷键。")
    press(page, "Control+Enter")
    expect(page.get_by_label(re.compile("修改期限"))).to_be_focused()
    page.get_by_label(re.compile("修改期限")).fill("2021-05-20T18:00")
    press(page, "Control+Enter")
    wait_for_case(page, entries[2])

    assert [record(desk, k)["status"] for k in range(3)] == ["approved", "returned", "submitted"]
    (remark,) = record(desk, 1)["remarks"]
    assert remark["words"] == "请把标题里的“第一”改掉：a r x 都不是快捷键。"


def test_one_press_of_a_decides_nothing(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")
    press(page, "a")

    expect(page.get_by_text("再按 A 或回车确认通过")).to_be_visible()
    press(page, "j")
    wait_for_case(page, desk.town.entries[1])
    assert record(desk, 0)["status"] == "submitted"


def test_keys_are_shown_and_can_be_switched_off(desk: Desk, browser: Browser):
    page = open_page(desk, browser)
    press(page, "?")
    page.get_by_label("使用快捷键").uncheck()
    press(page, "Escape")
    press(page, "j")

    expect(page.locator("[data-case]")).to_have_count(0)
    page.reload()
    press(page, "?")
    page.get_by_label("使用快捷键").check()
    press(page, "Escape", "j")
    wait_for_case(page, desk.town.entries[0])


def test_decided_entry_is_named_with_what_is_true_of_it_and_can_be_decided_again(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")
    page.get_by_role("button", name="通过", exact=True).click()
    wait_for_case(page, desk.town.entries[1])

    expect(page.get_by_role("status")).to_contain_text("✓ “把家安在车间里（1）”现在是：通过")
    page.get_by_role("link", name="改判").click()
    wait_for_case(page, desk.town.entries[0])


# Without scripts


def test_all_of_it_works_as_plain_forms(desk: Desk, browser: Browser):
    entries = desk.town.entries
    page = open_page(desk, browser, java_script_enabled=False)
    page.get_by_role("link", name=re.compile(r"把家安在车间里（1）")).click()
    page.get_by_role("button", name="开始审核").click()
    expect(page.get_by_text("由我审核")).to_be_visible()
    page.get_by_text("对“正文”写退回意见").click()
    page.get_by_label("退回意见：正文").fill("第二段数字前后不一。")
    page.get_by_role("button", name="退回修改").click()
    expect(page.locator("#until-error")).to_have_text(re.compile("^✗"), use_inner_text=True)
    expect(page.get_by_label("退回意见：正文")).to_have_value("第二段数字前后不一。")
    page.get_by_label(re.compile("修改期限")).fill("2021-05-20T18:00")
    page.get_by_role("button", name="退回修改").click()

    expect(page.locator("[data-case]")).to_have_attribute("data-case", entries[1])
    assert record(desk, 0)["status"] == "returned"
    assert record(desk, 0)["remarks"] == [{"item": "text", "words": "第二段数字前后不一。"}]


def test_empty_rejection_is_refused_at_its_field(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")
    page.get_by_role("button", name="不通过", exact=True).click()

    expect(page.locator("#reason-error")).to_be_visible()
    assert record(desk, 0)["status"] == "submitted"


# Versions


def test_version_that_came_meanwhile_is_shown_beside_the_one_that_was_read_and_nothing_is_decided(
    desk: Desk, browser: Browser
):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")
    page.get_by_text("由我审核").wait_for()
    desk.town.hand_in_again(0, title="把家安在班组里（1）")
    page.get_by_role("button", name="通过", exact=True).click()

    expect(page.get_by_text("您刚才看的是第 1 版，单位已交来第 2 版")).to_be_visible()
    expect(page.locator(".changes del")).to_have_text(["车间"])
    expect(page.locator(".changes ins")).to_have_text(["班组"])
    assert record(desk, 0)["status"] == "submitted"


def test_corrected_entry_shows_what_changed_since_it_was_returned(desk: Desk, browser: Browser):
    remarks = [{"item": "title", "words": "标题太长。"}]
    desk.town.town.ok(
        "return_entry", "mo", "moderator", entry=desk.town.entries[3], version=1, remarks=remarks,
        until=desk.town.now + 10 * 86_400_000,
    )  # fmt: skip
    desk.town.hand_in_again(3, title="一封信（4）")
    page = open_page(desk, browser)

    expect(page.locator(".rows strong").first).to_have_text("一封信（4）", use_inner_text=True)
    page.locator(".rows a").first.click()
    wait_for_case(page, desk.town.entries[3])
    expect(page.locator(".changes .remarks")).to_have_text("标题：标题太长。", use_inner_text=True)
    expect(page.locator(".changes ins")).to_have_text(["信"], use_inner_text=True)


def test_two_versions_and_two_entries_stand_side_by_side(desk: Desk, browser: Browser):
    entries = desk.town.entries
    desk.town.hand_in_again(0, title="把家安在班组里（1）")
    page = open_page(desk, browser, f"{QUEUE}/entries/{entries[0]}/versions", java_script_enabled=False)
    expect(page.locator(".sides ins")).to_have_text(["班组"], use_inner_text=True)
    page.get_by_label("右边").select_option("1")
    page.get_by_role("button", name="对照").click()
    expect(page.get_by_text("文字、主题和文件都没有变化。")).to_be_visible()

    page.goto(f"{desk.address}{QUEUE}/entries/{entries[1]}/beside/{entries[7]}")
    expect(page.locator(".sides mark").first).to_have_text("夜班食堂的灯（", use_inner_text=True)


# Complaints


def test_complaints_are_answered_one_by_one_and_together_after_a_list(desk: Desk, browser: Browser):
    for words in ("第一封", "第二封", "第三封"):
        desk.town.town.ok(
            "file_complaint", "gateway", "operator", kind="complaint", entry=None, words=words, contact=None
        )
    page = open_page(desk, browser, f"{QUEUE}/complaints", java_script_enabled=False)
    page.get_by_label("答复（凭编号可查看）").first.fill("已核实。")
    page.get_by_role("button", name="答复", exact=True).first.click()
    expect(page.get_by_role("status")).to_have_text("✓ 已答复", use_inner_text=True)
    for each in page.get_by_role("checkbox").all():
        each.check()
    page.get_by_role("button", name=re.compile("一并答复")).click()

    expect(page.locator(".touched li")).to_contain_text(["封", "封"])
    page.get_by_label("答复（凭编号可查看）").fill("谢谢。")
    page.get_by_role("button", name="答复这 2 件").click()
    expect(page.get_by_role("status")).to_have_text("✓ 已答复 2 件", use_inner_text=True)
    expect(page.get_by_text("没有待答复的投诉或建议。")).to_be_visible()


def test_answering_nothing_together_does_nothing(desk: Desk, browser: Browser):
    desk.town.town.ok("file_complaint", "gateway", "operator", kind="complaint", entry=None, words="一", contact=None)
    page = open_page(desk, browser, f"{QUEUE}/complaints")
    page.get_by_role("button", name=re.compile("一并答复")).click()

    expect(page.get_by_text("没有选中任何一项，什么都没有做。")).to_be_visible()


# Bulk


def test_bulk_lists_what_it_touches_then_asks_and_is_undone(desk: Desk, browser: Browser):
    town = desk.town
    page = open_page(desk, browser, java_script_enabled=False)
    for k in range(3):
        page.get_by_label(re.compile(rf"选中：.*（{k + 1}）")).check()
    town.town.ok("claim", "wei", "moderator", entry=town.entries[2])
    page.get_by_role("button", name="通过…", exact=True).click()

    expect(page.locator("ol.touched li")).to_have_text(
        [re.compile("把家安在车间里（1） · "), re.compile("夜班食堂的灯（2） · ")]
    )
    expect(page.locator("ul.touched li")).to_have_count(1)
    assert [record(desk, k)["status"] for k in range(3)] == ["submitted"] * 3
    page.get_by_role("button", name="通过这 2 项").click()
    expect(page.get_by_role("button", name="撤销这 2 项")).to_be_visible()
    assert [record(desk, k)["status"] for k in range(3)] == ["approved", "approved", "submitted"]
    page.get_by_role("button", name="撤销这 2 项").click()
    expect(page.get_by_role("status")).to_contain_text("已撤销 2 项，回到队列", use_inner_text=True)
    assert [record(desk, k)["status"] for k in range(3)] == ["submitted"] * 3


def test_bulk_return_asks_for_words_and_deadline_first(desk: Desk, browser: Browser):
    page = open_page(desk, browser)
    page.get_by_label("全选本页").check()
    expect(page.get_by_text("已选 12 项")).to_be_visible()
    page.get_by_role("button", name="退回…").click()
    page.get_by_label("退回意见（每一项都会收到）").fill("请补充图片说明。")
    page.get_by_label("意见针对").select_option("pictures")
    page.get_by_label(re.compile("修改期限")).fill("2021-05-20T18:00")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="退回这 12 项").click()

    expect(page.get_by_text("批量退回 12 项")).to_be_visible()
    assert record(desk, 11)["remarks"] == [{"item": "pictures", "words": "请补充图片说明。"}]


def test_empty_selection_does_nothing(desk: Desk, browser: Browser):
    page = open_page(desk, browser, java_script_enabled=False)
    page.get_by_role("button", name="不通过…").click()

    expect(page.get_by_text("没有选中任何一项，什么都没有做。")).to_be_visible()


def test_time_to_undo_counts_by_the_server_s_clock_whatever_the_computer_s_says(tmp_path: Path, browser: Browser):
    town = DeskTown(tmp_path)
    with town.gateway(is_live=True) as desk:
        context = desk.sign_in(browser)
        context.add_init_script("Date.now = () => 7; Date.prototype.getTime = () => 7")
        page = context.new_page()
        page.goto(desk.address + QUEUE)
        page.get_by_label("选中：把家安在车间里（1）").check()
        page.get_by_role("button", name="通过…", exact=True).click()
        page.get_by_role("button", name="通过这 1 项").click()

        expect(page.get_by_text(re.compile("还剩 (9:[0-5][0-9]|10:00)"))).to_be_visible()
        page.goto(f"{desk.address}{QUEUE}?entry={town.entries[1]}")
        expect(page.get_by_text(re.compile("还剩 (14:[0-5][0-9]|15:00)"))).to_be_visible()


# Second opinion, flags, undo


def test_rejection_that_a_second_person_must_see_stands_once_they_agree(desk: Desk, browser: Browser):
    entries = desk.town.entries
    page = open_page(desk, browser, f"{QUEUE}?entry={entries[0]}")
    page.get_by_label("不通过的理由（单位会看到）").fill("与主题无关。")
    page.locator("#reject").get_by_label("请第二个人再看，同意后才生效").check()
    page.get_by_role("button", name="不通过", exact=True).click()
    expect(page.get_by_text("提议“不通过”，等第二个人的意见")).to_be_visible()
    assert record(desk, 0)["status"] == "submitted"

    own = open_page(desk, browser, f"{QUEUE}?entry={entries[0]}")
    expect(own.get_by_text("是您提议的，要由别人来看。")).to_be_visible()
    second = open_page(desk, browser, f"{QUEUE}/work", staff="wei", java_script_enabled=False)
    second.get_by_role("link", name="把家安在车间里（1）").click()
    second.get_by_role("button", name="不同意，放回队列").click()
    expect(second.locator("#opinion .error")).to_be_visible()
    with second.expect_navigation():
        second.get_by_role("button", name="同意，按提议办理").click()

    assert record(desk, 0)["status"] == "rejected"
    assert record(desk, 0)["reason"] == "与主题无关。"


def test_single_decision_is_undone_from_its_notice(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")
    press(page, "a", "a")
    wait_for_case(page, desk.town.entries[1])
    page.get_by_role("button", name="撤销").click()
    wait_for_case(page, desk.town.entries[0])

    assert record(desk, 0)["status"] == "submitted"


def test_flag_is_put_by_keyboard_and_filters_the_queue(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")
    press(page, "f")
    expect(page.locator("#flag-code")).to_be_focused()
    page.locator("#flag-code").select_option("attention")
    page.get_by_role("button", name="加标记").click()
    expect(page.get_by_role("button", name="去掉“需要留意”")).to_be_visible()

    page.goto(f"{desk.address}{QUEUE}?flag=attention")
    expect(page.locator(".rows strong")).to_have_count(1)


def test_template_fills_the_remark_at_its_field_and_can_be_edited(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}")
    page.get_by_text("对“标题”写退回意见").click()
    page.locator("#template-title").select_option(index=1)

    expect(page.get_by_label("退回意见：标题")).to_have_value("标题与正文内容不符，请修改标题。")
    expect(page.get_by_label("退回意见：标题")).to_be_focused()


# Machine hints


def test_hits_are_marked_in_the_text_and_what_nobody_checked_is_called_so(desk: Desk, browser: Browser):
    town = desk.town
    at = 2 + "我们厂的职工之家建在车间旁边，推门就是机器的声音。".index("职工之家") - 2
    hit = {"label": "示例词", "start": at, "end": at + 4, "score": 90}
    town.town.ok(
        "note_check", "worker", "operator", entry=town.entries[0], version=1, source="words",
        items=[{"item": "text", "state": "hit", "why": None, "hits": [hit]}],
    )  # fmt: skip
    page = open_page(desk, browser, f"{QUEUE}?entry={town.entries[0]}")

    expect(page.locator(".entry-text mark")).to_have_text(["职工之家"], use_inner_text=True)
    assert page.locator(".checks li").filter(has_text="词表").inner_text().startswith("有提示")
    assert page.locator(".checks li").filter(has_text="微信内容安全").inner_text().startswith("未检查")


# Pace and shares, disqualification


def test_share_is_handed_over_and_stands_in_the_table(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}/pace", java_script_enabled=False)
    page.get_by_label("多少项（选“还没有分给人的”时填）").fill("5")
    page.get_by_label("给谁").select_option("wei")
    page.get_by_role("button", name="分配").click()
    expect(page.get_by_role("status")).to_have_text("✓ 已分配 5 项", use_inner_text=True)
    page.get_by_role("link", name="5", exact=True).click()
    expect(page.locator(".rows strong")).to_have_count(5)


def test_disqualification_says_what_the_evidence_shows(desk: Desk, browser: Browser):
    page = open_page(desk, browser, f"{QUEUE}?entry={desk.town.entries[0]}", staff="olga")
    page.get_by_text("其它措施").click()
    page.get_by_label("理由（会留档）").fill("抄袭。")
    page.get_by_label("证据说明了什么").fill("与 2019 年刊物逐段相同。")
    page.get_by_label("从文件计算（文件不会上传）").set_input_files(
        {"name": "证据.txt", "mimeType": "text/plain", "buffer": b"evidence"}
    )
    expect(page.locator("#evidence")).to_have_value(re.compile("[0-9a-f]{64}"))
    page.get_by_role("button", name="取消资格", exact=True).click()

    expect(page.locator(".facts").get_by_text("已取消资格")).to_be_visible()


# What another does meanwhile


def test_decision_that_another_made_meanwhile_is_shown_and_never_replaced_unseen(desk: Desk, browser: Browser):
    town, entry = desk.town.town, desk.town.entries[0]
    page = open_page(desk, browser, f"{QUEUE}?entry={entry}", java_script_enabled=False)
    until = desk.town.now + 86_400_000
    remarks = [{"item": "text", "words": "太短"}]
    town.ok("return_entry", "wei", "moderator", entry=entry, version=1, remarks=remarks, until=until)

    page.get_by_role("button", name="通过", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("您打开之后，此项已有新的处理")
    assert record(desk, 0)["status"] == "returned"
    with page.expect_navigation():
        page.get_by_role("button", name="通过", exact=True).click()  # after seeing the return
    assert record(desk, 0)["status"] == "approved"


def test_refusal_is_seen_although_the_moderator_goes_on_before_it_comes(desk: Desk, browser: Browser):
    first, second = desk.town.entries[:2]
    page = open_page(desk, browser, f"{QUEUE}?entry={first}")
    expect(page.locator("[data-claim-text]")).to_contain_text("由我审核")
    answers: list[Any] = []
    page.route(f"**/desk/moderation/entries/{first}", lambda route: answers.append(route))

    page.evaluate("document.querySelector('#reject').requestSubmit(document.querySelector('#reject [name=do]'))")
    page.wait_for_function("document.querySelector('[data-reader]').getAttribute('aria-busy') === 'true'")
    page.evaluate("document.activeElement.blur()")
    press(page, "j")
    for each in answers:
        each.continue_()

    expect(page.locator("#reason-error")).to_be_visible()
    expect(page.locator("[data-case]")).to_have_attribute("data-case", first)
    press(page, "Escape", "j")
    wait_for_case(page, second)
