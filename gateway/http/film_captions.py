"""Captions of a film as an answer: a WebVTT file, which browsers show over the film.

The text belongs to a version of an entry, so each audience gets it by the way on which it gets that entry, and nobody
gets it for an entry that is not shown to them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.http import responses
from gateway.http.problems import Problem
from gateway.http.response_cache import etag_of
from shared.subtitles import MEDIA_TYPE

#: A caption file is text and runs nothing, whatever a browser makes of it.
_HEADERS = {**responses.SAFE, "Content-Security-Policy": "default-src 'none'; sandbox"}


def captioned(files: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the SHA-256 of each film that has captions."""
    return frozenset(each["sha256"] for each in files if each.get("kind") == "video" and each.get("subtitles"))


def captions_of(files: Iterable[Mapping[str, Any]], sha256: str) -> str:
    """Return the captions of one of these films. Raises Problem `upload-unknown` if it has none."""
    found = next((str(each.get("subtitles") or "") for each in files if each["sha256"] == sha256), "")
    if not found:
        raise Problem("upload-unknown")
    return found


def captions_response(request: Request, text: str, *, public: bool) -> Response:
    """Return captions as WebVTT, or 304 if the client has them."""
    body = text.encode()
    return responses.conditional(request, body, etag_of(body), public=public, media_type=MEDIA_TYPE, headers=_HEADERS)
