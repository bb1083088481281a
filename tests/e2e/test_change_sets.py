"""The pages of change sets and outages in a browser, over real services in memory, with and without a script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from services.moderation.events import ClockMoved, WindowMoved
from services.voting.events import LikesHeld
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.judged_town import JudgedTown, Staff
from tests.unit.ranking.stories import DAY, END, START, until_judged

pytestmark = pytest.mark.slow
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 740}}
CHANGES, OUTAGE = "/organiser/changes", "/organiser/outage"


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    """A gateway after judging."""
    with JudgedTown(tmp_path).gateway() as staff:
        yield staff


def running_week(tmp_path: Path) -> JudgedTown:
    """Return a town on the second day of like week."""
    story = until_judged()
    story["moderation"] = story["moderation"][:5]
    moved = WindowMoved("judging", END + DAY, END + 9 * DAY, "x", by="o1", at=START)
    story["moderation"].append([moved, ClockMoved(START + 2 * DAY, by="o1")])
    story["ranking"], story["scoring"] = [], []
    story["vote.0"], story["vote.1"] = story["vote.0"][:3], story["vote.1"][:2]
    return JudgedTown(tmp_path, story, at=START + 2 * DAY)


def open_page(staff: Staff, browser: Browser, path: str, *, by: str = "o1", script: bool = True) -> Page:
    page = staff.sign_in(browser, by, java_script_enabled=script).new_page()
    page.goto(staff.address + path)
    return page


def fill(page: Page, row: int, kind: str, entry: str, reason: str, **more: str) -> None:
    box = page.get_by_role("group", name=f"第 {row} 项")
    box.get_by_label("更正什么").select_option(label=kind)
    box.get_by_label("成果", exact=True).fill(entry)
    box.get_by_label("理由").fill(reason)
    if more:
        box.get_by_text("新类型、专家、点赞地址、证据").click()
    for label, value in more.items():
        field = box.get_by_label(label)
        field.select_option(label=value) if label.startswith("新的类型") else field.fill(value)


def propose(page: Page) -> None:
    fill(page, 1, "取消资格", "A002", "材料虚假")
    fill(page, 2, "作废点赞", "B001", "机器刷赞", **{"点赞地址": "vote.1/1/1", "证据的摘要": "e" * 64})
    page.get_by_label("整组的理由").fill("抽查结论")
    page.get_by_role("button", name="提出并查看预览").click()


@pytest.mark.parametrize("script", [True, False])
def test_two_people_apply_a_change_set_as_it_was_previewed(staff: Staff, browser: Browser, script: bool):
    page = open_page(staff, browser, CHANGES, script=script)
    propose(page)

    expect(page.get_by_role("heading", name="变更组 C1")).to_be_visible()
    expect(page.get_by_role("heading", name="入选 1 个，落选 1 个")).to_be_visible()
    expect(page.get_by_text("须由另一位组织者核对后生效")).to_be_visible()
    expect(page.get_by_role("button", name="全部生效")).to_have_count(0)

    other = open_page(staff, browser, f"{CHANGES}/C1", by="o2", script=script)
    other.get_by_role("button", name="全部生效").click()
    expect(other.get_by_text("全部更正一次计入")).to_be_visible()
    assert staff.town.call("moderation", "change_sets")["ok"]["sets"][0]["state"] == "applied"
    rows = staff.town.call("ranking", "table")["ok"]["table"]["rows"]
    assert {each["entry"] for each in rows} == {"u1-1", "u3-1"}


def test_a_preview_that_is_no_longer_true_is_refused_and_shown_anew(staff: Staff, browser: Browser):
    propose(open_page(staff, browser, CHANGES))
    page = open_page(staff, browser, f"{CHANGES}/C1", by="o2")
    staff.town.call("moderation", "correct_type", entry="u1-1", type="private", reason="填错")
    page.get_by_role("button", name="全部生效").click()

    expect(page.get_by_role("alert")).to_contain_text("请重新核对")
    expect(page.get_by_role("button", name="全部生效")).to_be_visible()
    assert staff.town.call("moderation", "change_sets")["ok"]["sets"][0]["state"] == "open"


def test_a_change_set_is_dropped_with_words(staff: Staff, browser: Browser):
    propose(open_page(staff, browser, CHANGES))
    page = open_page(staff, browser, f"{CHANGES}/C1")
    page.get_by_role("button", name="放弃整组").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("放弃的原因").fill("看错了")
    page.get_by_role("button", name="放弃整组").click()
    expect(page.get_by_text("什么都没有变")).to_be_visible()


def test_what_is_refused_stands_at_its_field_with_what_was_typed(staff: Staff, browser: Browser):
    page = open_page(staff, browser, CHANGES)
    fill(page, 2, "更正类型", "A999", "填错")
    page.get_by_label("整组的理由").fill("抽查结论")
    page.get_by_role("button", name="提出并查看预览").click()

    expect(page.locator("[id='1-entry-error']")).to_be_visible()
    expect(page.locator("[id='1-entry']")).to_have_value("A999")
    page.get_by_role("button", name="再加几项").click()
    expect(page.get_by_role("group", name="第 6 项")).to_be_visible()
    expect(page.locator("[id='1-entry']")).to_have_value("A999")


def test_an_outage_lengthens_like_week_is_public_and_is_taken_back(tmp_path: Path, browser: Browser):
    town = running_week(tmp_path)
    with town.gateway() as staff:
        page = open_page(staff, browser, OUTAGE, script=False)
        page.get_by_label("故障开始").fill("2021-06-08T10:00")
        page.get_by_label("故障结束").fill("2021-06-08T12:00")
        page.get_by_label("延长多少分钟").fill("120")
        page.get_by_label("原因（将公布）").fill("机房断电")
        page.get_by_role("button", name="查看会改动哪些时间").click()
        page.get_by_role("button", name="确认延长并公布").click()
        expect(page.get_by_text("点赞期已延长")).to_be_visible()
        likes = town.call("moderation", "campaign")["ok"]["windows"]["likes"]
        assert likes["end"] == END + 2 * 3_600_000
        assert town.views()["campaign"]["data"]["outages"][0]["reason"] == "机房断电"

        page.get_by_label("撤回的原因").fill("误报")
        page.get_by_role("button", name="撤回延时").click()
        expect(page.get_by_text("延时已撤回")).to_be_visible()
        assert town.views()["campaign"]["data"]["outages"] == []


def test_everybody_reads_of_an_outage_on_the_home_and_the_rules_page(tmp_path: Path, browser: Browser):
    town = running_week(tmp_path)
    at = START + 2 * DAY
    body = {"start": at - 7_200_000, "end": at - 3_600_000, "minutes": 60, "reason": "机房断电", "evidence": None}
    town.call("moderation", "declare_outage", **body)
    with town.gateway() as staff:
        page = browser.new_context(locale="zh-CN", viewport=SIZES["phone"]).new_page()
        for path in ("/", "/rules"):
            page.goto(staff.address + path)
            expect(page.get_by_text("点赞期延长 60 分钟")).to_be_visible()
            assert (path, violations(page)) == (path, [])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_pages_fit_and_have_nothing_that_axe_finds_wrong(tmp_path: Path, browser: Browser, size: str, lang: str):
    town = running_week(tmp_path)
    at = START + 2 * DAY
    body = {"start": at - 7_200_000, "end": at - 3_600_000, "minutes": 60, "reason": "机房断电", "evidence": "e" * 64}
    town.call("moderation", "declare_outage", **body)
    with town.gateway() as staff:
        propose(open_page(staff, browser, CHANGES))
        page = staff.sign_in(browser, "o2", viewport=SIZES[size]).new_page()
        for path in (CHANGES, f"{CHANGES}/C1", OUTAGE):
            page.goto(f"{staff.address}{path}?lang={lang}")
            assert (path, violations(page)) == (path, [])
            assert (path, overflow_px(page)) == (path, 0)


def test_a_preview_that_ranking_did_not_seal_is_refused(tmp_path: Path):
    town = JudgedTown(tmp_path)
    correction = {"kind": "disqualification", "entry": "u1-1", "reason": "虚假"}
    assert "ok" in town.call("moderation", "propose_changes", corrections=[correction], reason="抽查")
    seen = town.call("ranking", "preview_changes", changes="C1")["ok"]
    sealed = {name: seen[name] for name in ("digest", "applied", "sound", "seal")}
    forged = {**sealed, "digest": "f" * 64}

    refused = town.call("moderation", "apply_changes", changes="C1", digest="f" * 64, preview=forged)
    applied = town.call("moderation", "apply_changes", changes="C1", digest=seen["digest"], preview=sealed)

    assert (refused["refused"]["code"], applied["ok"]["corrections"]) == ("preview-outdated", 1)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_likes_on_hold_go_from_their_list_into_a_new_change_set(tmp_path: Path, browser: Browser, size: str, lang: str):
    town = JudgedTown(tmp_path)
    town.append("vote.cases", LikesHeld("case", "u3-1", ("vote.1/1/1",), "burst", at=START))
    with town.gateway() as staff:
        page = staff.sign_in(browser, "o1", viewport=SIZES[size]).new_page()
        page.goto(f"{staff.address}{CHANGES}?lang={lang}#held")
        held = page.locator("section", has=page.locator("#held"))
        expect(held.locator("li")).to_have_count(1)
        assert (violations(page), overflow_px(page)) == ([], 0)

        held.get_by_role("link").last.click()

        expect(page.locator("[name='0-kind']")).to_have_value("likes")
        expect(page.locator("[name='0-likes']")).to_have_value("vote.1/1/1")
