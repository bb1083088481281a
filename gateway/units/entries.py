"""API for the cadres of a unit: hand-in, corrections, preparation of files, and the state of their entries."""

from starlette.responses import Response

from gateway.http import list_pages, request_schemas, response_schemas, responses
from gateway.http.limits import HAND_IN_BYTES
from gateway.http.problems import with_texts
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, MODERATOR, ORGANISER, UNIT, RequestContext, Route, codes
from gateway.routing.service_calls import call_service, forward
from gateway.units.hand_in_problems import HAND_IN_PROBLEMS

EMPTY_DRAFT = {"title": "", "profile": "", "text": "", "themes": [], "files": []}
UNITS = frozenset({UNIT})


async def preparation(app: AppContext, context: RequestContext) -> Response:
    """Return how far the media worker is with one of the unit's files, or with any file for staff. Raises Problem."""
    found = await call_service(app, context, "submission", "preparation", {"sha256": context.path["sha256"]})
    return responses.read(context.request, with_texts(found, zone=context.zone))


async def check_draft(app: AppContext, context: RequestContext) -> Response:
    """Return everything that a draft of an entry still lacks, in both languages, without storing it.

    A field that was not sent counts as empty.
    """
    draft = EMPTY_DRAFT | {name: value for name, value in context.body.items() if value is not None}
    found = await call_service(app, context, "submission", "missing", draft)
    return responses.read(context.request, with_texts(found, zone=context.zone))


ROUTES = (
    Route(
        method="POST",
        path="/my/entries/{entry}/type-correction",
        roles=UNITS,
        about="Ask for another unit type of an own entry, with a reason; a moderator decides",
        handle=forward("moderation", "ask_type_correction"),
        command=True,
        body=request_schemas.TypeCorrection,
        answer=response_schemas.TypeRequest,
        problems=codes(
            "not-yours type-unknown type-unchanged reason-missing entry-shortlisted entry-withdrawn "
            "entry-disqualified campaign-not-open"
        ),
    ),
    Route(
        method="GET",
        path="/my/entries/{entry}/type-correction",
        roles=UNITS,
        about="Say what became of the request for another unit type",
        handle=forward("moderation", "type_correction"),
        answer=response_schemas.TypeRequest,
        problems=("not-yours",),
    ),
    Route(
        method="GET",
        path="/files/{sha256}/preparation",
        roles=UNITS | {MODERATOR, ORGANISER, AUDITOR},
        about="Tell how far the preparation of an uploaded file is: its pictures in several widths, its film",
        handle=preparation,
        answer=response_schemas.Preparation,
        problems=("upload-unknown",),
    ),
    Route(
        method="POST",
        path="/my/entries",
        roles=UNITS,
        about="Hand in an entry",
        handle=forward("submission", "hand_in"),
        command=True,
        body=request_schemas.HandIn,
        answer=response_schemas.HandedIn,
        problems=HAND_IN_PROBLEMS,
        limit_bytes=HAND_IN_BYTES,
        status=201,
    ),
    Route(
        method="PUT",
        path="/my/entries/{entry}",
        roles=UNITS,
        about="Hand in the next version of an entry, before the deadline or after it was returned",
        handle=forward("submission", "hand_in"),
        command=True,
        body=request_schemas.HandIn,
        answer=response_schemas.HandedIn,
        problems=HAND_IN_PROBLEMS,
        limit_bytes=HAND_IN_BYTES,
    ),
    Route(
        method="GET",
        path="/my/entries",
        roles=UNITS,
        about="List the unit's entries, newest last",
        handle=forward("submission", "entries_of_unit", page=list_pages.OWN_ENTRIES),
        query=request_schemas.ListPage,
        answer=response_schemas.OwnEntries,
        problems=("unit-unknown", *list_pages.PROBLEMS),
    ),
    Route(
        method="GET",
        path="/my/entries/{entry}",
        roles=UNITS,
        about="Get one of the unit's entries",
        handle=forward("submission", "entry"),
        answer=response_schemas.Entry,
        problems=("not-yours", "entry-unknown"),
    ),
    Route(
        method="POST",
        path="/my/entries/{entry}/withdrawal",
        roles=UNITS,
        about="Withdraw an entry",
        handle=forward("submission", "withdraw"),
        command=True,
        body=request_schemas.Withdrawal,
        answer=response_schemas.Withdrawn,
        problems=("not-yours", "entry-unknown", "entry-withdrawn", "entry-disqualified"),
    ),
    Route(
        method="POST",
        path="/my/entries/check",
        roles=UNITS,
        about="List what an entry still lacks, without storing anything",
        handle=check_draft,
        body=request_schemas.Draft,
        answer=response_schemas.Checked,
        limit_bytes=HAND_IN_BYTES,
    ),
)
