"""Desks name people and units by their names: judges in statistics, organisers at questions, units in the outbox."""

from typing import Any

import pytest

from tests.unit.gateway.town import DESK_ANSWERS, Visitor

PEOPLE = [
    {"staff": staff, "name": name, "roles": roles}
    for staff, name, roles in (("organiser-li", "李主任", ["organiser"]), ("j1", "王专家", ["judge"]))
]
QUESTION = {
    "question": "A" * 16, "entry": None, "words": "视频多长？", "at": 1_700_000_000_000, "state": "answered",
    "answer": {"words": "最长 8 分钟。", "at": 1_700_000_000_000}, "unit": "u1", "unit_name": "u1", "number": "",
    "title": "", "by": "organiser-li", "stock": None, "answer_count": 1, "claimed_by": "organiser-li",
    "claimed_until": 1_700_000_900_000, "is_public": False,
}  # fmt: skip
JUDGE = {"judge": "j1", "few": False, "marks": 12, "mean": "80", "spread": "5", "strictness": "1", "correlation": 0.5}
METHODS = {
    "method": "mean", "winners": {}, "scores": {},
    "agreement": {"": {"alpha": "0.5", "judges": [JUDGE]}},
}  # fmt: skip


def letter(**change: Any) -> dict[str, Any]:
    return {**DESK_ANSWERS["moderation", "letter"], **change}


@pytest.fixture
def named(visitor: Visitor) -> Visitor:
    visitor.town.answers["moderation", "staff"] = {"ok": {"staff": PEOPLE}}
    return visitor


def text(visitor: Visitor, path: str, role: str = "organiser") -> str:
    return visitor.request("GET", path, role=role, plain=True).text


def test_question_names_its_unit_and_who_answered_it(named: Visitor):
    named.town.answers["moderation", "questions"] = {
        "ok": {**DESK_ANSWERS["moderation", "questions"], "questions": [QUESTION]}
    }

    shown = text(named, "/organiser/questions?state=answered")

    assert ("李主任 正在回复" in shown, "一厂工会" in shown, "> · organiser-li ·" in shown) == (True, True, False)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        pytest.param(letter(), "一厂工会", id="a unit"),
        pytest.param(letter(unit="", staff="j1", to="staff.j1"), "王专家", id="a judge"),
        pytest.param(letter(by="organiser-li"), "李主任", id="who approved it"),
    ],
)
def test_letter_names_its_receiver_and_who_approved_it(named: Visitor, found: dict[str, Any], name: str):
    named.town.answers["moderation", "letter"] = {"ok": found}
    named.town.answers["moderation", "letters"] = {"ok": {**DESK_ANSWERS["moderation", "letters"], "letters": [found]}}

    assert name in text(named, "/organiser/messages/letter?name=approved.u1-1.0")
    assert name in text(named, "/organiser/messages?state=sent")


def test_outbox_is_shown_by_codes_while_the_roll_is_away(named: Visitor):
    named.town.answers["moderation", "letter"] = {"ok": letter()}
    named.town.answers["submission", "unit_names"] = {"refused": {"code": "overdue", "field": None, "detail": {}}}

    assert ">u1<" in text(named, "/organiser/messages/letter?name=approved.u1-1.0")


def test_statistics_name_judges(named: Visitor):
    named.town.answers["ranking", "methods"] = {"ok": METHODS}

    assert '<th scope="row">王专家' in text(named, "/analysis/methods", role="organiser")
