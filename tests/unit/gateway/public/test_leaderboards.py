"""Leaderboards of a theme, a city and of all entries: only while likes are public, never of cities or units."""

from typing import Any

import pytest

from gateway.public import entry_list, leaderboards
from tests.unit.gateway.town import (
    ENTRIES,
    RESULT,
    VIEWS,
    Visitor,
    board,
    code,
)

NOT_PUBLIC = board({"u1-1": None, "u2-1": None, "u3-1": None})
WINNERS = [
    {"entry": "u3-1", "number": "E001", "title": "夜班食堂", "unit": "u", "type": "other", "place": 1, "overall": 2,
     "final": "90.00"},
    {"entry": "u1-1", "number": "A001", "title": "炼钢", "unit": "u", "type": "state", "place": 1, "overall": 1,
     "final": "91.25"},
    {"entry": "gone-1", "number": "A009", "title": "", "unit": "", "type": "state", "place": 2, "overall": 3,
     "final": "80.00"},
]  # fmt: skip


def places(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["entry"], row["likes"], row["place"]) for row in rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("theme=home", [("u1-1", 7, 1)], id="a theme"),
        pytest.param("city=石家庄市", [("u1-1", 7, 1), ("u2-1", 3, 2)], id="within a city"),
        pytest.param("city=唐山市", [("u3-1", 2, 1)], id="within another city"),
    ],
)
def test_board_over_types_has_places_of_its_own(visitor: Visitor, query: str, expected: list[Any]):
    told = visitor.request("GET", f"/leaderboard?{query}").json()

    assert places(told["rows"]) == expected
    assert (told["visibility"], "types" in told) == ("live", False)


def test_board_of_all_stands_beside_those_of_the_types(visitor: Visitor):
    told = visitor.request("GET", "/leaderboard").json()

    assert places(told["overall"]) == [("u1-1", 7, 1), ("u2-1", 3, 2), ("u3-1", 2, 3)]
    assert list(told["types"]) == ["state", "other"]


def test_unknown_kind_of_board_is_refused(visitor: Visitor):
    assert visitor.request("GET", "/boards?by=turnout", plain=True).status_code == 422


def test_under_embargo_boards_over_types_stand_by_number_without_places(visit):
    visitor = visit(views={**VIEWS, "board": NOT_PUBLIC})

    expected = [("u1-1", None, None), ("u2-1", None, None), ("u3-1", None, None)]

    assert places(visitor.request("GET", "/leaderboard").json()["overall"]) == expected
    assert places(visitor.request("GET", "/leaderboard?city=石家庄市").json()["rows"]) == expected[:2]


@pytest.mark.parametrize("path", ["/leaderboard", "/result"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=kings", "type-unknown"),
        ("theme=kings", "theme-unknown"),
        ("city=kings", "city-unknown"),
        ("type=state&city=唐山市", "invalid"),
        ("by=city", "invalid"),
        ("city=", "invalid"),
    ],
)
def test_board_that_there_is_not_is_refused(visit, path: str, query: str, expected: str):
    visitor = visit(views={**VIEWS, "result": RESULT})

    assert code(visitor.request("GET", f"{path}?{query}")) == expected


def test_entry_that_may_not_be_seen_is_on_no_board_over_types(visit):
    entries = {name: each for name, each in ENTRIES.items() if name != "u1-1"}
    visitor = visit(views={**VIEWS, "entries": {"entries": entries}})

    assert places(visitor.request("GET", "/leaderboard").json()["overall"]) == [("u2-1", 3, 1), ("u3-1", 2, 2)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?type=state", ["u1-1", "gone-1"]),
        ("?theme=home", ["u1-1"]),
        ("?city=唐山市", ["u3-1"]),
        ("", ["u3-1", "u1-1", "gone-1"]),
    ],
)
def test_winners_are_told_by_type_theme_and_city(visit, query: str, expected: list[str]):
    visitor = visit(views={**VIEWS, "result": {**RESULT, "winners": WINNERS}})

    assert [row["entry"] for row in visitor.request("GET", f"/result{query}").json()["winners"]] == expected


def test_winners_over_types_stand_by_their_overall_place(visit):
    visitor = visit(views={**VIEWS, "result": {**RESULT, "winners": WINNERS}})

    rows = leaderboards.filter_winners(visitor.views, entry_list.EntryFilter())

    assert [row["entry"] for row in rows] == ["u1-1", "u3-1", "gone-1"]


def test_popularity_list_is_beside_the_result_and_not_in_it(visit):
    rows = [{**row, "type": "state"} for row in board({"u2-1": 9, "u1-1": 7})["types"]["state"]]
    views = {**VIEWS, "result": RESULT, "popularity": {"as_of": 5, "entries": rows}}
    visitor = visit(views=views)

    told = visitor.request("GET", "/popularity").json()

    assert (told["open"], places(told["entries"])) == (True, [("u2-1", 9, 1), ("u1-1", 7, 2)])
    assert "likes" not in visitor.request("GET", "/result").text
    assert "人气榜" in visitor.request("GET", "/", plain=True).text


def test_without_a_popularity_list_there_is_none(visit):
    visitor = visit(views={**VIEWS, "result": RESULT})

    none = {"open": False, "as_of": 0, "provisional": True, "entries": []}
    assert visitor.request("GET", "/popularity").json() == none
    assert "人气榜" not in visitor.request("GET", "/", plain=True).text


@pytest.mark.parametrize(
    ("query", "expected"),
    [("?by=overall", "总榜（3 个）"), ("?theme=home", "职工之家建设（1 个）"), ("?city=石家庄市", "石家庄市（2 个）")],
)
def test_page_of_the_boards_shows_the_one_that_is_asked_for(visitor: Visitor, query: str, expected: str):
    text = visitor.request("GET", f"/boards{query}", plain=True).text

    assert f"<summary>{expected}</summary>" in text
    assert text.count('aria-current="page"') == 1
