"""A unit hands in, is returned, corrects, withdraws: its pages in a browser, in front of the real services."""

import hashlib
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gateway.html.texts import WORDS
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.hosted_gateway import CODES, MORNING, HostedGateway, hosted_gateway

pytestmark = pytest.mark.slow
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1366, "height": 768}
TITLE, TEXT = "炉火旁的职工之家", "第一段写会员怎样建家。\n第二段写职工怎样用家。"
REMARKS = [
    {"item": "title", "words": "请写出特色。"},
    {"item": "files", "words": "第 2 张看不清。"},
    {"item": "text", "words": "请写明年份。"},
]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[HostedGateway]:
    with hosted_gateway(tmp_path) as gateway:
        gateway.town.appoint("mo", "小莫", "moderator")
        yield gateway


@pytest.fixture
def context(browser: Browser, gateway: HostedGateway) -> Iterator[BrowserContext]:
    """A phone on which the unit U1 is signed in."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    sign_in(context, gateway)
    yield context
    context.close()


@pytest.fixture
def phone(context: BrowserContext) -> Page:
    return context.new_page()


def sign_in(context: BrowserContext, gateway: HostedGateway, unit: str = "U1") -> None:
    answer = context.request.post(f"{gateway.url}/api/v1/sessions", data={"unit": unit, "access_code": CODES[unit]})
    assert answer.status == 201


def say(key: str, lang: str = "zh", **values: object) -> str:
    return WORDS[key][lang == "en"].format(**values)


def store_pictures(gateway: HostedGateway, count: int = 4, unit: str = "U1") -> list[dict[str, str]]:
    """Store pictures as the gateway does, have them inspected, and return them as a draft names them."""
    files = []
    for n in range(count):
        page = io.BytesIO()
        Image.new("RGB", (640, 480), (40 + 30 * n, 60, 60)).save(page, "PNG")
        sha256 = hashlib.sha256(page.getvalue()).hexdigest()
        path = gateway.town.data / "media" / "town" / sha256[:2] / sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.getvalue())
        gateway.town.ok("inspect_upload", unit, "unit", path=f"{sha256[:2]}/{sha256}", name=f"{n + 1}.png")
        files.append({"sha256": sha256, "name": f"{n + 1}.png"})
    return files


def change(gateway: HostedGateway, unit: str = "U1", **fields: Any) -> None:
    """Change fields of the unit's draft, as a colleague does."""
    draft = gateway.town.ok("draft", unit, "unit", entry="new")
    gateway.town.ok("change_draft", unit, "unit", entry="new", revision=draft["revision"], fields=fields)


def fill(gateway: HostedGateway) -> None:
    """Make the unit's draft complete."""
    files = store_pictures(gateway)
    change(gateway, title=TITLE, profile="老厂工会。", text=TEXT, themes=["home"], files=files)


def hand_in(page: Page, gateway: HostedGateway) -> None:
    page.goto(f"{gateway.url}/unit/entries/new/hand-in")
    for box in page.locator(".declare input").all():
        box.check()
    page.locator("main form button").click()
    page.wait_for_url("**/receipts/*")


def test_everything_that_is_missing_is_in_one_list_and_each_line_leads_to_its_field(
    gateway: HostedGateway, phone: Page
):
    change(gateway, text="字" * 3_001, files=store_pictures(gateway, 3))
    phone.goto(f"{gateway.url}/unit/entries/new/hand-in")

    lines = phone.locator(".missing a")
    assert [each.split("#")[1] for each in lines.evaluate_all("all => all.map(a => a.getAttribute('href'))")] == [
        "title", "profile", "text", "themes", "files",
    ]  # fmt: skip
    expect(phone.get_by_role("button", name=say("unit.hand-in.now"))).to_have_count(0)
    lines.nth(2).click()
    expect(phone.locator("[name=text]")).to_be_focused()
    expect(phone.locator("#text-count")).to_have_text(
        say("unit.count.over", counted="3,001", most="3,000", over="1"), use_inner_text=True
    )


def test_entry_is_handed_in_once_with_a_receipt_to_print(gateway: HostedGateway, phone: Page):
    fill(gateway)
    phone.goto(f"{gateway.url}/unit/entries/new/hand-in")
    expect(phone.locator(".declare input:checked")).to_have_count(0)
    phone.get_by_role("button", name=say("unit.hand-in.now")).click()
    expect(phone.get_by_role("alert")).to_have_text(f"✗ {say('unit.hand-in.agree-missing')}", use_inner_text=True)
    hand_in(phone, gateway)

    view = gateway.town.ok("entry", "U1", "unit", entry="U1-1")
    number = view["receipt"]
    expect(phone.locator(".digits")).to_have_text(
        "-".join(number[at : at + 4] for at in range(0, 12, 4)), use_inner_text=True
    )
    expect(phone.locator("code")).to_have_text(view["digest"], use_inner_text=True)
    phone.emulate_media(media="print")
    assert phone.locator("header").first.is_visible() is False
    expect(phone.locator(".digits")).to_be_visible()
    phone.emulate_media(media="screen")
    phone.go_back()
    phone.get_by_role("button", name=say("unit.hand-in.now")).click()
    assert len(gateway.town.ok("entry", "U1", "unit", entry="U1-1")["versions"]) == 1


def test_entry_that_a_colleague_changed_meanwhile_is_not_handed_in_unseen(gateway: HostedGateway, phone: Page):
    fill(gateway)
    phone.goto(f"{gateway.url}/unit/entries/new/hand-in")
    change(gateway, title="同事改的标题")
    for box in phone.locator(".declare input").all():
        box.check()
    phone.get_by_role("button", name=say("unit.hand-in.now")).click()

    expect(phone.get_by_role("alert")).to_have_text(say("unit.hand-in.overtaken"), use_inner_text=True)
    expect(phone.locator(".entry-title")).to_have_text("同事改的标题", use_inner_text=True)
    assert gateway.town.ok("entries_of_unit", "U1", "unit")["entries"] == []


def test_returned_entry_shows_each_reason_at_its_field_and_one_deadline(gateway: HostedGateway, phone: Page):
    fill(gateway)
    hand_in(phone, gateway)
    until = int((MORNING + timedelta(days=1, hours=3)).timestamp() * 1000)
    gateway.moderate("return_entry", entry="U1-1", version=1, remarks=REMARKS, until=until)
    phone.goto(f"{gateway.url}/unit")
    assert phone.locator(".due").inner_text().replace("\n", " ").startswith("修改期限 5 月 27 日 21:30")
    phone.get_by_role("link", name=say("unit.act.mend")).click()

    reasons = ["成果标题：请写出特色。", "图片、视频和音频：第 2 张看不清。", "典型材料：请写明年份。"]
    expect(phone.locator(".returned li")).to_have_text(reasons)
    for field, words in (("title", "请写出特色。"), ("text", "请写明年份。")):
        expect(phone.locator(f"[data-field={field}] .remark")).to_have_text(
            say("unit.returned.at", words=words), use_inner_text=True
        )
    phone.locator("[name=title]").fill(f"{TITLE}：一家人的十年")
    expect(phone.locator("#saved")).to_have_attribute("data-state", "saved")
    hand_in(phone, gateway)

    phone.goto(f"{gateway.url}/unit/entries/U1-1/versions")
    expect(phone.locator("#field-title + .sides ins")).to_have_text(f"{say('unit.versions.added')}：：一家人的十年")
    expect(phone.locator("section h2")).to_have_text(["成果标题"], use_inner_text=True)


def test_withdrawal_is_asked_for_twice_and_leaves_what_was_written(gateway: HostedGateway, phone: Page):
    fill(gateway)
    hand_in(phone, gateway)
    phone.goto(f"{gateway.url}/unit")
    phone.get_by_role("link", name=say("unit.withdraw")).click()
    phone.get_by_role("button", name=say("unit.withdraw.now"), exact=True).click()
    expect(phone.get_by_text(say("unit.withdraw.sure.missing"))).to_be_visible()
    phone.get_by_label(say("unit.withdraw.sure")).check()
    phone.get_by_role("button", name=say("unit.withdraw.now"), exact=True).click()

    expect(phone.locator(".steps .ended")).to_have_text(say("unit.state.withdrawn"), use_inner_text=True)
    assert gateway.town.ok("entry", "U1", "unit", entry="U1-1")["status"] == "withdrawn"
    phone.get_by_role("link", name=say("unit.act.go-on")).click()
    expect(phone.locator("[name=text]")).to_have_value(TEXT)


def test_wrong_unit_type_is_corrected_only_with_a_reason_that_a_moderator_confirms(gateway: HostedGateway, phone: Page):
    fill(gateway)
    hand_in(phone, gateway)
    phone.goto(f"{gateway.url}/unit")
    phone.get_by_role("link", name=say("unit.type.wrong")).click()
    expect(phone.locator("input[type=radio]:checked")).to_have_count(0)
    phone.get_by_label(say("unit.type.reason")).fill("已于去年改制。")
    phone.get_by_role("button", name=say("unit.type.ask")).click()
    expect(phone.get_by_role("alert")).to_have_text(f"✗ {say('unit.type.choose')}", use_inner_text=True)
    phone.get_by_label("非公").check()
    phone.get_by_role("button", name=say("unit.type.ask")).click()
    expect(phone.get_by_role("status")).to_contain_text(say("unit.type.open"))
    assert gateway.town.ok("entry", "U1", "unit", entry="U1-1")["type"] == "state"

    gateway.moderate("decide_type_correction", entry="U1-1", agrees=False, words="营业执照未变更。")
    phone.reload()
    expect(phone.get_by_role("status")).to_contain_text("营业执照未变更。", use_inner_text=True)
    assert gateway.town.ok("entry", "U1", "unit", entry="U1-1")["type"] == "state"
    phone.get_by_label(say("unit.type.reason")).fill("营业执照已变更。")
    phone.get_by_label("非公").check()
    phone.get_by_role("button", name=say("unit.type.ask")).click()
    expect(phone.get_by_role("status")).to_contain_text(say("unit.type.open"))
    gateway.moderate("decide_type_correction", entry="U1-1", agrees=True, words="已核对。")
    phone.reload()
    expect(phone.get_by_role("status")).to_contain_text(say("unit.type.granted"))
    assert gateway.town.ok("entry", "U1", "unit", entry="U1-1")["type"] == "private"


def test_poster_of_a_public_entry_has_a_code_and_no_reward(gateway: HostedGateway, phone: Page):
    fill(gateway)
    phone.goto(f"{gateway.url}/unit/entries/new/poster")
    expect(phone.get_by_text(say("unit.poster.not-yet"))).to_be_visible()
    hand_in(phone, gateway)
    gateway.moderate("approve", entry="U1-1", version=1)
    phone.goto(f"{gateway.url}/unit/entries/U1-1/poster")

    assert phone.get_by_role("img", name=say("unit.poster.code")).locator("svg path").count() >= 1
    expect(phone.get_by_role("heading", level=1)).to_have_text(TITLE, use_inner_text=True)
    expect(phone.locator("main button")).to_have_count(0)


def test_likes_are_shown_as_the_embargo_allows(gateway: HostedGateway, phone: Page):
    fill(gateway)
    hand_in(phone, gateway)
    gateway.moderate("approve", entry="U1-1", version=1)
    phone.goto(f"{gateway.url}/unit")

    expect(phone.get_by_text(say("unit.likes"), exact=True)).to_have_count(0)
    assert re.search(r"\d+ 名", phone.locator("main").inner_text()) is None


def test_words_pasted_from_word_lose_their_formatting_and_keep_their_paragraphs(gateway: HostedGateway, phone: Page):
    phone.goto(f"{gateway.url}/unit/entries/new")
    phone.locator("[name=text]").focus()
    phone.evaluate(
        """html => {
          const data = new DataTransfer();
          data.setData('text/html', html);
          data.setData('text/plain', 'plain');
          const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
          document.activeElement.dispatchEvent(paste);
        }""",
        "<p class=MsoNormal><b>第一段</b></p><p><span style='mso-x:y'>第二段</span></p>",
    )
    expect(phone.locator("#saved")).to_have_attribute("data-state", "saved")

    assert phone.locator("[name=text]").input_value().split() == ["第一段", "第二段"]
    assert phone.locator("[data-pasted]").inner_text().startswith("共 ")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_wrong_on_any_page_of_a_unit(
    browser: Browser, gateway: HostedGateway, viewport: dict[str, int], lang: str
):
    context = browser.new_context(viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
    sign_in(context, gateway)
    page, found = context.new_page(), {}

    def look(path: str) -> None:
        page.goto(f"{gateway.url}{path}?lang={lang}")
        if wrong := [*violations(page), *([f"{over} px too wide"] if (over := overflow_px(page)) else [])]:
            found[path] = wrong

    for path in ("/unit", "/unit/entries/new", "/unit/entries/new/hand-in", "/unit/entries/new/preview"):
        look(path)
    fill(gateway)
    for path in ("/unit/entries/new", "/unit/entries/new/hand-in", "/unit/entries/new/preview"):
        look(path)
    hand_in(page, gateway)
    until = int((MORNING + timedelta(days=1)).timestamp() * 1000)
    gateway.moderate("return_entry", entry="U1-1", version=1, remarks=REMARKS, until=until)
    look("/unit/entries/U1-1")
    change(gateway, title=f"{TITLE}，十年", themes=["home", "other"])
    hand_in(page, gateway)
    gateway.moderate("approve", entry="U1-1", version=2)
    for path in ("", "/versions", "/receipts/2", "/withdrawal", "/type", "/poster"):
        look(f"/unit/entries/U1-1{path}" if path else "/unit")
    context.close()

    assert found == {}
