"""The pages of bulk decisions: what is to be decided, the list of exactly what that touches, and the undoing.

Promises: nothing is decided before a list of every entry was shown and confirmed, and then only what stood in it; an
empty selection does nothing. The time that is left to undo counts by the server's clock.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import form_nonces, problems, request_schemas
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import MODERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms
from gateway.staff.moderation_desk import ITEMS, clock_of, templates_of, until_options
from gateway.staff.queue_filter import QUEUE_PAGE, QueueFilter

BULK_PAGE = f"{QUEUE_PAGE}/bulk"
MODERATORS = frozenset({MODERATOR})
KINDS = {"approve": "approved", "return": "returned", "reject": "rejected"}
MOST_FIELDS = 240


async def bulks(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the last bulks, each with the time that is left to undo it. Raises Problem."""
    return await _list_page(app, context)


async def prepare(app: AppContext, context: RequestContext) -> Response:
    """Take a bulk one step on: ask for its words, show the list of what it touches, or decide it. Raises Problem."""
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES, most_fields=MOST_FIELDS)
    kind = KINDS.get(sent.get("do", ""), sent.get("kind", ""))
    if kind not in KINDS.values():
        raise Problem("invalid", errors={"do": ["not-allowed"]})
    entries = [
        {"entry": name.removeprefix("pick-"), "version": desk_forms.whole(value)}
        for name, value in sent.items()
        if name.startswith("pick-")
    ]
    step, problem, preview = sent.get("step", "select"), None, None
    body = {"kind": kind, "entries": entries, **_words_of(kind, sent, context.zone)}
    try:
        if entries and step == "decide":
            loaded = desk_forms.load_body(request_schemas.Bulk, {**body, "digest": sent.get("digest", "")})
            desk_forms.begin_command(app, context, sent, "bulk", loaded)
            result = await call_service(app, context, "moderation", "decide_in_bulk", _named(loaded))
            return pages.redirect(pages.with_query(BULK_PAGE, {"bulk": result["bulk"] or "none"}))
        if entries and (step == "preview" or not await _needs_words(app, context, kind)):
            loaded = desk_forms.load_body(request_schemas.BulkPreview, body)
            preview = await call_service(app, context, "moderation", "preview_bulk", _named(loaded))
    except Problem as refused:
        if refused.status >= 500 or refused.code in ("role-missing", "session-invalid"):
            raise
        problem, context.command = refused, ""
    names: dict[str, Any] = {"entries": [], "refused": []}
    if entries and preview is None:  # the list by names alone: nothing is asked about a decision yet
        loaded = desk_forms.load_body(request_schemas.BulkPreview, {"kind": "approved", "entries": entries})
        names = await call_service(app, context, "moderation", "preview_bulk", _named(loaded))
    return await _step_page(app, context, sent, kind, entries, names, preview, problem)


async def undo(app: AppContext, context: RequestContext) -> Response:
    """Undo a bulk by form, and return the page that says what waits again, and what does not. Raises Problem."""
    sent = await read_form(context.request)
    bulk = context.path["bulk"]
    desk_forms.begin_command(app, context, sent, "undo", {"bulk": bulk})
    try:
        undone = await call_service(app, context, "moderation", "undo_bulk", {"bulk": bulk})
    except Problem as problem:
        if problem.code != "undo-too-late":
            raise
        context.command = ""
        return await _list_page(app, context, problem=problem)
    return await _list_page(app, context, undone=undone)


def _words_of(kind: str, sent: Mapping[str, str], zone: str) -> dict[str, Any]:
    """Return what a bulk decision holds beside its entries, as far as the form has it."""
    grade, words = sent.get("grade", "").strip(), desk_forms.text_of(sent, "words")
    match kind:
        case "approved":
            return {"grade": desk_forms.whole(grade)} if grade else {}
        case "returned":
            until = desk_forms.instant(sent["until"], zone) if sent.get("until") else None
            item = sent.get("item", "") or "other"
            return {"remarks": [{"item": item, "words": words}] if words else [], "until": until}
    return {"reason": words}


def _named(loaded: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in loaded.items() if value is not None}


async def _needs_words(app: AppContext, context: RequestContext, kind: str) -> bool:
    if kind != "approved":
        return True
    return bool((await call_service(app, context, "moderation", "queue", {"limit": 1}))["grades"])


async def _step_page(
    app: AppContext,
    context: RequestContext,
    sent: Mapping[str, str],
    kind: str,
    entries: list[dict[str, Any]],
    names: Mapping[str, Any],
    preview: Mapping[str, Any] | None,
    problem: Problem | None,
) -> Response:
    found = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/bulk_step.html",
        path=BULK_PAGE,
        status=200 if problem is None else problem.status,
        tab="bulk",
        kind=kind,
        chosen=[*names["entries"], *names["refused"]],
        count=len(entries),
        preview=preview,
        reasons={code: _title(code, context) for code in {each["code"] for each in (preview or names)["refused"]}},
        typed=defaultdict(str, sent),
        errors=defaultdict(str, found),
        problem=None
        if problem is None
        else problems.document(problem, lang=context.lang, request=context.id, zone=context.zone),
        back=QueueFilter.parse(sent.get("back", "")).url(),
        form=form_nonces.new_nonce(),
        items=ITEMS,
        templates=await templates_of(app, context),
        until_options=until_options(context),
    )


async def _list_page(
    app: AppContext,
    context: RequestContext,
    *,
    undone: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> Response:
    found = await call_service(app, context, "moderation", "bulks", {})
    refused = [] if undone is None else undone["refused"]
    return await pages.desk_page(
        app,
        context,
        "staff/moderation/bulk.html",
        path=BULK_PAGE,
        status=200 if problem is None else problem.status,
        tab="bulk",
        bulks=found["bulks"],
        latest=context.request.query_params.get("bulk", ""),
        undone=undone,
        reasons={code: _title(code, context) for code in {each["code"] for each in refused}},
        problem=None
        if problem is None
        else problems.document(problem, lang=context.lang, request=context.id, zone=context.zone),
        form=form_nonces.new_nonce(),
        **clock_of(app, context),
    )


def _title(code: str, context: RequestContext) -> str:
    words = Problem(code).words
    return words.zh if context.lang == "zh" else words.en


ROUTES = (
    Route(
        method="GET",
        path=BULK_PAGE,
        base="",
        roles=MODERATORS | {ORGANISER},
        about="Page of the last bulk decisions",
        raw=page(bulks),
    ),
    Route(
        method="POST",
        path=BULK_PAGE,
        base="",
        roles=MODERATORS,
        about="Prepare, list and confirm a bulk decision by form",
        raw=page(prepare),
    ),
    Route(
        method="POST",
        path=f"{BULK_PAGE}/{{bulk}}/undo",
        base="",
        roles=MODERATORS,
        about="Undo a bulk decision by form",
        raw=page(undo),
    ),
)
