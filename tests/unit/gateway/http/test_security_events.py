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


def test_ordinary_reading_leaves_no_line(visitor: Visitor):
    assert visitor.request("GET", "/campaign").status_code == 200

    assert events(visitor) == []


@pytest.mark.parametrize("route", [each for each in ROUTES if each.security_event], ids=lambda each: each.name)
def test_route_names_an_event_that_the_log_knows(route: Any):
    assert route.security_event in EVENTS


def test_each_refusal_is_an_event_that_the_log_knows():
    assert set(REFUSALS.values()) <= set(EVENTS)
