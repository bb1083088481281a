"""The page of the exhibition: search, and filters as pills that can be removed."""

import html
import re
from typing import Any

from gateway.html.texts import WORDS
from tests.unit.gateway.town import ENTRIES, VIEWS, Visitor

SHOWN = {**VIEWS, "exhibition": {"open": True, "provisional": False, "entries": list(ENTRIES)}}


def pills(text: str) -> list[tuple[str, str]]:
    """Return where each pill of a page leads to, and its words."""
    found = re.findall(r'<a class="pill" href="([^"]*)"[^>]*>(.*?)</a>', text, re.DOTALL)
    return [(html.unescape(href), re.sub(r"<[^>]*>", "", words).strip()) for href, words in found]


def opened(visit: Any) -> Visitor:
    visitor: Visitor = visit(views=SHOWN)
    visitor.town.answers["submission", "search_texts"] = {"ok": {"entries": {}}}
    return visitor


def test_pills_lead_to_what_there_is_with_its_count(visit: Any):
    found = pills(opened(visit).request("GET", "/exhibition", plain=True).text)

    cities = [each for each in found if each[0].startswith("/exhibition?city=")]
    assert [words for _, words in cities] == ["唐山市 1", "石家庄市 3"]
    assert [href for href, _ in found if "type=" in href] == ["/exhibition?type=state", "/exhibition?type=other"]


def test_chosen_pill_can_be_removed_and_the_others_keep_it(visit: Any):
    found = pills(opened(visit).request("GET", "/exhibition?type=state&city=石家庄市", plain=True).text)

    removed = WORDS["pills.remove"][0].format(name="")
    assert [href for href, words in found if words.startswith(removed)][1:] == ["/exhibition?type=state"]
    assert all("city=" in href for href, words in found[2:] if "type=" in href)


def test_exhibition_can_be_searched(visit: Any):
    visitor = opened(visit)
    text = visitor.request("GET", "/exhibition?q=炼钢", plain=True).text

    assert WORDS["filter.found"][0].format(count=1) in text
    assert ("/entries/A001" in text, "社区讲堂" in text) == (True, False)


def test_search_goes_on_by_names_while_texts_are_away(visit: Any):
    visitor = opened(visit)
    visitor.town.answers["submission", "search_texts"] = {"refused": {"code": "busy", "field": None, "detail": {}}}

    text = visitor.request("GET", "/exhibition?q=炼钢", plain=True).text

    assert (WORDS["search.texts-away"][0] in text, "/entries/A001" in text) == (True, True)
