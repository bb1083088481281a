"""Change sets, as API and as pages: corrections that are previewed together, and then applied or dropped as one.

Promises: nothing is applied but what a preview has shown: the gateway has ranking compute it again, with its seal, and
moderation refuses a digest that is another by then. Nothing is preselected; pages work without scripts.
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
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, OPERATOR, ORGANISER, RequestContext, Route, codes
from gateway.routing.service_calls import LONG_S, call_service, forward
from gateway.staff import desk_forms
from gateway.staff.conflicts import is_conflicted
from gateway.staff.entry_names import entry_id, entry_names

PAGE = "/organiser/changes"
ORGANISERS = frozenset({ORGANISER})
READERS = ORGANISERS | {AUDITOR, OPERATOR}
KINDS = ("type", "disqualification", "mark", "likes")
FIRST_ROWS, MOST_ROWS, MOST_FIELDS = 3, 30, 260
LIMIT_BYTES = 1 << 20
PROPOSAL_PROBLEMS = codes(
    "campaign-not-open changes-empty reason-missing changes-contradict entry-unknown entry-disqualified type-unknown"
    " correction-unchanged judge-unknown like-unknown evidence-missing"
)
APPLICATION_PROBLEMS = codes(
    "changes-unknown changes-settled second-person-needed preview-outdated changes-unsound entry-disqualified"
    " type-unknown correction-unchanged campaign-not-open"
)
_SEALED = ("digest", "applied", "sound", "seal")


# API


async def propose(app: AppContext, context: RequestContext) -> Response:
    """Propose a change set; entries may be named by poster numbers. Raises Problem."""
    return responses.command(await _propose(app, context, context.body), status=context.route.status)


async def preview(app: AppContext, context: RequestContext) -> Response:
    """Return what a change set would do if it were applied now. Raises Problem."""
    return responses.read(context.request, await _preview(app, context, context.path["changes"]))


async def apply(app: AppContext, context: RequestContext) -> Response:
    """Apply a change set as it was previewed. Raises Problem."""
    return responses.command(await _apply(app, context, context.body["digest"]), status=context.route.status)


async def _propose(app: AppContext, context: RequestContext, body: Mapping[str, Any]) -> dict[str, Any]:
    named = [{**each, "entry": entry_id(app, each["entry"])} for each in body["corrections"]]
    return await call_service(app, context, "moderation", "propose_changes", {**body, "corrections": named})


async def _preview(app: AppContext, context: RequestContext, changes: str) -> dict[str, Any]:
    seen = await call_service(app, context, "ranking", "preview_changes", {"changes": changes}, deadline_s=LONG_S)
    found = problems.with_texts({"problems": seen["obstacles"]}, zone=context.zone)["problems"]
    return {**seen, "obstacles": found}


async def _apply(app: AppContext, context: RequestContext, digest: str) -> dict[str, Any]:
    changes = context.path["changes"]
    now = await call_service(app, context, "ranking", "preview_changes", {"changes": changes}, deadline_s=LONG_S)
    body = {"changes": changes, "digest": digest, "preview": {name: now[name] for name in _SEALED}}
    return await call_service(app, context, "moderation", "apply_changes", body)


# Pages


async def list_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of all change sets, with the form for a new one, and the likes that are held. Raises Problem.

    With `held` in the address, the id of an entry, the form begins with the entry's held likes, to be void.
    """
    held, wanted = await _held(app, context), context.request.query_params.get("held", "")
    chosen = [each for each in held if each["entry"] == wanted]
    typed = {}
    if chosen:
        number = entry_names(app, [wanted])[wanted]["number"] or wanted
        typed = {"0-kind": "likes", "0-entry": number, "0-likes": "\n".join(chosen[0]["likes"])}
    return await _list_page(app, context, typed, held=held)


async def _held(app: AppContext, context: RequestContext) -> list[dict[str, Any]]:
    """Return the held likes by entry to an organiser, who may void them; nothing to others, nor to whoever is or was a
    judge. Raises Problem.
    """
    if context.session is None or ORGANISER not in context.session.roles or is_conflicted(app, context):
        return []
    found = await call_service(app, context, "ranking", "held_likes", {}, deadline_s=LONG_S)
    entries: list[dict[str, Any]] = found["entries"]
    return entries


async def send_proposal(app: AppContext, context: RequestContext) -> Response:
    """Propose the change set of a form, or give the form more rows; show it again if it is refused. Raises Problem."""
    sent = await read_form(context.request, limit=LIMIT_BYTES, most_fields=MOST_FIELDS)
    rows = _rows_of(sent)
    if sent.get("do") == "more":
        return await _list_page(app, context, sent, rows=min(MOST_ROWS, len(rows) + FIRST_ROWS))
    filled = [(index, row) for index, row in enumerate(rows) if any(row.values())]
    body = {"reason": sent.get("reason", "").strip(), "corrections": [_correction(row) for _, row in filled]}
    try:
        loaded = desk_forms.load_body(request_schemas.ChangeSet, body)
        desk_forms.begin_command(app, context, sent, "changes", loaded)
        proposed = await _propose(app, context, loaded)
    except Problem as problem:
        desk_forms.require_mendable(context, problem)
        return await _list_page(app, context, sent, rows=len(rows), problem=problem, places=[i for i, _ in filled])
    return pages.redirect(f"{PAGE}/{proposed['changes']}")


async def set_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of one change set: what it would do now, and how to apply or drop it. Raises Problem."""
    return await _set_page(app, context)


async def send_application(app: AppContext, context: RequestContext) -> Response:
    """Apply a change set by form; show what it does now, with the reason, if that is refused. Raises Problem."""
    sent = await read_form(context.request)
    try:
        loaded = desk_forms.load_body(request_schemas.ChangeSetApplication, {"digest": sent.get("digest", "")})
        desk_forms.begin_command(app, context, sent, "apply", loaded)
        await _apply(app, context, loaded["digest"])
    except Problem as problem:
        return await _refused(app, context, problem)
    return pages.redirect(f"{PAGE}/{context.path['changes']}?did=applied")


async def send_dropping(app: AppContext, context: RequestContext) -> Response:
    """Drop a change set by form. Raises Problem."""
    sent = await read_form(context.request)
    try:
        loaded = desk_forms.load_body(request_schemas.Dropping, {"words": sent.get("words", "").strip()})
        desk_forms.begin_command(app, context, sent, "drop", loaded)
        await call_service(app, context, "moderation", "drop_changes", {**loaded, **context.path})
    except Problem as problem:
        return await _refused(app, context, problem)
    return pages.redirect(f"{PAGE}/{context.path['changes']}?did=dropped")


async def _refused(app: AppContext, context: RequestContext, problem: Problem) -> Response:
    desk_forms.require_mendable(context, problem)
    return await _set_page(app, context, problem=problem)


def _rows_of(sent: Mapping[str, str]) -> list[dict[str, str]]:
    names = ("kind", "entry", "type", "judge", "likes", "reason", "evidence")
    most = max((int(name.partition("-")[0]) for name in sent if name.partition("-")[0].isdecimal()), default=-1)
    rows = [{name: sent.get(f"{i}-{name}", "").strip() for name in names} for i in range(min(most + 1, MOST_ROWS))]
    return rows or [dict.fromkeys(names, "")] * FIRST_ROWS


def _correction(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a correction as the API takes it; what belongs to another kind and was left empty is left out."""
    found: dict[str, Any] = {name: row[name] for name in ("kind", "entry", "reason") if row[name]}
    found |= {name: row[name] for name in ("type", "judge", "evidence") if row[name]}
    if row["likes"]:
        found["likes"] = row["likes"].split()
    return found


async def _list_page(
    app: AppContext,
    context: RequestContext,
    sent: Mapping[str, str],
    *,
    rows: int = FIRST_ROWS,
    problem: Problem | None = None,
    places: list[int] | None = None,
    held: list[dict[str, Any]] | None = None,
) -> Response:
    found = await call_service(app, context, "moderation", "change_sets", {})
    held = await _held(app, context) if held is None else held
    named = {each["entry"] for one in found["sets"] for each in one["corrections"]} | {each["entry"] for each in held}
    session = context.session
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return await pages.desk_page(
        app,
        context,
        "staff/analysis/changes.html",
        path=PAGE,
        status=200 if problem is None else problem.status,
        sets=found["sets"],
        names=entry_names(app, named),
        held=held,
        may_propose=session is not None and ORGANISER in session.roles,
        rows=rows,
        typed=defaultdict(str, sent),
        errors=defaultdict(str, _at_rows(errors, places or [])),
        problem=_document(problem, context),
        kinds=KINDS,
        types=pages.names_of(app, "unit_types", context.lang),
        form=form_nonces.new_nonce(),
    )


def _at_rows(errors: Mapping[str, str], places: list[int]) -> dict[str, str]:
    """Return the errors under the names of the form's fields; empty rows of the form are no corrections."""
    found = {}
    for name, text in errors.items():
        parts = name.split("/")
        if parts[0] == "corrections" and len(parts) > 1 and parts[1].isdecimal() and int(parts[1]) < len(places):
            found[f"{places[int(parts[1])]}-{parts[2] if len(parts) > 2 else 'entry'}"] = text
        else:
            found[name] = text
    return found


async def _set_page(app: AppContext, context: RequestContext, *, problem: Problem | None = None) -> Response:
    changes, session = context.path["changes"], context.session
    found = await call_service(app, context, "moderation", "change_set", {"changes": changes})
    is_open, seen = found["state"] == "open", None
    if is_open:
        seen = await _preview(app, context, changes)
    entries = {each["entry"] for each in found["corrections"]} | {
        each["entry"] for each in (seen or {}).get("rows", ())
    }
    did = context.request.query_params.get("did", "")
    may = session is not None and ORGANISER in session.roles
    return await pages.desk_page(
        app,
        context,
        "staff/analysis/change_set.html",
        path=f"{PAGE}/{changes}",
        status=200 if problem is None else problem.status,
        found=found,
        seen=seen,
        names=entry_names(app, entries),
        is_open=is_open,
        may_drop=may and is_open,
        may_apply=may and is_open and not (found["two_persons"] and found["by"] == context.actor),
        did=did if did in ("applied", "dropped") else "",
        types=dict(pages.names_of(app, "unit_types", context.lang)),
        problem=_document(problem, context),
        form=form_nonces.new_nonce(),
    )


def _document(problem: Problem | None, context: RequestContext) -> dict[str, Any] | None:
    if problem is None:
        return None
    return problems.document(problem, lang=context.lang, request=context.id, zone=context.zone)


ROUTES = (
    Route(
        method="POST",
        path="/changes",
        roles=ORGANISERS,
        about="Put corrections together as a change set, which changes nothing before it is applied",
        handle=propose,
        command=True,
        body=request_schemas.ChangeSet,
        answer=response_schemas.ChangeSetProposed,
        problems=PROPOSAL_PROBLEMS,
        limit_bytes=LIMIT_BYTES,
    ),
    Route(
        method="GET",
        path="/changes",
        roles=READERS,
        about="List the change sets, the newest first",
        handle=forward("moderation", "change_sets"),
        answer=response_schemas.ChangeSets,
    ),
    Route(
        method="GET",
        path="/changes/{changes}",
        roles=READERS,
        about="Get a change set and what became of it",
        handle=forward("moderation", "change_set"),
        answer=response_schemas.ChangeSet,
        problems=("changes-unknown",),
    ),
    Route(
        method="GET",
        path="/changes/{changes}/preview",
        roles=READERS,
        about="Preview who enters and leaves the winners, and what else changes, if a change set were applied now",
        handle=preview,
        answer=response_schemas.ChangePreview,
        problems=("changes-unknown",),
    ),
    Route(
        method="POST",
        path="/changes/{changes}/application",
        roles=ORGANISERS,
        about="Apply a change set as it was previewed: all of its corrections, in one commit",
        handle=apply,
        command=True,
        step_up=True,
        body=request_schemas.ChangeSetApplication,
        answer=response_schemas.ChangeSetApplied,
        problems=APPLICATION_PROBLEMS,
    ),
    Route(
        method="POST",
        path="/changes/{changes}/drop",
        roles=ORGANISERS,
        about="Drop a change set, with words",
        handle=forward("moderation", "drop_changes"),
        command=True,
        body=request_schemas.Dropping,
        answer=response_schemas.ChangeSetProposed,
        problems=("changes-unknown", "changes-settled", "words-missing"),
    ),
    Route(method="GET", path=PAGE, base="", roles=READERS, about="Page of change sets", raw=page(list_page)),
    Route(
        method="POST",
        path=PAGE,
        base="",
        roles=ORGANISERS,
        about="Propose a change set by form",
        raw=page(send_proposal),
    ),
    Route(
        method="GET",
        path=f"{PAGE}/{{changes}}",
        base="",
        roles=READERS,
        about="Page of one change set, with what it would do now",
        raw=page(set_page),
    ),
    Route(
        method="POST",
        path=f"{PAGE}/{{changes}}/apply",
        base="",
        roles=ORGANISERS,
        about="Apply a change set by form",
        step_up=True,
        raw=page(send_application),
    ),
    Route(
        method="POST",
        path=f"{PAGE}/{{changes}}/drop",
        base="",
        roles=ORGANISERS,
        about="Drop a change set by form",
        raw=page(send_dropping),
    ),
)
