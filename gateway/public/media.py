"""Media files of entries, for everybody who may see them.

Promises: what leaves is the copy for the public, without metadata and upright, whoever asks; the original is for the
unit that owns it and for staff, who must ask for it by name. A file of an entry that is not visible is answered to all
others as a file that nobody has uploaded, with the same bytes and after the same call to submission.
Pictures in several widths, films for browsers and posters have names below that of the file. While the media worker has
not prepared a picture, its name gives the large copy, so that a page never lacks a picture. What was taken down is gone
from caches within CACHED_MAX_AGE_S seconds.
"""

from starlette.responses import Response

from gateway.http import byte_ranges, problems, request_schemas, responses
from gateway.http.byte_ranges import RangeBeyond, RangedFile
from gateway.http.problems import Problem
from gateway.public.entries import ENTRY_HIDDEN
from gateway.routing import security_events
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.routing.view_responses import CACHED_MAX_AGE_S
from shared.media.copies import NOT_PUBLIC, RENDITION_TYPES, SHA256, Copy

UNKNOWN = "application/octet-stream"
RENDITION_RETRY_S = 10


async def media(app: AppContext, context: RequestContext) -> Response:
    """Return an uploaded file by the SHA-256 of its original: its copy for the public, whole or the requested range.

    A file of a visible entry is public; any other is for the unit that owns it and for staff, who may also get the
    original. Raises Problem.
    """
    sha256 = context.path["sha256"]
    wants_original = bool(context.query.get("original"))
    public = sha256 in app.views.shown_files
    if wants_original or not public:
        own, public = await _who_may_see(app, context, sha256, public=public)
        if wants_original and not own:
            raise Problem("upload-unknown")
        if wants_original and _is_staff(context):
            security_events.record_event(app, "original-read", context, {})
    if not wants_original:
        try:
            copy = await app.copies.get(sha256)
            return _file(context, copy, copy.etag, copy.media_type, public=public)
        except Problem as problem:
            if public or problem.code != "media-unshowable" or _is_staff(context):
                raise
            # What was uploaded and is no media: its unit gets it back as it was.
    original = await app.copies.original_file(sha256)
    if original is None:
        raise Problem("upload-unknown")
    return _file(context, Copy(original, "", False), f'"{sha256}"', UNKNOWN, public=False)


async def rendition(app: AppContext, context: RequestContext) -> Response:
    """Return a picture in one of its widths, or a film, sound or poster that the media worker has prepared.

    A file of a visible entry is public; any other is for the unit that owns it and for staff. Raises Problem.
    """
    sha256, name = context.path["sha256"], context.path["rendition"]
    public = sha256 in app.views.shown_files
    if not public or name in NOT_PUBLIC:
        own, public = await _who_may_see(app, context, sha256, public=public)
        if name in NOT_PUBLIC and not own:
            raise Problem("upload-unknown")
    if name not in RENDITION_TYPES:
        raise Problem("upload-unknown")
    path = await app.copies.rendition_file(sha256, name)
    if path is not None:
        kind = RENDITION_TYPES[name]
        copy = Copy(path, name.rpartition(".")[2], plays=True)
        return _file(context, copy, f'"{sha256}-{path.stat().st_mtime_ns:x}"', kind, public=public)
    if not name[0].isdigit():
        raise Problem("media-not-ready", retry_s=RENDITION_RETRY_S)
    copy = await app.copies.get(sha256)
    if copy.container != "jpeg":
        raise Problem("upload-unknown")
    return _file(context, copy, copy.etag, copy.media_type, public=public)


def _is_staff(context: RequestContext) -> bool:
    return context.session is not None and context.session.kind == "staff"


async def _who_may_see(app: AppContext, context: RequestContext, sha256: str, *, public: bool) -> tuple[bool, bool]:
    """Return whether the file is the caller's own or staff asks, and whether everybody may see it.

    Raise Problem `busy` while too many ask, and `upload-unknown` if the caller may not see it, always after a call to
    submission: an answer that came sooner for a file that nobody has uploaded would tell the two apart.
    """
    if not SHA256.fullmatch(sha256):
        raise Problem("upload-unknown")
    try:
        with app.file_lookups.slot(context.actor):
            held = await call_service(app, context, "submission", "media", {"sha256": sha256})
    except Problem as problem:
        if problem.code != "upload-unknown":
            raise
        raise app.views.unseen_file(sha256) from None  # without the field that submission names
    # Audio and a second video are not in the view, and submission does not know what was taken down: check both.
    visible = app.views.data("entries").get("entries", {})
    public = public or any(entry in visible for entry in held["shown_in"])
    if not held["own"] and not public:
        raise app.views.unseen_file(sha256)
    return bool(held["own"]), public


def _file(context: RequestContext, copy: Copy, etag: str, kind: str, *, public: bool) -> Response:
    seen = copy.path.stat()
    ending = f".{copy.container}" if copy.container else ""
    disposition = "inline" if copy.plays else f'attachment; filename="{copy.path.name[:12]}{ending}"'
    headers = {
        "ETag": etag,
        "Last-Modified": byte_ranges.modified(seen),
        "Cache-Control": f"public, max-age={CACHED_MAX_AGE_S}" if public else responses.PRIVATE,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": disposition,
        **responses.SAFE,
    }
    if responses.is_not_modified(context.request, etag):
        return Response(status_code=304, headers=headers)
    try:
        ranges = byte_ranges.requested(context.request, seen, etag)
    except RangeBeyond:
        problem = Problem("range-beyond", field="Range", facts={"bytes": seen.st_size})
        size = {"Content-Range": f"bytes */{seen.st_size}"}
        return problems.response(problem, lang=context.lang, request=context.id, headers=size, zone=context.zone)
    return RangedFile(copy.path, seen, ranges, kind=kind, headers=headers)


_PROBLEMS = (
    "upload-unknown", *ENTRY_HIDDEN, "busy", "media-unshowable", "media-not-ready", "range-invalid", "range-beyond",
)  # fmt: skip
ROUTES = (
    Route(
        method="GET",
        path="/media/{sha256}",
        base="",
        roles=ANYONE,
        about="Get the copy of a media file for the public, without metadata, by the SHA-256 of its original",
        handle=media,
        query=request_schemas.Media,
        problems=_PROBLEMS,
    ),
    Route(
        method="GET",
        path="/media/{sha256}/{rendition}",
        base="",
        roles=ANYONE,
        about="Get a picture in a width (`480.webp`, `960.jpg`, `1920.webp` …), or a film or poster for browsers",
        handle=rendition,
        problems=_PROBLEMS,
    ),
)
