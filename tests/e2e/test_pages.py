"""The pages in a real browser: on a phone, on a desktop, in English, and by keyboard.

The events decide what may be visible at each moment: ranking folds a story, and the page is read as a browser
shows it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.admission.settings import Admission
from gateway.app import Ports, create_app
from gateway.html.texts import WORDS
from services.moderation.events import ClockMoved
from services.ranking import events as own
from services.ranking.read_model.daily_totals import Daily
from shared.media.copies import RECIPE
from shared.settings import Settings
from tests.e2e.campaign_views import SHOWN, cached_views, extreme_views, public_views
from tests.e2e.web_server import running_server
from tests.unit.gateway.town import (
    PICTURE,
    VIEWS,
    Town,
    board,
    campaign,
    entry_row,
)
from tests.unit.ranking.stories import (
    DAY,
    END,
    HOUR,
    START,
    Story,
    liked,
    until_exhibited,
)

pytestmark = pytest.mark.slow
PHONE = {"width": 390, "height": 844}
WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116 Mobile MicroMessenger/8.0.47"
NARROW = {"width": 360, "height": 740}
OpenGateway = Callable[[dict[str, Any]], str]
#: WCAG 2.x contrast of each element's text with the first opaque background behind it, computed in the page itself.
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

#: The text of each row, cell by cell, also inside what is collapsed.
WORDS_OF_EACH = """rows => rows.map(row => [...row.children].map(cell =>
  [...cell.childNodes].map(each => each.textContent).join(' ')).join(' '))"""
#: Column heads that are broken into lines.
BROKEN_HEADS = """() => [...document.querySelectorAll('thead th')]
  .filter(each => each.getClientRects().length && each.clientHeight > 2.5 * parseFloat(getComputedStyle(each).fontSize)
    + 2 * parseFloat(getComputedStyle(each).paddingTop)).map(each => each.textContent)"""


SIZE = "parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)"
#: What can be used or looked at and has no accessible name.
NAMELESS = """() => [...document.querySelectorAll(
    'a, button, input:not([type=hidden]), select, textarea, summary, video, audio, [role=img], nav, img')]
  .filter(each => each.getClientRects().length)
  .filter(each => !(each.getAttribute('aria-label') || '').trim() && !(each.textContent || '').trim()
    || ['INPUT', 'SELECT', 'TEXTAREA'].includes(each.tagName))
  .filter(each => !(each.labels && each.labels.length && each.labels[0].textContent.trim()))
  .filter(each => each.tagName !== 'IMG' || each.getAttribute('alt') === null)
  .map(each => each.outerHTML)"""


@pytest.fixture(scope="module")
def open_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenGateway]:
    """Return a function that opens a gateway with these views and returns its URL."""
    data = tmp_path_factory.mktemp("data")
    # The copy for the public, as submission writes it: the name of the original is not its hash here.
    picture = data / "media" / "demo" / "public" / RECIPE / PICTURE[:2] / f"{PICTURE}.jpeg"
    picture.parent.mkdir(parents=True)
    Image.new("RGB", (640, 420), (166, 27, 27)).save(picture, "JPEG")
    settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"})
    with ExitStack() as doors:
        yield lambda views: doors.enter_context(
            running_server(create_app(settings, Ports(Town(), Town(), cached_views(views)), folded_logs=FOLDED_LOGS))
        )


@pytest.fixture(scope="module")
def address(open_gateway: OpenGateway) -> str:
    """The URL of a town in like week, with a result that nobody may see yet."""
    return open_gateway(SHOWN)


@pytest.fixture
def complaints() -> list[str]:
    """Console messages, script errors and failed requests of the browser."""
    return []


@pytest.fixture
def phone(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, user_agent=WECHAT, locale="zh-CN", has_touch=True, is_mobile=True)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    yield page
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_home_fits_a_phone_and_the_browser_has_nothing_to_complain_of(phone: Page, address: str, complaints: list[str]):
    phone.goto(address)

    assert phone.title() == "百家基层工会特色建设成果展"
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert complaints == []


@pytest.mark.parametrize(
    "path", ["/", "/exhibition", "/notice", "/objections", "/certificates", "/entries/A001", "/nothing"]
)
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


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/?type=other",
        "/boards?type=other",
        "/boards?by=overall",
        "/exhibition",
        "/entries/E002",
        "/complaints",
        "/notice",
        "/nothing",
    ],
)
def test_large_text_is_large_lasts_and_fits_even_twice_as_large(
    phone: Page, open_gateway: OpenGateway, path: str, lang: str
):
    phone.goto(f"{open_gateway(extreme_views())}{path}{'&' if '?' in path else '?'}lang={lang}")
    plain = phone.evaluate(SIZE)
    phone.get_by_role("link", name=WORDS["text.large"][lang == "en"]).click()
    expect(phone.locator("html")).to_have_class("large")
    phone.wait_for_load_state()
    large = phone.evaluate(SIZE)
    phone.reload()
    phone.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")

    assert (phone.evaluate(SIZE), large) == (large, 1.5 * plain)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.evaluate("document.documentElement.style.fontSize = '200%'")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_large_text_needs_no_script(browser: Browser, address: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/?type=state")
    page.get_by_role("link", name=WORDS["text.large"][0]).click()

    assert page.url == f"{address}/?type=state&text=large"
    page.get_by_role("link", name=WORDS["boards"][0]).first.click()
    assert page.locator("html").get_attribute("class") == "large"
    context.close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/boards",
        "/exhibition",
        "/entries/A001",
        "/complaints",
        "/notice",
        "/objections",
        "/certificates",
        "/privacy",
        "/nothing",
    ],
)
def test_everything_that_can_be_used_has_a_name_for_a_screen_reader(phone: Page, address: str, path: str):
    phone.goto(address + path)

    assert phone.evaluate(NAMELESS) == []
    assert phone.get_by_role("link", name="投诉与建议").get_attribute("href", timeout=1000).startswith("/complaints")


def test_list_is_found_in_by_a_plain_form_and_pages_do_not_repeat(browser: Browser, open_gateway: OpenGateway):
    crowd = {f"e{n}": entry_row(f"A{n:03d}", "state", f"成果{n}") for n in range(1, 61)}
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(open_gateway({**VIEWS, "entries": {"entries": crowd}, "board": board({})}))
    shown = []
    for _ in range(3):
        shown += page.locator(".card a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        more = page.get_by_role("link", name=WORDS["list.more"][0])
        if more.count():
            more.click()

    assert sorted(shown) == sorted(f"/entries/{each['number']}" for each in crowd.values())
    assert shown != sorted(shown)

    page.get_by_text(WORDS["filter"][0]).click()
    page.get_by_label(WORDS["search.q"][0]).fill("a 012")
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".card a")).to_have_count(1)
    expect(page.locator(".card a")).to_have_attribute("href", "/entries/A012")
    context.close()


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
    phone.goto(f"{address}/boards")
    boards = phone.locator("section", has=phone.get_by_role("heading", name="点赞榜"))
    boards.get_by_role("link", name="炼钢").click()

    assert phone.get_by_role("heading", level=1).inner_text() == "炼钢 & <b>职工之家</b>"
    expect(phone.locator("img.whole")).to_have_js_property("complete", True)
    assert phone.locator("img.whole").evaluate("each => each.naturalWidth > 0") is True

    phone.get_by_role("link", name="返回活动首页").click()
    assert phone.url.rstrip("/") == address


def test_every_type_opens_by_keyboard_alone(browser: Browser, address: str):
    page = browser.new_page()
    page.goto(f"{address}/boards")

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


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?type=other",
        "/boards?type=other",
        "/boards?by=overall",
        "/exhibition",
        "/entries/A001",
        "/entries/E002",
        "/complaints",
        "/notice",
        "/objections",
        "/nothing",
    ],
)
def test_page_with_long_words_fits_a_narrow_phone(phone: Page, open_gateway: OpenGateway, path: str, lang: str):
    phone.set_viewport_size(NARROW)
    phone.goto(f"{open_gateway(extreme_views())}{path}{'&' if '?' in path else '?'}lang={lang}")
    phone.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")

    assert phone.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    assert phone.evaluate(BROKEN_HEADS) == []


def test_page_before_the_campaign_is_open_says_so(phone: Page, open_gateway: OpenGateway, complaints: list[str]):
    phone.goto(open_gateway({}))

    assert phone.get_by_role("heading", level=1).inner_text() == WORDS["not-open"][0]
    assert complaints == []


@pytest.mark.parametrize(
    ("day", "phase", "states"),
    [
        pytest.param(-60, "before", "○○○○", id="before"),
        pytest.param(-50, "submission", "●○○○", id="submission"),
        pytest.param(-3, "moderation", "✓○○○", id="moderation"),
        pytest.param(0, "likes", "✓●○○", id="like week"),
        pytest.param(7, "judging", "✓✓●○", id="judging"),
        pytest.param(12, "result", "✓✓✓○", id="result"),
        pytest.param(14, "exhibition", "✓✓✓●", id="exhibition"),
        pytest.param(200, "over", "✓✓✓✓", id="over"),
    ],
)
def test_home_names_the_phase_and_marks_the_schedule(
    phone: Page, open_gateway: OpenGateway, day: int, phase: str, states: str
):
    phone.goto(open_gateway({**VIEWS, "campaign": campaign(clock=START + day * DAY)}))

    assert phone.locator(".now strong").inner_text() == WORDS[f"phase.{phase}"][0]
    schedule = phone.locator("section[aria-label=活动安排]")
    assert "".join(each[0] for each in schedule.locator("td.kept").all_text_contents()) == states
    expect(schedule.locator("tr.now")).to_have_count(states.count("●"))


def rows_of(page: Page, section: str) -> list[str]:
    """Return the rows of a section's tables, as they are read."""
    part = page.locator(f"section[aria-labelledby={section}]")
    return [" ".join(text.split()) for text in part.locator("tbody tr").evaluate_all(WORDS_OF_EACH)]


def test_leaderboards_stand_by_type_with_the_likes_that_are_public(desk: Page, open_gateway: OpenGateway):
    daily = Daily(as_of=START + 18 * HOUR, likes={"u1-1": 7_001, "u2-1": 9_002})
    desk.goto(open_gateway(public_views(in_like_week(), daily)) + "/boards")

    assert desk.locator("#boards ~ details > summary").all_inner_texts() == ["国有（2 个）", "非公（1 个）"]
    assert rows_of(desk, "boards") == [
        "1 title u2-1 v2 unit 2 · city 2 · A002 9002",
        "2 title u1-1 v1 unit 1 · city 1 · A001 7001",
        "1 title u3-1 v1 unit 3 · city 3 · B001 0",
    ]
    assert desk.get_by_text("截至 2021-06-07 18:00").is_visible()


def test_likes_that_are_not_public_yet_are_nowhere_in_the_page(desk: Page, open_gateway: OpenGateway):
    quiet, loud = in_like_week(), in_like_week()
    loud["vote.1"].append([liked("u2-1", voter=f"fan-{n}") for n in range(200)])
    pages = []
    for story in (quiet, loud):
        address = open_gateway(public_views(story))
        for path in (
            "/",  # the order is the same, because browser and keys are
            "/?type=state",
            "/boards",
            "/boards?type=state",
            "/entries/A001",
            "/entries/A002",
            "/api/v1/leaderboard",
            "/api/v1/entries",
        ):
            desk.goto(address + path)
            pages.append(desk.content())

    assert pages[:8] == pages[8:]
    assert rows_of_hidden(desk, open_gateway(public_views(quiet))) == [
        "A001 title u1-1 v1 unit 1 · city 1",
        "A002 title u2-1 v2 unit 2 · city 2",
        "B001 title u3-1 v1 unit 3 · city 3",
    ]


def rows_of_hidden(page: Page, address: str) -> list[str]:
    page.goto(f"{address}/boards")
    assert page.get_by_text(WORDS["board.hidden"][0]).is_visible()
    return rows_of(page, "boards")


def test_result_that_is_signed_but_not_published_is_not_in_the_page(desk: Page, open_gateway: OpenGateway):
    story = until_exhibited()
    del story["ranking"][-3:]
    desk.goto(open_gateway(public_views(story)))

    expect(desk.locator("#winners")).to_have_count(0)
    assert [final for final in ("79.35", "92.30") if final in desk.content()] == []
    expect(desk.locator("#exhibition")).to_have_count(0)


def test_published_result_stands_as_pictures_on_the_home_page_and_as_a_list_on_the_notice(
    desk: Page, open_gateway: OpenGateway
):
    address = open_gateway(public_views(all_shown()))
    desk.goto(address)

    shown = desk.locator("section[aria-labelledby=winners]")
    assert shown.locator(".card > a").evaluate_all("all => all.map(a => a.getAttribute('href'))") == [
        "/entries/A002",
        "/entries/B001",
    ]
    assert shown.locator(".won").all_inner_texts() == ["第 1 名 · 92.30 分", "第 1 名 · 79.35 分"]
    assert desk.get_by_text(WORDS["provisional"][0]).first.is_visible()
    desk.goto(f"{address}/notice")
    assert rows_of(desk, "winners") == [
        "1 title u2-1 v2 unit 2 · A002 92.30",
        "1 title u3-1 v1 unit 3 · B001 79.35",
    ]


def test_exhibition_is_looked_through_without_a_script(browser: Browser, open_gateway: OpenGateway):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{open_gateway(public_views(all_shown()))}/exhibition")
    cards = "all => all.map(a => a.getAttribute('href'))"

    assert page.get_by_text(WORDS["exhibition.provisional"][0]).is_visible()
    assert page.locator(".card a").evaluate_all(cards) == ["/entries/A002", "/entries/B001"]
    assert page.locator(".won").first.inner_text() == "第 1 名 · 92.30 分"

    page.get_by_text(WORDS["pills.more"][0]).click()
    page.get_by_role("link", name="非公 1").click()
    expect(page.locator(".card a")).to_have_count(1)
    expect(page.locator(".card a")).to_have_attribute("href", "/entries/B001")
    page.get_by_role("link", name=WORDS["pills.remove"][0].format(name="")).click()
    expect(page.locator(".card a")).to_have_count(2)
    assert page.locator(".card a").evaluate_all(cards) == ["/entries/A002", "/entries/B001"]
    page.get_by_label(WORDS["search.q"][0]).fill("u3-1")
    page.get_by_role("button", name=WORDS["filter.now"][0]).click()
    expect(page.locator(".card a")).to_have_count(1)
    expect(page.locator(".card a")).to_have_attribute("href", "/entries/B001")
    page.locator(".card a").click()
    expect(page.get_by_text(WORDS["exhibition.mark"][0]).first).to_be_visible()
    context.close()


def test_boards_of_a_theme_and_a_city_are_a_link_away(desk: Page, open_gateway: OpenGateway):
    desk.goto(f"{open_gateway(public_views(all_shown()))}/boards")
    desk.get_by_role("link", name=WORDS["board.overall"][0]).click()
    overall = rows_of(desk, "boards")
    desk.get_by_text(WORDS["board.by-city"][0]).click()
    desk.get_by_role("link", name="city 3").click()

    assert [each.partition(" ")[0] for each in overall] == ["1", "1", "3"]
    assert rows_of(desk, "boards") == ["1 title u3-1 v1 unit 3 · city 3 · B001 3"]


def test_entry_that_was_taken_down_is_gone(desk: Page, open_gateway: OpenGateway):
    address = open_gateway(public_views({**all_shown(), "ranking": until_exhibited()["ranking"]}))

    desk.goto(address)
    assert "title u2-1" in desk.content()
    assert [word for word in ("title u3-1", "unit 3", "/entries/B001") if word in desk.content()] == []
    desk.goto(f"{address}/notice")
    assert rows_of(desk, "winners")[1] == "1 B001 · 不再展示 79.35"
    assert [word for word in ("title u3-1", "unit 3", "/entries/B001") if word in desk.content()] == []
    answers = [desk.goto(f"{address}{path}") for path in ("/entries/B001", "/entries/u3-1", "/media/picture-u3-1")]
    assert [answer.status for answer in answers if answer] == [410, 410, 404]
    desk.goto(f"{address}/api/v1/result")
    assert [word for word in ("title u3-1", "unit 3") if word in desk.content()] == []


def in_like_week() -> Story:
    """Return a story whose polls are open, with daily totals, in the evening of the first day."""
    story = until_exhibited()
    story["moderation"][5][1] = ClockMoved(START + 20 * HOUR, by="o1")
    del story["vote.0"][-1], story["vote.1"][-1], story["ranking"], story["scoring"]
    return story


def all_shown() -> Story:
    """Return a story of the exhibition before anything was taken down."""
    story = until_exhibited()
    assert story["ranking"].pop() == [own.EntryTakenDown("u3-1", "rights", "o1", END + 11)]
    return story


def test_complaint_is_filed_from_an_entry_by_a_plain_form(browser: Browser, tmp_path: Path):
    town = Town()
    filed = {"complaint": "ABCDEFGH23456722", "kind": "suggestion", "entry": "u1-1", "at": START, "state": "open"}
    town.answers["moderation", "file_complaint"] = {"ok": {**filed, "answer": None, "repeated": False}}
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo"})
    with running_server(
        create_app(settings, Ports(town, town, cached_views(VIEWS)), folded_logs=FOLDED_LOGS)
    ) as address:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}/entries/A001")
        page.get_by_role("link", name=WORDS["complaints"][0]).click()
        page.get_by_label(WORDS["complaint.suggestion"][0]).check()
        page.get_by_label("内容").fill("字太小。")
        page.get_by_role("button", name=WORDS["complaint.file"][0]).click()

        assert page.get_by_role("status").inner_text() == "✓ 已受理"
        assert page.get_by_text("ABCD-EFGH-2345-6722").is_visible()
        context.close()

    (call,) = town.calls_to("moderation", "file_complaint")
    assert call["body"] == {"kind": "suggestion", "entry": "u1-1", "words": "字太小。", "contact": None}


def test_second_complaint_is_filed_by_itself_once_the_browser_has_done_the_work(browser: Browser, tmp_path: Path):
    """Both ways: the form that was loaded before the first letter was sent, and the one that was loaded after it."""
    town = Town()
    filed = {"complaint": "ABCDEFGH23456722", "kind": "complaint", "entry": None, "at": START, "state": "open"}
    town.answers["moderation", "file_complaint"] = {"ok": {**filed, "answer": None, "repeated": False}}
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo"})
    rules = Admission(challenge_tries=2_000)
    with running_server(
        create_app(settings, Ports(town, town, cached_views(VIEWS)), folded_logs=FOLDED_LOGS, admission=rules)
    ) as address:
        context = browser.new_context()
        pages = [context.new_page() for _ in range(3)]
        for page in pages[:2]:
            page.goto(f"{address}/complaints")
        for page, words in zip(pages, ("第一封。", "第二封。", "第三封。"), strict=True):
            if page is pages[2]:
                page.goto(f"{address}/complaints")
            page.get_by_label("内容").fill(words)
            page.get_by_role("button", name=WORDS["complaint.file"][0]).click()
            page.get_by_text("✓ 已受理").wait_for()
        context.close()

    assert [call["body"]["words"] for call in town.calls_to("moderation", "file_complaint")] == [
        "第一封。", "第二封。", "第三封。",
    ]  # fmt: skip


def test_objection_is_made_from_the_notice_by_a_plain_form(browser: Browser, tmp_path: Path):
    town = Town()
    filed = {"objection": "ABCDEFGH23456722", "proposal": "P1", "entry": "u1-1", "at": START, "state": "open"}
    town.answers["ranking", "file_objection"] = {"ok": {**filed, "answer": None, "repeated": False}}
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo"})
    with running_server(
        create_app(settings, Ports(town, town, cached_views(SHOWN)), folded_logs=FOLDED_LOGS)
    ) as address:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(address)
        page.get_by_role("link", name=WORDS["notice"][0], exact=True).first.click()
        page.get_by_role("link", name=WORDS["objection.object"][0], exact=True).click()
        page.get_by_label("成果编号").fill("A001")
        page.get_by_label("异议内容和依据").fill("计分有误。")
        page.get_by_role("button", name=WORDS["complaint.file"][0]).click()

        assert page.get_by_role("status").inner_text() == "✓ 已受理"
        assert page.get_by_text("ABCD-EFGH-2345-6722").is_visible()
        context.close()

    (call,) = town.calls_to("ranking", "file_objection")
    assert call["body"] == {"entry": "u1-1", "words": "计分有误。", "contact": None}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_objections_long_labels_fit_a_narrow_phone_in_large_text(browser: Browser, tmp_path: Path, lang: str):
    town = Town()
    found = {
        "objection": "ABCDEFGH23456722",
        "proposal": "P1",
        "entry": "u1-1",
        "at": START,
        "state": "dismissed",
    }
    town.answers["ranking", "objection"] = {"ok": {**found, "answer": {"words": "经复核无误。", "at": START}}}
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo"})
    with running_server(
        create_app(settings, Ports(town, town, cached_views(SHOWN)), folded_logs=FOLDED_LOGS)
    ) as address:
        page = browser.new_page(viewport=NARROW)
        page.goto(f"{address}/objections/ABCDEFGH23456722?lang={lang}&text=large")

        expect(page.get_by_text("ABCD-EFGH")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
        page.close()


@pytest.mark.parametrize(("status", "why"), [("valid", None), ("revoked", "order")])
@pytest.mark.parametrize(("lang", "size"), [("zh", "plain"), ("zh", "large"), ("en", "large")])
def test_certificate_is_checked_by_its_number_on_a_narrow_phone(
    browser: Browser, tmp_path: Path, lang: str, size: str, status: str, why: str | None
):
    town = Town()
    town.answers["ranking", "certificate"] = {"ok": certificate(status, why)}
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo"})
    with running_server(
        create_app(settings, Ports(town, town, cached_views(SHOWN)), folded_logs=FOLDED_LOGS)
    ) as address:
        page = browser.new_page(viewport=NARROW)
        page.goto(f"{address}/certificates?lang={lang}&text={size}")
        page.get_by_role("textbox").fill("abcd efgh 2345 6722")
        page.get_by_role("button").click()

        said = WORDS[f"certificate.is-{status}"][lang == "en"]
        assert page.get_by_role("status").inner_text() == said
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
        assert page.get_by_role("link", name="PDF").count() == (status == "valid")
        page.close()


def certificate(status: str, why: str | None) -> dict[str, Any]:
    """Return ranking's view of a certificate with long names."""
    return {
        "certificate": "ABCDEFGH23456722",
        "proposal": "P1",
        "entry": "u1-1",
        "title": "Pneumonoultramicroscopicsilicovolcanoconiosis" * 2,
        "unit": "唐山市曹妃甸区某某重型机械有限公司工会委员会",
        "type": "国有",
        "place": 3,
        "campaign": "百家基层工会特色建设成果展",
        "organiser": "河北省总工会",
        "day": "2021-06-24",
        "at": START,
        "status": status,
        "why": why,
        "words": None if why is None else "单位名称有误，已另行制作。",
        "since": None if why is None else START,
    }
