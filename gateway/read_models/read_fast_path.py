"""Serve cached public responses before routing.

A read of views has the same bytes for everybody until a view changes. The full pipeline records its responses here by
path and query (`view_responses.cached_response`); the fast path serves them until a view changes, and passes every
other request on.
Promises: a served response equals that of the full pipeline byte for byte, including its ETag. A request with more than
a URL (a session, a campaign time, a position to wait for) takes the full pipeline, and so do all requests while any
load is shed.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import Counter
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.responses import names_validator
from gateway.load.shedding import Shedding
from gateway.read_models.cache import Views
from shared import metrics

MOST = 64
Header = tuple[bytes, bytes]
_WHOLE_WAY = {b"authorization", b"campaign-time"}


@dataclass(frozen=True, slots=True)
class Noted:
    """A response that the full pipeline gave, with its metrics."""

    body: bytes
    etag: str
    headers: tuple[Header, ...]
    counted: Mapping[int, Counter]  # the request metric by status


class Quick:
    """Responses of one version of the views, by path and query."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._turn = most, -1
        self._noted: dict[tuple[str, bytes], Noted] = {}

    def note(self, scope: Scope, turn: int, *, route: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Record the response to this request; `headers` include the ETag, and not the length."""
        if turn != self._turn:
            self._turn = turn
            self._noted.clear()
        if len(self._noted) < self._most:
            raw = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
            counted = {status: metrics.HTTP.labels(route, status) for status in (200, 304)}
            self._noted[scope["path"], scope["query_string"]] = Noted(body, headers["ETag"], raw, counted)

    def of(self, scope: Scope, turn: int) -> Noted | None:
        """Return the response recorded for the URL of a request in this version of the views."""
        return self._noted.get((scope["path"], scope["query_string"])) if turn == self._turn else None


class ReadFastPath:
    """ASGI application that serves recorded responses, and passes all other requests to `app`, the full pipeline."""

    def __init__(self, app: ASGIApp, quick: Quick, *, views: Views, shedding: Shedding) -> None:
        self._app, self._quick, self._views, self._shedding = app, quick, views, shedding

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and not self._shedding.level:
            noted = self._quick.of(scope, self._views.turn)
            if noted is not None:
                said = {name: value for name, value in scope["headers"] if name in _READ}
                if not _WHOLE_WAY & said.keys():
                    await _send(noted, said.get(b"if-none-match"), send)
                    return
        await self._app(scope, receive, send)


_READ = {*_WHOLE_WAY, b"if-none-match"}


async def _send(noted: Noted, validator: bytes | None, send: Send) -> None:
    status = 304 if validator is not None and names_validator(validator.decode("latin-1"), noted.etag) else 200
    body = noted.body if status == 200 else b""
    headers = [*noted.headers, (b"x-request-id", secrets.token_hex(8).encode())]
    if status == 200:
        headers.append((b"content-length", str(len(body)).encode()))
    noted.counted[status].inc()
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
