"""The pages of organisers in a browser, over real services: from the shortlist to certificates, by forms alone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.whole_town import HOUR, WholeDesk, WholeTown

pytestmark = pytest.mark.slow

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
PAGES = ("", "/schedule", "/staff", "/late-passes", "/shortlist", "/disqualification", "/result", "/notice", "/final",
         "/certificates", "/exhibition")  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> WholeTown:
    return WholeTown(tmp_path)


def opened(page: Page, desk: WholeDesk, path: str = "") -> Page:
    page.goto(f"{desk.address}/organiser{path}")
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def status(page: Page) -> Locator:
    return page.locator("[role=status]").first


def asks(page: Page) -> Locator:
    """Return the effects that a page lists which asks once more, once it has come."""
    expect(page.locator("button[name=sure][value=yes]")).to_be_visible()
    return page.locator("dl")


def lines(page: Page) -> dict[str, str]:
    """Return the state of each step of the checklist, by its name."""
    rows = page.locator(".steps-list li")
    found = {}
    for k in range(rows.count()):
        what = rows.nth(k).locator(".what").inner_text().splitlines()[0].strip()
        found[what] = re.sub(r"^\W+", "", rows.nth(k).locator(".state").inner_text()).strip()
    return found


def test_checklist_names_what_is_done_what_blocks_and_who_acts_until_when(browser: Browser, town: WholeTown) -> None:
    town.hand_in()
    with town.gateway() as desk:
        page = desk.sign_in(browser).new_page()
        found = lines(opened(page, desk))
        review = page.locator("li", has_text="审核报送的成果").inner_text()

    assert (found["导入名册"], found["锁定规则"], found["成果报送"]) == ("已完成", "现在做", "现在做")
    assert found["审核报送的成果"] == "现在做"
    assert found["提出结果"] == "以后"
    assert "10 项待审" in review
    assert "审核员" in review
    assert "3 月 31 日 24:00 止" in review


def test_shortlist_is_previewed_confirmed_and_then_stands(browser: Browser, town: WholeTown) -> None:
    town.hand_in()
    town.approve()
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/shortlist")
        press(page, "确认这份名单（10 项）")
        expect(asks(page)).to_contain_text("10")
        press(page, "确认入围名单")

        expect(status(page)).to_have_text("✓ 入围名单已确认。", use_inner_text=True)
        expect(page.locator("main")).to_contain_text("已确认的名单与规则一致", use_inner_text=True)
        assert len(town.ok("moderation", "shortlist")["entries"]) == 10


def test_result_is_proposed_signed_by_two_and_published_by_forms_alone(browser: Browser, town: WholeTown) -> None:
    town.until_judged()
    with town.gateway() as desk:
        without_script = {"java_script_enabled": False}
        olga = opened(desk.sign_in(browser, "olga", **without_script).new_page(), desk, "/result")
        press(olga, "提出结果 P1")
        expect(olga.get_by_role("button", name="签署这份结果", exact=True)).to_be_visible()
        digest = town.ok("ranking", "result")["digest"]
        press(olga, "签署这份结果")
        expect(asks(olga)).to_contain_text(digest, use_inner_text=True)
        press(olga, "签署这份结果")
        expect(status(olga)).to_have_text("✓ 您的签署已记录。", use_inner_text=True)
        expect(olga.get_by_role("button", name="现在公布", exact=True)).to_have_count(0)
        expect(olga.locator("main")).to_contain_text("等另一位组织者签署", use_inner_text=True)

        otto = opened(desk.sign_in(browser, "otto", **without_script).new_page(), desk, "/result")
        press(otto, "签署这份结果")
        asks(otto)
        press(otto, "签署这份结果")
        press(otto, "现在公布")
        asks(otto)
        press(otto, "现在公布结果")

        expect(status(otto)).to_have_text("✓ 结果已公布，公示期开始。", use_inner_text=True)
        assert town.ok("ranking", "result")["published_proposal"] == "P1"
        assert town.ok("ranking", "result")["signatures"] == ["olga", "otto"]


def test_release_time_is_set_and_cancelled_and_a_past_one_is_refused_with_what_was_typed(
    browser: Browser, town: WholeTown
) -> None:
    town.until_judged()
    proposed = town.ok("ranking", "propose_result")
    for by in ("olga", "otto"):
        town.ok("ranking", "sign_result", by, proposal=proposed["proposal"], digest=proposed["digest"])
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/result")
        page.get_by_label("公布时间").fill("2026-04-01T09:00")
        press(page, "定时公布")
        asks(page)
        press(page, "定时公布这份结果")
        expect(page.locator(".errors")).to_have_count(1)
        expect(page.get_by_label("公布时间")).to_have_value("2026-04-01T09:00")

        page.get_by_label("公布时间").fill("2026-05-06T09:00")
        press(page, "定时公布")
        asks(page)
        press(page, "定时公布这份结果")
        expect(status(page)).to_have_text("✓ 公布时间已设定。", use_inner_text=True)
        expect(page.locator(".facts-list")).to_contain_text("2026-05-06 09:00", use_inner_text=True)
        press(page, "取消定时")
        expect(status(page)).to_have_text("✓ 定时公布已取消。", use_inner_text=True)
        assert town.ok("ranking", "result")["release_at"] is None


def test_who_moves_up_is_shown_before_a_disqualification_and_again_in_the_question(
    browser: Browser, town: WholeTown
) -> None:
    town.until_judged()
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/disqualification?entry=a006")
        table = page.locator("table").first.inner_text()
        page.get_by_label("理由（会公开，请勿写个人信息）").fill("抄袭")
        press(page, "取消资格")
        for words in ("A006", "A002", "抄袭"):
            expect(asks(page)).to_contain_text(words)
        press(page, "不，返回")
        expect(page.get_by_label("理由（会公开，请勿写个人信息）")).to_have_value("抄袭")
        press(page, "取消资格")
        asks(page)
        press(page, "取消这项成果的资格")
        expect(status(page)).to_have_text(re.compile("^✓ 已记录"), use_inner_text=True)
        record = town.ok("moderation", "desk", entry="U06-1")

    assert "A002" in table
    assert "新入选" in table
    assert record["status"] == "disqualified"


def object_to(town: WholeTown, words: str) -> str:
    filed = town.ok("ranking", "file_objection", "gateway", "operator", entry="U06-1", words=words, contact=None)
    return str(filed["objection"])


def test_final_lists_every_open_item_and_goes_through_only_when_nothing_is_open(
    browser: Browser, town: WholeTown
) -> None:
    town.until_judged()
    town.publish()
    object_to(town, "成果的图片不是本单位的。")
    filed = town.ok("moderation", "file_complaint", "gateway", "operator", kind="complaint", words="名额不公")
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/final")
        expect(page.locator(".obstacles > li strong")).to_have_text(
            ["公示期尚未结束", "还有异议尚未答复", "还有公示期内的投诉尚未答复"]
        )
        expect(page.locator(".obstacles")).to_contain_text("还有异议尚未答复 (1)")
        expect(page.get_by_role("button", name="最终确定结果")).to_have_count(0)

        opened(page, desk, "/notice")
        press(page, "答复")
        expect(page.locator(".errors")).to_contain_text("✗", use_inner_text=True)
        page.locator("article textarea").fill("经核实，图片由该单位拍摄。")
        page.get_by_label("异议不成立").first.check()
        press(page, "答复")
        expect(status(page)).to_have_text("✓ 答复已记录。", use_inner_text=True)
        town.ok("moderation", "answer_complaint", "mo", "moderator", complaint=filed["complaint"], words="已答复。")
        town.set_clock(town.ok("ranking", "awaited_final")["notice_until"] + HOUR)
        desk.show()

        opened(page, desk, "/final")
        expect(status(page)).to_contain_text("没有未结事项", use_inner_text=True)
        press(page, "最终确定结果")
        asks(page)
        press(page, "最终确定结果")
        expect(status(page)).to_contain_text("结果已最终确定", use_inner_text=True)
        assert town.ok("ranking", "result")["final_at"] is not None


def test_several_objections_get_one_answer_after_the_page_has_listed_them(browser: Browser, town: WholeTown) -> None:
    town.until_judged()
    town.publish()
    for words in ("一", "二", "三"):
        object_to(town, words)
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/notice")
        together = page.locator("form", has_text="查看会答复哪些")
        together.locator("textarea").fill("同一个答复。")
        together.get_by_label("异议不成立").check()
        press(page, "查看会答复哪些")
        expect(page.locator(".errors")).to_have_count(1)  # nothing was chosen, and nothing is answered
        together = page.locator("form", has_text="查看会答复哪些")
        expect(together.locator("textarea")).to_have_value("同一个答复。")
        for box in together.get_by_role("checkbox").all()[:2]:
            box.check()
        together.get_by_label("异议不成立").check()
        press(page, "查看会答复哪些")
        expect(page.locator("dl")).to_contain_text("2 件异议", use_inner_text=True)
        press(page, "答复这些异议")

        expect(page.locator("dl", has_text="2 件异议")).to_have_count(0)
        expect(page.locator("main")).to_be_visible()
        assert town.ok("ranking", "objections")["open"] == 1


def test_certificates_are_issued_and_one_is_revoked_after_the_result_is_final(
    browser: Browser, town: WholeTown
) -> None:
    town.until_judged()
    town.publish()
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/certificates")
        expect(page.get_by_role("button", name="颁发证书")).to_have_count(0)
        town.set_clock(town.ok("ranking", "awaited_final")["notice_until"] + HOUR)
        town.ok("ranking", "finalise_result", proposal="P1")
        desk.show()
        opened(page, desk, "/certificates")
        press(page, "颁发证书（8）")
        asks(page)
        press(page, "颁发证书")
        expect(status(page)).to_have_text("✓ 证书已颁发。", use_inner_text=True)
        number = page.locator("tbody tr").first.locator("a").first.inner_text()
        page.get_by_label("证书编号").fill(number)
        page.get_by_label("理由（会公开，请勿写个人信息）").fill("印错单位")
        press(page, "撤销证书")
        expect(page.locator("dl")).to_contain_text(number, use_inner_text=True)
        press(page, "撤销这份证书")

        expect(status(page)).to_have_text("✓ 证书已撤销。", use_inner_text=True)
        expect(page.locator("tbody tr").first).to_contain_text("✗ 已撤销", use_inner_text=True)


def test_exhibition_is_opened_and_an_entry_is_taken_down_by_its_poster_number(
    browser: Browser, town: WholeTown
) -> None:
    town.until_judged()
    town.publish()
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/exhibition")
        press(page, "开放展播")
        asks(page)
        press(page, "开放展播")
        expect(page.locator(".phase")).to_contain_text("8 项", use_inner_text=True)
        page.get_by_label("成果编号").fill("Z999")
        page.get_by_label("理由（会公开，请勿写个人信息）").fill("肖像权")
        press(page, "撤下一项成果")
        expect(page.get_by_label("理由（会公开，请勿写个人信息）")).to_have_value("肖像权")
        page.get_by_label("成果编号").fill("a006")
        press(page, "撤下一项成果")
        press(page, "撤下这项成果")

        expect(status(page)).to_have_text("✓ 成果已撤下。", use_inner_text=True)
        expect(page.locator(".plain-list")).not_to_contain_text("A006")


def test_window_is_moved_with_a_reason_and_shows_before_and_after(browser: Browser, town: WholeTown) -> None:
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/schedule")
        judging = page.locator("section", has=page.locator("#window-judging"))
        judging.locator("summary").click()
        judging.get_by_label("结束（不含）").fill("2026-04-01T00:00")
        judging.get_by_label("理由（会公开，请勿写个人信息）").fill("评委生病")
        judging.get_by_role("button", name="调整时间").click()
        press(page, "调整这个阶段")
        expect(page.locator(".errors")).to_have_count(1)
        expect(page.locator("#judging-reason")).to_have_value("评委生病")
        judging = page.locator("section", has=page.locator("#window-judging"))
        judging.get_by_label("结束（不含）").fill("2026-04-19T12:00")
        judging.get_by_role("button", name="调整时间").click()
        for words in ("2026-04-20 00:00", "2026-04-19 12:00"):
            expect(asks(page)).to_contain_text(words)
        press(page, "调整这个阶段")

        expect(status(page)).to_have_text("✓ 时间已调整。", use_inner_text=True)
        moved = town.town.ok("campaign")["windows"]["judging"]["end"]
        assert moved == town.campaign.window("judging").end - 12 * HOUR


def test_staff_are_appointed_by_a_link_shown_once_and_an_organiser_by_two(browser: Browser, town: WholeTown) -> None:
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/staff")
        page.get_by_label("登录名").fill("nina")
        page.get_by_label("姓名").fill("尼娜")
        press(page, "任命或改动")
        expect(page.get_by_label("姓名")).to_have_value("尼娜")  # no role was chosen
        page.get_by_label("审核员").check()
        press(page, "任命或改动")
        expect(page.locator(".success code").first).to_contain_text(
            f"{desk.address}/password/nina/", use_inner_text=True
        )
        opened(page, desk, "/staff")
        expect(page.locator(".success")).to_have_count(0)

        page.get_by_label("登录名").fill("pia")
        page.get_by_label("姓名").fill("皮娅")
        page.get_by_label("组织者").check()
        press(page, "任命或改动")
        expect(page.locator("main")).to_contain_text("要由另一位组织者确认", use_inner_text=True)
        otto = opened(desk.sign_in(browser, "otto").new_page(), desk, "/staff")
        press(otto, "确认这项变动")
        expect(otto.locator(".success code").first).to_contain_text("/password/pia/", use_inner_text=True)
        assert {"staff": "pia", "roles": ["organiser"]}.items() <= {
            each["staff"]: {"staff": each["staff"], "roles": each["roles"]}
            for each in town.ok("moderation", "staff")["staff"]
        }["pia"].items()


def test_late_pass_for_an_unknown_unit_keeps_what_was_typed(browser: Browser, town: WholeTown) -> None:
    town.hand_in()
    with town.gateway() as desk:
        page = opened(desk.sign_in(browser).new_page(), desk, "/late-passes")
        page.get_by_label("单位代码").fill("U99")
        page.get_by_label("补报截止").fill("2026-03-31T18:00")
        page.get_by_label("理由（会公开，请勿写个人信息）").fill("洪水")
        press(page, "准许补报")
        expect(page.locator(".errors")).to_have_count(1)
        expect(page.get_by_label("理由（会公开，请勿写个人信息）")).to_have_value("洪水")
        page.get_by_label("单位代码").fill("U03")
        press(page, "准许补报")

        expect(status(page)).to_have_text("✓ 已准许补报。", use_inner_text=True)
        expect(page.locator("tbody")).to_contain_text("U03", use_inner_text=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("stage", ["begun", "judged", "final"])
def test_every_page_is_accessible_and_fits_a_phone(browser: Browser, town: WholeTown, stage: str, lang: str) -> None:
    if stage == "begun":
        town.hand_in()
    else:
        town.until_judged()
    if stage == "final":
        town.publish()
        object_to(town, "图片不实。")
        town.ok("ranking", "open_exhibition")
    with town.gateway() as desk:
        for size in (DESK, PHONE):
            page = desk.sign_in(browser, viewport=size).new_page()
            errors: list[str] = []
            page.on("console", lambda each, errors=errors: errors.append(each.text) if each.type == "error" else None)
            for path in PAGES:
                opened(page, desk, f"{path}?lang={lang}")
                assert (path, overflow_px(page), violations(page), errors) == (path, 0, [], [])


def test_auditor_reads_the_pages_and_finds_no_button_that_changes_anything(browser: Browser, town: WholeTown) -> None:
    town.until_judged()
    town.publish()
    with town.gateway() as desk:
        page = desk.sign_in(browser, "ada").new_page()
        for path in ("", "/schedule", "/staff", "/result", "/final", "/certificates", "/exhibition"):
            opened(page, desk, path)
            assert (path, page.locator("main form[method=post]").count()) == (path, 0)
        assert page.goto(f"{desk.address}/organiser/notice").status == 403  # type: ignore[union-attr]
