"""Every role on every route is refused, unless the table of routes admits it."""

import re

import pytest

from gateway.routes import ROUTES
from gateway.routing.route import ANYONE, ROLES, Route
from gateway.staff.sign_in import me
from tests.unit.gateway.town import Visitor

pytestmark = pytest.mark.slow  # runs for minutes

PATHS = {"entry": "u1-1", "number": "A001", "ticket": "good", "receipt": "0.1.0.abc", "sha256": "a" * 64,
         "handoff": "h" * 36, "link": "l" * 35, "complaint": "A" * 16, "objection": "A" * 16,
         "question": "A" * 16, "stock": "S1",
         "certificate": "A" * 16, "scenario": "s1", "judge": "ann", "channel": "douyin",
         "staff": "mo", "rendition": "480.jpg", "change": "c1.d", "session": "s1", "unit": "U1", "invitation": "A" * 16,
         "cadre": "U1.1", "version": "1", "other": "u2-1", "flag": "symbols", "bulk": "b1",
         "changes": "C1", "outage": "O1", "opening": "so-1",
         "file": "logo.0123456789ab.svg", "upload": "0" * 32, "secret": "0" * 32}  # fmt: skip
EACH = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def url(route: Route) -> str:
    return route.base + re.sub(r"{(\w+)}", lambda found: PATHS[found[1]], route.path)


def knock(visitor: Visitor, route: Route, role: str = "") -> int:
    # No key and no body: an authorised request fails later, with another problem.
    return visitor.request(route.method, url(route), role=role, plain=True).status_code


@EACH
@pytest.mark.parametrize("role", sorted(ROLES))
def test_route_lets_in_the_roles_that_it_names_and_no_other(visitor: Visitor, route: Route, role: str):
    status = knock(visitor, route, role)

    assert (status == 403) == (route.roles != ANYONE and role not in route.roles)
    assert status != 401


@EACH
def test_route_that_is_not_open_wants_a_session(visitor: Visitor, route: Route):
    answer = visitor.request(route.method, url(route), plain=True)
    leads_to_sign_in = answer.status_code == 303 and "/sign-in?to=" in answer.headers["location"]

    assert (answer.status_code == 401 or leads_to_sign_in) == (route.roles != ANYONE)


STRANGERS = [
    pytest.param(route, role, id=f"{route.name} by {role}")
    for route in ROUTES
    if route.roles != ANYONE
    for role in sorted(ROLES - route.roles)
]


@pytest.mark.parametrize(("route", "stranger"), STRANGERS)
def test_refused_caller_reaches_no_service(visitor: Visitor, route: Route, stranger: str):
    knock(visitor, route, stranger)

    assert [method for _, method, _ in visitor.town.calls if method not in ("staff", "use_session")] == []
    assert visitor.town.orders == []


def test_route_without_roles_cannot_be_made():
    with pytest.raises(ValueError, match="must name the roles"):
        Route(method="GET", path="/x", roles=frozenset(), about="", handle=me)


def test_route_with_a_role_that_nobody_has_cannot_be_made():
    with pytest.raises(ValueError, match="must name the roles"):
        Route(method="GET", path="/x", roles=frozenset({"king"}), about="", handle=me)


def test_routes_have_different_names():
    names = [route.name for route in ROUTES]

    assert len(names) == len(set(names))


def test_each_command_changes_something_by_a_method_that_may():
    assert [route.name for route in ROUTES if route.command and route.method not in ("POST", "PUT", "DELETE")] == []


def test_judges_reach_no_route_that_holds_likes_of_the_ranking():
    assert [route.name for route in ROUTES if "judge" in route.roles and "/ranking" in route.path] == []


def test_dismissed_staff_are_out_though_their_token_is_young(visitor: Visitor):
    token = visitor.token("organiser")
    visitor.town.staff["organiser-li"] = []

    answer = visitor.request("GET", "/staff", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "session-invalid")


def test_staff_who_changed_roles_have_the_new_ones(visitor: Visitor):
    token = visitor.token("organiser", "auditor", sub="wang")
    visitor.town.staff["wang"] = ["auditor"]
    headers = {"Authorization": f"Bearer {token}"}

    assert visitor.request("GET", "/staff", headers=headers).status_code == 200
    assert visitor.request("POST", "/cohort", headers=headers).status_code == 403
    assert visitor.request("GET", "/me", headers=headers).json()["roles"] == ["auditor"]
