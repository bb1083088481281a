"""A voter's journey in a real browser: one tap, the state of the button, undo, and the likes of all days."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.test_pages import WECHAT
from tests.e2e.voter_town import VoterTown, voter_town
from tests.unit.gateway.town import CLOCK, DAY

pytestmark = pytest.mark.slow
NARROW, PHONE, DESK = {"width": 360, "height": 640}, {"width": 390, "height": 844}, {"width": 1366, "height": 768}
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605 Version/16.0 Mobile/15E148 Safari/604"
OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[VoterTown]:
    with voter_town(tmp_path) as made:
        yield made


@pytest.fixture
def open_context(browser: Browser) -> Iterator[OpenContext]:
    """Return a function that opens a phone inside WeChat, or another browser."""
    opened: list[BrowserContext] = []

    def start(size: dict[str, int] = NARROW, *, agent: str = WECHAT, **more: object) -> BrowserContext:
        opened.append(browser.new_context(viewport=size, user_agent=agent, locale="zh-CN", **more))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


@pytest.fixture
def phone(open_context: OpenContext) -> Page:
    return open_context(PHONE).new_page()


def like_box(page: Page) -> Locator:
    return page.locator("[data-like-box]")


@pytest.mark.parametrize("size", [NARROW, PHONE], ids=["360", "390"])
def test_first_tap_in_wechat_signs_in_likes_and_says_so(town: VoterTown, open_context: OpenContext, size: dict):
    page = open_context(size).new_page()
    page.goto(f"{town.url}/entries/A001")

    page.get_by_role("link", name="点赞", exact=True).click()

    expect(page.get_by_text("✓ 已点赞")).to_be_visible()
    expect(page.locator(".state")).to_have_text("✓ 已赞")
    expect(page.get_by_role("button", name="点赞", exact=True)).to_be_hidden()
    expect(page.locator("[data-more]")).to_contain_text("今天还可以点赞 19 个成果")
    assert (overflow_px(page), violations(page)) == (0, [])


def test_button_knows_its_state_after_tap_undo_and_reload(town: VoterTown, phone: Page):
    phone.goto(f"{town.url}/entries/A001")
    phone.get_by_role("link", name="点赞", exact=True).click()
    expect(phone.locator(".state")).to_be_visible()

    phone.get_by_role("button", name="收回点赞").click()

    expect(phone.get_by_role("button", name="点赞", exact=True)).to_be_visible()
    expect(phone.locator("[data-more]")).to_contain_text("今天还可以点赞 20 个成果")
    phone.reload()
    expect(phone.get_by_role("button", name="点赞", exact=True)).to_be_visible()
    phone.get_by_role("button", name="点赞", exact=True).click()
    expect(phone.locator(".state")).to_be_focused()
    phone.reload()
    expect(phone.locator(".state")).to_have_text("✓ 已赞")


def test_like_button_stays_at_the_thumb_of_a_phone(town: VoterTown, phone: Page):
    phone.goto(f"{town.url}/entries/A001")

    phone.mouse.wheel(0, 600)

    button = phone.get_by_role("link", name="点赞", exact=True).bounding_box()
    assert button is not None
    assert 844 / 2 < button["y"] < 844 - button["height"]


def test_likes_of_two_days_are_listed_and_yesterday_s_can_be_taken_back(town: VoterTown, phone: Page):
    phone.goto(f"{town.url}/entries/A001")
    phone.get_by_role("link", name="点赞", exact=True).click()
    expect(phone.locator(".state")).to_be_visible()
    town.move_to(CLOCK + DAY)
    phone.goto(f"{town.url}/entries/E001")
    phone.get_by_role("button", name="点赞", exact=True).click()
    expect(phone.locator(".state")).to_be_visible()

    phone.goto(f"{town.url}/likes")

    expect(phone.get_by_role("heading", level=2)).to_have_text(["2021-06-08（今天）", "2021-06-07"])
    assert (overflow_px(phone), violations(phone)) == (0, [])
    phone.locator("li", has_text="A001").get_by_role("button", name="收回点赞").click()
    expect(phone.locator("h1")).to_have_text("○ 点赞已收回")
    phone.goto(f"{town.url}/likes")
    expect(phone.locator("li", has_text="A001")).to_contain_text("○ 已收回")


def test_after_the_close_my_likes_promise_nothing(town: VoterTown, phone: Page):
    phone.goto(f"{town.url}/entries/A001")
    phone.get_by_role("link", name="点赞", exact=True).click()
    expect(phone.locator(".state")).to_be_visible()
    town.move_to(CLOCK + 8 * DAY)

    phone.goto(f"{town.url}/likes")

    expect(phone.get_by_text("点赞已于 6 月 13 日 24:00 结束")).to_be_visible()
    expect(phone.get_by_role("button", name="收回点赞")).to_have_count(0)
    assert "还可以点赞" not in phone.content()


def test_limit_is_told_with_what_one_may_still_do(town: VoterTown, phone: Page):
    phone.goto(f"{town.url}/entries/A001")
    phone.get_by_role("link", name="点赞", exact=True).click()
    expect(phone.locator(".state")).to_be_visible()
    for number in ("A011", "A012", "A013", "A014"):
        phone.goto(f"{town.url}/entries/{number}")
        phone.get_by_role("button", name="点赞", exact=True).click()
        expect(phone.locator(".state")).to_be_visible(timeout=15_000)

    phone.goto(f"{town.url}/entries/A015")
    expect(phone.locator("[data-more]")).to_contain_text("其中这一类单位还可以点 0 个")
    phone.get_by_role("button", name="点赞", exact=True).click()

    expect(like_box(phone).get_by_role("status")).to_contain_text("今天还可以为其它类型的单位点赞")


def test_like_works_by_plain_forms(town: VoterTown, open_context: OpenContext):
    page = open_context(NARROW, java_script_enabled=False).new_page()
    page.goto(f"{town.url}/entries/A001")

    page.get_by_role("link", name="点赞", exact=True).click()
    expect(page.locator(".state")).to_have_text("✓ 已赞")
    page.get_by_role("button", name="收回点赞").click()

    expect(page.locator("h1")).to_have_text("○ 点赞已收回")
    page.goto(f"{town.url}/entries/A001")
    expect(page.get_by_role("button", name="点赞", exact=True)).to_be_visible()


def test_phone_outside_wechat_copies_the_link(town: VoterTown, open_context: OpenContext):
    context = open_context(PHONE, agent=SAFARI)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{town.url}/entries/A001")

    page.get_by_role("button", name="复制链接").click()

    expect(page.get_by_role("status")).to_have_text("✓ 已复制，请到微信里粘贴。")
    assert page.evaluate("navigator.clipboard.readText()") == f"{town.url}/entries/A001"
    expect(page.locator(".code")).to_have_count(0)
    assert (overflow_px(page), violations(page)) == (0, [])


def sign_in(page: Page, town: VoterTown) -> None:
    """Sign a voter in on a phone by the like button of an entry."""
    page.goto(f"{town.url}/entries/E001")
    page.get_by_role("link", name="点赞", exact=True).click()
    expect(page.locator(".state")).to_be_visible()


def open_list(page: Page, town: VoterTown) -> None:
    """Open the list of entries with its fold."""
    page.goto(town.url)
    page.locator("details.rest > summary").click()


def card(page: Page, number: str) -> Locator:
    return page.locator(f'.card[data-number="{number}"]')


@pytest.mark.parametrize("size", [NARROW, PHONE], ids=["360", "390"])
def test_several_are_ticked_and_liked_with_one_press(town: VoterTown, open_context: OpenContext, size: dict):
    page = open_context(size).new_page()
    sign_in(page, town)
    open_list(page, town)
    for number in ("A001", "A011", "A012", "A013", "A014", "A015"):
        card(page, number).get_by_role("checkbox").check()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url.removeprefix(town.url)}"))

    page.get_by_role("button", name="为选中的成果点赞").click()

    bar = page.locator("#ballot")
    expect(bar.get_by_role("status")).to_have_text("5 个已点赞 · 今天还可以点赞 14 个成果。")
    expect(bar.locator("li")).to_have_count(1)
    expect(bar.locator("li")).to_contain_text("今天还可以为其它类型的单位点赞")
    assert requests == ["POST /api/v1/ballots"]
    expect(page.locator(".card[data-liked]")).to_have_count(6)
    assert (overflow_px(page), violations(page)) == (0, [])
    open_list(page, town)
    expect(page.locator(".card[data-liked]")).to_have_count(6)


def test_several_are_ticked_and_liked_by_a_plain_form(town: VoterTown, open_context: OpenContext):
    page = open_context(NARROW, java_script_enabled=False).new_page()
    sign_in(page, town)
    open_list(page, town)
    expect(card(page, "E001").get_by_text("✓ 已赞")).to_be_visible()
    for number in ("A001", "A011"):
        card(page, number).get_by_role("checkbox").check()

    page.get_by_role("button", name="为选中的成果点赞").click()

    expect(page.get_by_role("status")).to_have_text("2 个已点赞")
    assert (overflow_px(page), page.locator(".own-likes li").count()) == (0, 2)
    open_list(page, town)
    expect(card(page, "A001").get_by_text("✓ 已赞")).to_be_visible()


def test_card_is_liked_in_place_and_knows_it_after_a_reload(town: VoterTown, phone: Page):
    sign_in(phone, town)
    open_list(phone, town)

    card(phone, "A012").get_by_role("button", name="点赞 A012").click()

    expect(card(phone, "A012").get_by_text("✓ 已赞")).to_be_focused()
    open_list(phone, town)
    expect(card(phone, "A012").get_by_text("✓ 已赞")).to_be_visible()


def test_first_tap_on_a_card_signs_in_and_likes(town: VoterTown, phone: Page):
    open_list(phone, town)

    phone.get_by_role("link", name="点赞 A013").click()

    expect(phone.locator(".state")).to_have_text("✓ 已赞")
    assert phone.url.partition("#")[0] == f"{town.url}/entries/A013"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_voter_s_pages_fit_a_computer_and_have_no_fault_that_axe_finds(
    town: VoterTown, open_context: OpenContext, lang: str
):
    context = open_context(DESK)
    page = context.new_page()
    sign_in(page, town)
    found = {}
    for path in ("/", "/entries/E001", "/entries/A001", "/likes", "/privacy"):
        page.goto(f"{town.url}{path}?lang={lang}")
        found[path] = (overflow_px(page), violations(page))

    assert found == dict.fromkeys(found, (0, []))
