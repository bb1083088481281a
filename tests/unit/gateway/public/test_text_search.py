"""The search page and the search of the API: in texts too, in every phase, and of visible entries alone."""

import html
import re
from typing import Any

import pytest

from gateway.backends.ports import ServiceAway
from gateway.html.texts import WORDS
from gateway.public.text_search import CARDS
from tests.unit.gateway.town import CLOCK, DAY, VIEWS, Visitor, campaign, entry_row

MATCH = {"before": "建起<b>", "match": "职工书屋", "after": "三间"}
MANY = {f"e{n:03d}": entry_row(f"A{n:03d}", "state", "同名成果", city="石家庄市") for n in range(1, 61)}
IN_TEXTS = ("submission", "search_texts")


def found_in(visitor: Visitor, *entries: str) -> None:
    visitor.town.answers[IN_TEXTS] = {"ok": {"entries": dict.fromkeys(entries, MATCH)}}


def cards(text: str) -> list[str]:
    return re.findall(r'<li class="card"[^>]*>\s*<a href="/entries/([^"]+)"', text)


def look(visitor: Visitor, path: str) -> str:
    answer = visitor.request("GET", path, plain=True)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


@pytest.mark.parametrize("day", [-60, -50, -3, 0, 7, 12, 14, 200])
def test_text_is_found_in_every_phase_by_page_and_api(visit: Any, day: int):
    visitor = visit(views={**VIEWS, "campaign": campaign(clock=CLOCK + day * DAY)})
    found_in(visitor, "u3-1")

    text = look(visitor, "/search?q=书屋")
    listed = visitor.request("GET", "/entries?q=书屋").json()

    assert cards(text) == ["E001"]
    assert "…建起&lt;b&gt;<mark>职工书屋</mark>三间…" in text
    assert [(row["entry"], row["snippet"]) for row in listed["entries"]] == [("u3-1", MATCH)]
    assert (listed["total"], listed["texts_searched"]) == (1, True)


def test_what_submission_names_and_the_views_hide_is_not_found(visitor: Visitor):
    found_in(visitor, "u3-1", "u9-1", "taken-down")

    assert cards(look(visitor, "/search?q=书屋")) == ["E001"]
    assert visitor.request("GET", "/entries?q=书屋").json()["total"] == 1


def test_title_unit_and_number_are_found_without_the_text(visitor: Visitor):
    shown = {
        q: cards(look(visitor, f"/search?q={q}")) for q in ("夜班", "司机之家的工会", "Ｅ００１", "e-001", "没有的")
    }

    assert shown == {
        "夜班": ["E001"],
        "司机之家的工会": ["A002"],
        "Ｅ００１": ["E001"],
        "e-001": ["E001"],
        "没有的": [],
    }


def test_search_is_narrowed_by_filters(visitor: Visitor):
    found_in(visitor, "u1-1", "u2-1", "u3-1")

    assert cards(look(visitor, "/search?q=书屋&type=state")) == ["A001", "A002"]
    assert cards(look(visitor, "/search?q=书屋&city=唐山市")) == ["E001"]
    assert cards(look(visitor, "/search?theme=home")) == ["A001"]


def test_pages_of_a_search_hold_each_entry_once_though_all_are_called_the_same(visit: Any):
    visitor = visit(views={**VIEWS, "entries": {"entries": MANY}})
    found, path = list[str](), "/search?q=同名"
    while path:
        text = look(visitor, path)
        found += cards(text)
        assert len(cards(text)) <= CARDS
        more = re.search(rf'href="([^"]*)">{WORDS["list.more"][0]}', text)
        path = html.unescape(more[1]) if more else ""

    assert found == [each["number"] for each in MANY.values()]


def test_next_page_follows_the_one_before_though_its_last_entry_is_gone(visit: Any):
    visitor = visit(views={**VIEWS, "entries": {"entries": MANY}})
    first = visitor.request("GET", "/entries?q=同名&limit=10").json()
    left = {entry: row for entry, row in MANY.items() if entry != "e010"}
    visitor.views.load({"entries": {"cut": {"moderation": 6, "submission": 9}, "data": {"entries": left}}})

    second = visitor.request("GET", f"/entries?q=同名&limit=10&after={first['next']}").json()

    assert second["entries"][0]["number"] == "A011"


def test_names_are_searched_while_submission_is_away_and_the_reader_is_told(visitor: Visitor):
    visitor.town.answers[IN_TEXTS] = ServiceAway("submission")

    text, listed = look(visitor, "/search?q=夜班"), visitor.request("GET", "/entries?q=夜班").json()

    assert cards(text) == ["E001"]
    assert WORDS["search.texts-away"][0] in text
    assert (listed["total"], listed["texts_searched"]) == (1, False)


def test_search_without_words_asks_for_some(visitor: Visitor):
    text = look(visitor, "/search")

    assert cards(text) == []
    assert 'name="q"' in text
    assert visitor.town.calls == []


def test_search_that_finds_nothing_says_what_to_do(visitor: Visitor):
    assert WORDS["search.none"][0] in look(visitor, "/search?q=没有的")


def test_home_finds_in_texts_too(visitor: Visitor):
    found_in(visitor, "u3-1")

    assert cards(look(visitor, "/?q=书屋")) == ["E001"]
