"""The security log of the gateway: sign-ins, refusals and readings, without secrets, addresses or typed names."""

import json
from typing import Any

import pytest

from gateway.routes import ROUTES
from gateway.routing.security_events import REFUSALS
from shared.security_log import EVENTS
from tests.unit.gateway.town import Visitor

PASSWORD = "a long pass phrase"
STAFF = {"staff": "wang", "password": PASSWORD}
REFUSED = {"refused": {"code": "login-refused", "field": None, "detail": {}}}
Line = dict[str, Any]


def text_of(visitor: Visitor) -> str:
    folder = visitor.app_context.settings.data / "security" / "demo"
    return "".join(each.read_text() for each in sorted(folder.glob("*.jsonl")))


def events(visitor: Visitor) -> list[Line]:
    return [json.loads(line) for line in text_of(visitor).splitlines()]


def test_sign_in_is_recorded_with_the_account_and_without_the_password(visitor: Visitor):
    visitor.town.answers["moderation", "login"] = {
        "ok": {"staff": "wang", "name": "王", "roles": ["organiser"], "session": "s1"}
    }

    visitor.request("POST", "/sessions", json=STAFF)

    (line,) = events(visitor)
    assert (line["event"], line["route"]) == ("signed-in", "POST /api/v1/sessions")
    assert line["subject"] == visitor.app_context.security_log.hashed("wang")
    assert PASSWORD not in text_of(visitor)


def test_refused_sign_ins_and_the_pause_after_them_are_recorded_by_the_hash_of_what_was_typed(visitor: Visitor):
    visitor.town.answers["moderation", "login"] = REFUSED

    for _ in range(9):
        visitor.request("POST", "/sessions", json={"staff": PASSWORD, "password": "wang"})

    assert {line["event"] for line in events(visitor)} == {"sign-in-refused", "sign-in-paced"}
    assert {line["subject"] for line in events(visitor)} == {visitor.app_context.security_log.hashed(PASSWORD)}
    assert PASSWORD not in text_of(visitor)


def test_forged_session_and_missing_role_are_recorded(visitor: Visitor):
    visitor.request("GET", "/me", headers={"Authorization": "Bearer forged"})
    visitor.request("GET", "/staff", role="judge")

    assert [(line["event"], line.get("actor")) for line in events(visitor)] == [
        ("session-refused", None),
        ("role-refused", "staff judge-li"),
    ]


def test_voter_is_recorded_by_kind_only(visitor: Visitor):
    visitor.request("GET", "/staff", role="voter")

    assert [line.get("actor") for line in events(visitor)] == ["voter"]
    assert all("account" not in line for line in events(visitor))


def test_reading_of_letters_is_recorded_with_the_reader(visitor: Visitor):
    visitor.town.answers["moderation", "complaints"] = {"ok": {"complaints": [], "next": None, "open": 0}}

    answer = visitor.request("GET", "/moderation/complaints", role="moderator")

    assert answer.status_code == 200
    assert [(line["event"], line["actor"]) for line in events(visitor)] == [("sealed-words-read", "staff moderator-li")]


LINK = {"staff": "wang", "link": "A" * 16, "password": PASSWORD}
CHANGED = {"ok": {"staff": "wang", "name": "王", "roles": ["judge"], "link": None, "until": None, "change": None,
                  "code": None, "repeated": False}, "log": "moderation", "n": 7}  # fmt: skip

PASSWORD_SET = {"ok": {"staff": "wang", "repeated": False}, "log": "moderation", "n": 7}


@pytest.mark.parametrize(
    ("method", "path", "role", "body", "event"),
    [
        ("POST", "/passwords", "", LINK, "credentials-changed"),
        ("POST", "/my/password", "judge", {"password": "old", "new_password": PASSWORD}, "credentials-changed"),
        ("POST", "/staff", "organiser", {"staff": "wang", "name": "王", "roles": ["judge"]}, "staff-changed"),
        ("POST", "/staff/changes/c1/confirmation", "organiser", None, "staff-changed"),
        ("DELETE", "/sessions", "judge", None, "signed-out"),
        ("DELETE", "/my/sessions", "judge", None, "signed-out"),
        ("DELETE", "/my/sessions/s9", "unit", None, "signed-out"),
        ("POST", "/forgettings", "organiser", {"subject": "staff.wang", "reason": "asked"}, "forgetting-ordered"),
    ],
)
def test_changes_of_credentials_offices_and_sessions_are_recorded(
    visitor: Visitor, method: str, path: str, role: str, body: Line | None, event: str
):
    for each in ("appoint_staff", "confirm_staff_change"):
        visitor.town.answers["moderation", each] = CHANGED
    for each in ("set_password", "change_password"):
        visitor.town.answers["moderation", each] = PASSWORD_SET
    visitor.town.answers["moderation", "forget_subject"] = {
        "ok": {"subject": "staff.wang", "repeated": False}, "log": "moderation", "n": 7,
    }  # fmt: skip

    answer = visitor.request(method, path, role=role, key="k1", json=body)

    assert answer.status_code < 300, answer.text
    (line,) = events(visitor)
    assert (line["event"], line["route"].split()[0]) == (event, method)
    assert line.get("actor") == {"": None, "unit": "unit u1"}.get(role, f"staff {role}-li")
    assert (PASSWORD in text_of(visitor), "A" * 16 in text_of(visitor)) == (False, False)


def test_password_that_was_set_by_form_and_a_wrong_link_are_recorded(visitor: Visitor):
    form = LINK | {"again": PASSWORD}
    for answer in (PASSWORD_SET, {"refused": {"code": "link-spent", "field": "link", "detail": {}}}):
        visitor.town.answers["moderation", "set_password"] = answer
        visitor.request("POST", "/password", plain=True, data=form)

    assert [line["event"] for line in events(visitor)] == ["credentials-changed", "sign-in-refused"]
    assert (PASSWORD in text_of(visitor), "A" * 16 in text_of(visitor)) == (False, False)


@pytest.mark.parametrize(("path", "event"), [("/sign-out", "signed-out"), ("/privacy", "forgetting-ordered")])
def test_voter_who_leaves_by_form_is_recorded_by_kind(visitor: Visitor, path: str, event: str):
    headers = {"Authorization": f"Bearer {visitor.token('voter')}"}

    visitor.request("POST", path, plain=True, headers=headers)

    assert [(line["event"], line["actor"]) for line in events(visitor)] == [(event, "voter")]


def test_ordinary_reading_leaves_no_line(visitor: Visitor):
    assert visitor.request("GET", "/campaign").status_code == 200

    assert events(visitor) == []


@pytest.mark.parametrize("route", [each for each in ROUTES if each.security_event], ids=lambda each: each.name)
def test_route_names_an_event_that_the_log_knows(route: Any):
    assert route.security_event in EVENTS


def test_each_refusal_is_an_event_that_the_log_knows():
    assert set(REFUSALS.values()) <= set(EVENTS)
