"""Health server: `/healthz`, `/readyz` and `/metrics` of a process, on its own small port.

Healthy means that the process answers. Ready means that every check that the process named returns True; the answer
names the checks that failed, and the metrics report each check. A check answers at once from what the process knows: it
queries no engine.
"""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import make_wsgi_app

from shared.metrics import READY
from shared.settings import Settings

Checks = dict[str, Callable[[], bool]]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class _SilentHandler(WSGIRequestHandler):
    """Request handler without an access log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: scrapes are frequent and tell nothing."""


def readiness(checks: Checks) -> tuple[bool, dict[str, Any]]:
    """Run the checks, set their metrics, and return whether the process is ready, with the body of `/readyz`."""
    held = {name: check() for name, check in checks.items()}
    for name, holds in held.items():
        READY.labels(name).set(holds)
    missing = sorted(name for name, holds in held.items() if not holds)
    return not missing, {"ready": not missing, "missing": missing}


def serve(settings: Settings, checks: Checks) -> int:
    """Serve health and metrics over HTTP in a daemon thread, and return the port.

    The operating system chooses a free port where `settings.metrics_port` is 0. Raises OSError where the port is taken.
    """
    server = make_server(settings.host, settings.metrics_port, application(checks), handler_class=_SilentHandler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return int(server.server_port)


def application(checks: Checks) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """Return the WSGI application of `/healthz`, `/readyz` (503 while a check fails) and `/metrics`."""
    metrics = make_wsgi_app()

    def answer(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            readiness(checks)
            page: Iterable[bytes] = metrics(environ, start)
            return page
        if path == "/healthz":
            return _respond(start, "200 OK", {"healthy": True})
        if path == "/readyz":
            ready, body = readiness(checks)
            return _respond(start, "200 OK" if ready else "503 Service Unavailable", body)
        return _respond(start, "404 Not Found", {"paths": ["/healthz", "/readyz", "/metrics"]})

    return answer


def _respond(start: StartResponse, status: str, body: dict[str, Any]) -> list[bytes]:
    start(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
