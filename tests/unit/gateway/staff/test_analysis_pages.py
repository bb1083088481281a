"""Who sees the analysts' pages: all contain likes, places or marks of others, so nobody who is a judge sees any."""

import pytest

from gateway.routes import ROUTES
from gateway.staff.analysis_pages import moment_slider
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import Visitor

PAGES = [route for route in ROUTES if route.path.startswith("/analysis")]
EACH = pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)


@EACH
@pytest.mark.parametrize("beside", ["organiser", "auditor", "operator"])
def test_whoever_is_a_judge_sees_no_aggregates_whatever_other_role_they_hold(visitor: Visitor, route, beside: str):
    headers = {"Authorization": f"Bearer {visitor.token('judge', beside, sub='both')}"}
    visitor.town.calls.clear()

    answer = visitor.request(route.method, url(route), plain=True, headers=headers)

    assert answer.status_code == 403
    assert [service for service, _, _ in visitor.town.calls if service in ("ranking", "scoring")] == []


AGGREGATES = [
    *PAGES,
    *(route for route in ROUTES if route.base and route.path.startswith(("/ranking/", "/recounts", "/scenarios"))),
]


@pytest.mark.parametrize("route", AGGREGATES, ids=lambda route: route.name)
@pytest.mark.parametrize("role", ["organiser", "auditor"])
def test_whoever_was_a_judge_sees_no_aggregates_by_page_or_api(visitor: Visitor, route, role: str):
    visitor.town.former_judges = {"ex"}
    headers = {"Authorization": f"Bearer {visitor.token(role, sub='ex')}"}
    visitor.town.calls.clear()

    answer = visitor.request(route.method, url(route), plain=True, headers=headers)

    assert answer.status_code in (400, 403, 422)  # what is no whole request is refused for that
    assert [service for service, _, _ in visitor.town.calls if service in ("ranking", "scoring")] == []


def test_whoever_was_a_judge_gets_the_public_explanation_alone(visitor: Visitor):
    visitor.town.former_judges = {"ex"}
    headers = {"Authorization": f"Bearer {visitor.token('auditor', sub='ex')}"}

    answer = visitor.request("GET", "/api/v1/entries/A001/explanation?as_of=1", plain=True, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")


HOUR = 3_600_000


@pytest.mark.parametrize(
    ("as_of", "now", "expected"),
    [
        ("", 10 * HOUR + 7, {"start": HOUR, "end": 10 * HOUR + 7, "step": 60_000, "place": 10 * HOUR + 7}),
        (str(2 * HOUR), 10 * HOUR, {"start": HOUR, "end": 10 * HOUR, "step": 60_000, "place": 2 * HOUR}),
        ("1970-01-01T11:00", 10 * HOUR, {"start": HOUR, "end": 10 * HOUR, "step": 60_000, "place": 3 * HOUR}),
        ("nonsense", 10 * HOUR, {"start": HOUR, "end": 10 * HOUR, "step": 60_000, "place": 10 * HOUR}),
        ("", 10_001 * HOUR, {"start": HOUR, "end": 10_001 * HOUR, "step": 300 * 60_000, "place": 10_001 * HOUR}),
        ("", HOUR + 59_999, None),
    ],
)
def test_slider_reaches_from_the_beginning_of_the_campaign_to_now(as_of: str, now: int, expected: object):
    windows = {"likes": {"start": 5 * HOUR, "end": 6 * HOUR}, "submission": {"start": HOUR, "end": 2 * HOUR}}

    assert moment_slider(windows, as_of, now, "Asia/Shanghai") == expected


@EACH
@pytest.mark.parametrize("role", ["judge", "moderator", "unit", "voter"])
def test_nobody_but_those_who_watch_sees_them(visitor: Visitor, route, role: str):
    assert visitor.request(route.method, url(route), role=role, plain=True).status_code == 403
