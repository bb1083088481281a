"""Cases that schemathesis makes from the OpenAPI document, sent by every role: what is declared is what is answered.

The clients of these tests compare every answer with the document (`tests/declared_answers.py`): its status, its content
type, its problem code and its body.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from gateway.routes import ROUTES
from gateway.routing.openapi import document
from gateway.routing.route import ANYONE, API, ROLES, Route
from tests.unit.gateway.test_routes import PATHS
from tests.unit.gateway.town import CLOCK, Visitor

pytestmark = pytest.mark.slow  # runs for most of a minute

CASES = {GenerationMode.POSITIVE: 4, GenerationMode.NEGATIVE: 2}  # of each operation
SETTINGS: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
#: Routes that also compare fields with each other, or look into a text, which no schema says.
BEYOND_SCHEMAS = frozenset(
    f"{method} {API}/{path}"
    for method, path in (
        ("POST", "sessions"), ("GET", "leaderboard"), ("GET", "result"), ("POST", "forgettings"), ("POST", "roll"),
        ("POST", "roll/check"),
    )
)  # fmt: skip
#: What a text may not hold, and no pattern says.
UNDESCRIBED = frozenset({"private-characters", "nothing-visible"})
OURS = frozenset({"authorization", "campaign-time", "idempotency-key", "content-type"})  # headers that the test sets
CHANGED = {"staff": "zhao", "name": "赵", "roles": [], "link": None, "until": 7, "change": "c1.d"}
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
API_ROUTES = {route.name: route for route in ROUTES if route.base == API}
OPERATIONS = {
    f"{made.method.upper()} {API}{made.path}": made
    for made in (found.ok() for found in schemathesis.openapi.from_dict(document(ROUTES)).get_all_operations())
}


class Story:
    """One gateway, and how often it was asked and how it answered."""

    def __init__(self, data: Path) -> None:
        self.visitor = Visitor(data)
        self.cases: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.operations: set[str] = set()

    def send(self, case: Any, route: Route, role: str, kind: str) -> httpx.Response:
        """Send a case as somebody with this role."""
        path = case.path
        for n, (name, value) in enumerate(case.path_parameters.items()):
            real = self.cases[kind] % 4 or n  # most cases are about what there is
            path = path.replace(f"{{{name}}}", PATHS[name] if real else _part(value))
        headers = {name: _header(value) for name, value in (case.headers or {}).items() if name.lower() not in OURS}
        body = _content(case.body, route)
        if body or route.body is not None:
            headers["Content-Type"] = route.body_type
        query = {name: value for name, value in (case.query or {}).items() if name != "at_least"}
        self.cases[kind] += 1
        self.operations.add(route.name)
        answer = self.visitor.request(
            route.method, API + path, role=role, plain=True, key=f"k{self.cases.total()}", content=body,
            params=query, headers=headers,
        )  # fmt: skip
        self.answers[answer.status_code] += 1
        assert answer.status_code != 500, (route.name, role, path, query, body, answer.text)
        return answer


def _content(body: Any, route: Route) -> bytes:
    """Return a body as bytes. A case may have none, and one of another type than the route declares."""
    if isinstance(body, NotSet):
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str) and route.body_type != "application/json":
        return body.encode("utf-8", "replace")
    return json.dumps(body, default=str).encode()


def _is_invalid(answer: httpx.Response) -> bool:
    return answer.status_code == 422 and answer.json()["code"] == "invalid"


def _part(value: Any) -> str:
    return "".join(sign for sign in str(value) if sign.isascii() and sign.isalnum())[:20] or "x"


def _header(value: Any) -> str:
    return "".join(sign for sign in str(value) if sign.isascii() and sign.isprintable()).strip()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    told = Story(tmp_path_factory.mktemp("data"))
    told.visitor.town.answers = {
        ("moderation", "login"): {"ok": {"staff": "wang", "name": "王", "roles": ["organiser"]}},
        ("moderation", "prove_again"): {"ok": {"proof": "p", "until": 7}},
        ("submission", "unit_login"): {"ok": {"unit": "u1", "name": "炼钢的工会"}},
        ("moderation", "appoint_staff"): {"ok": CHANGED, "log": "moderation", "n": 9},
        ("moderation", "confirm_staff_change"): {"ok": CHANGED, "log": "moderation", "n": 9},
        ("moderation", "move_clock"): {"ok": {"now": CLOCK}, "log": "moderation", "n": 9},
        ("submission", "missing"): {"ok": {"problems": [], "counts": {}}},
        ("moderation", "rules"): {"ok": {"versions": []}},
        ("moderation", "campaign"): {"ok": {"entry": {"film_max_bytes": 1_000}}},
        ("ranking", "certificates"): {"ok": {"certificates": []}},
        **{
            ("ranking", method): {"ok": {"obstacles": []}}
            for method in ("rehearse_result", "result_without", "awaited_final")
        },
    }
    for role in ROLES:
        told.visitor.token(role)  # enters staff into the list before anybody reads it
    yield told
    told.visitor.close()
    print(
        f"\nschemathesis: {len(told.operations)} operations, {dict(told.cases)} cases by {len(ROLES) + 1} roles, "
        f"answers {dict(sorted(told.answers.items()))}"
    )


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_role_gets_declared_answers_to_any_case(story: Story, name: str):
    route = API_ROUTES[name]

    for mode, most in CASES.items():
        _send_cases(story, route, mode, most)


def _send_cases(story: Story, route: Route, mode: GenerationMode, most: int) -> None:
    @hypothesis.settings(max_examples=most, **SETTINGS)
    @hypothesis.given(case=OPERATIONS[route.name].as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        for role in ("", *sorted(ROLES)):
            answer = story.send(case, route, role, mode.value)
            status = answer.status_code
            if route.roles != ANYONE and role not in route.roles:
                assert status in ((403, 404) if role else (401, 404)), (route.name, role, status)
            if mode is GenerationMode.POSITIVE and _is_invalid(answer) and route.name not in BEYOND_SCHEMAS:
                # What fits the document is no broken request; a service may still refuse it for what it knows.
                assert {each["code"] for each in answer.json().get("errors", ())} <= UNDESCRIBED, answer.text

    send()
