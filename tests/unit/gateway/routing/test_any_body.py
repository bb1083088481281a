"""Any JSON to any route gives an answer or a problem, never an unexpected error."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import orjson
import pytest
from hypothesis import strategies as some

from gateway.routes import ROUTES
from gateway.routing.route import Route
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import CLOCK, Visitor

pytestmark = pytest.mark.slow  # runs for minutes

WRITING = [route for route in ROUTES if route.body is not None and route.body_type == "application/json"]
NUMBERS = some.integers(-(2**63), 2**63) | some.floats(allow_nan=False)
LEAVES = some.none() | some.booleans() | NUMBERS | some.text(max_size=8)
JSON = some.recursive(
    LEAVES, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6), inner, max_size=3)
)
CHANGED = {"staff": "zhao", "name": "赵", "roles": [], "link": None, "until": None, "change": None}


def bodies(route: Route) -> some.SearchStrategy[dict]:
    """Return a strategy for objects that mostly have the route's field names, with any values."""
    assert route.body is not None
    names = some.sampled_from([*route.body().fields, "other"])
    return some.dictionaries(names, JSON, max_size=8)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    data: Path = tmp_path_factory.mktemp("data")
    visitor = Visitor(data)
    visitor.town.answers = {
        ("moderation", "login"): {"ok": {"staff": "wang", "name": "王", "roles": ["organiser"], "session": "s1"}},
        ("submission", "unit_login"): {"ok": {"unit": "u1", "name": "炼钢的工会", "session": "s2"}},
        ("moderation", "appoint_staff"): {"ok": CHANGED, "log": "moderation", "n": 9},
        ("moderation", "confirm_staff_change"): {"ok": CHANGED, "log": "moderation", "n": 9},
        ("moderation", "move_clock"): {"ok": {"now": CLOCK}, "log": "moderation", "n": 9},
        ("submission", "missing"): {"ok": {"problems": [], "counts": {}}},
    }
    yield visitor
    visitor.close()


@pytest.mark.parametrize("route", WRITING, ids=lambda route: route.name)
@hypothesis.settings(max_examples=25, deadline=None, derandomize=True)
@hypothesis.given(data=some.data())
def test_any_object_gets_an_answer_or_a_problem(gateway: Visitor, route: Route, data: some.DataObject):
    body = orjson.dumps(data.draw(bodies(route)), option=orjson.OPT_NON_STR_KEYS)
    role = "" if route.is_open else sorted(route.roles)[0]

    answer = gateway.request(
        route.method, url(route), role=role, key="k1", plain=True, content=body,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip

    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] != "internal"


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True)
@hypothesis.given(body=some.binary(max_size=200))
def test_any_bytes_get_an_answer_or_a_problem(gateway: Visitor, body: bytes):
    answer = gateway.request(
        "POST", "/staff", role="organiser", key="k1", content=body, headers={"Content-Type": "application/json"}
    )

    assert 400 <= answer.status_code < 500


@hypothesis.settings(max_examples=100, deadline=None, derandomize=True)
@hypothesis.given(query=some.dictionaries(some.text(max_size=8), some.text(max_size=20), max_size=4))
def test_any_query_gets_an_answer_or_a_problem(gateway: Visitor, query: dict[str, str]):
    answer = gateway.request("GET", "/entries", params=query)

    assert answer.status_code < 500
