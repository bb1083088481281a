"""Outages in like week, as API and as page: like week becomes longer, for a reason that everybody may read.

Promises: the page shows what would move before anything does; moderation decides, and decides again when it is sent.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import form_nonces, problems, request_schemas, response_schemas
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, OPERATOR, ORGANISER, RequestContext, Route, codes
from gateway.routing.service_calls import call_service, forward
from gateway.staff import desk_forms

PAGE = "/organiser/outage"
ORGANISERS = frozenset({ORGANISER})
READERS = ORGANISERS | {AUDITOR, OPERATOR}
PROBLEMS = codes(
    "campaign-not-open reason-missing outage-outside-likes outage-times-impossible outage-known extension-too-long"
    " extension-not-allowed window-over window-begun window-in-the-past window-order window-overlap"
)
REVOCATION_PROBLEMS = ("outage-unknown", "outage-in-effect", "outage-overtaken", "words-missing")


async def outage_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of outages, with the form for another one. Raises Problem."""
    return await _page(app, context, {})


async def send_outage(app: AppContext, context: RequestContext) -> Response:
    """Show what an outage would move, or declare it once that was confirmed. Raises Problem."""
    sent, preview = await read_form(context.request), None
    body: dict[str, Any] = {
        name: desk_forms.instant(sent[name], context.zone) for name in ("start", "end") if sent.get(name)
    }
    body |= {"minutes": desk_forms.whole(sent.get("minutes", ""))} if sent.get("minutes", "").strip() else {}
    body |= {name: sent[name].strip() for name in ("reason", "evidence") if sent.get(name, "").strip()}
    try:
        loaded = desk_forms.load_body(request_schemas.Outage, body)
        if sent.get("step") == "declare":
            desk_forms.begin_command(app, context, sent, "outage", loaded)
            await call_service(app, context, "moderation", "declare_outage", loaded)
            return pages.redirect(f"{PAGE}?did=declared")
        preview = await call_service(app, context, "moderation", "preview_outage", loaded)
    except Problem as problem:
        return await _refused(app, context, problem, sent)
    return await _page(app, context, sent, preview=preview)


async def send_revocation(app: AppContext, context: RequestContext) -> Response:
    """Take an outage back by form. Raises Problem."""
    sent = await read_form(context.request)
    try:
        loaded = desk_forms.load_body(request_schemas.Dropping, {"words": sent.get("words", "").strip()})
        desk_forms.begin_command(app, context, sent, "revoke", loaded)
        await call_service(app, context, "moderation", "revoke_outage", {**loaded, **context.path})
    except Problem as problem:
        return await _refused(app, context, problem, {})
    return pages.redirect(f"{PAGE}?did=revoked")


async def _refused(app: AppContext, context: RequestContext, problem: Problem, sent: Mapping[str, str]) -> Response:
    desk_forms.require_mendable(context, problem)
    return await _page(app, context, sent, problem=problem)


async def _page(
    app: AppContext,
    context: RequestContext,
    sent: Mapping[str, str],
    *,
    preview: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> Response:
    session, did = context.session, context.request.query_params.get("did", "")
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return await pages.desk_page(
        app,
        context,
        "staff/analysis/outage.html",
        path=PAGE,
        status=200 if problem is None else problem.status,
        found=await call_service(app, context, "moderation", "outages", {}),
        may_declare=session is not None and ORGANISER in session.roles,
        preview=preview,
        did=did if did in ("declared", "revoked") else "",
        typed=defaultdict(str, sent),
        errors=defaultdict(str, errors),
        problem=None
        if problem is None
        else problems.document(problem, lang=context.lang, request=context.id, zone=context.zone),
        form=form_nonces.new_nonce(),
    )


ROUTES = (
    Route(
        method="POST",
        path="/campaign/outages",
        roles=ORGANISERS,
        about="Declare an outage in like week, which becomes longer for it, and windows that follow move if they must",
        handle=forward("moderation", "declare_outage"),
        command=True,
        body=request_schemas.Outage,
        answer=response_schemas.OutageDeclared,
        problems=PROBLEMS,
        step_up=True,
    ),
    Route(
        method="GET",
        path="/campaign/outages",
        roles=READERS,
        about="List the declared outages, and how much longer like week may still become",
        handle=forward("moderation", "outages"),
        answer=response_schemas.Outages,
        problems=("campaign-not-open",),
    ),
    Route(
        method="POST",
        path="/campaign/outages/preview",
        roles=READERS,
        about="Preview which windows an outage would move",
        handle=forward("moderation", "preview_outage"),
        body=request_schemas.Outage,
        answer=response_schemas.OutagePreview,
        problems=PROBLEMS,
    ),
    Route(
        method="POST",
        path="/campaign/outages/{outage}/revocation",
        roles=ORGANISERS,
        about="Take an outage back before it takes effect: windows are as they were",
        handle=forward("moderation", "revoke_outage"),
        command=True,
        body=request_schemas.Dropping,
        answer=response_schemas.OutageDeclared,
        problems=REVOCATION_PROBLEMS,
        step_up=True,
    ),
    Route(method="GET", path=PAGE, base="", roles=READERS, about="Page of outages in like week", raw=page(outage_page)),
    Route(
        method="POST",
        path=PAGE,
        base="",
        roles=ORGANISERS,
        about="Preview or declare an outage by form",
        raw=page(send_outage),
        step_up=True,
        step_up_if=lambda fields: fields.get("step") == "declare",
    ),
    Route(
        method="POST",
        path=f"{PAGE}/{{outage}}/revocation",
        base="",
        roles=ORGANISERS,
        about="Take an outage back by form",
        raw=page(send_revocation),
        step_up=True,
    ),
)
