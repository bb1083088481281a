"""Public API: the campaign, its rules, entries and receipts.

Lists come from the views alone, which are the published parts of ranking's table; no service is called for a list.

Promises: an entry that is not in the view `entries` (not approved, withdrawn, disqualified or taken down) appears in no
response. No response has a number that the views do not hold, so the embargo holds.
Leaderboards are in `leaderboards.py`, the exhibition is in `exhibition.py`, files are in `media.py`.
"""

from typing import Any

from starlette.responses import Response

from gateway.http import request_schemas, response_schemas, responses
from gateway.load.shedding import Shed
from gateway.public import entry_list, list_cursor
from gateway.public.text_search import find_in_texts
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import LOOK_UP_PROBLEMS, NUMBER_PROBLEMS, forward_look_up, look_up
from gateway.routing.view_responses import cached_response, wait_for_views

DEFAULT_LIMIT = 100
#: The problems that say why an entry is not shown any more.
ENTRY_HIDDEN = ("entry-was-withdrawn", "entry-was-disqualified", "entry-was-taken-down")


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
    found = await find_in_texts(app, context, wanted.q)
    await wait_for_views(app, context, "entries")
    entry_list.refuse_unknown(wanted, app.views)
    after = list_cursor.read(app.keys.session, wanted.after, app.views)

    def make() -> dict[str, Any]:
        rows = entry_list.matching_rows(entry_list.visible_rows(app.views), wanted, found or {})
        listing = entry_list.paginate(rows, order=entry_list.number_order, after=after, limit=limit)
        following = list_cursor.make(app.keys.session, listing.end) or None
        listed = {"entries": listing.rows, "next": following, "total": listing.total}
        return {**listed, "texts_searched": found is not None} if wanted.q else listed

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
        raise app.views.unseen_entry(name)
    row = entry_list.entry_row(found, app.views.data("entries")["entries"][found])
    content = await look_up(app, context, "submission", "public_entry", {"entry": found})
    return {**content, **row, "themes": content["themes"], "unit_code": content["unit"]}


async def receipt(app: AppContext, context: RequestContext) -> Response:
    """Return the like that a receipt proves, as JSON. Raises Problem."""
    return responses.read(context.request, await like_of_receipt(app, context, context.path["receipt"]), public=True)


async def like_of_receipt(app: AppContext, context: RequestContext, receipt: str) -> dict[str, Any]:
    """Return the like that a receipt proves. Raises Problem for an unknown receipt.

    Its address in the ledger is None until the result is published, for its numbers count the likes.
    """
    like = await look_up(app, context, "voting", "receipt", {"receipt": receipt}, number=True)
    return like if app.views.data("result").get("published") else {**like, "address": None}


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
        handle=forward_look_up("moderation", "rules", public=True),
        answer=response_schemas.Rules,
        problems=("campaign-not-open", *LOOK_UP_PROBLEMS),
    ),
    Route(
        method="GET",
        path="/entries",
        roles=ANYONE,
        about="List visible entries by poster number; filter by type, theme, city; search title, unit, text, number",
        handle=entries,
        query=request_schemas.Entries,
        answer=response_schemas.Rows,
        problems=("type-unknown", "theme-unknown", "city-unknown", "cursor-unknown", "shed"),
        shed=Shed.LIST,
    ),
    Route(
        method="GET",
        path="/entries/{entry}",
        roles=ANYONE,
        about="Get a visible entry with its text, by id or poster number",
        handle=entry,
        answer=response_schemas.PublicEntry,
        problems=("entry-unknown", *ENTRY_HIDDEN, *LOOK_UP_PROBLEMS),
    ),
    Route(
        method="GET",
        path="/receipts/{receipt}",
        roles=ANYONE,
        about="Get the like that a receipt proves",
        handle=receipt,
        answer=response_schemas.Receipt,
        problems=("receipt-unknown", "shed", *NUMBER_PROBLEMS),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path="/declaration",
        roles=ANYONE,
        about="Get the declaration that a hand-in must accept; send its `words` as `consent`",
        handle=forward_look_up("submission", "declaration", public=True),
        answer=response_schemas.Declaration,
        problems=LOOK_UP_PROBLEMS,
    ),
)
