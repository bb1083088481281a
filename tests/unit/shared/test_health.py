"""Health server: what a process reports on its own small port."""

import json
from typing import Any

import pytest

from shared.health import Checks, application


def get(checks: Checks, path: str) -> tuple[str, Any]:
    """Return the status and the body of an answer."""
    statuses: list[str] = []
    body = application(checks)({"PATH_INFO": path}, lambda status, _: statuses.append(status))
    return statuses[0], json.loads(b"".join(body))


@pytest.mark.parametrize(
    ("checks", "answer"),
    [
        pytest.param({}, ("200 OK", {"ready": True, "missing": []}), id="without checks"),
        pytest.param({"views": lambda: True}, ("200 OK", {"ready": True, "missing": []}), id="with all it needs"),
        pytest.param(
            {"views": lambda: False, "likes": lambda: True, "broker": lambda: False},
            ("503 Service Unavailable", {"ready": False, "missing": ["broker", "views"]}),
            id="while two are missing",
        ),
    ],
)
def test_process_says_whether_it_is_ready(checks: Checks, answer: tuple[str, Any]) -> None:
    assert get(checks, "/readyz") == answer


def test_process_that_is_not_ready_lives() -> None:
    assert get({"views": lambda: False}, "/healthz") == ("200 OK", {"healthy": True})


def test_other_address_names_those_that_are_there() -> None:
    assert get({}, "/") == ("404 Not Found", {"paths": ["/healthz", "/readyz", "/metrics"]})
