"""Serve cached public responses before routing.

A read that is answered from views (published parts of ranking's table) has the same bytes for everybody until a view
changes. The full pipeline records its responses here by path and query (`view_responses.cached_response`); the fast
path serves them until a view changes, and passes every other request on.

Promises: a served response equals that of the full pipeline byte for byte, including its ETag. A request with an
Authorization header, a campaign time or a position to wait for takes the full pipeline, and so do all requests while
any load is shed. A session cookie makes no difference: the recorded responses are the same for everybody.
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
_FULL_PIPELINE_ONLY = {b"authorization", b"campaign-time"}


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """A response that the full pipeline gave to a public read, with the metrics to count when it is served again."""

    body: bytes
    etag: str
    headers: tuple[Header, ...]
    counters: Mapping[int, Counter]  # the request metric by status


class RecordedResponses:
    """At most `most` responses by path and query. All are dropped when any view has changed (`Views.version`)."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._version = most, -1
        self._responses: dict[tuple[str, bytes], RecordedResponse] = {}

    def record(self, scope: Scope, version: int, *, route: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Record a response to the request of `scope`, rendered at this version of the views. Does nothing when full.

        `headers` include the ETag and leave out the length; `route` is the route's name in metrics.
        """
        if version != self._version:
            self._version = version
            self._responses.clear()
        if len(self._responses) < self._most:
            raw = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
            counters = {status: metrics.HTTP.labels(route, status) for status in (200, 304)}
            self._responses[scope["path"], scope["query_string"]] = RecordedResponse(
                body, headers["ETag"], raw, counters
            )

    def get(self, scope: Scope, version: int) -> RecordedResponse | None:
        """Return the response recorded for the path and query of `scope` at this version of the views, or None."""
        return self._responses.get((scope["path"], scope["query_string"])) if version == self._version else None


class ReadFastPath:
    """ASGI application that serves recorded responses, and passes all other requests to `app`, the full pipeline."""

    def __init__(self, app: ASGIApp, recorded: RecordedResponses, *, views: Views, shedding: Shedding) -> None:
        self._app, self._recorded, self._views, self._shedding = app, recorded, views, shedding

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and not self._shedding.level:
            response = self._recorded.get(scope, self._views.version)
            if response is not None:
                fields = {name: value for name, value in scope["headers"] if name in _READ}
                if not _FULL_PIPELINE_ONLY & fields.keys():
                    await _send(response, fields.get(b"if-none-match"), send)
                    return
        await self._app(scope, receive, send)


_READ = {*_FULL_PIPELINE_ONLY, b"if-none-match"}


async def _send(response: RecordedResponse, validator: bytes | None, send: Send) -> None:
    status = 304 if validator is not None and names_validator(validator.decode("latin-1"), response.etag) else 200
    body = response.body if status == 200 else b""
    headers = [*response.headers, (b"x-request-id", secrets.token_hex(8).encode())]
    if status == 200:
        headers.append((b"content-length", str(len(body)).encode()))
    response.counters[status].inc()
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
