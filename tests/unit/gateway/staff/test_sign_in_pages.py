"""Sign-in and sign-out by form: back to where one came from, errors at the form, nothing that was sent is lost."""

import html
import re
from urllib.parse import urlencode

import pytest

from gateway.html.sign_in import WaitingForm, local_path
from tests.unit.gateway.town import Visitor

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
STAFF = {"ok": {"staff": "mo", "name": "Mo", "roles": ["moderator"], "session": "s9"}}
UNIT = {"ok": {"unit": "u1", "name": "炼钢的工会", "session": "s8"}}
REFUSED = {"refused": {"code": "login-refused"}}


def post(visitor: Visitor, path: str, **fields: str):
    return visitor.request("POST", path, plain=True, headers=FORM, content=urlencode(fields))


@pytest.mark.parametrize(
    ("path", "sign_in"),
    [("/desk", "/desk/sign-in?to=%2Fdesk"), ("/desk?tab=2&lang=en", "/desk/sign-in?to=%2Fdesk%3Ftab%3D2")],
)
def test_visitor_who_is_not_signed_in_is_led_to_the_sign_in_and_back(visitor: Visitor, path: str, sign_in: str):
    answer = visitor.request("GET", path, plain=True)

    assert (answer.status_code, answer.headers["location"]) == (303, sign_in)


def test_part_of_a_page_sends_the_whole_page_to_the_sign_in(visitor: Visitor):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://gateway.test/desk?tab=2"}

    answer = visitor.request("GET", "/desk", plain=True, headers=headers)

    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/desk/sign-in?to=%2Fdesk%3Ftab%3D2")


def test_staff_sign_in_by_form_and_are_where_they_wanted_to_be(visitor: Visitor):
    visitor.town.staff["mo"] = ["moderator"]
    visitor.town.answers["moderation", "login"] = STAFF

    answer = post(visitor, "/desk/sign-in", staff="mo", password="secret word", to="/desk?tab=2")
    page = visitor.request("GET", "/desk", plain=True)

    assert (answer.status_code, answer.headers["location"]) == (303, "/desk?tab=2")
    assert "baijia" in answer.headers["set-cookie"]
    assert page.status_code == 200
    assert "当前登录：Mo" in page.text


def test_unit_signs_in_by_form(visitor: Visitor):
    visitor.town.answers["submission", "unit_login"] = UNIT

    answer = post(visitor, "/unit/sign-in", unit="u1", access_code="abc", to="https://evil.example/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/unit")
    assert visitor.request("GET", "/unit/sign-in?to=/rules", plain=True).headers["location"] == "/rules"


def test_wrong_password_is_said_at_the_form_and_the_name_stays(visitor: Visitor):
    visitor.town.answers["moderation", "login"] = REFUSED

    answer = post(visitor, "/desk/sign-in", staff="m<o", password="wrong word", to="/desk?tab=2")

    assert answer.status_code == 401
    assert "✗ 账号或密码（访问码）不对" in answer.text
    assert 'value="m&lt;o"' in answer.text
    assert 'name="to" value="/desk?tab=2"' in answer.text
    assert "wrong word" not in answer.text


def test_missing_field_is_said_at_the_field(visitor: Visitor):
    answer = post(visitor, "/unit/sign-in", unit="u1", access_code="")

    assert answer.status_code == 422
    assert re.search(r'id="access_code"[^>]*aria-describedby="access_code-error"[^>]*aria-invalid="true"', answer.text)
    assert 'id="access_code-error"' in answer.text


def test_form_that_was_sent_after_the_session_ended_is_sent_after_the_sign_in(visitor: Visitor):
    visitor.town.answers["submission", "unit_login"] = UNIT
    waiting = WaitingForm("/unit/entry?step=2", (("title", '"炼钢" & 司机'), ("themes", "a"), ("themes", "b")))

    shown = post(visitor, "/unit/sign-in", unit="u1", access_code="abc", to="/unit", waiting=waiting.to_text())

    assert shown.status_code == 200
    assert 'method="post" action="/unit/entry?step=2"' in shown.text
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', shown.text)
    assert [(name, html.unescape(value)) for name, value in found] == list(waiting.fields)


def test_sign_in_from_another_site_is_refused(visitor: Visitor):
    headers = {**FORM, "Sec-Fetch-Site": "cross-site"}

    answer = visitor.request("POST", "/desk/sign-in", plain=True, headers=headers, content="staff=mo&password=x")

    assert answer.status_code == 403
    assert visitor.town.calls == []


@pytest.mark.parametrize(
    ("role", "to"), [("voter", "/"), ("unit", "/unit/sign-in?out=1"), ("moderator", "/desk/sign-in?out=1")]
)
def test_sign_out_ends_the_session_and_leads_to_where_one_signs_in(visitor: Visitor, role: str, to: str):
    answer = visitor.request("POST", "/sign-out", role=role, plain=True)

    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert 'baijia=""' in answer.headers["set-cookie"]
    assert visitor.town.ended


def test_wrong_kind_of_person_is_offered_the_right_sign_in(visitor: Visitor):
    answer = visitor.request("GET", "/desk", role="unit", plain=True)

    assert answer.status_code == 403
    assert 'href="/desk/sign-in?to=%2Fdesk"' in answer.text


@pytest.mark.parametrize(
    "text", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\\b", "/a\nb", "unit", "", "/" + "a" * 600]
)
def test_path_that_could_lead_to_another_site_is_replaced(text: str):
    assert local_path(text, "/unit") == "/unit"


def test_waiting_form_of_another_shape_is_none():
    found = [WaitingForm.from_text(text) for text in ("", "{", "[1]", '["//evil.example", []]', '["/a", [1]]')]

    assert found == [None] * 5
