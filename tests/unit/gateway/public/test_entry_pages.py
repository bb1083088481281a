"""The page of an entry is made once for many visitors, and holds nothing of another visitor."""

from typing import Any

import pytest

from tests.unit.gateway.town import CONTENT, VIEWS, Visitor


@pytest.fixture
def town(visit: Any) -> Visitor:
    visitor: Visitor = visit(views=VIEWS)
    visitor.town.like = {"status": "shown", "likes": [], "remaining": 20}
    return visitor


def page_of(visitor: Visitor, voter: str) -> str:
    token, _ = visitor.app_context.sessions.issue(voter, frozenset({"voter"}))
    return visitor.request("GET", "/entries/A001", plain=True, headers={"Authorization": f"Bearer {token}"}).text


def ticket_in(text: str) -> str:
    return text.partition('name="ticket" value="')[2].partition('"')[0]


def test_two_voters_get_one_page_with_their_own_tickets(town: Visitor):
    first, second = page_of(town, "a" * 24), page_of(town, "b" * 24)

    tickets = [ticket_in(text) for text in (first, second)]
    assert len(set(tickets)) == 2
    assert first.replace(tickets[0], "") == second.replace(tickets[1], "")


def test_voter_who_has_liked_gets_a_page_of_their_own(town: Visitor):
    liked = {"entry": "u1-1", "status": "counted", "at": 1_623_000_000_000, "receipt": "0.1.0.abc"}
    before = page_of(town, "a" * 24)
    town.town.like = {"status": "shown", "likes": [liked], "remaining": 19}
    after = page_of(town, "a" * 24)
    town.town.like = {"status": "shown", "likes": [], "remaining": 19}
    other = page_of(town, "b" * 24)

    assert ["0.1.0.abc" in text for text in (before, after, other)] == [False, True, False]


def test_text_that_changes_is_shown_at_once(town: Visitor):
    before = page_of(town, "a" * 24)
    town.town.answers["submission", "public_entry"] = {"ok": {**CONTENT, "text": "改过的正文"}}

    assert ("改过的正文" in before, "改过的正文" in page_of(town, "a" * 24)) == (False, True)
