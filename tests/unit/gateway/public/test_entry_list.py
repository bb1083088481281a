"""The list of entries: filters, the shuffled order of each visitor, and what may be cached."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.html.texts import WORDS
from gateway.http.problem_texts import WORDS as WORDS_OF_PROBLEMS
from gateway.load.shedding import LIMITS, Pressure
from gateway.public.entry_list import (
    EntryFilter,
    Order,
    distinct_cities,
    matching_rows,
    number_order,
    paginate,
    shuffled_order,
)
from tests.unit.gateway.town import (
    CLOCK,
    DAY,
    VIEWS,
    Visitor,
    board,
    campaign,
    code,
    entry_row,
)

CROWD = {f"e{n}": entry_row(f"A{n:03d}", "state" if n % 2 else "other", f"成果{n}") for n in range(1, 61)}
IN_LIKE_WEEK = {**VIEWS, "entries": {"entries": CROWD}, "board": board({})}
AFTER = {**IN_LIKE_WEEK, "campaign": campaign(clock=CLOCK + 8 * DAY)}


def rows(number: int) -> list[dict[str, Any]]:
    return [{"entry": f"u{n}-1", "number": f"A{n:03d}" if n % 3 else None} for n in range(number)]


def numbers(text: str) -> list[str]:
    """Return the poster numbers of the cards on a page, in order."""
    return re.findall(r'<li class="card"[^>]*>\s*<a href="/entries/([^"]+)"', text)


def home(visitor: Visitor, path: str = "/", role: str = "", **headers: str) -> str:
    answer = visitor.request("GET", path, plain=True, role=role, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def all_pages(visitor: Visitor) -> list[str]:
    """Return the cards of all pages, following the links to the next page."""
    found, path = list[str](), "/"
    while path:
        text = home(visitor, path)
        found += numbers(text)
        more = re.search(rf'href="([^"#]*)#showcase">{WORDS["list.more"][0]}', text)
        path = more[1].replace("&amp;", "&") if more else ""
    return found


# order


@given(st.integers(0, 40), st.binary(min_size=32, max_size=32), st.data())
def test_shuffled_order_holds_whoever_comes_and_goes(number: int, seed: bytes, data: st.DataObject):
    everybody = rows(number)
    left = data.draw(st.lists(st.sampled_from(everybody), unique_by=lambda row: row["entry"])) if everybody else []

    order = [row for row in shuffled(everybody, seed) if row in left]

    assert order == shuffled(left, seed)


def shuffled(everybody: list[dict[str, Any]], seed: bytes) -> list[dict[str, Any]]:
    return paginate(everybody, order=shuffled_order(seed), after=None, limit=1_000).rows


ORDERS = [number_order, shuffled_order(bytes(32))]


@pytest.mark.parametrize("order", ORDERS, ids=["by number", "shuffled"])
@given(st.integers(0, 40), st.integers(1, 9))
def test_pages_of_a_list_are_the_list(order: Order, number: int, limit: int):
    everybody = rows(number)
    found, after = list[dict[str, Any]](), None
    while True:
        page = paginate(everybody, order=order, after=after, limit=limit)
        found += page.rows
        after = page.end
        if after is None:
            break

    assert found == paginate(everybody, order=order, after=None, limit=1_000).rows


@pytest.mark.parametrize("order", ORDERS, ids=["by number", "shuffled"])
@given(st.integers(2, 40), st.integers(1, 9), st.data())
def test_list_goes_on_when_entries_are_gone(order: Order, number: int, limit: int, data: st.DataObject):
    """Whatever leaves between two pages, nothing is shown twice and nothing that stays is passed over."""
    left, found, after = rows(number), list[str](), None
    stays = {row["entry"] for row in left}
    while True:
        page = paginate(left, order=order, after=after, limit=limit)
        found += [row["entry"] for row in page.rows]
        after = page.end
        if after is None:
            break
        gone = data.draw(st.sets(st.sampled_from(sorted({*found, left[0]["entry"]}))))
        left = [row for row in left if row["entry"] not in gone]
        stays -= gone

    assert len(found) == len(set(found))
    assert stays <= set(found)


def _without(visitor: Visitor, *gone: str) -> None:
    left = {entry: row for entry, row in CROWD.items() if entry not in gone}
    visitor.views.apply({"view": "entries", "cut": {"moderation": 6, "submission": 9}, "data": {"entries": left}})


def test_api_list_continues_when_its_last_entry_is_gone(visit):
    visitor = visit(views=IN_LIKE_WEEK)
    first = visitor.request("GET", "/entries?limit=40").json()
    _without(visitor, first["entries"][-1]["entry"])

    rest = visitor.request("GET", f"/entries?limit=40&after={first['next']}").json()

    listed = [row["entry"] for page in (first, rest) for row in page["entries"]]
    assert (len(listed), len(set(listed)), rest["next"]) == (60, 60, None)


def test_page_continues_when_its_last_entry_is_gone(visit):
    visitor = visit(views=AFTER)
    text = home(visitor)
    _without(visitor, "e24")
    path = re.search(rf'href="([^"#]*)#showcase">{WORDS["list.more"][0]}', text)
    assert path is not None

    rest = numbers(home(visitor, path[1].replace("&amp;", "&")))

    assert (numbers(text)[-1], rest[0]) == ("A024", "A025")


@pytest.mark.parametrize("path", ["/api/v1/entries?after={}", "/?after={}"])
@pytest.mark.parametrize("cursor", ["gone-1", "A024.e24.0123456789abcdef", "0", "e24.x"])
def test_cursor_that_we_did_not_make_is_refused(visit, path: str, cursor: str):
    answer = visit(views=AFTER).request("GET", path.format(cursor), plain=True)

    assert answer.status_code == 422
    assert "cursor-unknown" in answer.text or WORDS_OF_PROBLEMS["cursor-unknown"].zh in answer.text


def test_id_of_a_visible_entry_is_a_cursor_too(visit):
    listed = visit(views=AFTER).request("GET", "/entries?limit=1&after=e24").json()

    assert [row["entry"] for row in listed["entries"]] == ["e25"]


def test_each_voter_has_an_order_of_their_own_and_keeps_it(visit):
    visitor = visit(views=IN_LIKE_WEEK)
    orders = []
    for voter in ("a" * 24, "b" * 24, "a" * 24):
        token = visitor.app_context.sessions.issue(voter, frozenset({"voter"}))[0]
        orders.append(numbers(home(visitor, Authorization=f"Bearer {token}")))

    assert orders[0] == orders[2] != orders[1]
    assert len(set(orders[0])) == 24


def test_order_tells_nothing_of_likes(visit):
    leader = {"entry": "e1", "number": "A001", "title": "成果1", "unit": "u", "city": "c", "likes": 9, "place": 1}
    led = {"as_of": CLOCK, "visibility": "live", "types": {"state": [leader], "other": []}}
    visitor = visit(views=IN_LIKE_WEEK)
    token = {"Authorization": f"Bearer {visitor.token('voter')}"}
    before = home(visitor, **token)
    visitor.views.load(
        {
            name: {"cut": {"moderation": 6, "submission": 9}, "data": each}
            for name, each in {**IN_LIKE_WEEK, "board": led}.items()
        }
    )

    after = home(visitor, **token)

    assert numbers(before) == numbers(after)
    assert "figure" not in after  # no table by likes on this page


def test_visitor_without_a_session_pages_through_one_order(visit):
    visitor = visit(views=IN_LIKE_WEEK)

    found = all_pages(visitor)

    assert sorted(found) == sorted(each["number"] for each in CROWD.values())
    assert found != sorted(found)
    assert found == all_pages(visitor)


def test_order_is_in_no_address_and_its_cookie_is_out_of_reach(visit):
    answer = visit(views=IN_LIKE_WEEK).request("GET", "/", plain=True)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("baijia-order=")
    assert "HttpOnly" in cookie
    assert cookie.partition("=")[2].partition(";")[0] not in answer.text


def test_device_is_known_by_its_own_cookie_and_gets_no_other(visit):
    answer = visit(views=IN_LIKE_WEEK).request("GET", "/", plain=True, headers={"Cookie": f"baijia-device={'d' * 22}"})

    assert "set-cookie" not in answer.headers


def test_list_stands_by_number_and_is_everybody_s_once_likes_are_closed(visit):
    answer = visit(views=AFTER).request("GET", "/", plain=True)

    assert numbers(answer.text) == [f"A{n:03d}" for n in range(1, 25)]
    assert answer.headers["cache-control"] == "public, no-cache"
    assert "set-cookie" not in answer.headers


def test_leaderboards_are_on_their_own_page_also_once_likes_are_closed(visit, visitor: Visitor):
    open_, after = home(visitor), home(visit(views={**VIEWS, "campaign": campaign(clock=CLOCK + 8 * DAY)}))

    assert ('id="boards"' in open_, 'href="/boards"' in open_) == (False, True)
    assert ('id="boards"' in after, 'href="/boards"' in after) == (False, True)


# what is kept


def test_shuffled_page_is_kept_by_one_browser_alone(visit):
    visitor = visit(views=IN_LIKE_WEEK)
    first = visitor.request("GET", "/", plain=True)

    again = visitor.request("GET", "/", plain=True, headers={"If-None-Match": first.headers["etag"]})
    visitor.client.cookies.clear()
    stranger = visitor.request("GET", "/", plain=True, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, no-cache"
    assert "Cookie" in first.headers["vary"]
    assert (again.status_code, stranger.status_code) == (304, 200)


def test_search_is_given_up_before_the_list_is(visit):
    visitor = visit(views=IN_LIKE_WEEK)
    visitor.app_context.shedding.record(Pressure(loop_lag_ms=2 * LIMITS.loop_lag_ms), 0.0)

    answers = [visitor.request("GET", path, plain=True).status_code for path in ("/?q=成果", "/?type=state", "/")]
    told = [visitor.request("GET", path) for path in ("/entries?q=成果", "/entries?type=state")]

    assert answers == [503, 200, 200]
    assert (code(told[0]), told[1].status_code) == ("shed", 200)


def test_searches_push_out_nothing_that_is_kept(visit):
    visitor = visit(views=AFTER)
    home(visitor)
    key = ("home", EntryFilter(), None, "", "zh", False, visitor.views.boundaries_passed(visitor.views.campaign_time()))
    kept = visitor.app_context.response_cache.last(key)

    for n in range(200):
        visitor.request("GET", f"/?q=x{n}", plain=True)
        visitor.request("GET", f"/entries?q=x{n}")

    assert visitor.app_context.response_cache.last(key)[0] is kept[0]


# what is wanted


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=other", ["E001", "u4-1"]),
        ("theme=home", ["A001"]),
        ("city=唐山市", ["E001"]),
        ("city=唐山%E2%80%8B市", ["E001"]),
        ("q=食堂", ["E001"]),
        ("q=夜班食堂的工会", ["E001"]),
        ("q=A002", ["A002"]),
        ("q=a2", ["A002"]),
        ("q=Ａ００２", ["A002"]),
        ("q=夜班·食堂的（工会）", ["E001"]),
        ("q=食%E2%80%8B堂", ["E001"]),
        ("q=nothing", []),
        ("q=（）", []),
        ("type=state&q=之家", ["A001", "A002"]),
        ("type=&theme=&city=&q=", ["A001", "A002", "E001", "u4-1"]),
        ("from=singlemessage", ["A001", "A002", "E001", "u4-1"]),
    ],
)
def test_list_shows_what_is_wanted(visitor: Visitor, query: str, expected: list[str]):
    text = home(visitor, f"/?{query}")

    assert sorted(numbers(text)) == expected
    assert WORDS["filter.found"][0].format(count=len(expected)) in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("theme=home", ["u1-1"]),
        ("city=唐山市", ["u3-1"]),
        ("city=唐山 市", ["u3-1"]),
        ("q=a 001", ["u1-1"]),
        ("q=之家&limit=1", ["u1-1"]),
    ],
)
def test_api_has_the_same_filters_by_number(visitor: Visitor, query: str, expected: list[str]):
    told = visitor.request("GET", f"/entries?{query}").json()

    assert [row["entry"] for row in told["entries"]] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [("type=zzz", "type-unknown"), ("theme=zzz", "theme-unknown"), ("city=zzz", "city-unknown")],
)
def test_what_there_is_not_is_refused_and_not_an_empty_list(visitor: Visitor, query: str, expected: str):
    page = visitor.request("GET", f"/?{query}", plain=True)

    assert code(visitor.request("GET", f"/entries?{query}")) == expected
    assert (page.status_code, page.headers["content-type"][:9]) == (422, "text/html")


def test_what_was_asked_for_stays_in_the_form_and_on_the_way_to_the_next_page(visit):
    text = home(visit(views=IN_LIKE_WEEK), "/?type=state&q=成果")

    assert '<option value="state" selected>' in text
    assert 'name="q" value="成果"' in text
    assert re.search(r'href="/\?type=state&amp;q=%E6%88%90%E6%9E%9C&amp;after=A\d+\.e\d+\.[0-9a-f]{16}#showcase"', text)


def test_search_words_are_text_and_never_markup(visitor: Visitor):
    assert "<script>" not in home(visitor, "/?q=<script>")


def test_form_works_without_a_script_and_names_its_fields(visitor: Visitor):
    text = home(visitor)

    fields = re.findall(r'<(?:input|select) id="([^"]+)"', text)
    assert fields == ["by-q", "by-type", "by-theme", "by-city"]
    assert [each for each in fields if f'<label for="{each}">' not in text] == []
    assert '<form class="filter" method="get" action="/#showcase"' in text


def test_filter_leaves_out_what_is_not_wanted():
    two = [{"type": "a", "themes": ["x"], "city": "c", "title": "t", "unit": "u", "number": None, "entry": "1"}]

    assert matching_rows(two, EntryFilter(type="a", theme="x", city="c")) == two
    assert matching_rows(two, EntryFilter(type="a", theme="y")) == []


def test_two_spellings_of_a_city_are_one_choice():
    assert distinct_cities(["唐山市\u200b", "唐山市", "石家庄市", "", "\u200b"]) == ["唐山市", "石家庄市"]
