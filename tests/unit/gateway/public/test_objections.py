"""Objections to the published result: filed by form and by API without a sender, only while the notice runs."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.html.texts import WORDS
from tests.unit.gateway.town import (
    CLOCK,
    DAY,
    RESULT,
    VIEWS,
    Visitor,
    code,
)

NUMBER = "ABCDEFGH23456722"
OPEN = {"objection": NUMBER, "proposal": "P1", "entry": "u1-1", "at": CLOCK, "state": "open", "answer": None}
SAID = {"entry": "A001", "words": "计分有误。\r\n请核实。", "contact": "138"}
NOTICE = {"since": CLOCK - DAY, "until": CLOCK + DAY, "basis": "table"}


@pytest.fixture
def visitor(tmp_path: Path) -> Any:
    views = {**VIEWS, "result": {**RESULT, "is_final": False, "notice": NOTICE, "outdated": False}}
    made = Visitor(tmp_path, views=views)
    made.town.answers["ranking", "file_objection"] = lambda call: {
        "ok": {**OPEN, "entry": call["body"]["entry"], "repeated": False},
        "log": "ranking",
        "n": 6,
    }
    yield made
    made.close()


def post(visitor: Visitor, **changes: Any) -> Any:
    return visitor.request("POST", "/objections", plain=True, data={**SAID, **changes})


def test_form_files_in_nobodys_name_and_shows_the_number(visitor: Visitor):
    headers = {"Authorization": f"Bearer {visitor.token('unit')}"}

    answer = visitor.request("POST", "/objections", plain=True, data=SAID, headers=headers)

    (call,) = visitor.town.calls_to("ranking", "file_objection")
    assert call["body"] == {"entry": "u1-1", "words": "计分有误。\n请核实。", "contact": "138"}
    assert (call["actor"], call["roles"]) == ("gateway", ["operator"])
    assert answer.headers["cache-control"] == "private, no-store"
    for words in ("✓ 已受理", "ABCD-EFGH-2345-6722", f'href="/objections/{NUMBER}"', "A001 · 炼钢"):
        assert words in answer.text


def test_form_names_its_fields(visitor: Visitor):
    text = visitor.request("GET", "/objections?entry=A001", plain=True).text

    fields = re.findall(r'<(?:input|textarea) id="([^"]+)"', text)
    assert fields == ["about", "words", "contact", "number"]
    assert [each for each in fields if f'<label for="{each}">' not in text] == []
    assert 'name="entry" value="A001"' in text


def test_form_that_is_sent_twice_is_one_command(visitor: Visitor):
    text = visitor.request("GET", "/objections", plain=True).text
    form = re.search(r'name="form" value="([^"]+)"', text)[1]

    for _ in range(2):
        post(visitor, form=form)

    first, second = visitor.town.calls_to("ranking", "file_objection")
    assert first["id"] == second["id"]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        pytest.param({}, "objection.not-yet", id="before the result is published"),
        pytest.param({**RESULT, "notice": {**NOTICE, "until": CLOCK}}, "objection.over", id="after the notice"),
    ],
)
def test_there_is_no_form_where_no_objection_is_taken(tmp_path: Path, result: dict[str, Any], words: str):
    other = Visitor(tmp_path / "other", views={**VIEWS, "result": result})

    text = other.request("GET", "/objections", plain=True).text
    other.close()

    assert WORDS[words][0] in text
    assert "<textarea" not in text
    assert 'id="number"' in text


def test_late_objection_is_refused_with_its_deadline(visitor: Visitor):
    refused = {"code": "objection-late", "field": None, "detail": {"until": CLOCK}}
    visitor.town.answers["ranking", "file_objection"] = {"refused": refused}

    answer = visitor.request("POST", "/objections", key="k", json={"words": "来晚了"})

    assert (answer.status_code, code(answer)) == (409, "objection-late")
    assert "2021-06-07 12:00" in answer.json()["detail_zh"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param({"words": " \n"}, "words-missing", id="without words"),
        pytest.param({"words": "长" * 2_001}, "invalid", id="too long"),
        pytest.param({"words": "x", "entry": "Z999"}, "entry-unknown", id="about what is not there"),
        pytest.param({"words": "x", "kind": "complaint"}, "invalid", id="with a field too many"),
    ],
)
def test_objection_that_cannot_be_read_reaches_no_service(visitor: Visitor, body: dict[str, Any], problem: str):
    answer = visitor.request("POST", "/objections", key="k", json=body)

    assert code(answer) == problem
    assert visitor.town.calls_to("ranking", "file_objection") == []


def test_second_objection_costs_work(visitor: Visitor):
    first, second = (visitor.request("POST", "/objections", key=f"k{k}", json={"words": "x"}) for k in range(2))

    assert (first.status_code, code(second)) == (201, "letter-challenge")


def test_late_objection_costs_no_work(visit):
    visitor = visit(views=VIEWS)  # nothing is published
    refused = {"code": "result-not-published", "field": None, "detail": {}}
    visitor.town.answers["ranking", "file_objection"] = {"refused": refused}

    answers = [visitor.request("POST", "/objections", key=f"k{k}", json={"words": "x"}) for k in range(3)]

    assert [code(each) for each in answers] == ["result-not-published"] * 3


def test_objections_of_others_refuse_nobody(visitor: Visitor):
    def filed(k: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {visitor.token('unit', sub=f'u{k}')}"}
        return visitor.request("POST", "/objections", key=f"k{k}", json={"words": "x"}, headers=headers)

    assert {filed(k).status_code for k in range(100)} == {201}


@pytest.mark.parametrize("state", ["open", "upheld", "dismissed"])
def test_whoever_has_the_number_reads_state_and_answer(visitor: Visitor, state: str):
    answer = None if state == "open" else {"words": "已核实 <b>无误</b>。", "at": CLOCK}
    visitor.town.answers["ranking", "objection"] = {"ok": {**OPEN, "state": state, "answer": answer}}

    sent = visitor.request("GET", "/objections?number=abcd-efgh 2345-6722", plain=True)
    text = visitor.request("GET", sent.headers["location"], plain=True).text

    assert sent.headers["location"] == f"/objections/{NUMBER}"
    assert WORDS[f"objection.is-{state}"][0] in text
    assert ("已核实 &lt;b&gt;无误" in text) == (state != "open")


def test_number_that_cannot_be_one_is_unknown(visitor: Visitor):
    answer = visitor.request("GET", "/objections/ABC", plain=True)

    assert answer.status_code == 404
    assert "没有这个异议编号" in answer.text


def test_decision_says_whether_it_is_upheld(visitor: Visitor):
    path = f"/result/objections/{NUMBER}/decision"

    refused = [
        visitor.request("POST", path, role="organiser", key=f"k{k}", json={"words": "x", **more})
        for k, more in enumerate(({}, {"upheld": 1}, {"upheld": "true"}, {"upheld": None}))
    ]
    visitor.request("POST", path, role="organiser", key="k", json={"words": "x", "upheld": True})

    assert [code(each) for each in refused] == ["invalid"] * 4
    (call,) = visitor.town.calls_to("ranking", "decide_objection")
    assert call["body"] == {"words": "x", "upheld": True, "objection": NUMBER}
