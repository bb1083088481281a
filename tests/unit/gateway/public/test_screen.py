"""The big screen: what it shows in each phase, and whose turn it is."""

from typing import Any

import pytest

from gateway.html.texts import WORDS
from gateway.public.screen import PICTURES, rotate
from tests.unit.gateway.read_models.test_hidden_likes import END, LEADING
from tests.unit.gateway.town import RESULT, VIEWS, Visitor, board


def text_of(visitor: Visitor) -> str:
    return visitor.request("GET", "/screen", plain=True).text


def test_likes_stand_on_the_screen_while_they_are_public(visit: Any):
    text = text_of(visit(views={**VIEWS, "board": board({"u2-1": 1_800, "u1-1": 7})}))

    assert WORDS["screen.top"][0] in text
    assert ('<td class="figure">1,800</td>' in text, "<dd>1,807</dd>" in text) == (True, True)


@pytest.mark.parametrize("hidden", [True, False])
def test_screen_tells_no_likes_under_the_embargo(visit: Any, hidden: bool):
    visitor = visit(views={**VIEWS, "board": LEADING})
    visitor.views.note_clock(END if hidden else END - 1)

    text = text_of(visitor)

    assert (WORDS["screen.likes"][0] in text, "<table>" in text) == (not hidden, not hidden)


def test_winners_stand_on_the_screen_once_the_result_is_published(visit: Any):
    text = text_of(visit(views={**VIEWS, "result": RESULT}))

    assert (WORDS["screen.winners"][0] in text, "91.25" in text) == (True, True)


def test_every_entry_has_its_turn_and_each_as_often():
    rows = [{"entry": f"e{k}"} for k in range(2 * PICTURES + 3)]

    turns = [rotate(rows, minute) for minute in range(6)]

    assert [row for turn in turns[:3] for row in turn] == rows
    assert turns[3:] == turns[:3]
    assert rotate([], 7) == []


def test_screen_that_has_not_changed_is_not_sent_again(visitor: Visitor):
    first = visitor.request("GET", "/screen", plain=True)

    again = visitor.request("GET", "/screen", plain=True, headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
