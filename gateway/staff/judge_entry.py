"""The page of one entry for the judge to whom it is assigned: the material beside the sheet.

Promises: a form holds the revision that the page showed, and overwrites nothing that changed since: it comes back with
what was typed, and with what is stored. What the page shows of a mark is what the service has stored. Only the fields
that judges may see leave (`judging.JUDGE_FIELDS`). The page works without scripts; with them, fields are saved as they
are filled in (`static/judge.js`), also when the network comes back.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.html.players import players
from gateway.http import film_captions, form_nonces, problems, request_schemas
from gateway.http.forms import read_form
from gateway.http.problem_texts import WORDS
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext, Route
from gateway.routing.service_calls import call_as_gateway, call_service
from gateway.staff import desk_forms
from gateway.staff.judge_desk import (
    JUDGE_PAGE,
    JUDGES,
    MARK,
    assignments,
    at_fields,
    named,
    next_of,
    offline_facts,
    said_of,
)
from gateway.staff.judging import JUDGE_FIELDS

ENTRY_PAGE = f"{JUDGE_PAGE}/entries/{{entry}}"
FORM = frozenset({"words"})
UNKNOWN_PICTURE = {"width": 0, "height": 0, "caption": "", "alt": ""}
RECUSE_REASONS = ("unit", "kin", "helped")
_NOT_MENDABLE = frozenset({"entry-unknown", "not-assigned", "session-invalid", "role-missing"})


async def entry(app: AppContext, context: RequestContext) -> Response:
    """Return the page of an entry with its sheet. Raises Problem."""
    return await _page(app, context)


async def act(app: AppContext, context: RequestContext) -> Response:
    """Do what a form of the page says: give the mark, save a draft, skip, or recuse; then go on. Raises Problem."""
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES)
    name, do = context.path["entry"], sent.get("do", "")
    try:
        if do in ("give", "draft"):
            body = desk_forms.load_body(request_schemas.SheetFields, _fields(sent, give=do == "give"))
            desk_forms.begin_command(app, context, sent, do, body)
            await call_service(app, context, "scoring", "edit_mark", {**body, "entry": name})
        elif do in ("skip", "open"):
            desk_forms.begin_command(app, context, sent, do, {})
            await call_service(app, context, "scoring", "note_reading", {"entry": name, "skip": do == "skip"})
        elif do == "recuse":
            chosen = sent.get("why", "")
            words = pages.say_in("zh", f"judge.recuse.{chosen}") if chosen in RECUSE_REASONS else sent.get("reason", "")
            body = desk_forms.load_body(request_schemas.Recusal, {"reason": words})
            desk_forms.begin_command(app, context, sent, do, body)
            await call_service(app, context, "scoring", "declare_conflict", {**body, "entry": name})
        else:
            raise Problem("invalid", errors={"do": ["not-allowed"]})
    except Problem as problem:
        if problem.code in _NOT_MENDABLE or problem.status >= 500:
            raise
        context.command = ""
        return await _page(app, context, typed=sent, problem=problem)
    if do in ("draft", "open"):
        return pages.redirect(pages.with_query(_path(name), {"saved": "1"} if do == "draft" else {}))
    following = next_of((await assignments(app, context))["entries"], name)
    what = {"give": "marked", "skip": "skipped", "recuse": "recused"}[do]
    to = JUDGE_PAGE if following is None else _path(following["entry"])
    return pages.redirect(pages.with_query(to, {what: name}))


def _path(name: str) -> str:
    return f"{JUDGE_PAGE}/entries/{name}"


def _fields(sent: Mapping[str, str], *, give: bool) -> dict[str, Any]:
    """Return the body of the command that a form stands for: every field of the sheet, as it was typed."""
    fields: dict[str, Any] = {}
    for name, value in sent.items():
        if name.startswith(MARK):
            fields[name] = desk_forms.whole(value) if value.strip() else None
    fields["words"] = sent.get("words", "").replace("\r\n", "\n").strip() or None
    return {"revision": desk_forms.whole(sent.get("revision", "")), "fields": fields, "give": give}


async def _page(
    app: AppContext, context: RequestContext, *, typed: Mapping[str, str] | None = None, problem: Problem | None = None
) -> Response:
    name = context.path["entry"]
    try:
        found, filled, content = await asyncio.gather(
            assignments(app, context),
            call_service(app, context, "scoring", "filled_in", {"entry": name}),
            call_service(app, context, "submission", "public_entry", {"entry": name}),
        )
        # Scoring has not refused, so the entry is the judge's own; of another entry no judge reads the link.
        link = await call_as_gateway(app, "submission", "entry_link", {"entry": name})
    except Problem as refused:
        if refused.code != "independence-undeclared":
            raise
        return pages.redirect(JUDGE_PAGE)
    rows = found["entries"]
    row = next(each for each in rows if each["entry"] == name)
    shown = {field: value for field, value in content.items() if field in JUDGE_FIELDS}
    files = shown.get("files", ())
    errors = {} if problem is None else at_fields(pages.field_errors(problem, context.lang, zone=context.zone))
    conflicts = dict(problem.facts.get("fields", {})) if problem is not None and problem.code == "draft-changed" else {}
    stored = {field: each["value"] for field, each in filled["fields"].items()}
    values = {**stored, **{each: value for each, value in (typed or {}).items() if each in FORM or each[:5] == MARK}}
    following = next_of(rows, name)
    place = row["place"] - 1
    closed, document = _why_closed(context, found, row), None
    if problem is not None:
        document = problems.document(problem, lang=context.lang, request=context.id, zone=context.zone)
    return await pages.desk_page(
        app,
        context,
        "staff/judging/entry.html",
        path=_path(name),
        status=200 if problem is None else problem.status,
        entry=name,
        row=row,
        about=named(app, name),
        sheet=found,
        count=len(rows),
        previous=rows[place - 1] if place else None,
        later=rows[place + 1] if place + 1 < len(rows) else None,
        following=following,
        filled=filled,
        values=defaultdict(str, {field: "" if value is None else value for field, value in values.items()}),
        conflicts=conflicts,
        problem=document,
        errors=defaultdict(str, errors),
        closed=closed,
        closed_title=(WORDS[closed].zh if context.lang == "zh" else WORDS[closed].en) if closed else "",
        content=shown,
        pictures=[{**UNKNOWN_PICTURE, **each} for each in files if each["kind"] == "picture"],
        captioned=film_captions.captioned(files),
        films=await players(app, files, "video", context.lang),
        sounds=await players(app, files, "audio", context.lang),
        link=link,
        themes=pages.names_of(app, "themes", context.lang),
        recuse_reasons=RECUSE_REASONS,
        said=said_of(app, context, found),
        is_saved="saved" in context.request.query_params,
        form=form_nonces.new_nonce(),
        offline=offline_facts(context),
    )


def _why_closed(context: RequestContext, found: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Return the code of why the entry takes no mark now, or an empty text. The service decides in any case."""
    if found["submitted_at"] is not None:
        return "sheet-submitted"
    if row["state"] in ("out", "conflicted", "excluded"):
        return {"out": "entry-out", "conflicted": "conflicted", "excluded": "score-excluded"}[row["state"]]
    window = found["window"]
    return "" if window["start"] <= context.at < window["end"] else "window-closed"


ROUTES = (
    Route(
        method="GET",
        path=ENTRY_PAGE,
        base="",
        roles=JUDGES,
        about="Page of an assigned entry with its sheet",
        raw=page(entry),
    ),
    Route(
        method="POST",
        path=ENTRY_PAGE,
        base="",
        roles=JUDGES,
        about="Mark, skip or recuse by form",
        raw=page(act),
    ),
)
