"""A new campaign by browser alone: the operator's link, the form, the opening, a password, and the lock."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.clock import rehearsals
from services.moderation.campaign_file.form_values import read_values
from services.moderation.rehearsal_store import RehearsalStore
from tests.e2e import setup_walk
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.setup_town import SetupTown
from tests.e2e.wizard_pictures import FOLDER, NAMES, take

pytestmark = pytest.mark.slow
SIZES = ({"width": 360, "height": 640}, {"width": 1366, "height": 768})
STEPS = ("basics", "windows", "units", "entries", "likes", "judging", "look", "letters", "check", "file")
PASSWORD = "correct horse battery"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SetupTown]:
    town = SetupTown(tmp_path)
    with town.gateway() as (address, _):
        town.address = address
        yield town


def begin(town: SetupTown, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(f"{town.address}/setup/{town.secret()}")
    page.get_by_role("button", name="开始").click()
    page.get_by_role("button", name="开始填写").click()
    expect(page.get_by_role("heading", name="1 名称")).to_be_visible()
    return page


def draft(town: SetupTown) -> str:
    from services.moderation.setup_store import SetupStore

    return SetupStore(town._services["moderation"].log.database).draft().text


def test_campaign_is_set_up_opened_and_locked_by_browser_alone(town: SetupTown, browser: Browser):
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = begin(town, context)

    page.get_by_label("活动名称").fill("读书月")
    page.get_by_label("主办单位", exact=True).fill("某市总工会")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", name="2 时间")).to_be_visible()
    for name in ("2 时间", "3 参加与名额", "4 成果"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        if name.startswith("3"):
            page.get_by_label("总名额").fill("12")
        page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("点赞积分占比").fill("0.15")
    page.get_by_role("button", name="保存并继续").click()
    for name in ("6 评审", "7 外观", "8 通知文字"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", name="9 检查")).to_be_visible()
    hashed = page.locator("section.form code").inner_text()

    page.get_by_label("第 1 位组织者的登录名").fill("olga")
    page.get_by_label("第 1 位组织者的姓名").fill("奥尔加")
    page.get_by_label("第 2 位组织者的登录名").fill("otto")
    page.get_by_label("第 2 位组织者的姓名").fill("奥托")
    page.get_by_label("演练").check()
    page.get_by_role("button", name="开通", exact=True).click()
    expect(page.get_by_role("heading", name="活动已开通")).to_be_visible()
    opened = page.locator("code").inner_text()
    link = page.locator("dd a").first.get_attribute("href")
    town.publish()

    page.goto(str(link))
    page.get_by_label("新密码", exact=False).first.fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("main button").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(f"{town.address}/desk/sign-in?to=/organiser/campaign?step=check")
    page.locator("#staff").fill("olga")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    page.goto(f"{town.address}/organiser/campaign?step=check")
    locked = page.locator("section.form code").last.inner_text()
    page.get_by_role("button", name="锁定").click()
    expect(page.get_by_text("规则已锁定")).to_be_visible()
    rules = town.ok("rules")

    page.goto(f"{town.address}/organiser/campaign?step=likes")
    page.get_by_label("每人每天最多点赞几件").fill("10")
    page.get_by_role("button", name="保存", exact=True).click()
    page.goto(f"{town.address}/organiser/campaign?step=check")
    page.get_by_label("修改的理由").fill("每人每天改为十件")
    page.get_by_role("button", name="生效", exact=True).click()
    expect(page.get_by_text("规则的新版已生效")).to_be_visible()
    expect(page.get_by_text("草稿与生效的规则相同")).to_be_visible()
    amended = town.ok("rules")["versions"]
    assert [each["reason"] for each in amended] == [None, "每人每天改为十件"]
    values = read_values(draft(town))
    assert (values["title_zh"], values["quota.total"], values["weights.like"]) == ("读书月", "12", "0.15")
    assert hashed == opened == locked
    assert len(rules["versions"]) == 1
    assert re.fullmatch("[0-9a-f]{64}", hashed)
    context.close()


def test_rules_of_an_open_campaign_are_replaced_until_they_are_locked(town: SetupTown, browser: Browser):
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    setup_walk.begin(page, f"{town.address}/setup/{town.secret()}")
    setup_walk.answer(page)
    links = setup_walk.open_rehearsal(page)
    town.publish()
    setup_walk.choose_password(page, links[0])
    setup_walk.sign_in(page, town.address, "olga", "/organiser/campaign?step=likes")
    page.get_by_label("每人每天最多点赞几件").fill("10")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存")).to_be_visible()
    page.goto(f"{town.address}/organiser/campaign?step=look")
    page.get_by_label("主色").fill("#1b4fa6")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存")).to_be_visible()

    page.goto(f"{town.address}/organiser/campaign?step=check")
    expect(page.get_by_text("锁定的是生效的规则，不是草稿")).to_be_visible()
    found = violations(page)
    page.get_by_label("修改的理由").fill("每人每天改为十件")
    page.get_by_role("button", name="替换规则").click()
    expect(page.get_by_text("规则已替换")).to_be_visible()
    expect(page.get_by_text("草稿与生效的规则相同")).to_be_visible()
    page.get_by_role("button", name="采用草稿的外观和文字").click()
    expect(page.get_by_text("页面外观和通知文字已更新")).to_be_visible()
    page.get_by_role("button", name="锁定").click()
    expect(page.get_by_text("规则已锁定")).to_be_visible()

    rules = town.ok("rules")
    assert (rules["campaign"]["likes"]["per_day"], len(rules["versions"])) == (10, 1)
    assert town.state_of("moderation").theme == {"colour": "#1b4fa6"}
    assert found == []
    context.close()


def test_anchors_letters_and_a_logo_are_written_by_the_form(town: SetupTown, browser: Browser, tmp_path: Path):
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = begin(town, context)
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(60))
    page.goto(f"{town.address}/setup?step=judging")
    for name, value in (
        ("code", "content"),
        ("zh", "内容"),
        ("weight", "100"),
        ("anchors", "90 | 有数据\n六十 | 常规"),
    ):
        page.locator(f'[id="judging.criteria.0.{name}"]').fill(value)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator('[id="judging.criteria.0.anchors-error"]')).to_contain_text("应当是整数")
    page.locator('[id="judging.criteria.0.anchors"]').fill("90 | 有数据\n60 | 常规")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", name="7 外观")).to_be_visible()
    page.get_by_label("标志文件").set_input_files(logo)
    page.get_by_role("button", name="上传标志").click()
    expect(page.get_by_text("已上传图片（image/png）")).to_be_visible()
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", name="8 通知文字")).to_be_visible()
    page.get_by_text("审核通过", exact=True).click()
    page.locator('[id="letters.approved.title_zh"]').fill("《{entry}》通过了")
    page.get_by_role("button", name="保存并继续").click()

    expect(page.get_by_role("button", name="开通", exact=True)).to_be_visible()
    values = read_values(draft(town))
    assert values["judging.criteria.0.anchors"] == "90 | 有数据\n60 | 常规"
    assert values["theme.logo"].startswith("data:image/png;base64,")
    assert values["letters.approved.title_zh"] == "《{entry}》通过了"
    page.goto(f"{town.address}/setup?step=look")
    page.get_by_role("button", name="去掉标志").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    expect(page.get_by_text("已上传图片")).to_have_count(0)
    assert "theme.logo" not in read_values(draft(town))
    context.close()


def test_small_campaign_is_ten_answers(town: SetupTown, browser: Browser):
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    setup_walk.begin(page, f"{town.address}/setup/{town.secret()}")

    setup_walk.answer(page)

    expect(page.get_by_role("button", name="开通", exact=True)).to_be_visible()
    answers = {path: value for step in setup_walk.ANSWERS.values() for path, value in step.items()}
    assert len(answers) == 10
    assert read_values(draft(town)) == answers
    context.close()


def test_what_was_typed_survives_a_reload_and_a_second_device(town: SetupTown, browser: Browser):
    context = browser.new_context(locale="zh-CN")
    page = begin(town, context)
    page.get_by_label("活动名称").fill("甲")
    page.get_by_role("button", name="保存", exact=True).click()
    other = context.new_page()
    other.goto(f"{town.address}/setup?step=basics")
    other.get_by_label("主办单位", exact=True).fill("乙单位")
    other.get_by_role("button", name="保存", exact=True).click()

    page.reload()
    expect(page.get_by_label("活动名称")).to_have_value("甲")
    expect(page.get_by_label("主办单位", exact=True)).to_have_value("乙单位")
    other.get_by_label("活动名称").fill("丙")
    other.get_by_role("button", name="保存", exact=True).click()
    page.get_by_label("联系方式").fill("0311")
    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("草稿已被别人改过")
    expect(page.get_by_label("联系方式")).to_have_value("0311")
    context.close()


def test_words_of_the_check_stand_at_their_fields(town: SetupTown, browser: Browser):
    context = browser.new_context(locale="zh-CN")
    page = begin(town, context)
    page.goto(f"{town.address}/setup?step=likes")
    page.get_by_label("点赞积分占比").fill("三成")
    page.get_by_label("点赞怎样折算成积分").select_option("prop_max")
    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.locator('[id="weights.like-error"]')).to_contain_text("应当是数字")
    expect(page.locator('[id="conversion.name-hint"]')).to_contain_text("榜首作废一票")
    expect(page.get_by_role("link", name=re.compile("5 点赞"))).to_contain_text("1 处要改")
    page.goto(f"{town.address}/setup?step=check")
    expect(page.get_by_text("还有 1 处错误")).to_be_visible()
    context.close()


def test_without_a_link_the_set_up_shows_nothing(town: SetupTown, browser: Browser):
    begin(town, browser.new_context(locale="zh-CN"))
    stranger = browser.new_context(locale="zh-CN")
    page = stranger.new_page()

    answers = [page.goto(f"{town.address}{path}") for path in ("/setup", "/setup/file", f"/setup/{'0' * 32}")]

    assert [each.status for each in answers if each is not None] == [410, 410, 410]
    stranger.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_have_no_accessibility_violations(town: SetupTown, browser: Browser, lang: str):
    context = browser.new_context(locale="zh-CN")
    page = begin(town, context)
    found = {}
    for size in SIZES:
        page.set_viewport_size(size)
        for step in STEPS:
            page.goto(f"{town.address}/setup?step={step}&lang={lang}")
            found[f"{step} {size['width']}"] = violations(page)

    assert {name: each for name, each in found.items() if each} == {}
    context.close()


def test_rules_are_rehearsed_on_invented_entries(town: SetupTown, browser: Browser):
    context = browser.new_context(locale="zh-CN")
    page = begin(town, context)
    page.goto(f"{town.address}/setup?step=check")
    page.get_by_role("link", name="试算").click()

    expect(page.get_by_text("进入评审 60 件，入选 20 件")).to_be_visible()
    page.get_by_text("名次表").first.click()
    expect(page.locator("details tbody tr")).to_have_count(60)
    assert violations(page) == []
    context.close()


def test_checklist_knows_whether_the_rules_in_force_were_rehearsed(town: SetupTown, browser: Browser):
    store = RehearsalStore(town._services["moderation"].log.database)
    context = browser.new_context(locale="zh-CN", viewport=SIZES[0])
    page = context.new_page()
    setup_walk.begin(page, f"{town.address}/setup/{town.secret()}")
    early = {"windows.exhibition.start": "2027-04-25T00:00", "windows.exhibition.end": "2027-05-25T00:00"}
    setup_walk.answer(page, {**setup_walk.ANSWERS, "windows": {**setup_walk.ANSWERS["windows"], **early}})
    links = setup_walk.open_rehearsal(page)
    town.publish()
    setup_walk.choose_password(page, links[0])
    setup_walk.sign_in(page, town.address, "olga", "/organiser")
    line = page.locator(".phase-list li", has_text="整场演练生效的规则")
    expect(line).to_have_class("now")
    line.get_by_role("link").click()
    page.get_by_role("button", name="开始演练").click()
    expect(page.get_by_text("已排队，马上开始。")).to_be_visible()
    assert rehearsals.step(store, rehearsals.play)
    expect(page.get_by_text("走到了最终结果")).to_be_visible(timeout=60_000)  # the page looks again by itself
    page.get_by_text("最近的演练（1 次）").click()
    expect(page.get_by_text("现在的草稿，已生效")).to_be_visible()
    assert (violations(page), overflow_px(page)) == ([], 0)
    page.locator(".whole li a").first.click()
    expect(page.locator("form input[name=step]").first).to_have_value("windows")

    page.goto(f"{town.address}/organiser")
    expect(line).to_have_class("done")
    page.goto(f"{town.address}/organiser/campaign?step=likes")
    page.get_by_label("每人每天最多点赞几件").fill("9")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存")).to_be_visible()
    page.goto(f"{town.address}/organiser/campaign?step=check&lang=en")
    page.get_by_text("The last rehearsals (1)").click()
    expect(page.get_by_text("the rules in force · came to its end")).to_be_visible()
    assert (violations(page), overflow_px(page)) == ([], 0)
    context.close()


def test_rehearsal_is_looked_at_again_without_script(town: SetupTown, browser: Browser):
    store = RehearsalStore(town._services["moderation"].log.database)
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = begin(town, context)
    page.goto(f"{town.address}/setup?step=check")
    page.get_by_role("button", name="开始演练").click()
    expect(page.get_by_text("已排队，马上开始。")).to_be_visible()
    assert rehearsals.step(store, rehearsals.play)

    page.get_by_role("link", name="看看好了没有").click()

    expect(page.get_by_text("走到了最终结果")).to_be_visible()
    context.close()


NOTICE = "点赞时间：2027年6月7日至6月13日，每人每天限5票。\n点赞占比40%，专家评审占比70%。选出90家单位。"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_whole_campaign_is_rehearsed_from_the_page(town: SetupTown, browser: Browser, lang: str):
    store = RehearsalStore(town._services["moderation"].log.database)
    page = begin(town, browser.new_context(locale="zh-CN", viewport=SIZES[0]))
    now, running, done, looked = {
        "zh": ("开始演练", "已排队，马上开始。", re.compile("走到了最终结果"), "演练的入选名单（12 个）"),
        "en": ("Begin the rehearsal", "It waits and begins soon.", re.compile("It came to the final result"),
               "Winners of the rehearsal (12)"),
    }[lang]  # fmt: skip
    page.goto(f"{town.address}/setup?step=units&lang={lang}")
    page.locator("[id='quota.total']").fill("12")
    page.locator("button[value=next]").click()
    page.goto(f"{town.address}/setup?step=check")
    page.get_by_role("button", name=now).click()
    expect(page.get_by_text(running)).to_be_visible()
    assert violations(page) == []

    assert rehearsals.step(store, rehearsals.play)

    expect(page.get_by_text(done)).to_be_visible(timeout=60_000)  # the page looks again by itself
    page.get_by_text(looked).click()
    expect(page.locator(".whole tbody tr")).to_have_count(12)
    assert (violations(page), overflow_px(page)) == ([], 0)


def test_notice_is_read_and_only_what_was_confirmed_enters_the_draft(town: SetupTown, browser: Browser):
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{town.address}/setup/{town.secret()}")
    page.get_by_role("button", name="开始").click()
    page.get_by_role("link", name="从通知文字生成草稿").click()
    page.get_by_label("通知全文").fill(NOTICE)
    page.get_by_role("button", name="读取").click()

    expect(page.get_by_text("占比之和是 110%")).to_be_visible()
    assert page.locator("input[type=checkbox]:checked").count() == 0
    assert page.locator("mark").all_inner_texts()[0] == "12027年6月7日至6月13日"
    page.get_by_label("每人每天限5票").check()
    page.get_by_label("选出90家").check()
    page.get_by_role("button", name="写入草稿").click()
    expect(page.get_by_role("heading", name="9 检查")).to_be_visible()

    values = read_values(draft(town))
    assert (values["likes.per_day"], values["quota.total"]) == ("5", "90")
    assert "weights.like" not in values
    context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_of_a_notice_has_no_accessibility_violations(town: SetupTown, browser: Browser, lang: str):
    context = browser.new_context(locale="zh-CN")
    page = begin(town, context)
    found = {}
    for size in SIZES:
        page.set_viewport_size(size)
        page.goto(f"{town.address}/setup/notice?lang={lang}")
        found[f"empty {size['width']}"] = violations(page)
        page.locator("#text").fill(NOTICE)
        page.locator("main form button").click()
        found[f"read {size['width']}"] = violations(page)

    assert {name: each for name, each in found.items() if each} == {}
    context.close()


def test_pictures_of_the_guide_can_be_taken_anew(browser: Browser, tmp_path: Path):
    pictures = dict(take(browser, tmp_path))

    assert tuple(pictures) == NAMES
    assert [name for name in NAMES if f"({name}.png)" not in (FOLDER / "organise.md").read_text()] == []
    assert [name for name, picture in pictures.items() if not 5_000 < len(picture) < 100_000] == []
