"""The page script in a real browser: it solves a challenge for a like, shows the outcome in words, and works by form
and by keyboard.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.admission.settings import Admission
from gateway.app import Ports, create_app
from gateway.html.static_files import static_url
from shared.settings import Settings
from tests.e2e.campaign_views import cached_views
from tests.e2e.test_pages import WECHAT
from tests.e2e.web_server import running_server
from tests.unit.gateway.town import VIEWS, Town

pytestmark = pytest.mark.slow
#: The page may load and use our own files only.
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'"
PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>.</title>
<form method="post" action="/api/v1/entries/A001/like" data-like="/api/v1/entries/A001/like">
<input type="hidden" name="ticket" value="{ticket}"><button>赞</button>
<output role="status" aria-live="polite"></output></form>{script}"""
SCRIPT = f'<script src="{static_url("challenge.js")}" defer></script>'
OpenServer = Callable[..., "PageServer"]


class PageServer:
    """A gateway with one page that can like, and the orders that its vote writers got."""

    def __init__(self, data: Path, rules: Admission) -> None:
        self.town = Town()
        settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"})
        self.app = create_app(
            settings, Ports(self.town, self.town, cached_views(VIEWS)), admission=rules, folded_logs=FOLDED_LOGS
        )
        self.app.router.routes.append(Route("/page", self._page))
        self.url = ""

    async def _page(self, request: Request) -> HTMLResponse:
        gate, query = self.app.state.app_context, request.query_params
        token, session = gate.sessions.issue(query["voter"], frozenset({"voter"}))
        ticket = gate.turnstile.tickets.issue(session.sub)[0] if query.get("ticket", "fresh") == "fresh" else "old"
        script = SCRIPT if query.get("script", "yes") == "yes" else ""
        page = HTMLResponse(PAGE.format(lang=query.get("lang", "zh-CN"), ticket=ticket, script=script))
        page.headers["Content-Security-Policy"] = POLICY
        page.set_cookie("baijia", token, httponly=True, samesite="lax")
        return page

    def link(self, voter: str, **query: str) -> str:
        """Return the URL of the page for a voter."""
        return f"{self.url}/page?" + "&".join(f"{name}={each}" for name, each in {"voter": voter, **query}.items())


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[OpenServer]:
    """Return a function that opens a gateway with these admission settings."""
    with ExitStack() as open_:

        def start(**rules: Any) -> PageServer:
            server = PageServer(tmp_path, Admission(**rules))
            server.url = open_.enter_context(running_server(server.app))
            return server

        yield start


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(user_agent=WECHAT)
    yield context.new_page()
    context.close()


def listen(page: Page) -> None:
    """Record every text of the status from now on, in the page."""
    page.evaluate("""() => { window.said = []; new MutationObserver(() =>
        window.said.push(document.querySelector('[role=status]').textContent))
        .observe(document.querySelector('[role=status]'), {childList: true, characterData: true, subtree: true}); }""")


def test_ordinary_like_is_told_in_words(open_server: OpenServer, page: Page):
    server = open_server()
    page.goto(server.link("v1"))

    page.get_by_role("button").click()

    expect(page.get_by_role("status")).to_have_text("已点赞")
    assert [order["held"] for order in server.town.orders] == [None]


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh-CN", ["正在提交…", "正在验证…", "已点赞"]), ("en", ["Sending…", "Checking…", "Liked"])],
)
def test_busy_address_works_and_its_like_counts(open_server: OpenServer, page: Page, lang: str, words: list[str]):
    server = open_server(address_per_min=1, challenge_tries=5_000)
    page.goto(server.link("v1"))
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("已点赞")
    page.goto(server.link("v2", lang=lang))
    listen(page)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text(words[-1], timeout=120_000)
    assert page.evaluate("window.said") == words
    told = [(order["held"], order["signals"].get("risk", "none")) for order in server.town.orders]
    assert told == [(None, "none"), (None, "challenge")]


def test_ticket_that_has_run_out_is_replaced_unseen(open_server: OpenServer, page: Page):
    server = open_server()
    page.goto(server.link("v1", ticket="old"))

    page.get_by_role("button").click()

    expect(page.get_by_role("status")).to_have_text("已点赞")
    assert len(server.town.orders) == 1


def test_refusal_is_told_in_the_page_s_language(open_server: OpenServer, page: Page):
    server = open_server()
    server.town.like = {"status": "refused", "code": "daily-limit", "detail": {"limit": 20}}
    page.goto(server.link("v1", lang="en"))

    page.get_by_role("button").click()

    expect(page.get_by_role("status")).to_have_text(
        "You have used all your likes for today. The limit is 20 entries a day, and renews at midnight. "
        "You can take back a like of today under “My likes” and give it to another entry."
    )


def test_form_without_scripts_likes_all_the_same(open_server: OpenServer, page: Page):
    server = open_server()
    page.goto(server.link("v1", script="no"))

    with page.expect_response("**/like") as answer:
        page.get_by_role("button").click()

    assert answer.value.status == 200
    assert len(server.town.orders) == 1


def test_long_work_says_that_it_goes_on(open_server: OpenServer, page: Page):
    page.goto(open_server().link("v1"))

    said = page.evaluate("""async () => {
      let now = 0;
      Date.now = () => now += 1000;  // a slow phone's: three looks at the clock are three seconds
      const said = [];
      await Challenge.solve({parameters: {
        algorithm: 'SHA-256', salt: '00', nonce: '00', cost: 1, keyLength: 32, keyPrefix: 'none', data: {tries: 2048},
      }}, words => said.push(words));
      return said;
    }""")

    assert [int(re.fullmatch(r"仍在验证，剩余秒数最多为： (\d+)", words)[1]) for words in said] == [9, 4]


def test_status_is_told_while_the_work_goes_on(open_server: OpenServer, page: Page):
    page.goto(open_server().link("v1"))

    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_attribute("aria-live", "polite")


def test_like_on_the_page_tells_what_is_left_and_the_limit_of_a_type(open_server: OpenServer, page: Page):
    server = open_server()
    page.goto(server.link("v1"))
    page.goto(f"{server.url}/entries/A001")

    page.get_by_role("button", name="点赞").click()

    more = page.locator("[data-more]")
    expect(more).to_contain_text("今天还可以点赞 19 个成果。 其中同一类型的单位每天最多 5 个")
    expect(more).to_have_attribute("aria-live", "polite")
    expect(more.get_by_role("link", name="回执")).to_have_attribute("href", "/receipts/0.1.0.abc")
