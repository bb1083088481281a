"""The page of change sets: likes on hold lead into the form of a new set, for organisers who were never judges."""

import pytest

from tests.unit.gateway.town import Visitor

PAGE = "/organiser/changes"
HELD = {"entries": [{"entry": "u1-1", "likes": ["vote.0/3/0", "vote.0/3/1"]}]}


def test_likes_on_hold_are_listed_and_put_into_the_form_of_a_new_set(visitor: Visitor):
    visitor.town.answers["ranking", "held_likes"] = {"ok": HELD}

    listed = visitor.request("GET", PAGE, role="organiser", plain=True).text
    filled = visitor.request("GET", f"{PAGE}?held=u1-1", role="organiser", plain=True).text

    assert ('id="held"' in listed, "vote.0/3/0" in listed) == (True, False)
    assert "vote.0/3/0\nvote.0/3/1" in filled
    assert '<option value="likes" selected>' in filled


@pytest.mark.parametrize("role", ["auditor", "operator"])
def test_others_see_no_likes_on_hold(visitor: Visitor, role: str):
    visitor.town.answers["ranking", "held_likes"] = {"ok": HELD}

    assert 'id="held"' not in visitor.request("GET", PAGE, role=role, plain=True).text


def test_whoever_was_a_judge_sees_no_likes_on_hold(visitor: Visitor):
    visitor.town.answers["ranking", "held_likes"] = {"ok": HELD}
    visitor.town.former_judges = {"ex"}
    headers = {"Authorization": f"Bearer {visitor.token('organiser', sub='ex')}"}

    assert 'id="held"' not in visitor.request("GET", PAGE, plain=True, headers=headers).text
