"""The pages in a real browser: read on a phone and on a desk, turned to English, walked by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from gateway.app import Ports, create_app
from gateway.views import Views
from shared.settings import Settings
from tests.e2e.street import served
from tests.unit.gateway.town import CLOCK, PICTURE, RESULT, VIEWS, Town

pytestmark = pytest.mark.slow
CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 390, "height": 844}
WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116 Mobile MicroMessenger/8.0.47"
SHOWN = {**VIEWS, "result": RESULT, "exhibition": {"open": True, "provisional": True, "entries": ["u1-1"]}}
#: WCAG 2.x contrast of an element's text on the first opaque background behind it, in the page itself.
CONTRAST = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const worst = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(each => each.nodeType === 3 && each.textContent.trim());
    if (!own || node.classList.contains('skip')) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(parse(style.color)), light(behind(node))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const line = parseFloat(style.lineHeight) / size;
    worst.push({ratio: (a + 0.05) / (b + 0.05), size, line, text: node.textContent.trim()});
  }
  return worst;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("data")
    picture = data / "media" / "demo" / PICTURE[:2] / PICTURE
    picture.parent.mkdir(parents=True)
    Image.new("RGB", (640, 420), (166, 27, 27)).save(picture, "JPEG")
    views = Views(wall=lambda: CLOCK)
    views.take_all({name: {"version": 1, "cut": {"moderation": 1}, "data": each} for name, each in SHOWN.items()})
    settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"})
    with served(create_app(settings, Ports(Town(), Town(), views))) as at:
        yield at


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: refused styles, missing files, scripts."""
    return []


@pytest.fixture
def phone(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, user_agent=WECHAT, locale="zh-CN", has_touch=True, is_mobile=True)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    yield page
    context.close()


def test_home_fits_a_phone_and_the_browser_has_nothing_to_complain_of(phone: Page, address: str, complaints: list[str]):
    phone.goto(address)

    assert phone.title() == "百家基层工会特色建设成果展"
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert complaints == []


@pytest.mark.parametrize("path", ["/", "/entries/A001", "/nothing"])
def test_text_is_large_spaced_and_in_contrast(phone: Page, address: str, path: str):
    phone.goto(address + path)

    found = phone.evaluate(CONTRAST)

    assert found
    assert [each for each in found if each["ratio"] < 4.5] == []
    assert [each for each in found if each["size"] < 14] == []
    assert [each for each in found if each["line"] < 1.3] == []


def test_text_survives_being_made_twice_as_large(phone: Page, address: str):
    phone.goto(address)
    phone.evaluate("document.documentElement.style.fontSize = '200%'")

    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_switch_turns_the_page_and_the_next_one(phone: Page, address: str):
    phone.goto(address)
    phone.get_by_role("link", name="English").click()

    assert phone.locator("html").get_attribute("lang") == "en"
    assert phone.get_by_role("heading", level=1).inner_text() == "A Hundred Grassroots Unions"

    phone.goto(f"{address}/entries/A001")
    assert phone.locator("html").get_attribute("lang") == "en"

    phone.get_by_role("link", name="中文").click()
    assert phone.locator("html").get_attribute("lang") == "zh-CN"


def test_reader_goes_from_a_leaderboard_to_an_entry_and_back(phone: Page, address: str):
    phone.goto(address)
    boards = phone.locator("section", has=phone.get_by_role("heading", name="点赞榜"))
    boards.get_by_role("link", name="炼钢").click()

    assert phone.get_by_role("heading", level=1).inner_text() == "炼钢 & <b>职工之家</b>"
    assert phone.locator("img.whole").evaluate("each => each.complete && each.naturalWidth") == 640

    phone.get_by_role("link", name="返回活动首页").click()
    assert phone.url.rstrip("/") == address


def test_every_type_opens_by_keyboard_alone(browser: Browser, address: str):
    page = browser.new_page()
    page.goto(address)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")

    summary = page.locator("summary", has_text="其它")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#type-other").get_attribute("open") is not None
    assert page.get_by_role("link", name="夜班食堂").is_visible()
    page.close()


def test_page_works_without_scripts(browser: Browser, address: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)

    assert page.get_by_text("职工点赞").first.is_visible()
    context.close()


def test_session_cookie_of_the_browser_is_out_of_reach_for_scripts(browser: Browser, address: str):
    context = browser.new_context()
    context.add_cookies([{"name": "baijia", "value": "x", "url": address, "httpOnly": True}])
    page = context.new_page()
    page.goto(address)

    assert page.evaluate("document.cookie") == ""
    context.close()


def test_picture_of_each_page_can_be_kept(phone: Page, address: str, tmp_path: Path):
    phone.goto(address)
    kept: Any = phone.screenshot(path=tmp_path / "home.png", full_page=True)

    assert len(kept) > 10_000
