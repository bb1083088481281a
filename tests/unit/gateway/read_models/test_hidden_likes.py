"""From the close of likes on the gateway shows no likes, also while ranking has not yet published the hidden board."""

from itertools import chain, repeat
from typing import Any

import pytest

from gateway.load.shedding import Shed
from gateway.read_models.hidden_likes import hide_likes
from tests.unit.gateway.load.test_shedding import pressed
from tests.unit.gateway.town import CLOCK, DAY, VIEWS, Visitor, board, campaign

END = campaign()["windows"]["likes"]["end"]
LEADING = {**board({"u2-1": 8, "u1-1": 7, "u3-1": 2}), "embargoed": False, "hidden_from": END}
OUTLETS = ("/api/v1/leaderboard", "/api/v1/leaderboard?theme=home", "/boards", "/boards?by=overall", "/entries/A001")


@pytest.fixture
def visitor(visit: Any) -> Visitor:
    made: Visitor = visit(views={**VIEWS, "board": LEADING})
    return made


def likes_in(visitor: Visitor) -> list[Any]:
    return [row["likes"] for row in visitor.request("GET", "/leaderboard").json()["overall"]]


def test_board_loses_its_likes_at_the_instant_of_the_close(visitor: Visitor):
    visitor.views.note_clock(END - 1)
    before = likes_in(visitor)
    visitor.views.note_clock(END)

    assert (before, likes_in(visitor)) == ([8, 7, 2], [None, None, None])


@pytest.mark.parametrize("path", OUTLETS)
def test_no_answer_from_before_the_close_is_served_after_it(visitor: Visitor, path: str):
    before = [visitor.request("GET", path, plain=True) for _ in range(2)][-1]
    visitor.views.note_clock(END)

    after = visitor.request("GET", path, plain=True, headers={"If-None-Match": before.headers.get("etag", "")})

    assert after.status_code == 200
    assert [figure for figure in (">8<", ":8,", ">7<", ":7,") if figure in after.text] == []


@pytest.mark.parametrize("path", ["/api/v1/leaderboard", "/boards"])
def test_stale_answer_under_load_is_not_from_before_the_close(visitor: Visitor, path: str):
    before = visitor.request("GET", path, plain=True)
    visitor.app_context.shedding.record(pressed(Shed.LIST), 0.0)
    visitor.views.note_clock(END)

    after = visitor.request("GET", path, plain=True)

    assert after.text != before.text
    assert [figure for figure in (">8<", ":8,", ">7<", ":7,") if figure in after.text] == []


def test_late_view_of_ranking_does_not_bring_the_likes_back(visitor: Visitor):
    visitor.views.note_clock(END)
    likes_in(visitor)

    visitor.views.apply({"view": "board", "cut": {"moderation": 6, "submission": 9}, "data": LEADING})

    assert likes_in(visitor) == [None, None, None]


def test_rules_without_embargo_keep_the_likes(visit):
    visitor = visit(views={**VIEWS, "board": {**LEADING, "hidden_from": None}})

    visitor.views.note_clock(END + DAY)

    assert likes_in(visitor) == [8, 7, 2]


def test_page_says_why_there_are_no_likes(visitor: Visitor):
    visitor.views.note_clock(END)

    text = visitor.request("GET", "/boards", plain=True).text

    assert "结果公布前不公开点赞数和名次" in text


def test_hidden_board_tells_no_order_of_likes():
    assert hide_likes(LEADING) == hide_likes({**LEADING, **board({"u1-1": 3, "u3-1": 2, "u2-1": 1}), "as_of": CLOCK})


@pytest.mark.parametrize("reads", range(20))
def test_answer_during_which_likes_close_is_not_served_again(visit: Any, reads: int):
    """The instant falls behind each reading of the clock in turn, also behind those while an answer is rendered."""
    clock = chain(repeat(END - 1, reads), repeat(END))
    live = {**VIEWS["campaign"], "rehearsal": False, "clock": None}
    visitor = visit(views={**VIEWS, "campaign": live, "board": LEADING}, wall=lambda: next(clock))
    visitor.request("GET", "/leaderboard")
    assert [next(clock) for _ in range(20)][-1] == END

    again = visitor.request("GET", "/leaderboard").json()

    assert {row["likes"] for rows in again["types"].values() for row in rows} == {None}
    assert {row["likes"] for row in again["overall"]} == {None}
