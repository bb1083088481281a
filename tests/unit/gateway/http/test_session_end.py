"""A session ends with sign-out, everywhere and at once, and its owner sees and ends the others."""

from typing import Any

import pytest

from gateway.backends.ports import ServiceAway
from gateway.backends.session_watch import FRESH_S, SessionWatch
from gateway.http.problems import Problem
from gateway.http.sessions import ENDED_LEAST, Sessions
from tests.unit.gateway.town import Visitor, code


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("role", ["organiser", "judge", "unit", "voter"])
def test_token_opens_nothing_after_sign_out(visitor: Visitor, role: str):
    headers = bearer(visitor.token(role))
    assert visitor.request("GET", "/me", headers=headers).status_code == 200

    assert visitor.request("DELETE", "/sessions", headers=headers).status_code == 204

    assert code(visitor.request("GET", "/me", headers=headers)) == "session-ended"
    assert len(visitor.town.ended) == 1


def test_like_by_a_token_after_sign_out_is_refused(visitor: Visitor):
    headers = bearer(visitor.token("voter"))
    ticket = {"Like-Ticket": visitor.ticket(headers)}
    visitor.request("DELETE", "/sessions", headers=headers)

    assert code(visitor.request("POST", "/entries/A001/like", headers=headers | ticket)) == "session-ended"
    assert visitor.town.orders == []


def test_session_that_ended_elsewhere_is_refused_once_it_is_asked_about(visitor: Visitor):
    now = [0.0]
    app = visitor.app_context
    app.session_watch = SessionWatch(visitor.town, app.sessions, now=lambda: now[0])
    token = visitor.token("organiser")
    visitor.request("GET", "/me", headers=bearer(token))
    visitor.town.ended.add(app.sessions.read(token).id)

    statuses = []
    for now[0] in (FRESH_S, FRESH_S + 1):
        statuses.append(visitor.request("GET", "/me", headers=bearer(token)).status_code)

    assert statuses == [200, 401]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/passwords", {"staff": "mo", "link": "A" * 16, "password": "quiet lantern"}),
        ("POST", "/my/password", {"password": "quiet", "new_password": "quiet lantern"}),
        ("DELETE", "/my/sessions", None),
        ("DELETE", "/my/sessions/s9", None),
    ],
)
def test_sessions_are_asked_about_at_once_after_credentials_changed_here(
    visitor: Visitor, method: str, path: str, body: dict[str, str] | None
):
    changed = {"ok": {"staff": "mo", "repeated": False}, "log": "moderation", "n": 6}
    visitor.town.answers |= {("moderation", each): changed for each in ("set_password", "change_password")}
    token, another = visitor.token("moderator", sub="mo"), visitor.token("judge")
    assert visitor.request("GET", "/me", headers=bearer(token)).status_code == 200
    visitor.town.ended.add(visitor.app_context.sessions.read(token).id)

    assert visitor.request(method, path, headers=bearer(another), key="k1", json=body).status_code < 300

    assert code(visitor.request("GET", "/me", headers=bearer(token))) == "session-ended"


def test_ended_sessions_are_remembered_no_longer_than_they_would_have_lasted():
    sessions = Sessions(b"k" * 32, "demo")
    token, session = sessions.issue("f" * 24, frozenset({"voter"}))
    sessions.end(session)

    for n in range(3 * ENDED_LEAST):
        sessions.end_by_id(f"over-{n}", expires=1)

    assert len(sessions._ended) <= ENDED_LEAST
    with pytest.raises(Problem, match="session-ended"):
        sessions.read(token)


def test_cookie_of_a_session_that_ended_elsewhere_keeps_nobody_from_public_pages(visitor: Visitor):
    token = visitor.token("unit")
    visitor.town.ended.add(visitor.app_context.sessions.read(token).id)
    visitor.client.cookies.set("baijia", token)

    assert visitor.request("GET", "/campaign").status_code == 200
    assert code(visitor.request("GET", "/me")) == "session-ended"


def test_sessions_of_voters_that_ended_elsewhere_are_read_at_intervals(visitor: Visitor):
    app = visitor.app_context
    token = visitor.token("voter")
    session = app.sessions.read(token)
    visitor.town.answers["voting", "ended_sessions"] = {"ok": {"sessions": {session.id: session.expires}}}

    visitor.run(app.session_watch.read_ended())

    assert code(visitor.request("GET", "/me", headers=bearer(token))) == "session-ended"


def test_sign_out_ends_the_session_here_though_the_service_is_away(visitor: Visitor):
    headers = bearer(visitor.token("judge"))
    visitor.town.answers["moderation", "end_session"] = ServiceAway("moderation")

    assert code(visitor.request("DELETE", "/sessions", headers=headers)) == "service-away"
    assert code(visitor.request("GET", "/me", headers=headers)) == "session-ended"


def test_service_that_is_away_signs_nobody_out(visitor: Visitor):
    visitor.town.answers["moderation", "use_session"] = ServiceAway("moderation")

    assert visitor.request("GET", "/me", role="judge").status_code == 200


def test_people_see_their_own_sessions(visitor: Visitor):
    listed: dict[str, Any] = {
        "session": "s1", "agent": "Chrome", "began": 1, "seen": 2, "expires": 3, "is_current": True,
    }  # fmt: skip
    visitor.town.answers["submission", "my_sessions"] = {"ok": {"sessions": [listed]}}

    assert visitor.request("GET", "/my/sessions", role="unit").json() == {"sessions": [listed]}
    (call,) = visitor.town.calls_to("submission", "my_sessions")
    assert (call["actor"], len(call["body"]["session"]) > 10) == ("u1", True)


@pytest.mark.parametrize(("path", "method"), [("/s9", "end_session"), ("", "end_other_sessions")])
def test_people_end_their_other_sessions(visitor: Visitor, path: str, method: str):
    headers = bearer(visitor.token("moderator"))

    assert visitor.request("DELETE", f"/my/sessions{path}", headers=headers).status_code == 204

    (call,) = visitor.town.calls_to("moderation", method)
    assert (call["actor"], call["roles"]) == ("moderator-li", ["moderator"])
    assert visitor.request("GET", "/me", headers=headers).status_code == 200


def test_token_of_before_sessions_were_stored_ends_for_staff_and_goes_on_for_voters(visitor: Visitor):
    sessions = visitor.app_context.sessions
    old = {role: str(sessions._signer.dumps([f"{role}-li", [role], 2**50, "", "web"])) for role in ("judge", "voter")}

    statuses = [visitor.request("GET", "/me", headers=bearer(token)).status_code for token in old.values()]

    assert statuses == [401, 200]
