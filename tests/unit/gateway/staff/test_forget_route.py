"""`POST /forgettings`: for organisers only, with an idempotency key, and with nothing that names the person."""

import pytest

from services.moderation.schemas import ForgetSubject
from tests.unit.gateway.town import Visitor, code

BODY = {"subject": "staff.mo", "reason": "asked"}


def test_organiser_has_a_person_forgotten(visitor: Visitor):
    answer = visitor.request("POST", "/forgettings", role="organiser", key="k1", json=BODY)

    assert answer.status_code == 200
    assert [call["body"] for call in visitor.town.calls_to("moderation", "forget_subject")] == [BODY]


@pytest.mark.parametrize("kind", ["complaint", "objection"])
@pytest.mark.parametrize("number", ["ABCDEFGH23456722", "ABCD-EFGH-2345-6722", "abcd efgh 2345 6722"])
def test_complaint_and_objection_are_forgotten_by_their_numbers(visitor: Visitor, kind: str, number: str):
    body = {**BODY, "subject": f"{kind}.{number}"}

    answer = visitor.request("POST", "/forgettings", role="organiser", key="k1", json=body)

    assert answer.status_code == 200
    (call,) = visitor.town.calls_to("moderation", "forget_subject")
    assert call["body"]["subject"] == f"{kind}.ABCDEFGH23456722"
    assert ForgetSubject().validate(call["body"]) == {}


def test_a_repeat_with_the_same_key_is_the_same_command(visitor: Visitor):
    for _ in range(2):
        visitor.request("POST", "/forgettings", role="organiser", key="k1", json=BODY)

    first, again = visitor.town.calls_to("moderation", "forget_subject")
    assert first["id"] == again["id"]


@pytest.mark.parametrize("refused", ["subject-unknown", "subject-in-office", "campaign-not-open"])
def test_refusals_are_said(visitor: Visitor, refused: str):
    visitor.town.answers["moderation", "forget_subject"] = {"refused": {"code": refused, "field": "subject"}}

    answer = visitor.request("POST", "/forgettings", role="organiser", key="k1", json=BODY)

    assert (answer.status_code, code(answer)) == ({"subject-unknown": 404}.get(refused, 409), refused)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({**BODY, "subject": "n1"}, id="the network key"),
        pytest.param({**BODY, "subject": "unit.U1"}, id="what is no person"),
        pytest.param({**BODY, "subject": "complaint.ABCD-EFGH-2345"}, id="a number that is too short"),
        pytest.param({**BODY, "subject": "certificate.ABCDEFGH23456722"}, id="a number of another kind"),
        pytest.param({**BODY, "subject": "voter.王小明"}, id="a name for a pseudonym"),
        pytest.param({**BODY, "reason": "王小明要求删除"}, id="words that tell of the person"),
        pytest.param({"subject": "staff.mo"}, id="no reason"),
    ],
)
def test_what_does_not_fit_reaches_no_service(visitor: Visitor, body: dict):
    answer = visitor.request("POST", "/forgettings", role="organiser", key="k1", json=body)

    assert (answer.status_code, code(answer)) == (422, "invalid")
    assert visitor.town.calls_to("moderation", "forget_subject") == []
