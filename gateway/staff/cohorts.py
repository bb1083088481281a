"""Groups of likes for analysts, as API and as page: by hour, door, network, address, browser and device.

Promises: groups name no voter; what needs the sealed signals of likes is shown only while two persons agreed to it, and
the page says who asked, why, and until when. Judges see none of it (`conflicts.py`).
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import form_nonces, problems, request_schemas, response_schemas, responses
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, ORGANISER, RequestContext, Route, codes
from gateway.routing.service_calls import LONG_S, call_service, forward
from gateway.staff import desk_forms
from gateway.staff.conflicts import unconflicted
from gateway.staff.entry_names import entry_id, entry_names

PAGE = "/analysis/cohorts"
ANALYSTS = frozenset({ORGANISER, AUDITOR})
HOURS = (8, 24, 72, 168)
_FIELDS = ("grouping", "entry", "since", "until", "group")


async def groups(app: AppContext, context: RequestContext) -> Response:
    """Answer with the likes in groups. Raise Problem."""
    return responses.read(context.request, await _groups(app, context, context.query))


async def cohorts_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of groups of likes. Raise Problem."""
    app.shedding.refuse(Shed.CHART)
    return await _page(app, context)


async def send(app: AppContext, context: RequestContext) -> Response:
    """Ask to read the signals of likes, or decide on what somebody else asked. Raise Problem."""
    sent = await read_form(context.request)
    do = sent.get("do", "")
    try:
        if do == "ask":
            typed = {"reason": desk_forms.text_of(sent, "reason"), "hours": desk_forms.whole(sent.get("hours", ""))}
            body = desk_forms.load_body(request_schemas.SignalsOpening, typed)
            method = "ask_to_open_signals"
        elif do in ("agree", "refuse"):
            body, method = {"opening": sent.get("opening", ""), "agrees": do == "agree"}, "decide_opening"
        else:
            raise Problem("invalid", errors={"do": ["not-allowed"]})
        desk_forms.begin_command(app, context, sent, do, body)
        await call_service(app, context, "voting", method, body)
    except Problem as problem:
        desk_forms.require_mendable(context, problem)
        return await _page(app, context, typed=sent, problem=problem)
    return pages.redirect(pages.with_query(PAGE, {"did": do}))


async def _groups(app: AppContext, context: RequestContext, query: Mapping[str, Any]) -> dict[str, Any]:
    body = dict(query)
    if "entry" in body:
        body["entry"] = entry_id(app, body["entry"])
    return await call_service(app, context, "voting", "cohorts", body, deadline_s=LONG_S)


async def _page(
    app: AppContext, context: RequestContext, *, typed: Mapping[str, str] | None = None, problem: Problem | None = None
) -> Response:
    query, found = context.request.query_params, None
    chosen = {name: query[name] for name in _FIELDS if name in query and (query[name] or name == "group")}
    if problem is None and "grouping" in chosen:
        times = {name: desk_forms.instant(chosen[name], context.zone) for name in ("since", "until") if name in chosen}
        try:
            found = await _groups(app, context, desk_forms.load_body(request_schemas.Cohorts, {**chosen, **times}))
        except Problem as refused:
            desk_forms.require_mendable(context, refused)
            problem = refused
    openings = await call_service(app, context, "voting", "signal_openings", {})
    did = query.get("did", "")
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    entries = [share["entry"] for group in (found or {}).get("groups", ()) for share in group["entries"]]
    return await pages.desk_page(
        app,
        context,
        "staff/analysis/cohorts.html",
        path=PAGE,
        status=200 if problem is None else problem.status,
        tab="cohorts",
        may_recount=True,
        problem=None
        if problem is None
        else problems.document(problem, lang=context.lang, request=context.id, zone=context.zone),
        errors=defaultdict(str, errors),
        chosen=defaultdict(str, chosen),
        typed=defaultdict(str, typed or {}),
        found=found,
        openings=openings,
        waiting=[each for each in openings["openings"] if each["state"] == "waiting"],
        past=[each for each in openings["openings"] if each["state"] != "waiting"],
        me=context.actor,
        did=did if did in ("ask", "agree", "refuse") else "",
        groupings=request_schemas.GROUPINGS,
        hours=HOURS,
        names=entry_names(app, entries),
        with_query=pages.with_query,
        form=form_nonces.new_nonce(),
    )


ROUTES = (
    Route(
        method="GET",
        path="/cohorts",
        roles=ANALYSTS,
        about="Group the likes that were not taken back by hour, door, or their sealed signals while these are open",
        handle=unconflicted(groups),
        query=request_schemas.Cohorts,
        answer=response_schemas.Cohorts,
        problems=codes("campaign-not-open signals-sealed signals-destroyed too-many-likes shed"),
        shed=Shed.CHART,
    ),
    Route(
        method="GET",
        path="/signal-openings",
        roles=ANALYSTS,
        about="List who asked to read the sealed signals of likes, why, and what a second person decided",
        handle=unconflicted(forward("voting", "signal_openings")),
        answer=response_schemas.SignalsOpenings,
    ),
    Route(
        method="POST",
        path="/signal-openings",
        roles=ANALYSTS,
        about="Ask to read the sealed signals of likes for some hours; a second person decides",
        handle=unconflicted(forward("voting", "ask_to_open_signals")),
        command=True,
        body=request_schemas.SignalsOpening,
        answer=response_schemas.OpeningStored,
        problems=("opening-open",),
        step_up=True,
    ),
    Route(
        method="POST",
        path="/signal-openings/{opening}/decision",
        roles=ANALYSTS,
        about="Agree that the sealed signals of likes are read, as a person other than the one who asked, or refuse it",
        handle=unconflicted(forward("voting", "decide_opening")),
        command=True,
        body=request_schemas.OpeningDecision,
        answer=response_schemas.OpeningStored,
        problems=codes("opening-unknown opening-decided opening-lapsed second-person-needed"),
        step_up=True,
    ),
    Route(
        method="GET",
        path=PAGE,
        base="",
        roles=ANALYSTS,
        about="Page of likes in groups",
        raw=page(unconflicted(cohorts_page)),
        problems=("shed",),
        shed=Shed.CHART,
    ),
    Route(
        method="POST",
        path=PAGE,
        base="",
        roles=ANALYSTS,
        about="Ask to read the sealed signals of likes by form, or decide on it",
        raw=page(unconflicted(send)),
        step_up=True,
    ),
)
