"""JSON responses, with an ETag on every read."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.response_cache import etag_of as etag_of

JSON = "application/json"
PRIVATE = "private, no-store"
SHARED = "public, no-cache"  # caches may store it, and must revalidate it by its ETag every time
SAFE = {"X-Content-Type-Options": "nosniff"}


def command(content: Mapping[str, Any], *, status: int = 200) -> Response:
    """Return the JSON response to a command, which no cache may store."""
    return Response(
        orjson.dumps(content), status_code=status, media_type=JSON, headers={"Cache-Control": "no-store", **SAFE}
    )


def read(request: Request, content: Mapping[str, Any], *, public: bool = False) -> Response:
    """Return the JSON response to a query, or 304 if the client has the same content.

    With `public`, shared caches may store the response.
    """
    body = orjson.dumps(content)
    return conditional(request, body, etag_of(body), public=public)


def conditional(
    request: Request, body: bytes, etag: str, *, public: bool, media_type: str = JSON, headers: Mapping[str, str] = SAFE
) -> Response:
    """Return a response with this body and ETag, or 304 if the request says that the client has it.

    With `public`, shared caches may store the response, and must check it each time.
    """
    header_fields = {"ETag": etag, "Cache-Control": SHARED if public else PRIVATE, **headers}
    if is_not_modified(request, etag):
        return Response(status_code=304, headers=header_fields)
    return Response(body, media_type=media_type, headers=header_fields)


def stale_headers(age_s: int) -> dict[str, str]:
    """Return the headers of a cached response that may be outdated: its age in seconds, and a warning."""
    # RFC 9111 made Warning obsolete, but no other header tells a reader that a response is stale.
    return {**SAFE, "Age": str(age_s), "Warning": '110 baijia "Response is Stale"'}


def is_not_modified(request: Request, etag: str) -> bool:
    """Return whether the client has the content with this ETag, by its header If-None-Match."""
    value = request.headers.get("if-none-match")
    if value is None or request.method not in ("GET", "HEAD"):
        return False
    return names_validator(value, etag)


def names_validator(value: str, etag: str) -> bool:
    """Return whether the value of a header If-None-Match names this ETag, or any (`*`)."""
    return value.strip() == "*" or etag in {each.strip().removeprefix("W/") for each in value.split(",")}
