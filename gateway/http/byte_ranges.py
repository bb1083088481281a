"""Byte ranges of a file (RFC 9110, section 14), as browsers ask for the parts of a film.

Promises: a range in a unit other than bytes is ignored, for a server may not refuse what it does not know; of a set of
ranges those are served that lie in the file, and the set is refused only if none does; `HEAD` and an `If-Range` that
names another file ask for the whole.
"""

import re
from collections.abc import Mapping
from email.utils import formatdate
from os import stat_result
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.problems import Problem

MOST_RANGES = 100  # more are taken for an attempt to make the server work, and answered with the whole file
_RANGE = re.compile(r"(\d{0,19})-(\d{0,19})")
Ranges = list[tuple[int, int]]  # first and last byte


class RangeBeyond(Exception):
    """No range of the set lies in the file."""


def requested(request: Request, seen: stat_result, etag: str) -> Ranges:
    """Return the ranges of a file that a request asks for; none if it gets the whole file.

    Raise Problem for a set that is malformed, and RangeBeyond for one that lies outside the file.
    """
    header, condition = request.headers.get("range"), request.headers.get("if-range")
    if header is None or request.method != "GET":
        return []
    if condition is not None and condition not in (etag, modified(seen)):
        return []
    return satisfiable(header, seen.st_size)


def satisfiable(header: str, size: int) -> Ranges:
    """Return the ranges of a Range header that lie in a file of this size; none if the header is to be ignored.

    Raise Problem for a malformed set, and RangeBeyond for one of which no range lies in the file.
    """
    unit, is_set, ranges = header.partition("=")
    if not is_set or not unit.strip():
        raise Problem("range-invalid", field="Range")
    if unit.strip().lower() != "bytes":
        return []
    parts = [each.strip() for each in ranges.split(",") if each.strip()]
    if len(parts) > MOST_RANGES:
        return []
    if not parts:
        raise Problem("range-invalid", field="Range")
    found = [each for each in (_range(part, size) for part in parts) if each]
    if not found:
        raise RangeBeyond
    return found


def _range(part: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte of one range, or None if it lies outside the file. Raises Problem."""
    match = _RANGE.fullmatch(part)
    if not match or not any(match.groups()):
        raise Problem("range-invalid", field="Range")
    first, last = match.groups()
    if not first:  # the last so many bytes
        return (max(size - int(last), 0), size - 1) if int(last) and size else None
    if last and int(last) < int(first):
        raise Problem("range-invalid", field="Range")
    return (int(first), min(int(last), size - 1) if last else size - 1) if int(first) < size else None


def whole_files(app: ASGIApp) -> ASGIApp:
    """Return an application that never sees a Range header: for small files, which are always served whole."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app(_without_ranges(scope), receive, send)

    return serve


def modified(seen: stat_result) -> str:
    """Return the value of the header Last-Modified of a file."""
    return formatdate(seen.st_mtime, usegmt=True)


class RangedFile(FileResponse):
    """Response with a file, whole or these ranges of it, whatever Range header the request has.

    Starlette 1.10 answers unknown units, sets that lie partly outside, and If-Range in its own way.
    """

    def __init__(self, path: Path, seen: stat_result, ranges: Ranges, *, kind: str, headers: Mapping[str, str]) -> None:
        super().__init__(path, media_type=kind, headers=headers, stat_result=seen)
        self._ranges = ranges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = _without_ranges(scope)
        if self._ranges:
            ranges = ",".join(f"{first}-{last}" for first, last in self._ranges)
            plain["headers"].append((b"range", f"bytes={ranges}".encode()))
        await super().__call__(plain, receive, send)


def _without_ranges(scope: Scope) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name not in (b"range", b"if-range")]
    return {**scope, "headers": headers}
