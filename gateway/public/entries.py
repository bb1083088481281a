"""What anybody may read, made of the views alone where it can be: no service is asked for a list.

Promises: an entry that is not in the view `entries` (not approved, or withdrawn, disqualified, taken down) is in no
answer here, and neither are its files. Nothing here knows a number that the view does not hold, so the embargo holds.
Boards are `leaderboards.py`, the exhibition is `exhibition.py`.
"""

import os
from typing import Any

from starlette.responses import FileResponse, MalformedRangeHeader, RangeNotSatisfiable, Response

from gateway.backends.media_store import UNKNOWN, media_type
from gateway.http import problems, request_schemas, responses
from gateway.http import response_schemas as told
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.public import entry_list
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import ask_service, forward
from gateway.routing.view_responses import KEPT_AGE_S, of_views, reached

DEFAULT_LIMIT = 100


async def campaign(app: AppContext, context: RequestContext) -> Response:
    """`now` is not in it: a live campaign's is the header Date, a rehearsal's is `clock`."""
    await reached(app, context, "campaign")
    context.at = app.views.moment(context.request.headers.get("campaign-time"))
    data, phase = app.views.campaign, app.views.phase(context.at)
    return of_views(app, context, ("campaign",), lambda: {**data, "phase": phase}, phase)


async def entries(app: AppContext, context: RequestContext) -> Response:
    """The list, by poster number. A search is shed as one, and not kept: there are as many as people can type."""
    wanted, limit = entry_list.Wanted.of(context.query), context.query.get("limit", DEFAULT_LIMIT)
    if wanted.q:
        app.shedding.refuse(Shed.SEARCH)
    await reached(app, context, "entries")
    entry_list.refuse_unknown(wanted, app.views)

    def make() -> dict[str, Any]:
        leaf = entry_list.leaf(entry_list.chosen(entry_list.listed(app.views), wanted), after=wanted.after, limit=limit)
        return {"entries": leaf.rows, "next": leaf.more or None, "total": leaf.total}

    if wanted.q:
        return responses.read(context.request, make(), public=True)
    return of_views(app, context, ("entries",), make)


async def entry(app: AppContext, context: RequestContext) -> Response:
    await reached(app, context, "entries")
    return responses.read(context.request, await whole_entry(app, context, context.path["entry"]), public=True)


async def whole_entry(app: AppContext, context: RequestContext, name: str) -> dict[str, Any]:
    """A visible entry with its text. Raises Problem."""
    found = app.views.entry(name)
    if found is None:
        raise Problem("entry-unknown", field="entry")
    row = entry_list.row_of(found, app.views.data("entries")["entries"][found])
    content = await ask_service(app, context, "submission", "public_entry", {"entry": found})
    return {**content, **row, "themes": content["themes"], "unit_code": content["unit"]}


async def media(app: AppContext, context: RequestContext) -> Response:
    """A file by its digest: of a visible entry for anybody, else for its owner and for the desk."""
    sha256 = context.path["sha256"]
    visible = app.views.data("entries").get("entries", {})
    path = app.store.path(sha256)
    if path is None:
        raise Problem("upload-unknown")
    public = sha256 in app.views.shown_files
    if not public:
        # Sound, and a second film, are not in the view; what was taken down is not known to submission.
        held = await ask_service(app, context, "submission", "media", {"sha256": sha256})
        public = not held["own"]
        if public and not any(entry in visible for entry in held["shown_in"]):
            raise Problem("upload-unknown")
    return _file(context, str(path), media_type(path), public=public)


def _file(context: RequestContext, path: str, kind: str, *, public: bool) -> Response:
    etag = f'"{path[-64:]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={KEPT_AGE_S}" if public else responses.PRIVATE,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "attachment" if kind == UNKNOWN else "inline",
        **responses.SAFE,
    }
    if responses.has(context.request, etag):
        return Response(status_code=304, headers=headers)
    return _wrong_range(context, path) or FileResponse(path, media_type=kind, headers=headers)


def _wrong_range(context: RequestContext, path: str) -> Response | None:
    """What is told of a Range that the file does not have; Starlette would say it in plain text."""
    said, known = context.request.headers.get("range"), context.request.headers.get("if-range")
    if said is None or known is not None:
        return None
    size = os.stat(path).st_size
    try:
        FileResponse._parse_range_header(said, size)  # one reading of a Range, not two that differ
    except MalformedRangeHeader:
        raise Problem("range-invalid") from None
    except RangeNotSatisfiable:
        problem = Problem("range-beyond", facts={"bytes": size})
        return problems.response(
            problem, lang=context.lang, request=context.id, headers={"Content-Range": f"bytes */{size}"}
        )
    return None


ROUTES = (
    Route(
        method="GET",
        path="/campaign",
        roles=ANYONE,
        about="The campaign and its phase",
        handle=campaign,
        answer=told.Campaign,
        problems=("campaign-not-open",),
    ),
    Route(
        method="GET",
        path="/campaign/rules",
        roles=ANYONE,
        about="The rules, their hash, and whether they are locked",
        handle=forward("moderation", "rules", public=True),
        answer=told.Rules,
        problems=("campaign-not-open",),
    ),
    Route(
        method="GET",
        path="/entries",
        roles=ANYONE,
        about="The visible entries by poster number: of a type, a theme, a city, or found by title, unit or number",
        handle=entries,
        query=request_schemas.Entries,
        answer=told.Rows,
        problems=("type-unknown", "theme-unknown", "city-unknown", "shed"),
        shed=Shed.LIST,
    ),
    Route(
        method="GET",
        path="/entries/{entry}",
        roles=ANYONE,
        about="A visible entry with its text, by its id or poster number",
        handle=entry,
        answer=told.PublicEntry,
        problems=("entry-unknown",),
    ),
    Route(
        method="GET",
        path="/receipts/{receipt}",
        roles=ANYONE,
        about="What a like's receipt stands for",
        handle=forward("voting", "receipt", public=True),
        answer=told.Receipt,
        problems=("receipt-unknown", "shed"),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path="/declaration",
        roles=ANYONE,
        about="The declaration that a hand-in accepts; `words` goes into `consent`",
        handle=forward("submission", "declaration", public=True),
        answer=told.Declaration,
    ),
    Route(
        method="GET",
        path="/media/{sha256}",
        base="",
        roles=ANYONE,
        about="A file",
        handle=media,
        problems=("upload-unknown", "range-invalid", "range-beyond"),
    ),
)
