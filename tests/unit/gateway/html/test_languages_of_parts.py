"""Every part of a page says in which language it is, so that a screen reader reads it in that language's voice.

On an English page each text with Chinese characters stands in an element whose `lang` is Chinese, and on a Chinese page
the parts that are in English say so.
"""

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from gateway.routes import ROUTES
from gateway.routing.route import ANYONE, Route
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import RESULT, VIEWS, Visitor

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
VOID = {"meta", "link", "img", "input", "br", "source", "hr", "wbr", "track", "col"}
ATTRIBUTES = ("alt", "aria-label", "aria-description", "aria-roledescription", "label", "placeholder", "title")
SILENT = {"title", "script", "style", "code"}  # no part of what is read aloud, or no language


class Parts(HTMLParser):
    """Reads a page, and collects each text with the language that its elements give it.

    The text of an attribute has the language of its own element: HTML lets `lang` speak for both.
    """

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, str]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        lang = given.get("lang") or (self._open[-1][1] if self._open else "")
        self.texts += [(lang, text) for name in ATTRIBUTES if (text := given.get(name))]
        if tag not in VOID:
            self._open.append((tag, lang))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and not {tag for tag, _ in self._open} & SILENT:
            self.texts.append((self._open[-1][1], data.strip()))


def unmarked(text: str) -> list[str]:
    """Return the texts of a page with Chinese characters that are not marked as Chinese."""
    parts = Parts()
    parts.feed(text)
    return [said for lang, said in parts.texts if HAN.search(said) and not lang.startswith("zh")]


WINNERS = [
    {"entry": "u1-1", "number": "A001", "title": "炼钢", "unit": "钢厂", "type": "state", "place": 1, "overall": 1,
     "final": "91.25", "published_unit": "老钢厂"},
]  # fmt: skip
SHOWN = {
    **VIEWS,
    "result": {**RESULT, "winners": WINNERS},
    "exhibition": {"open": True, "provisional": True, "entries": ["u1-1"]},
    "page_theme": {"organiser": "省总工会", "contact": "电话一二三", "filing": "冀ICP备1号"},
}
PAGES = [route for route in ROUTES if route.method == "GET" and not route.base and route.raw is not None]
FILTERED = ("/?q=炼", "/search?q=炼", "/search?city=石家庄市", "/boards?by=overall", "/boards?city=石家庄市",
            "/exhibition?city=石家庄市", "/entries/A001")  # fmt: skip


@pytest.mark.parametrize("path", [*FILTERED, *(url(route) for route in PAGES if route.roles == ANYONE)])
def test_chinese_on_an_english_page_is_marked(visit: Any, path: str):
    visitor: Visitor = visit(views=SHOWN)

    answer = visitor.request("GET", f"{path}{'&' if '?' in path else '?'}lang=en", plain=True)

    assert unmarked(answer.text) == []


BEHIND_SIGN_IN = [each for each in PAGES if each.roles != ANYONE]


def page_behind_sign_in(visit: Any, route: Route) -> httpx.Response:
    visitor: Visitor = visit(views=SHOWN)
    return visitor.request("GET", f"{url(route)}?lang=en", plain=True, role=sorted(route.roles)[0])


@pytest.mark.parametrize("route", BEHIND_SIGN_IN, ids=lambda route: route.path)
def test_chinese_on_an_english_page_behind_a_sign_in_is_marked(visit: Any, route: Route):
    assert unmarked(page_behind_sign_in(visit, route).text) == []


def test_walk_behind_the_sign_in_meets_pages_and_not_only_failures(visit: Any):
    met = [page_behind_sign_in(visit, route).status_code for route in BEHIND_SIGN_IN]

    assert met.count(200) >= 25


def test_walk_sees_what_is_not_marked():
    assert unmarked("<html lang='en'><p>炼钢 <b lang='zh-CN'>钢厂</b><br>a</p></html>") == ["炼钢"]
    attributes = "<img alt='钢' lang='zh-CN'><a aria-label='厂' href='x'>y</a><i title='铁' lang='zh'>铁</i>"
    assert unmarked(f"<html lang='en'>{attributes}</html>") == ["厂"]
