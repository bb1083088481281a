"""The judging API: what judges may see, and the checks of a mark before a service reads it."""

from typing import Any

import pytest

from gateway.staff.judging import JUDGE_FIELDS
from tests.unit.gateway.town import CONTENT, Visitor, code

SCORE = "/judging/entries/u1-1/score"
DRAFT = "/judging/entries/u1-1/draft"
MARKS = {"content": 80, "form": 70, "quality": 90}
OWN = {"entry": "u1-1", "state": "open", "marks": None, "draft": None, "rubric": []}


def test_judge_sees_what_is_judged_and_no_word_of_a_moderator(visitor: Visitor):
    told = {**CONTENT, "likes": 7, "place": 1, "frozen": True, "claimed_by": "mo", "remarks": ["空泛"], "grade": 9}
    visitor.town.answers[("scoring", "my_entry")] = {"ok": OWN}
    visitor.town.answers[("submission", "public_entry")] = {"ok": told}

    answer = visitor.request("GET", "/judging/entries/u1-1", role="judge").json()

    assert set(answer) == {*OWN, "content"}
    assert set(answer["content"]) == JUDGE_FIELDS


def test_entry_of_others_is_refused_before_its_content_is_read(visitor: Visitor):
    visitor.town.answers[("scoring", "my_entry")] = {"refused": {"code": "not-assigned", "field": "entry"}}

    answer = visitor.request("GET", "/judging/entries/u1-1", role="judge")

    assert code(answer) == "not-assigned"
    assert visitor.town.calls_to("submission", "public_entry") == []


@pytest.mark.parametrize("is_assigned", [True, False])
def test_link_of_an_entry_is_asked_for_only_once_scoring_has_answered(visitor: Visitor, *, is_assigned: bool):
    if not is_assigned:
        visitor.town.answers[("scoring", "filled_in")] = {"refused": {"code": "not-assigned", "field": "entry"}}

    visitor.request("GET", "/judge/entries/u1-1", role="judge", plain=True)

    assert [call["actor"] for call in visitor.town.calls_to("submission", "entry_link")] == ["gateway"] * is_assigned


@pytest.mark.parametrize("path", [SCORE, DRAFT], ids=["mark", "draft"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"marks": {"form": NaN}}', "json-broken"),
        (b'{"marks": {"form": Infinity}}', "json-broken"),
        (b'{"marks": {"form": 80.5}}', "invalid"),
        (b'{"marks": {"form": "80"}}', "invalid"),
        (b'{"marks": {"form": true}}', "invalid"),
        (b'{"marks": {"form": null}}', "invalid"),
        (b'{"marks": {"form": 1e400}}', "json-broken"),
        (b'{"marks": {"form": 123456789012345678901234567890}}', "invalid"),
        (b'{"marks": [80, 70, 90]}', "invalid"),
        (b'{"marks": {}, "total": 81}', "invalid"),
        (b'{"marks": {}, "judge": "bob"}', "invalid"),
        (b'{"words": "no marks"}', "invalid"),
    ],
    ids=lambda each: each.decode() if isinstance(each, bytes) else "",
)
def test_what_is_no_mark_reaches_no_service(visitor: Visitor, path: str, body: bytes, expected: str):
    headers = {"Content-Type": "application/json"}

    answer = visitor.request("POST", path, role="judge", key="k1", content=body, headers=headers)

    assert code(answer) == expected
    assert [service for service, _, _ in visitor.town.calls if service == "scoring"] == []


@pytest.mark.parametrize("words", ["字" * 2_001, "a\x00b"], ids=["too long", "control character"])
def test_words_that_nobody_should_store_reach_no_service(visitor: Visitor, words: str):
    answer = visitor.request("POST", SCORE, role="judge", key="k1", json={"marks": MARKS, "words": words})

    assert code(answer) == "invalid"
    assert visitor.town.calls_to("scoring", "give_score") == []


def ids(visitor: Visitor, *bodies: dict[str, Any]) -> list[list[str]]:
    for body in bodies:
        visitor.request("POST", SCORE, role="judge", key="k1", json=body)
    return [call["id"].split(".") for call in visitor.town.calls_to("scoring", "give_score")]


def test_key_that_comes_twice_with_one_mark_is_one_command(visitor: Visitor):
    first, again = ids(visitor, {"marks": MARKS}, {"marks": dict(reversed(MARKS.items()))})

    assert first == again


def test_key_that_comes_with_another_mark_is_seen_to(visitor: Visitor):
    """Scoring refuses it; its own test_service covers that."""
    (whose, what), (same, other) = ids(visitor, {"marks": MARKS}, {"marks": {**MARKS, "form": 71}})

    assert whose == same
    assert what != other


def test_missing_words_are_told_with_the_mark_and_the_limits(visitor: Visitor):
    detail = {"total": "59.70", "below": 60, "above": 95}
    refused = {"code": "mark-needs-words", "field": "words", "detail": detail}
    visitor.town.answers[("scoring", "give_score")] = {"refused": refused}

    told = visitor.request("POST", SCORE, role="judge", key="k1", json={"marks": MARKS}).json()

    assert (told["status"], told["errors"][0]["pointer"]) == (422, "#/words")
    assert told["detail_en"] == "The total is 59.70; below 60 or above 95, reasons are required."
    assert told["detail_zh"] == "总分 59.70：低于 60 分或高于 95 分时，须写明理由。"


def test_late_judge_is_named_by_the_path(visitor: Visitor):
    visitor.request("POST", "/judges/ann/reassignment", role="organiser", key="k1", json={"reason": "住院"})

    assert visitor.town.calls_to("scoring", "reassign")[0]["body"] == {"judge": "ann", "reason": "住院"}


def test_third_readings_may_be_asked_for_by_hand(visitor: Visitor):
    answer = visitor.request("POST", "/judging/third-readings", role="organiser", key="k1", json={})

    assert answer.status_code == 200
    assert len(visitor.town.calls_to("scoring", "assign_third_readings")) == 1
