"""Answers: JSON by orjson, with a validator on every read."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.response_cache import etag_of as etag_of

JSON = "application/json"
PRIVATE = "private, no-store"
SHARED = "public, no-cache"  # may be kept, and is asked about every time: that is what the validator is for
SAFE = {"X-Content-Type-Options": "nosniff"}


def command(told: Mapping[str, Any], *, status: int = 200) -> Response:
    """The answer to a command."""
    return Response(
        orjson.dumps(told), status_code=status, media_type=JSON, headers={"Cache-Control": "no-store", **SAFE}
    )


def read(request: Request, told: Mapping[str, Any], *, public: bool = False) -> Response:
    """The answer to a query: 304 where the client has it."""
    body = orjson.dumps(told)
    return known(request, body, etag_of(body), public=public)


def known(
    request: Request, body: bytes, etag: str, *, public: bool, media_type: str = JSON, headers: Mapping[str, str] = SAFE
) -> Response:
    """A read whose bytes and validator are at hand."""
    kept = {"ETag": etag, "Cache-Control": SHARED if public else PRIVATE, **headers}
    if has(request, etag):
        return Response(status_code=304, headers=kept)
    return Response(body, media_type=media_type, headers=kept)


def stale(age_s: int) -> dict[str, str]:
    """The headers of an answer that was kept, and may have been overtaken."""
    # Warning is obsolete by RFC 9111, and what there is for telling a reader so.
    return {**SAFE, "Age": str(age_s), "Warning": '110 baijia "Response is Stale"'}


def has(request: Request, etag: str) -> bool:
    """Whether If-None-Match names the validator."""
    said = request.headers.get("if-none-match")
    if said is None or request.method not in ("GET", "HEAD"):
        return False
    return names_validator(said, etag)


def names_validator(said: str, etag: str) -> bool:
    """Whether the value of If-None-Match names the validator."""
    return said.strip() == "*" or etag in {each.strip().removeprefix("W/") for each in said.split(",")}
