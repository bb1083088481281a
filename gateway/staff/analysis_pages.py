"""The analysts' pages: the table as of a moment, two moments compared, explanations, recounts, scenarios, methods.

Promises: every number is ranking's; recounts and scenarios say on every page that they are not official. Whoever is or
was a judge sees none of these pages (`conflicts.py`), whatever other role the person holds, since all of them contain
likes, places or marks of others. Pages work without scripts.
"""

import base64
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.download import zip_file
from gateway.html.page import page
from gateway.http import form_nonces, problems, request_schemas, response_schemas, responses
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, OPERATOR, ORGANISER, RequestContext, Route, codes
from gateway.routing.service_calls import LONG_S, call_service, forward
from gateway.staff import analysis_exports, desk_forms
from gateway.staff.analysis_tables import (
    Row,
    like_curve,
    parse_position,
    position_sliders,
    position_text,
    table_difference,
    table_rows,
    two_places,
)
from gateway.staff.conflicts import unconflicted
from gateway.staff.entry_names import entry_id, entry_names
from shared.zones import local_time

PAGE = "/analysis"
ANALYSTS = frozenset({ORGANISER, AUDITOR})
READERS = ANALYSTS | {OPERATOR}
TABS = ("table", "compare", "recount", "scenarios", "methods", "stability", "cohorts", "export")
CHANGES = ("weights", "conversion", "method")
LEFT_OUT = ("without_judges", "without_entries", "without_days", "without_likes")
FORM_BYTES = 1 << 20
MINUTE_MS, SLIDER_PLACES = 60_000, 2_000
Make = Callable[[AppContext, RequestContext], Awaitable[Response]]


def sheddable(make: Make) -> Make:
    """Return the handler that is refused under load, as charts are."""

    async def handle(app: AppContext, context: RequestContext) -> Response:
        app.shedding.refuse(Shed.CHART)
        return await make(app, context)

    return handle


async def table_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the ranking as of a moment, now if none is named. Raises Problem."""
    query = context.request.query_params
    problem, answer = None, None
    try:
        answer = await _table(app, context, _moment(query, "", context.zone))
    except Problem as refused:
        if refused.status >= 500:
            raise
        problem = refused
    rows = [] if answer is None else table_rows(answer)
    kind = query.get("type", "")
    return await _page(
        app,
        context,
        "table",
        problem=problem,
        answer=answer,
        rows=[row for row in rows if not kind or row["type"] == kind],
        count=len(rows),
        kind=kind,
        position="" if answer is None else position_text(answer["cut"]),
        names=entry_names(app, (row["entry"] for row in rows)),
        by_likes=bool(rows) and answer is not None and not answer.get("table"),
        typed=_typed_moment(query, context.zone),
        zone=context.zone,
        sliders=[] if answer is None else position_sliders(answer["cut"], answer["heads"]),
        slider=moment_slider(app.views.campaign.get("windows", {}), query.get("as_of", ""), context.at, context.zone),
    )


async def compare_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page that compares the tables of two moments. Raises Problem."""
    query = context.request.query_params
    rows: list[Row] = []
    problem, positions = None, []
    try:
        moments = [_moment(query, f"{name}-", context.zone) for name in ("first", "second")]
        if any(moments):
            answers = [await _table(app, context, moment) for moment in moments]
            rows = table_difference(*(table_rows(each) for each in answers))
            positions = [position_text(each["cut"]) for each in answers]
    except Problem as refused:
        if refused.status >= 500:
            raise
        problem = refused
    return await _page(
        app,
        context,
        "compare",
        problem=problem,
        rows=rows,
        positions=positions,
        names=entry_names(app, (row["entry"] for row in rows)),
        typed=defaultdict(str, query),
    )


async def pack(app: AppContext, context: RequestContext) -> Response:
    """Return the zip that answers a complaint about an entry's place as of a moment. Raises Problem."""
    entry = entry_id(app, context.path["entry"])
    body = {"entry": entry, **_moment(context.request.query_params, "", context.zone)}
    found = await call_service(app, context, "ranking", "complaint_pack", body, deadline_s=LONG_S)
    return zip_file(base64.b64decode(found["zip"]), found["name"])


async def entry_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page that explains an entry's place as of a moment, with the curve of its likes. Raises Problem."""
    entry, query = entry_id(app, context.path["entry"]), context.request.query_params
    moment = _moment(query, "", context.zone)
    try:
        why = await _explanation(app, context, {"entry": entry, **moment})
    except Problem as refused:
        if refused.code != "marks-missing" or moment:
            raise
        why = await _explanation(app, context, {"entry": entry, "as_of": context.at})
    others = [each["entry"] for each in why.get("ties", {}).values() if each]
    return await _page(
        app,
        context,
        "entry",
        path=f"{PAGE}/entries/{context.path['entry']}",
        why=why,
        entry=entry,
        curve=like_curve(why["likes"]["days"]),
        position=position_text(why["cut"]),
        names=entry_names(app, [entry, *others]),
    )


async def recount_page(app: AppContext, context: RequestContext) -> Response:
    """Return the form of a recount. Raises Problem."""
    return await _page(app, context, "recount", typed=defaultdict(str), found=None)


async def send_recount(app: AppContext, context: RequestContext) -> Response:
    """Recount by form, or save the recount as a scenario with a name and a reason. Raises Problem."""
    sent = await read_form(context.request, limit=FORM_BYTES)
    saves, found = sent.get("do") == "save", None
    body: dict[str, Any] = {name: sent[name].strip() for name in CHANGES if sent.get(name, "").strip()}
    body |= {name: sent[name].split() for name in LEFT_OUT if sent.get(name, "").split()}
    if "without_entries" in body:
        body["without_entries"] = [entry_id(app, each) for each in body["without_entries"]]
    body |= _moment(sent, "", context.zone)
    try:
        if saves:
            named = {name: sent.get(name, "").strip() for name in ("name", "reason")}
            loaded = desk_forms.load_body(request_schemas.SaveScenario, {**body, **named})
            desk_forms.begin_command(app, context, sent, "scenario", loaded)
            await call_service(app, context, "ranking", "save_scenario", loaded, deadline_s=LONG_S)
            return pages.redirect(pages.with_query(f"{PAGE}/scenarios", {"did": "saved"}))
        loaded = desk_forms.load_body(request_schemas.Recount, body)
        found = await call_service(app, context, "ranking", "recount", loaded, deadline_s=LONG_S)
    except Problem as refused:
        if refused.status >= 500 or refused.status in (401, 403):
            raise
        context.command = ""
        return await _page(app, context, "recount", problem=refused, typed=defaultdict(str, sent), found=None)
    moved = [each["entry"] for each in (*found["enters"], *found["leaves"])]
    return await _page(
        app,
        context,
        "recount",
        typed=defaultdict(str, sent),
        found=found,
        names=entry_names(app, [*moved, *found["dropped"]]),
    )


async def scenarios_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the saved scenarios, each with its author and reason. Raises Problem."""
    found = await call_service(app, context, "ranking", "scenarios", {})
    did = context.request.query_params.get("did", "")
    entries = [entry for each in found["scenarios"] for entry in (*each["enters"], *each["leaves"])]
    return await _page(
        app,
        context,
        "scenarios",
        scenarios=found["scenarios"],
        did=did if did == "saved" else "",
        names=entry_names(app, entries),
    )


async def scenario_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of one scenario, computed again from the same events. Raises Problem."""
    name = context.path["scenario"]
    found = await call_service(app, context, "ranking", "scenario", {"scenario": name}, deadline_s=LONG_S)
    moved = [*found["now"]["enters"], *found["now"]["leaves"]]
    return await _page(
        app,
        context,
        "scenario",
        path=f"{PAGE}/scenarios/{name}",
        saved=found["saved"],
        again=found["now"],
        same=found["same"],
        position=position_text(found["saved"]["cut"]),
        names=entry_names(app, [each["entry"] for each in moved]),
    )


async def methods_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page that compares the score methods, and shows how far judges agree. Raises Problem."""
    problem, found = None, None
    try:
        found = await call_service(app, context, "ranking", "methods", {}, deadline_s=LONG_S)
    except Problem as refused:
        if refused.status >= 500:
            raise
        problem = refused
    entries = list(found["scores"]) if found else []
    return await _page(app, context, "methods", problem=problem, found=found, names=entry_names(app, entries))


async def stability_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of who wins under slightly different rules and judges. Raises Problem."""
    problem, found = None, None
    try:
        found = await call_service(app, context, "ranking", "stability", {}, deadline_s=LONG_S)
    except Problem as refused:
        if refused.status >= 500:
            raise
        problem = refused
    trials = found["trials"] if found else []
    entries = {entry for each in trials for entry in (*each["enters"], *each["leaves"])}
    border = [each["entry"] for each in found["border"]] if found else []
    return await _page(
        app, context, "stability", problem=problem, found=found, names=entry_names(app, [*entries, *border])
    )


async def export_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of exports, with the data dictionary. Raises Problem."""
    return await _page(app, context, "export", dictionary=analysis_exports.dictionary())


async def export_table(app: AppContext, context: RequestContext) -> Response:
    """Return the table as of a moment as a file, or the data dictionary. Raises Problem."""
    name = context.path["file"]
    stem, _, kind = name.rpartition(".")
    if stem not in ("table", "dictionary") or kind not in ("csv", "jsonl"):
        raise Problem("not-found")
    if stem == "dictionary":
        rows, columns = analysis_exports.dictionary(), ["column", "kind", "may_be_empty", "meaning_zh", "meaning"]
    else:
        answer = await _table(app, context, _moment(context.request.query_params, "", context.zone))
        found = table_rows(answer)
        named = entry_names(app, (row["entry"] for row in found))
        kept = ("number", "title", "unit")
        rows = [{**row, **{each: named[row["entry"]][each] for each in kept}} for row in found]
        columns = analysis_exports.columns()
    write, media = (
        (analysis_exports.as_csv, analysis_exports.CSV)
        if kind == "csv"
        else (analysis_exports.as_json_lines, analysis_exports.JSON_LINES)
    )
    headers = {
        "Cache-Control": responses.PRIVATE,
        "Content-Disposition": f'attachment; filename="{name}"',
        **responses.SAFE,
    }
    return Response(write(rows, columns), media_type=media, headers=headers)


def moment_slider(windows: Mapping[str, Mapping[str, int]], as_of: str, now: int, zone: str) -> dict[str, int] | None:
    """Return the ends, the step and the place of the slider over the campaign's time until now, in ms.

    None before the campaign has begun. The slider has some `SLIDER_PLACES`, each at a full minute.
    """
    start = min((each["start"] for each in windows.values()), default=now)
    if now - start < MINUTE_MS:
        return None
    step = max(1, (now - start) // (SLIDER_PLACES * MINUTE_MS)) * MINUTE_MS
    chosen = _instant(as_of, zone) if as_of else now
    place = min(max(chosen, start), now) if isinstance(chosen, int) else now
    return {"start": start, "end": now, "step": step, "place": place}


def _typed_moment(query: Mapping[str, str], zone: str) -> defaultdict[str, str]:
    """Return what was typed, with an instant in ms as the field for times shows it."""
    typed = defaultdict(str, query)
    if typed["as_of"].isdecimal() and isinstance(at := _instant(typed["as_of"], zone), int):
        typed["as_of"] = local_time(at, zone).strftime("%Y-%m-%dT%H:%M")
    return typed


def _instant(text: str, zone: str) -> int | str:
    """Return an instant in ms since the epoch, typed so or as local time; else the text."""
    if text.isascii() and text.isdecimal() and len(text) <= 14:
        return int(text)
    return desk_forms.instant(text, zone)


def _moment(sent: Mapping[str, str], prefix: str, zone: str) -> dict[str, Any]:
    """Return the moment that the fields `<prefix>as_of` and `<prefix>cut` name, the position before the instant.

    A position may also come as one field a log, `<prefix>log.<name>`, as the sliders over the logs send it.
    """
    position, instant = sent.get(f"{prefix}cut", "").strip(), sent.get(f"{prefix}as_of", "").strip()
    slid = f"{prefix}log."
    position = position or ",".join(f"{k.removeprefix(slid)}:{n}" for k, n in sent.items() if k.startswith(slid))
    if position:
        cut = parse_position(position)
        if cut is None:
            raise Problem("invalid", errors={f"{prefix}cut": ["not-a-position"]})
        return {"cut": cut}
    if not instant:
        return {}
    at = _instant(instant, zone)
    if isinstance(at, str):
        raise Problem("invalid", errors={f"{prefix}as_of": ["not-whole"]})
    return {"as_of": at}


async def _table(app: AppContext, context: RequestContext, moment: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ranking as of a moment; while marks are missing now, the table by likes alone."""
    try:
        return await call_service(app, context, "ranking", "table", moment, deadline_s=LONG_S)
    except Problem as refused:
        if refused.code != "marks-missing" or moment:
            raise
    return await call_service(app, context, "ranking", "table", {"as_of": context.at}, deadline_s=LONG_S)


async def _explanation(app: AppContext, context: RequestContext, body: Mapping[str, Any]) -> dict[str, Any]:
    return await call_service(app, context, "ranking", "explanation", body, deadline_s=LONG_S)


async def _page(
    app: AppContext,
    context: RequestContext,
    name: str,
    *,
    path: str = "",
    problem: Problem | None = None,
    **values: Any,
) -> Response:
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    session = context.session
    return await pages.desk_page(
        app,
        context,
        f"staff/analysis/{name}.html",
        path=path or (PAGE if name == "table" else f"{PAGE}/{name}"),
        status=200 if problem is None else problem.status,
        tab=name,
        may_recount=session is not None and bool(session.roles & ANALYSTS),
        problem=None
        if problem is None
        else problems.document(problem, lang=context.lang, request=context.id, zone=context.zone),
        errors=defaultdict(str, errors),
        types=pages.names_of(app, "unit_types", context.lang),
        two_places=two_places,
        with_query=pages.with_query,
        form=form_nonces.new_nonce(),
        **values,
    )


def _get(path: str, about: str, make: Make, *, roles: frozenset[str] = READERS) -> Route:
    return Route(
        method="GET",
        path=path,
        base="",
        roles=roles,
        about=about,
        raw=page(unconflicted(sheddable(make))),
        problems=("shed",),
        shed=Shed.CHART,
    )


ROUTES = (
    Route(
        method="GET",
        path="/ranking/stability",
        roles=READERS,
        about="Get who wins under other methods, conversions, weights and without single judges; unofficial",
        handle=unconflicted(forward("ranking", "stability", deadline_s=LONG_S)),
        answer=response_schemas.Stability,
        problems=codes("campaign-not-open marks-missing shed"),
        shed=Shed.CHART,
    ),
    _get(PAGE, "Page of the ranking as of a moment", table_page),
    _get(f"{PAGE}/compare", "Page that compares the ranking of two moments", compare_page),
    _get(f"{PAGE}/entries/{{entry}}", "Page that explains an entry's place to staff, with its like curve", entry_page),
    _get(f"{PAGE}/entries/{{entry}}/explanation.zip", "Complaint pack: why an entry has its place, as a zip", pack),
    _get(f"{PAGE}/recount", "Form of a recount, which is not official", recount_page, roles=ANALYSTS),
    Route(
        method="POST",
        path=f"{PAGE}/recount",
        base="",
        roles=ANALYSTS,
        about="Recount by form, or save the recount as a scenario",
        raw=page(unconflicted(sheddable(send_recount))),
    ),
    _get(f"{PAGE}/scenarios", "Page of the saved scenarios", scenarios_page, roles=ANALYSTS),
    _get(f"{PAGE}/scenarios/{{scenario}}", "Page of one scenario, computed again", scenario_page, roles=ANALYSTS),
    _get(f"{PAGE}/methods", "Page of score methods and judge statistics", methods_page),
    _get(f"{PAGE}/stability", "Page of who wins under slightly different rules", stability_page),
    _get(f"{PAGE}/export", "Page of exports with their data dictionary", export_page),
    _get(f"{PAGE}/export/{{file}}", "Export the ranking as of a moment, or the data dictionary", export_table),
)
