"""Health server: what a process reports on its own small port."""

import json
import socket
import subprocess
import sys
from http.client import HTTPConnection
from typing import Any

import pytest

from shared.health import Checks, application, serve
from shared.settings import Settings

PATIENCE_S = 10.0
UNDER_EVENTLET = """
import eventlet
eventlet.monkey_patch()
import socket
from http.client import HTTPConnection
from shared.health import serve
from shared.settings import Settings

port = serve(Settings.read({}), {}, life_s=600)
silent = socket.create_connection(("127.0.0.1", port))
client = HTTPConnection("127.0.0.1", port, timeout=10)
client.request("GET", "/healthz")
print(client.getresponse().status)
"""


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


def connected(port: int, sent: bytes = b"") -> socket.socket:
    """Return a connection on which only these bytes were sent."""
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    client.sendall(sent)
    return client


def answered(port: int) -> tuple[int, bytes]:
    """Return status and body of `/healthz`. Raises TimeoutError where the server does not answer."""
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    client.request("GET", "/healthz")
    response = client.getresponse()
    return response.status, response.read()


def served(**limits: Any) -> int:
    return serve(Settings.read({}), {}, **limits)


@pytest.mark.parametrize("sent", [b"", b"GET /hea", b"GET /metrics HTTP/1.1\r\nHost: a\r\n"])
def test_connection_on_which_little_comes_holds_up_nobody(sent: bytes) -> None:
    port = served(life_s=600)

    with connected(port, sent), connected(port, sent):
        assert answered(port) == (200, b'{"healthy": true}')


@pytest.fixture
def patient_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the thread of a connection wait, so that nothing but the server ends the connection."""
    monkeypatch.setattr("shared.health._SilentHandler.timeout", 600)


@pytest.mark.usefixtures("patient_handler")
def test_new_connection_ends_the_oldest_beyond_the_bound() -> None:
    port = served(most=3, life_s=600)
    silent = [connected(port) for _ in range(3)]

    assert answered(port) == (200, b'{"healthy": true}')

    assert silent[0].recv(1) == b""
    for each in silent:
        each.close()


@pytest.mark.usefixtures("patient_handler")
def test_connection_ends_with_its_time() -> None:
    port = served(life_s=0)

    with connected(port, b"GET /hea") as client:
        assert client.recv(1) == b""


def test_services_under_eventlet_answer_beside_a_silent_connection() -> None:
    done = subprocess.run([sys.executable, "-c", UNDER_EVENTLET], capture_output=True, text=True, timeout=60)

    assert (done.stdout, done.returncode) == ("200\n", 0), done.stderr
