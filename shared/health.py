"""Health server: `/healthz`, `/readyz` and `/metrics` of a process, on its own small port.

Promises: a connection that sends nothing, or reads nothing, holds up nobody else. Each connection has a thread of its
own, ends after `LIFE_S`, and there are at most `MOST` of them: a new one ends the oldest.

Healthy means that the process answers. Ready means that every check that the process named returns True; the answer
names the checks that failed, and the metrics report each check. A check answers at once from what the process knows: it
queries no engine.
"""

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from shared.logs import logger
from shared.metrics import READY
from shared.settings import Settings

MOST, LIFE_S = 64, 5.0  # connections, and seconds from the beginning to the end of one
Checks = dict[str, Callable[[], bool]]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
log_ = logger(__name__)


class _Server(ThreadingMixIn, WSGIServer):
    """WSGI server with a thread for each connection, and a bound on how many there are and how long each may take."""

    daemon_threads = True
    request_queue_size = MOST
    most, life_s = MOST, LIFE_S

    def __init__(self, *address_and_handler: Any) -> None:
        self._lock = threading.Lock()
        self._began_s: dict[socket.socket, float] = {}  # by open connection, in the order of their beginning
        super().__init__(*address_and_handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer the connection in a thread, after ending those that have no right to stay."""
        with self._lock:
            self._began_s[request] = time.monotonic()
        self.service_actions()
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """End connections that are too old or too many. The loop of the server calls it twice a second too."""
        oldest_s = time.monotonic() - self.life_s
        with self._lock:
            surplus = len(self._began_s) - self.most
            ended = [each for i, (each, at) in enumerate(self._began_s.items()) if i < surplus or at < oldest_s]
            for each in ended:
                del self._began_s[each]
        for each in ended:
            with contextlib.suppress(OSError):  # it has ended by itself
                each.shutdown(socket.SHUT_RDWR)  # its thread reads the end, and closes it

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that was answered."""
        with self._lock:
            self._began_s.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 -- socketserver's signature
        """Log an unexpected error. A client that was too slow or went away is none."""
        problem = sys.exc_info()[1]
        if not isinstance(problem, OSError):
            log_.error("the health server failed to answer", exc_info=problem)


class _SilentHandler(WSGIRequestHandler):
    """Request handler without an access log, which waits for a client no longer than the connection may live."""

    timeout = LIFE_S

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: scrapes are frequent and tell nothing."""


def readiness(checks: Checks) -> tuple[bool, dict[str, Any]]:
    """Run the checks, set their metrics, and return whether the process is ready, with the body of `/readyz`."""
    held = {name: check() for name, check in checks.items()}
    for name, holds in held.items():
        READY.labels(name).set(holds)
    missing = sorted(name for name, holds in held.items() if not holds)
    return not missing, {"ready": not missing, "missing": missing}


def serve(settings: Settings, checks: Checks, *, most: int = MOST, life_s: float = LIFE_S) -> int:
    """Serve health and metrics over HTTP in daemon threads, and return the port.

    The operating system chooses a free port where `settings.metrics_port` is 0. At most `most` connections are open,
    each for `life_s` seconds. Raises OSError where the port is taken.
    """
    server = make_server(
        settings.host, settings.metrics_port, application(checks), server_class=_Server, handler_class=_SilentHandler
    )
    server.most, server.life_s = most, life_s
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
