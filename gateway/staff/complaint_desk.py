"""The pages of moderators for complaints and suggestions: the list with its letters, and the answers.

Promises: several are answered together only after a page has listed each of them; an answer that is refused stands in
its field again. Each page works without scripts.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import form_nonces, request_schemas
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.http.reference_numbers import format_number
from gateway.routing.context import AppContext
from gateway.routing.route import MODERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms

COMPLAINTS_PAGE = "/desk/moderation/complaints"
ANSWERING = frozenset({MODERATOR, ORGANISER})
STATES = ("open", "answered")
PAGE_ROWS = 30
MOST_TOGETHER = 200


async def complaints(app: AppContext, context: RequestContext) -> Response:
    """Return the page of complaints and suggestions, the oldest first. Raises Problem."""
    return await _page(app, context)


async def answer(app: AppContext, context: RequestContext) -> Response:
    """Answer one complaint by form, and return to the list. Raises Problem."""
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES)
    complaint = sent.get("complaint", "")
    try:
        body = desk_forms.load_body(request_schemas.ComplaintAnswer, {"words": desk_forms.text_of(sent, "words")})
        desk_forms.begin_command(app, context, sent, f"answer-{complaint}"[:100], body)
        await call_service(app, context, "moderation", "answer_complaint", {**body, "complaint": complaint})
    except Problem as problem:
        if problem.status >= 500 or problem.code == "complaint-unknown":
            raise
        context.command = ""
        return await _page(app, context, typed=sent, problem=problem)
    return pages.redirect(pages.with_query(COMPLAINTS_PAGE, {"answered": complaint}))


async def answer_together(app: AppContext, context: RequestContext) -> Response:
    """List what one answer would reach, or, when that list is confirmed, give the answer to each. Raises Problem."""
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES, most_fields=MOST_TOGETHER + 10)
    picked = [name.removeprefix("pick-") for name in sent if name.startswith("pick-")]
    problem = None
    if sent.get("do") == "confirm" and picked:
        try:
            body = desk_forms.load_body(
                request_schemas.ComplaintAnswers, {"complaints": picked, "words": desk_forms.text_of(sent, "words")}
            )
            desk_forms.begin_command(app, context, sent, "answers", body)
            result = await call_service(app, context, "moderation", "answer_complaints", body)
            return pages.redirect(pages.with_query(COMPLAINTS_PAGE, {"together": str(result["answered"])}))
        except Problem as refused:
            if refused.status >= 500:
                raise
            problem, context.command = refused, ""
    letters = await _letters(app, context, {"state": "open", "limit": MOST_TOGETHER})
    chosen = [each for each in letters["complaints"] if each["complaint"] in picked]
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/answers.html",
        path=COMPLAINTS_PAGE,
        status=200 if problem is None else problem.status,
        tab="complaints",
        chosen=chosen,
        typed=defaultdict(str, sent),
        errors=_errors(context, problem),
        form=form_nonces.new_nonce(),
    )


async def _page(
    app: AppContext, context: RequestContext, *, typed: Mapping[str, str] | None = None, problem: Problem | None = None
) -> Response:
    query = context.request.query_params
    state = query.get("state", "") if query.get("state", "") in STATES else "open"
    after = {"after": query["after"]} if query.get("after") else {}
    letters = await _letters(app, context, {"state": state, "limit": PAGE_ROWS, **after})
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/complaints.html",
        path=pages.with_query(COMPLAINTS_PAGE, {} if state == "open" else {"state": state}),
        status=200 if problem is None else problem.status,
        tab="complaints",
        letters=letters,
        state=state,
        answered=query.get("answered", ""),
        together=query.get("together", ""),
        typed=defaultdict(str, typed or {}),
        errors=_errors(context, problem),
        form=form_nonces.new_nonce(),
        next_page=pages.with_query(COMPLAINTS_PAGE, {"state": state, "after": letters["next"] or ""}),
    )


async def _letters(app: AppContext, context: RequestContext, wanted: dict[str, Any]) -> dict[str, Any]:
    found = await call_service(app, context, "moderation", "complaints", wanted)
    seen = app.views.data("entries").get("entries", {})
    rows = [
        {
            **each,
            "number": format_number(each["complaint"]),
            "about": seen.get(each["entry"] or "", {}).get("title") or each["entry"] or "",
        }
        for each in found["complaints"]
    ]
    return {**found, "complaints": rows}


def _errors(context: RequestContext, problem: Problem | None) -> dict[str, str]:
    found = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return defaultdict(str, found)


ROUTES = (
    Route(
        method="GET",
        path=COMPLAINTS_PAGE,
        base="",
        roles=ANSWERING,
        about="Page of complaints and suggestions for those who answer them",
        raw=page(complaints),
        security_event="sealed-words-read",
    ),
    Route(
        method="POST",
        path=COMPLAINTS_PAGE,
        base="",
        roles=ANSWERING,
        about="Answer a complaint by form",
        raw=page(answer),
    ),
    Route(
        method="POST",
        path=f"{COMPLAINTS_PAGE}/answers",
        base="",
        roles=ANSWERING,
        about="List several complaints, and give them one answer once the list is confirmed",
        raw=page(answer_together),
        security_event="sealed-words-read",
    ),
)
