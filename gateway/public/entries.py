"""Public API: the campaign, its rules, entries, receipts and media files.

Lists come from the views alone, which are the published parts of ranking's table; no service is called for a list.

Promises: an entry that is not in the view `entries` (not approved, withdrawn, disqualified or taken down) appears in no
response, and its files are not served. No response has a number that the views do not hold, so the embargo holds.
Leaderboards are in `leaderboards.py`, the exhibition is in `exhibition.py`.
"""

import os
from typing import Any

from starlette.responses import FileResponse, MalformedRangeHeader, RangeNotSatisfiable, Response

from gateway.backends.media_store import UNKNOWN, media_type
from gateway.http import problems, request_schemas, response_schemas, responses
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.public import entry_list
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import call_service, forward
from gateway.routing.view_responses import CACHED_MAX_AGE_S, cached_response, wait_for_views

DEFAULT_LIMIT = 100


async def campaign(app: AppContext, context: RequestContext) -> Response:
    """Return the campaign as the view `campaign` has it, with its current phase.

    The current time is not part of the body: a live campaign's is the header Date, a rehearsal's is the field `clock`.
    """
    await wait_for_views(app, context, "campaign")
    context.at = app.views.campaign_time(context.request.headers.get("campaign-time"))
    data, phase = app.views.campaign, app.views.phase(context.at)
    return cached_response(app, context, ("campaign",), lambda: {**data, "phase": phase}, phase)


async def entries(app: AppContext, context: RequestContext) -> Response:
    """Return one page of the visible entries that match the filter, by poster number. Raises Problem.

    A text search is refused under load as a search, and is not cached: people can type any number of different ones.
    """
    wanted, limit = entry_list.EntryFilter.of(context.query), context.query.get("limit", DEFAULT_LIMIT)
    if wanted.q:
        app.shedding.refuse(Shed.SEARCH)
    await wait_for_views(app, context, "entries")
    entry_list.refuse_unknown(wanted, app.views)

    def make() -> dict[str, Any]:
        listing = entry_list.paginate(
            entry_list.matching_rows(entry_list.visible_rows(app.views), wanted), after=wanted.after, limit=limit
        )
        return {"entries": listing.rows, "next": listing.next_after or None, "total": listing.total}

    if wanted.q:
        return responses.read(context.request, make(), public=True)
    return cached_response(app, context, ("entries",), make)


async def entry(app: AppContext, context: RequestContext) -> Response:
    """Return one visible entry with its text, by id or poster number. Raises Problem."""
    await wait_for_views(app, context, "entries")
    return responses.read(context.request, await full_entry(app, context, context.path["entry"]), public=True)


async def full_entry(app: AppContext, context: RequestContext, name: str) -> dict[str, Any]:
    """Return a visible entry with its text, which the submission service adds to what the view has.

    `name` is the entry's id or poster number. Raises Problem if no visible entry has it, or the service is away.
    """
    found = app.views.entry(name)
    if found is None:
        raise Problem("entry-unknown", field="entry")
    row = entry_list.entry_row(found, app.views.data("entries")["entries"][found])
    content = await call_service(app, context, "submission", "public_entry", {"entry": found})
    return {**content, **row, "themes": content["themes"], "unit_code": content["unit"]}


async def receipt(app: AppContext, context: RequestContext) -> Response:
    """Return the like that a receipt proves, as JSON. Raises Problem."""
    return responses.read(context.request, await like_of_receipt(app, context, context.path["receipt"]), public=True)


async def like_of_receipt(app: AppContext, context: RequestContext, receipt: str) -> dict[str, Any]:
    """Return the like that a receipt proves. Raises Problem for an unknown receipt.

    Its address in the ledger is None until the result is published, for its numbers count the likes.
    """
    like = await call_service(app, context, "voting", "receipt", {"receipt": receipt})
    return like if app.views.data("result").get("published") else {**like, "address": None}


async def media(app: AppContext, context: RequestContext) -> Response:
    """Return an uploaded file by its SHA-256, whole or the requested range.

    A file of a visible entry is public; any other is for the unit that owns it and for staff. Raises Problem.
    """
    sha256 = context.path["sha256"]
    visible = app.views.data("entries").get("entries", {})
    path = app.store.path(sha256)
    if path is None:
        raise Problem("upload-unknown")
    public = sha256 in app.views.shown_files
    if not public:
        # Audio and a second video are not in the view, and submission does not know what was taken down: check both.
        held = await call_service(app, context, "submission", "media", {"sha256": sha256})
        public = not held["own"]
        if public and not any(entry in visible for entry in held["shown_in"]):
            raise Problem("upload-unknown")
    return _file_response(context, str(path), media_type(path), public=public)


def _file_response(context: RequestContext, path: str, kind: str, *, public: bool) -> Response:
    etag = f'"{path[-64:]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={CACHED_MAX_AGE_S}" if public else responses.PRIVATE,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "attachment" if kind == UNKNOWN else "inline",
        **responses.SAFE,
    }
    if responses.is_not_modified(context.request, etag):
        return Response(status_code=304, headers=headers)
    return _range_problem(context, path) or FileResponse(path, media_type=kind, headers=headers)


def _range_problem(context: RequestContext, path: str) -> Response | None:
    """Return a 416 problem for a Range outside the file, and None if the Range can be served.

    Raises Problem for a malformed Range. Starlette by itself would answer both in plain text.
    """
    range_header, if_range = context.request.headers.get("range"), context.request.headers.get("if-range")
    if range_header is None or if_range is not None:
        return None
    size = os.stat(path).st_size
    try:
        # Starlette's own parser: a second one might disagree with it.
        FileResponse._parse_range_header(range_header, size)
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
        about="Get the campaign and its current phase",
        handle=campaign,
        answer=response_schemas.Campaign,
        problems=("campaign-not-open",),
    ),
    Route(
        method="GET",
        path="/campaign/rules",
        roles=ANYONE,
        about="Get the rules, their hash, and whether they are locked",
        handle=forward("moderation", "rules", public=True),
        answer=response_schemas.Rules,
        problems=("campaign-not-open",),
    ),
    Route(
        method="GET",
        path="/entries",
        roles=ANYONE,
        about="List visible entries by poster number; filter by type, theme or city, search title, unit or number",
        handle=entries,
        query=request_schemas.Entries,
        answer=response_schemas.Rows,
        problems=("type-unknown", "theme-unknown", "city-unknown", "shed"),
        shed=Shed.LIST,
    ),
    Route(
        method="GET",
        path="/entries/{entry}",
        roles=ANYONE,
        about="Get a visible entry with its text, by id or poster number",
        handle=entry,
        answer=response_schemas.PublicEntry,
        problems=("entry-unknown",),
    ),
    Route(
        method="GET",
        path="/receipts/{receipt}",
        roles=ANYONE,
        about="Get the like that a receipt proves",
        handle=receipt,
        answer=response_schemas.Receipt,
        problems=("receipt-unknown", "shed"),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path="/declaration",
        roles=ANYONE,
        about="Get the declaration that a hand-in must accept; send its `words` as `consent`",
        handle=forward("submission", "declaration", public=True),
        answer=response_schemas.Declaration,
    ),
    Route(
        method="GET",
        path="/media/{sha256}",
        base="",
        roles=ANYONE,
        about="Get a media file by its SHA-256",
        handle=media,
        problems=("upload-unknown", "range-invalid", "range-beyond"),
    ),
)
