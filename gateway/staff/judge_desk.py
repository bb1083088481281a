"""The pages of a judge: declaration of independence, practice entry, the list, and the judge's own sheet.

The page of one entry is in `judge_entry.py`.
Promises: nothing here shows likes, places, or other judges' marks. Which entries may be read, and what a mark is, the
service scoring decides. Each page works without scripts; with them, the entries stay readable without a network.
Does not promise that an entry is stored on a device that shows the pages over plain http: browsers forbid it.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.html import page as pages
from gateway.html.page import page
from gateway.html.static_files import FILES
from gateway.http import form_nonces, request_schemas, responses
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, JUDGE, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms
from shared.decimals import two_decimals

JUDGE_PAGE = "/judge"
PRACTICE_REFERENCE, PRACTICE_NEAR = 8_200, 300  # hundredths of a point: what we would give the practice entry, of 100
SHEET_PAGE, PRACTICE_PAGE = f"{JUDGE_PAGE}/sheet", f"{JUDGE_PAGE}/practice"
WORKER, AWAY_PAGE = f"{JUDGE_PAGE}/worker.js", f"{JUDGE_PAGE}/offline"
JUDGES = frozenset({JUDGE})
STAGES = ("new", "opened", "skipped", "draft", "marked", "recused", "excluded", "conflicted", "out")
OPEN_STAGES = frozenset({"new", "opened", "skipped", "draft"})
SHOWN = frozenset({"marked", "skipped", "recused"})  # what the address of a page may say of an entry before it
MARK = "mark."
SCRIPTS = (
    "judge.js",
    "judge_list.js",
    "judge_outbox.js",
    "judge_device.js",
    "draft_store.js",
    "draft_sync.js",
    "judge_worker.js",
)
_VERSION = hashlib.sha256("".join(FILES[each].digest for each in SCRIPTS).encode()).hexdigest()[:12]


async def judge_list(app: AppContext, context: RequestContext) -> Response:
    """Return the list of the judge's entries, or the declaration of independence before it is made. Raises Problem."""
    return await _list_page(app, context)


async def declare(app: AppContext, context: RequestContext) -> Response:
    """Declare one's independence by form, and go on to the list. Raises Problem."""
    sent = await read_form(context.request)
    if not sent.get("agree"):
        errors = {"agree": pages.say_in(context.lang, "judge.independence.missing")}
        return await _list_page(app, context, errors=errors, status=422)
    try:
        body = desk_forms.load_body(request_schemas.Independence, {"words": sent.get("words", "")})
        desk_forms.begin_command(app, context, sent, "independence", body)
        await call_service(app, context, "scoring", "declare_independence", body)
    except Problem as problem:
        if problem.code != "declaration-outdated":
            raise
        context.command = ""
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
        return await _list_page(app, context, errors=errors, status=problem.status)
    return pages.redirect(JUDGE_PAGE)


async def practice(app: AppContext, context: RequestContext) -> Response:
    """Return the practice entry with its sheet. Raises Problem."""
    return await _practice_page(app, context)


async def try_practice(app: AppContext, context: RequestContext) -> Response:
    """Work out the total of a practice mark, and show it beside what was typed; nothing is stored. Raises Problem."""
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES)
    try:
        marks = {name.removeprefix(MARK): desk_forms.whole(value) for name, value in sent.items() if MARK in name}
        filled = {code: value for code, value in marks.items() if value != ""}
        body = desk_forms.load_body(request_schemas.Practice, {"marks": filled, "words": sent.get("words") or None})
        found = await call_service(app, context, "scoring", "try_mark", body)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await _practice_page(app, context, typed=sent, problem=problem)
    return await _practice_page(app, context, typed=sent, total=found["total"])


async def own_sheet(app: AppContext, context: RequestContext) -> Response:
    """Return the judge's own distribution and close pairs, with the form that hands in the sheet. Raises Problem."""
    return await _sheet_page(app, context)


async def hand_in(app: AppContext, context: RequestContext) -> Response:
    """Hand in the sheet by form, once it was confirmed. Raises Problem."""
    sent = await read_form(context.request)
    if not sent.get("sure"):
        errors = {"sure": pages.say_in(context.lang, "judge.own.sure.missing")}
        return await _sheet_page(app, context, errors=errors, status=422)
    try:
        desk_forms.begin_command(app, context, sent, "sheet", {})
        await call_service(app, context, "scoring", "submit_sheet", {})
    except Problem as problem:
        if problem.status >= 500:
            raise
        context.command = ""
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
        return await _sheet_page(app, context, errors=errors, status=problem.status)
    return pages.redirect(SHEET_PAGE)


async def away(app: AppContext, context: RequestContext) -> Response:
    """Return the page that the service worker shows for whatever it has not stored. Raises Problem."""
    return await pages.desk_page(
        app, context, "staff/judging/away.html", path=JUDGE_PAGE, offline=offline_facts(context)
    )


def worker(app: AppContext, route: Route) -> ASGIApp:  # noqa: ARG001 -- the signature of `Route.raw`
    """Return the ASGI application that serves the service worker of the judges' pages."""
    file = FILES["judge_worker.js"]
    headers = {
        "Service-Worker-Allowed": JUDGE_PAGE,
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
        "Cache-Control": "no-cache",
        "ETag": f'"{file.digest}"',
        **responses.SAFE,
    }

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if responses.is_not_modified(Request(scope), headers["ETag"]):
            response = Response(status_code=304, headers=headers)
        else:
            response = Response(file.body, media_type=file.media_type, headers=headers)
        await response(scope, receive, send)

    return serve


async def assignments(app: AppContext, context: RequestContext) -> dict[str, Any]:
    """Return the judge's sheet from scoring, with number, title and unit of each entry as the public knows them.

    Recused entries follow the others. Raises Problem.
    """
    found = await call_service(app, context, "scoring", "my_assignments", {})
    rows = [{**each, **named(app, each["entry"])} for each in found["entries"]]
    recused = [{"entry": each, "stage": "recused", "total": None, "anchor": False, **named(app, each)}
               for each in found["recused"] if each not in {row["entry"] for row in rows}]  # fmt: skip
    for place, row in enumerate(rows, start=1):
        row["place"] = place
    return {**found, "entries": rows, "recused": recused}


def named(app: AppContext, entry: str) -> dict[str, str]:
    """Return by what people know an entry: its poster number, title and unit; dashes where nothing is public."""
    seen = app.views.data("entries").get("entries", {}).get(entry, {})
    return {"number": seen.get("number") or "—", "title": seen.get("title") or "—", "unit_name": seen.get("unit") or ""}


def next_of(rows: list[dict[str, Any]], entry: str = "") -> dict[str, Any] | None:
    """Return the next entry that waits for a mark after `entry`, or from the top: skipped entries come last."""
    ids = [each["entry"] for each in rows]
    start = ids.index(entry) + 1 if entry in ids else 0
    ordered = [*rows[start:], *rows[:start]]
    waiting = [each for each in ordered if each["stage"] in OPEN_STAGES and each["entry"] != entry]
    return next((each for each in waiting if each["stage"] != "skipped"), waiting[0] if waiting else None)


def offline_facts(context: RequestContext) -> dict[str, str]:
    """Return what the scripts need to store pages on this device: whose they are, and in which version."""
    whose = hashlib.sha256(f"judge {context.actor}".encode()).hexdigest()[:16]
    return {"judge": whose, "version": _VERSION, "worker": f"{WORKER}?v={_VERSION}&judge={whose}", "scope": JUDGE_PAGE}


async def _list_page(
    app: AppContext, context: RequestContext, *, errors: Mapping[str, str] = {}, status: int = 200
) -> Response:
    try:
        found = await assignments(app, context)
    except Problem as refused:
        if refused.code != "judge-unknown":
            raise
        return await pages.desk_page(app, context, "staff/judging/unknown.html", path=JUDGE_PAGE)
    if found["independence"]["declared_at"] is None:
        return await pages.desk_page(
            app,
            context,
            "staff/judging/independence.html",
            path=JUDGE_PAGE,
            status=status,
            declaration=found["independence"],
            errors=defaultdict(str, errors),
            form=form_nonces.new_nonce(),
        )
    query, rows = context.request.query_params, [*found["entries"], *found["recused"]]
    chosen = query.get("stage", "") if query.get("stage", "") in STAGES else ""
    return await pages.desk_page(
        app,
        context,
        "staff/judging/list.html",
        path=pages.with_query(JUDGE_PAGE, {"stage": chosen} if chosen else {}),
        sheet=found,
        rows=[each for each in rows if not chosen or each["stage"] == chosen],
        counts=Counter(each["stage"] for each in rows),
        total=len(rows),
        stages=STAGES,
        chosen=chosen,
        following=next_of(found["entries"]),
        said=said_of(app, context, found),
        offline=offline_facts(context),
        stored=[f"{JUDGE_PAGE}/entries/{each['entry']}" for each in found["entries"] if each["stage"] != "out"],
    )


def said_of(app: AppContext, context: RequestContext, found: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what just happened to an entry, by the address of the page and as the service has it now, or None."""
    query = context.request.query_params
    kind, entry = next(((each, query[each]) for each in sorted(SHOWN) if query.get(each)), ("", ""))
    row = next((each for each in (*found["entries"], *found["recused"]) if each["entry"] == entry), None)
    if row is None or row["stage"] != kind:
        return None
    return {"kind": kind, **row, **named(app, entry)}


async def _practice_page(
    app: AppContext,
    context: RequestContext,
    *,
    typed: Mapping[str, str] | None = None,
    total: str = "",
    problem: Problem | None = None,
) -> Response:
    found = await call_service(app, context, "scoring", "my_assignments", {})
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return await pages.desk_page(
        app,
        context,
        "staff/judging/practice.html",
        path=PRACTICE_PAGE,
        status=200 if problem is None else problem.status,
        sheet=found,
        values=defaultdict(str, typed or {}),
        total=total,
        reference=two_decimals(PRACTICE_REFERENCE),
        beside=practice_difference(total) if total else ("", ""),
        errors=defaultdict(str, at_fields(errors)),
    )


def practice_difference(total: str) -> tuple[str, str]:
    """Return how a practice total (such as `82.50`) lies to the reference: `above`, `below` or `near`, and by how much.

    Up to PRACTICE_NEAR hundredths of a point are near.
    """
    whole, _, rest = total.partition(".")
    by = int(whole) * 100 + int(f"{rest:0<2}"[:2]) - PRACTICE_REFERENCE
    lies = "near" if abs(by) <= PRACTICE_NEAR else "above" if by > 0 else "below"
    return lies, two_decimals(abs(by))


def at_fields(errors: Mapping[str, str]) -> dict[str, str]:
    """Return errors by the name of the form's field: `marks/content` and `fields/mark.content` are `mark.content`."""
    found: dict[str, str] = {}
    for name, text in errors.items():
        plain = name.removeprefix("fields/")
        found[f"{MARK}{plain.removeprefix('marks/')}" if plain.startswith("marks/") else plain] = text
    return found


async def _sheet_page(
    app: AppContext, context: RequestContext, *, errors: Mapping[str, str] = {}, status: int = 200
) -> Response:
    found = await assignments(app, context)
    if found["independence"]["declared_at"] is None:
        return pages.redirect(JUDGE_PAGE)
    rows = {each["entry"]: each for each in found["entries"]}
    return await pages.desk_page(
        app,
        context,
        "staff/judging/sheet.html",
        path=SHEET_PAGE,
        status=status,
        sheet=found,
        most=max(found["histogram"], default=0),
        pairs=[{**each, "rows": [rows[name] for name in each["entries"]]} for each in found["close"]],
        unmarked=[each for each in found["entries"] if each["state"] == "open"],
        drafts=[each for each in found["entries"] if each["stage"] == "draft" and each["state"] == "marked"],
        errors=defaultdict(str, errors),
        form=form_nonces.new_nonce(),
        offline=offline_facts(context),
        bins=[(low, low + 10) for low in range(0, 100, 10)],
    )


_OPEN = Route(
    method="GET", path=JUDGE_PAGE, base="", roles=JUDGES, about="Page of a judge's entries", raw=page(judge_list)
)
ROUTES = (
    _OPEN,
    replace(_OPEN, path=SHEET_PAGE, about="Page of a judge's own distribution and close pairs", raw=page(own_sheet)),
    replace(_OPEN, path=PRACTICE_PAGE, about="Page of the practice entry", raw=page(practice)),
    replace(_OPEN, path=AWAY_PAGE, about="Page for what is not stored on the device", raw=page(away)),
    replace(_OPEN, path=WORKER, roles=ANYONE, about="Service worker of the judges' pages", raw=worker),
    Route(
        method="POST",
        path=f"{JUDGE_PAGE}/independence",
        base="",
        roles=JUDGES,
        about="Declare one's independence by form",
        raw=page(declare),
    ),
    Route(
        method="POST",
        path=PRACTICE_PAGE,
        base="",
        roles=JUDGES,
        about="Work out the total of a practice mark by form; nothing is stored",
        raw=page(try_practice),
    ),
    Route(
        method="POST",
        path=SHEET_PAGE,
        base="",
        roles=JUDGES,
        about="Hand in the judge's sheet by form",
        raw=page(hand_in),
    ),
)
