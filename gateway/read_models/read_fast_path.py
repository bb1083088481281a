"""Public reads that were answered already do not walk the building again: their bytes are at the entrance.

A read of views is the same bytes for everybody until a view changes. What the whole way answered
(`view_responses.of_views`) is noted here by path and query; the lane gives it out as long as no view was told since,
and sends everything else on.
Promises: what it gives is byte for byte what the whole way would, validator and all; a request that says more than an
address (who asks, what time it is, a position to wait for) goes the whole way, and so do all while anything is shed.
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
    body: bytes
    etag: str
    headers: tuple[Header, ...]
    counted: Mapping[int, Counter]  # by status


class Quick:
    """The answers of one turn of the views."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._turn = most, -1
        self._noted: dict[tuple[str, bytes], Noted] = {}

    def note(self, scope: Scope, turn: int, *, route: str, body: bytes, headers: Mapping[str, str]) -> None:
        """What the whole way answers to this request; `headers` with the validator, without the length."""
        if turn != self._turn:
            self._turn = turn
            self._noted.clear()
        if len(self._noted) < self._most:
            raw = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
            counted = {status: metrics.HTTP.labels(route, status) for status in (200, 304)}
            self._noted[scope["path"], scope["query_string"]] = Noted(body, headers["ETag"], raw, counted)

    def of(self, scope: Scope, turn: int) -> Noted | None:
        """What was noted for the address of a request in this turn."""
        return self._noted.get((scope["path"], scope["query_string"])) if turn == self._turn else None


class ReadFastPath:
    """Before `app`, which is the whole way."""

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
