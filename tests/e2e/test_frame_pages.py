"""The frame in a browser: sign-in without a script, home by phase on a phone, and what axe finds wrong with either."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.html.texts import WORDS
from shared.settings import Settings
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.campaign_views import cached_views
from tests.e2e.web_server import running_server
from tests.unit.gateway.town import DAY, RESULT, VIEWS, Town, board, campaign, entry_row

pytestmark = pytest.mark.slow

START = campaign()["windows"]["likes"]["start"]
THEME = {
    "name_zh": "成果展",
    "name_en": "The Exhibition",
    "colour": "#1b4fa6",
    "organiser": "省总工会",
    "filing": "冀ICP备1号",
}
LIMITS = {"text_max_chars": 3_000, "pictures_min": 4, "pictures_max": 30, "video_max_s": 480}
NOTHING_YET = {"entries": {"entries": {}}, "board": board({})}
SHOWN = {"result": RESULT, "exhibition": {"open": True, "provisional": False, "entries": ["u1-1"]}}
PHASES = {
    "before": (-60, NOTHING_YET),
    "submission": (-10, NOTHING_YET),
    "moderation": (-3, {}),
    "likes": (1, {}),
    "judging": (8, {}),
    "exhibition": (20, SHOWN),
}
#: The texts with Chinese characters in elements that are not marked as Chinese.
UNMARKED = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const node = walk.currentNode, element = node.parentElement;
    if (!/\\p{Script=Han}/u.test(node.data) || element.closest('script, code, noscript, template')) continue;
    if (!element.closest('[lang]').lang.startsWith('zh')) found.push(node.data.trim());
  }
  return found;
}"""
OpenTown = Callable[..., tuple[str, Town]]


@pytest.fixture(scope="module")
def open_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenTown]:
    """Return a function that serves a gateway on a day of the campaign; it returns its URL and its town."""
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path_factory.mktemp("data")), "BAIJIA_CAMPAIGN": "demo"})
    with ExitStack() as servers:

        def serve(day: float, **more: Any) -> tuple[str, Town]:
            views = {
                **VIEWS,
                "campaign": campaign(clock=START + int(day * DAY), entry=LIMITS),
                "page_theme": THEME,
                **more,
            }
            town = Town()
            app = create_app(settings, Ports(town, town, cached_views(views)), folded_logs=FOLDED_LOGS)
            return servers.enter_context(running_server(app)), town

        yield serve


@pytest.mark.parametrize("phase", PHASES)
def test_home_of_every_phase_has_its_sentence_and_button_and_nothing_that_axe_finds_wrong(
    browser: Browser, open_town: OpenTown, phase: str
):
    day, views = PHASES[phase]
    address, _ = open_town(day, **views)
    for width, height in ((360, 640), (1366, 768)):
        for lang in ("zh", "en"):
            context = browser.new_context(viewport={"width": width, "height": height})
            page = context.new_page()
            page.goto(f"{address}/?lang={lang}")

            button = page.locator(".action .button")
            expect(button).to_have_text(WORDS[f"home.do.{phase}"][lang == "en"], use_inner_text=True)
            assert button.bounding_box()["y"] < height  # type: ignore[index]
            assert (violations(page), overflow_px(page)) == ([], 0), (phase, width, lang)
            context.close()


CROWD = {
    f"u{k}-1": entry_row(f"{'AE'[k % 2]}{k // 2 + 1:03}", ("state", "other")[k % 2], f"夜班食堂的灯（{k}）",
                         unit=f"第 {k} 机床厂工会")
    for k in range(40)
}  # fmt: skip
BOARD = {
    code: [
        {"entry": entry, "likes": 900 - k, "place": 1 + k // 2}
        | {name: row[name] for name in ("number", "title", "unit", "city")}
        for k, (entry, row) in enumerate(CROWD.items())
        if row["type"] == code
    ]
    for code in ("state", "other")
}
CROWDED = {"entries": {"entries": CROWD}, "board": {**board({}), "types": BOARD}}
WINNERS = [
    {"entry": entry, "place": 1 + k // 2, "overall": 1 + k, "final": f"{95 - k}.25", "disqualified": False}
    | {name: CROWD[entry][name] for name in ("number", "title", "unit", "type")}
    for k, entry in enumerate(list(CROWD)[:20])
]
WON = {
    "result": {**RESULT, "winners": WINNERS},
    "exhibition": {"open": True, "provisional": False, "entries": [each["entry"] for each in WINNERS]},
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("phase", PHASES)
def test_home_of_every_phase_is_three_screens_of_a_phone_at_most(
    browser: Browser, open_town: OpenTown, phase: str, lang: str
):
    day, views = PHASES[phase]
    address, _ = open_town(day, **(views if views is NOTHING_YET else {**CROWDED, **(WON if views else {})}))
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto(f"{address}/?lang={lang}")

    assert page.evaluate("document.documentElement.scrollHeight") <= 3 * 640
    context.close()


@pytest.mark.parametrize("path", ["/screen", "/exhibition", "/exhibition?type=state&q=夜班", "/boards"])
@pytest.mark.parametrize("phase", ["likes", "judging", "exhibition"])
def test_axe_finds_nothing_wrong_with_screen_and_exhibition(
    browser: Browser, open_town: OpenTown, phase: str, path: str
):
    address, town = open_town(PHASES[phase][0], **CROWDED, **(WON if phase == "exhibition" else {}))
    town.answers["submission", "search_texts"] = {"ok": {"entries": {}}}
    for width in (360, 1366):
        for lang in ("zh", "en"):
            context = browser.new_context(viewport={"width": width, "height": 768})
            page = context.new_page()
            page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")

            assert (violations(page), overflow_px(page)) == ([], 0), (phase, path, width, lang)
            context.close()


@pytest.mark.parametrize("path", ["/", "/boards", "/entries/A001", "/exhibition", "/notice", "/rules", "/screen"])
def test_chinese_on_english_pages_stands_in_elements_that_say_so(browser: Browser, open_town: OpenTown, path: str):
    address, _ = open_town(20, **CROWDED, **WON)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}{path}?lang=en")

    assert page.evaluate(UNMARKED) == []
    context.close()


def test_big_screen_shows_what_changed_and_says_when_it_is_cut_off(browser: Browser, open_town: OpenTown):
    address, _ = open_town(1, **CROWDED)
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.clock.install()
    page.goto(f"{address}/screen")
    figure = page.locator(".figures dd").first
    expect(figure).to_have_text("40", use_inner_text=True)
    assert page.evaluate("document.documentElement.scrollHeight") <= 1.05 * 1080

    page.route("**/screen", lambda route: route.fulfill(body=page.content().replace(">40<", ">41<")))
    page.clock.run_for(20_000)
    expect(figure).to_have_text("41")
    page.unroute("**/screen")
    context.set_offline(True)
    page.clock.run_for(20_000)

    expect(page.get_by_role("status").last).to_contain_text(WORDS["screen.offline"][0].partition("{")[0].split("，")[0])
    context.close()


@pytest.mark.parametrize("path", ["/unit/sign-in", "/desk/sign-in", "/search?q=夜班", "/entries/u9-1"])
def test_axe_finds_nothing_wrong_with_pages_of_the_frame(browser: Browser, open_town: OpenTown, path: str):
    gone = {**VIEWS["entries"], "hidden": {"u9-1": {"number": None, "why": "withdrawn", "files": []}}}
    address, _ = open_town(1, entries=gone)
    for width in (360, 1366):
        for lang in ("zh", "en"):
            context = browser.new_context(viewport={"width": width, "height": 700})
            page = context.new_page()
            page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")

            assert (violations(page), overflow_px(page)) == ([], 0), (path, width, lang)
            context.close()


def test_staff_sign_in_without_a_script_are_led_back_and_sign_out(browser: Browser, open_town: OpenTown):
    address, town = open_town(1)
    town.staff["mo"] = ["moderator"]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{address}/desk")
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["sign-in.desk"][0], use_inner_text=True)
    town.answers["moderation", "login"] = {"refused": {"code": "login-refused", "field": None, "detail": {}}}
    page.get_by_label(WORDS["sign-in.desk.name"][0]).fill("mo")
    page.get_by_label(WORDS["sign-in.desk.secret"][0]).fill("a wrong one")
    page.locator("main").get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label(WORDS["sign-in.desk.name"][0])).to_have_value("mo")

    town.answers["moderation", "login"] = {"ok": {"staff": "mo", "name": "莫", "roles": ["moderator"], "session": "s1"}}
    page.get_by_label(WORDS["sign-in.desk.secret"][0]).fill("the right one")
    page.locator("main").get_by_role("button").click()
    expect(page).to_have_url(f"{address}/desk")
    page.get_by_role("button", name=WORDS["sign-out"][0]).first.click()
    expect(page.get_by_role("status").first).to_have_text(WORDS["sign-in.out"][0], use_inner_text=True)
    page.goto(f"{address}/desk")
    assert "/desk/sign-in" in page.url
    context.close()
