"""The pages of what moderation has before it: pace and forecast, shares, and what waits beside the queue.

Promises: the figures are moderation's own, and a forecast says what it rests on. A share is handed over only as the
form says, and binds nobody. Each page works without scripts.
"""

from collections import defaultdict
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import form_nonces, request_schemas
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import MODERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms
from gateway.staff.queue_filter import QUEUE_PAGE

PACE_PAGE, WORK_PAGE = f"{QUEUE_PAGE}/pace", f"{QUEUE_PAGE}/work"
READERS = frozenset({MODERATOR, ORGANISER})
KINDS = ("second-opinion", "type-correction", "disqualification", "complaint")
SHARE_MOST, QUEUE_MOST = 1_000, 200


async def pace(app: AppContext, context: RequestContext) -> Response:
    """Return the page of pace, forecast and shares. Raises Problem."""
    return await _page(app, context)


async def hand_over(app: AppContext, context: RequestContext) -> Response:
    """Hand over a share by form: the next entries that are nobody's, or all of somebody's. Raises Problem."""
    sent = await read_form(context.request)
    to, whose = sent.get("to", ""), sent.get("of", "")
    try:
        body: dict[str, Any] = {"to": None if to == "nobody" else to}
        if not to:
            raise Problem("invalid", errors={"to": ["required"]})
        if whose:
            body["entries"] = await _share_of(app, context, whose)
        else:
            body["count"] = desk_forms.whole(sent.get("count", ""))
        loaded = desk_forms.load_body(request_schemas.Share, body)
        given: dict[str, Any] = {"entries": []}
        if loaded.get("entries") or loaded.get("count"):
            desk_forms.begin_command(app, context, sent, "share", loaded)
            given = await call_service(app, context, "moderation", "hand_over", loaded)
    except Problem as problem:
        if problem.status >= 500:
            raise
        context.command = ""
        return await _page(app, context, typed=sent, problem=problem)
    return pages.redirect(pages.with_query(PACE_PAGE, {"given": str(len(given["entries"])), "to": to}))


async def work(app: AppContext, context: RequestContext) -> Response:
    """Return the page of what waits beside the queue: opinions, type corrections, disqualifications. Raises Problem."""
    query = context.request.query_params
    kind = query.get("kind", "") if query.get("kind", "") in KINDS else ""
    wanted = {name: value for name, value in (("kind", kind), ("after", query.get("after", ""))) if value}
    found = await call_service(app, context, "moderation", "work", wanted)
    after = found["next"] or ""
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/work.html",
        path=pages.with_query(WORK_PAGE, {"kind": kind} if kind else {}),
        tab="work",
        work=found,
        kind=kind,
        kinds_of_work=KINDS,
        next_page=pages.with_query(WORK_PAGE, {**({"kind": kind} if kind else {}), "after": after}),
    )


async def _share_of(app: AppContext, context: RequestContext, whose: str) -> list[str]:
    """Return the entries of somebody's share that wait."""
    wanted: dict[str, Any] = {"share": whose, "limit": QUEUE_MOST}
    entries: list[str] = []
    while len(entries) < SHARE_MOST:
        found = await call_service(app, context, "moderation", "queue", wanted)
        entries += [each["entry"] for each in found["entries"]]
        if found["next"] is None:
            break
        wanted["after"] = found["next"]
    return entries[:SHARE_MOST]


async def _page(
    app: AppContext, context: RequestContext, *, typed: dict[str, str] | None = None, problem: Problem | None = None
) -> Response:
    query = context.request.query_params
    found = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/pace.html",
        path=PACE_PAGE,
        status=200 if problem is None else problem.status,
        tab="pace",
        pace=await call_service(app, context, "moderation", "pace", {}),
        given=query.get("given", "") if query.get("given", "").isdecimal() else "",
        to=query.get("to", ""),
        typed=defaultdict(str, typed or {}),
        errors=defaultdict(str, found),
        form=form_nonces.new_nonce(),
    )


ROUTES = (
    Route(
        method="GET",
        path=PACE_PAGE,
        base="",
        roles=READERS,
        about="Page of moderation's pace, forecast and shares",
        raw=page(pace),
    ),
    Route(
        method="POST",
        path=PACE_PAGE,
        base="",
        roles=READERS,
        about="Hand over a share of the queue by form",
        raw=page(hand_over),
    ),
    Route(
        method="GET",
        path=WORK_PAGE,
        base="",
        roles=READERS,
        about="Page of what waits beside the review queue",
        raw=page(work),
    ),
)
