"""Pages of the roll, the list of units that may take part: import with its difference, export, invitations.

Promises: nothing is imported but the difference that the page has shown; every row with a fault is named with its row,
column and reason. Pages work without scripts.
"""

import asyncio
import base64
import binascii
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from gateway.html.page import desk_page, field_errors, names_of, page, private_page, redirect, render
from gateway.html.qr_code import qr_svg
from gateway.http import request_schemas, response_schemas, responses
from gateway.http.forms import read_file_form, read_form
from gateway.http.limits import ROLL_BYTES
from gateway.http.problems import Problem, with_texts
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.pipeline import CSV, XLSX, table_file
from gateway.routing.route import AUDITOR, MODERATOR, OPERATOR, ORGANISER, Handler, RequestContext, Route
from gateway.routing.service_calls import LONG_S, call_service, forward
from gateway.staff import roll_export
from gateway.staff.unit_accounts import PAGE as JOIN
from gateway.staff.unit_accounts import remove_cadre
from gateway.units.form_commands import command_id

PATH = "/organiser/roll"
ORGANISERS = frozenset({ORGANISER, OPERATOR})
SHOWN = 200  # rows of each list on the page; the file itself has all


async def roll(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the roll in force: its counts, the forms for a file, export and invitations."""
    return await _page(app, context)


async def check(app: AppContext, context: RequestContext) -> Response:
    """Read the file that the form sent, and return what importing it would change, or every fault in it."""
    fields, files = await read_file_form(context.request, limit=ROLL_BYTES + 64 * 1024)
    file = files.get("file", b"")
    if not file:
        return await _page(app, context, is_file_missing=True)
    gone = "keep" if fields.get("gone") == "keep" else "remove"
    return await _checked(app, context, file, gone)


async def send_import(app: AppContext, context: RequestContext) -> Response:
    """Import the file whose difference was confirmed; show the difference again if it is another by now."""
    sent = await read_form(context.request, limit=2 * ROLL_BYTES)
    try:
        file = base64.b64decode(sent.get("file", ""), validate=True)
    except binascii.Error as problem:
        raise Problem("text-broken") from problem
    gone, confirm = ("keep" if sent.get("gone") == "keep" else "remove"), sent.get("confirm", "")
    context.command = command_id(app, context, confirm, [gone, confirm])
    body = {**table_file(file), "gone": gone, "confirm": confirm}
    try:
        await call_service(app, context, "submission", "import_roll", body, deadline_s=2 * LONG_S)
    except Problem as problem:
        if problem.code not in ("roll-difference-differs", "roll-broken"):
            raise
        return await _checked(app, context, file, gone, is_new=True)
    return redirect(f"{PATH}?done=1")


def export(write: Callable[..., bytes], kind: str) -> Handler:
    """Return the handler that answers the roll in force as a file of this kind. It raises Problem."""

    async def handle(app: AppContext, context: RequestContext) -> Response:
        found = await call_service(app, context, "submission", "whole_roll", {}, deadline_s=LONG_S)
        body = await asyncio.to_thread(write, found["units"], names_of(app, "unit_types", "zh"))
        name = context.route.path.rpartition("/")[2]
        headers = {
            "Cache-Control": responses.PRIVATE,
            "Content-Disposition": f'attachment; filename="{name}"',
            **responses.SAFE,
        }
        return Response(body, media_type=kind, headers=headers)

    return handle


async def invitations(app: AppContext, context: RequestContext) -> Response:
    """Return the page of open invitations."""
    return await _invitations_page(app, context)


async def send_invitations(app: AppContext, context: RequestContext) -> Response:
    """Issue invitations: for one unit that the form names, or for all that nobody can sign in for. Raises Problem."""
    sent = await read_form(context.request)
    unit = sent.get("unit", "").strip()
    context.command = command_id(app, context, sent.get("form", ""), [unit])
    body = {"units": [unit]} if unit else {}
    try:
        issued = await call_service(app, context, "submission", "invite_units", body, deadline_s=2 * LONG_S)
    except Problem as problem:
        if problem.code not in ("unit-unknown", "level-not-eligible", "cadres-full"):
            raise
        return await _invitations_page(app, context, problem=problem)
    return await _invitations_page(app, context, issued=issued["issued"])


async def sheet(app: AppContext, context: RequestContext) -> Response:
    """Return all open invitations as a page to print and cut: one card a unit, with its QR code."""
    found = await call_service(app, context, "submission", "open_invitations", {})
    base = public_urls.base(app, context.request)
    cards = [
        _card(each, public_urls.page(base, f"{JOIN}/{each['unit']}/{each['invitation']}"))
        for each in found["invitations"]
    ]
    body = render("staff/invitation_sheet.html", context, path=f"{PATH}/invitations/sheet", cards=cards)
    return private_page(context, body)


def _card(invitation: dict[str, Any], address: str) -> dict[str, Any]:
    groups = " ".join(invitation["invitation"][i : i + 4] for i in range(0, len(invitation["invitation"]), 4))
    return {**invitation, "address": address, "svg": qr_svg(address), "groups": groups}


async def _checked(
    app: AppContext, context: RequestContext, file: bytes, gone: str, *, is_new: bool = False
) -> Response:
    try:
        seen = await call_service(
            app, context, "submission", "compare_roll", {**table_file(file), "gone": gone}, deadline_s=LONG_S
        )
    except Problem as problem:
        if problem.code != "roll-broken":
            raise
        return await _page(app, context, faults=with_texts(problem.facts, zone=context.zone), status=problem.status)
    texts = {
        "types": names_of(app, "unit_types", context.lang),
        "seen": seen,
        "file": base64.b64encode(file).decode(),
        "gone": gone,
        "is_new": is_new,
        "shown": SHOWN,
    }
    return await desk_page(app, context, "staff/roll_difference.html", path=PATH, **texts)


async def _page(
    app: AppContext,
    context: RequestContext,
    *,
    faults: dict[str, Any] | None = None,
    is_file_missing: bool = False,
    status: int = 200,
) -> Response:
    counts = await call_service(app, context, "submission", "roll_counts", {})
    is_done = "done" in context.request.query_params
    response = await desk_page(
        app,
        context,
        "staff/roll.html",
        path=PATH,
        counts=counts,
        faults=faults,
        is_file_missing=is_file_missing,
        is_done=is_done,
        types=app.views.data("campaign").get("unit_types", ()),
        may_import=bool(context.session and context.session.roles & ORGANISERS),
    )
    response.status_code = 422 if is_file_missing else status
    return response


async def _invitations_page(
    app: AppContext, context: RequestContext, *, issued: int | None = None, problem: Problem | None = None
) -> Response:
    found, counts = await asyncio.gather(
        call_service(app, context, "submission", "open_invitations", {}),
        call_service(app, context, "submission", "roll_counts", {}),
    )
    response = await desk_page(
        app,
        context,
        "staff/invitations.html",
        path=f"{PATH}/invitations",
        invitations=found["invitations"],
        counts=counts,
        issued=issued,
        error=" ".join(field_errors(problem, context.lang, zone=context.zone).values()) if problem is not None else "",
        form=context.id,
        shown=SHOWN,
    )
    response.status_code = problem.status if problem is not None else 200
    return response


ROUTES = (
    *(
        Route(
            method="GET",
            path=path,
            roles=ORGANISERS | {AUDITOR, MODERATOR},
            about=f"Get the roll in force as {what} that can be imported again",
            handle=export(write, kind),
            answer_type=kind,
        )
        for path, what, write, kind in (
            ("/roll/roll.csv", "CSV", roll_export.as_csv, CSV),
            ("/roll/roll.xlsx", "a workbook", roll_export.as_xlsx, XLSX),
        )
    ),
    Route(
        method="POST",
        path="/invitations",
        roles=ORGANISERS,
        about="Issue invitations, each of which opens one cadre's account, for units named or for all without a cadre",
        handle=forward("submission", "invite_units", deadline_s=LONG_S * 2),
        security_event="credentials-changed",
        command=True,
        body=request_schemas.Invitations,
        answer=response_schemas.InvitationsIssued,
        problems=("campaign-not-open", "unit-unknown", "level-not-eligible", "cadres-full"),
    ),
    Route(
        method="GET",
        path="/invitations",
        roles=ORGANISERS,
        about="List the open invitations with their texts",
        handle=forward("submission", "open_invitations"),
        answer=response_schemas.Invitations,
    ),
    Route(
        method="GET",
        path="/cadres",
        roles=ORGANISERS,
        about="List the cadres of a unit who have an account",
        handle=forward("submission", "cadres"),
        query=request_schemas.Cadres,
        answer=response_schemas.Cadres,
        problems=("unit-unknown",),
    ),
    Route(
        method="DELETE",
        path="/cadres/{cadre}",
        roles=ORGANISERS,
        about="Close the account of a unit's cadre",
        handle=remove_cadre,
        security_event="credentials-changed",
        command=True,
        answer=response_schemas.CadreRemoved,
        problems=("cadre-unknown",),
    ),
    Route(
        method="GET",
        path=PATH,
        base="",
        roles=ORGANISERS | {AUDITOR},
        about="Page of the roll in force",
        raw=page(roll),
    ),
    Route(
        method="POST",
        path=PATH,
        base="",
        roles=ORGANISERS,
        about="Compare a roll file with the roll in force, by form",
        raw=page(check),
    ),
    Route(
        method="POST",
        path=f"{PATH}/import",
        base="",
        roles=ORGANISERS,
        about="Import a roll whose difference was confirmed, by form",
        raw=page(send_import),
    ),
    Route(
        method="GET",
        path=f"{PATH}/invitations",
        base="",
        roles=ORGANISERS,
        about="Page of the open invitations",
        raw=page(invitations),
    ),
    Route(
        method="POST",
        path=f"{PATH}/invitations",
        base="",
        roles=ORGANISERS,
        about="Issue invitations by form",
        raw=page(send_invitations),
    ),
    Route(
        method="GET",
        path=f"{PATH}/invitations/sheet",
        base="",
        roles=ORGANISERS,
        about="Open invitations with QR codes, to be printed",
        raw=page(sheet),
    ),
)
