"""Staff who must set an authenticator up reach nothing else; every page leads them to where they do it."""

import pytest

from gateway.html.page import SECURITY
from gateway.routes import ROUTES
from gateway.routing.route import STAFF, Route
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import Visitor, code

#: What they reach before: the page of their own account with its API, and the way out. A new one is added on purpose.
REACHED_BEFORE = {
    "GET /desk/security",
    "POST /desk/security/password",
    "POST /desk/security/sessions",
    "POST /desk/security/authenticator/new",
    "POST /desk/security/authenticator",
    "POST /desk/security/authenticator/removal",
    "POST /sign-out",
    "GET /api/v1/me",
    "GET /api/v1/my/security",
    "POST /api/v1/my/authenticator/new",
    "POST /api/v1/my/authenticator",
    "DELETE /api/v1/my/authenticator",
    "POST /api/v1/my/password",
    "POST /api/v1/my/step-up",
    "GET /api/v1/my/sessions",
    "DELETE /api/v1/my/sessions",
    "DELETE /api/v1/my/sessions/{session}",
}
DESKS = [route for route in ROUTES if route.roles & STAFF and not (route.is_open or route.before_second_factor)]
PAGES = [route for route in DESKS if route.method == "GET" and not route.base and route.raw is not None]
FORMS = [route for route in DESKS if route.changes and not route.base]
API = [route for route in DESKS if route not in (*PAGES, *FORMS)]  # with downloads, whose problems are JSON
ids = lambda route: route.name  # noqa: E731 -- pytest's argument


def cookies(visitor: Visitor, route: Route) -> dict[str, str]:
    """Return the headers of a member of staff with a role of the route, who must set an authenticator up."""
    role = sorted(route.roles & STAFF)[0]
    token = visitor.token(role)
    people = [{"staff": f"{role}-li", "name": "李", "roles": [role], "must_add_authenticator": True}]
    visitor.town.answers["moderation", "staff"] = {"ok": {"staff": people}}
    return {"Cookie": f"baijia={token}", "Sec-Fetch-Site": "same-origin"}


def services_called(visitor: Visitor) -> list[str]:
    return [method for _, method, _ in visitor.town.calls if method not in ("staff", "use_session")]


def test_what_is_reached_without_an_authenticator_is_this():
    assert {route.name for route in ROUTES if route.before_second_factor} == REACHED_BEFORE


@pytest.mark.parametrize("route", PAGES, ids=ids)
def test_page_leads_to_where_an_authenticator_is_set_up(visitor: Visitor, route: Route):
    answer = visitor.request("GET", url(route), plain=True, headers=cookies(visitor, route))

    assert (answer.status_code, answer.headers["location"]) == (303, SECURITY)
    assert services_called(visitor) == []


@pytest.mark.parametrize("route", FORMS, ids=ids)
def test_form_is_refused_with_a_link_to_it(visitor: Visitor, route: Route):
    answer = visitor.request(route.method, url(route), plain=True, headers=cookies(visitor, route), data={"do": "x"})

    assert (answer.status_code, f'href="{SECURITY}"' in answer.text) == (403, True)
    assert services_called(visitor) == []


@pytest.mark.parametrize("route", API, ids=ids)
def test_route_of_the_api_is_refused_with_the_code_of_the_problem(visitor: Visitor, route: Route):
    answer = visitor.request(route.method, url(route), plain=True, headers=cookies(visitor, route))

    assert (answer.status_code, code(answer)) == (403, "authenticator-missing")
    assert services_called(visitor) == []


def test_part_of_a_page_leads_the_whole_page_there(visitor: Visitor):
    (route,) = [route for route in PAGES if route.path == "/desk/moderation"]

    answer = visitor.request("GET", url(route), plain=True, headers=cookies(visitor, route) | {"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, SECURITY)
