"""Who sees the analysts' pages: all contain likes, places or marks of others, so nobody who is a judge sees any."""

import pytest

from gateway.routes import ROUTES
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


@EACH
@pytest.mark.parametrize("role", ["judge", "moderator", "unit", "voter"])
def test_nobody_but_those_who_watch_sees_them(visitor: Visitor, route, role: str):
    assert visitor.request(route.method, url(route), role=role, plain=True).status_code == 403
