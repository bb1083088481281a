"""Likes over HTTP: the writer's answer, and the same authorisation and problems as on every route."""

import pytest

from tests.unit.gateway.town import (
    CLOCK,
    VIEWS,
    Visitor,
    campaign,
    code,
)

LIKE = "/entries/A001/like"


@pytest.mark.parametrize(
    ("status", "http"),
    [("counted", 200), ("already", 200), ("pending", 200), ("gone", 200), ("accepted", 202)],
)
def test_answer_of_the_writer_is_the_voter_s(visitor: Visitor, status: str, http: int):
    visitor.town.like = {"status": status, "receipt": "0.1.0.abc", "remaining": 3}

    answer = visitor.request("POST", LIKE, role="voter")

    assert (http, visitor.town.like) == (answer.status_code, answer.json())
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("said", "http", "expected"),
    [
        ({"status": "refused", "code": "daily-limit", "detail": {"limit": 20}}, 409, "daily-limit"),
        ({"status": "refused", "code": "entry-unknown", "detail": {}}, 404, "entry-unknown"),
        ({"status": "busy"}, 429, "busy"),
        ({"status": "away"}, 503, "like-away"),
    ],
)
def test_no_is_a_problem_with_its_code(visitor: Visitor, said: dict, http: int, expected: str):
    visitor.town.like = said

    answer = visitor.request("POST", LIKE, role="voter")

    assert (http, expected) == (answer.status_code, code(answer))
    assert (http in (429, 503)) == ("retry-after" in answer.headers)


def test_order_names_the_entry_behind_the_number_the_time_the_door_and_what_was_seen(visitor: Visitor):
    token, _ = visitor.app_context.sessions.issue("v1", frozenset({"voter"}), door="service")
    headers = {"Authorization": f"Bearer {token}", "Campaign-Time": str(CLOCK + 3)}

    visitor.request("DELETE", LIKE, headers=headers)

    order = visitor.town.orders[0]
    assert tuple(order[name] for name in ("voter", "entry", "action", "at", "door")) == (
        "v1",
        "u1-1",
        "unlike",
        CLOCK + 3,
        "service",
    )
    assert order["seen"]["moderation"] == 5


@pytest.mark.parametrize(
    ("method", "receipt", "status", "orders"),
    [("DELETE", "0.1.0.abc", 200, ["gone-1"]), ("DELETE", "", 404, []), ("POST", "0.1.0.abc", 404, [])],
)
def test_only_an_unlike_that_names_its_like_may_be_of_an_entry_that_is_no_longer_shown(
    visitor: Visitor, method: str, receipt: str, status: int, orders: list[str]
):
    headers = {"Like-Receipt": receipt} if receipt else {}

    answer = visitor.request(method, "/entries/gone-1/like", role="voter", headers=headers)

    assert answer.status_code == status
    assert [each["entry"] for each in visitor.town.orders] == orders


@pytest.mark.parametrize(("method", "named"), [("DELETE", "0.1.0.abc"), ("POST", None)])
def test_unlike_names_the_like_of_its_receipt_header_and_a_like_names_none(
    visitor: Visitor, method: str, named: str | None
):
    visitor.request(method, LIKE, role="voter", headers={"Like-Receipt": "0.1.0.abc"})

    assert visitor.town.orders[0]["receipt"] == named


@pytest.mark.parametrize(
    ("role", "headers", "expected"),
    [
        ("", {}, "session-missing"),
        ("unit", {}, "role-missing"),
        ("", {"Authorization": "Bearer x.y"}, "session-invalid"),
        ("voter", {"Campaign-Time": "0"}, "clock-before"),
        ("voter", {"Content-Length": "5000"}, "body-too-large"),
    ],
)
def test_like_route_refuses_what_every_route_refuses(visitor: Visitor, role: str, headers: dict, expected: str):
    assert expected == code(visitor.request("POST", LIKE, role=role, headers=headers))
    assert visitor.town.orders == []


def test_entry_that_is_not_visible_is_refused_at_once(visitor: Visitor):
    assert code(visitor.request("POST", "/entries/B777/like", role="voter")) == "entry-unknown"
    assert visitor.town.orders == []


def test_live_like_takes_no_time_from_its_caller(visit):
    live = visit(views={**VIEWS, "campaign": campaign(rehearsal=False, clock=None)})

    assert code(live.request("POST", LIKE, role="voter", headers={"Campaign-Time": str(CLOCK)})) == "clock-is-real"
    assert live.request("POST", LIKE, role="voter").status_code == 200
    assert live.town.orders[0]["at"] == CLOCK + 1


def test_failure_on_the_like_path_is_told_by_a_number(visitor: Visitor):
    visitor.town.like = {"status": "no such status"}

    answer = visitor.request("POST", LIKE, role="voter")

    assert (answer.status_code, code(answer)) == (500, "internal")


def test_voter_sees_own_likes(visitor: Visitor):
    visitor.town.like = {"status": "shown", "likes": [], "remaining": 20}

    answer = visitor.request("GET", "/me/likes", role="voter")

    assert {**visitor.town.like, "all_days": []} == answer.json()
    assert (visitor.town.orders[0]["entry"], visitor.town.orders[0]["action"]) == ("", "show")
    assert answer.headers["cache-control"] == "private, no-store"


def test_ticket_tells_a_refusal_as_an_answer(visitor: Visitor):
    visitor.town.like = {"status": "refused", "code": "late", "detail": {}}

    answer = visitor.request("GET", "/likes/tickets/good")

    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (200, "refused", "late")
    assert code(visitor.request("GET", "/likes/tickets/bad")) == "ticket-unknown"
