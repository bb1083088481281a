"""The first page of a unit: what is to do now, until when, where the entry stands, receipts and messages.

Promises: likes are shown only as the views show them to the public. Nothing ranks units by how many people liked.
"""

from typing import Any

from starlette.responses import Response

from gateway.html.page import page, redirect, unit_page
from gateway.http.forms import read_form
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.units import draft_form, entry_progress, own_entry
from gateway.units.form_commands import command_id
from gateway.units.own_entry import OwnEntry

PATH = "/unit"
ACTIONS = {
    "before": "start", "start": "start", "draft": "go-on", "late": "go-on",
    "returned": "mend", "submitted": "change", "changed": "go-on",
}  # fmt: skip


async def home(app: AppContext, context: RequestContext) -> Response:
    """Return the unit's first page. Raises Problem."""
    unit = await call_service(app, context, "submission", "roll_unit", {"unit": context.actor})
    own = await own_entry.load(app, context)
    values = draft_form.values_of(own.draft)
    todo = entry_progress.todo(
        own.status,
        may_hand_in=own.may_hand_in,
        closes_by=own.due.by if own.due else "",
        is_changed=own.is_changed,
        is_before=own.is_before,
    )
    messages = [{**each, "key": entry_progress.message_key(each)} for each in own.progress["messages"]]
    return unit_page(
        context,
        "units/home.html",
        path=PATH,
        unit=unit,
        type_name=own_entry.type_name(app, context, unit["type"]),
        own=own,
        entry=own.name if own.view else own_entry.NEW,
        title=values["title"].strip(),
        todo=todo,
        action=ACTIONS.get(todo, ""),
        remarks=own_entry.returned_remarks(own, context.lang),
        progress=own.progress,
        due=own.due,
        saved_at=own.draft["at"] if own.draft["unsent"] else None,
        messages=messages,
        receipts=[each for each in messages if each["key"] == "handed-in"],
        managed=await _managed(app, context),
        types=own_entry.type_names(app, context),
        likes=_likes(app, own),
        outcome=_outcome(app, own),
        is_published=bool(app.views.data("result").get("published")),
        letters=(await call_service(app, context, "moderation", "unit_letters", {}))["letters"],
        key=context.id,
    )


async def _managed(app: AppContext, context: RequestContext) -> list[dict[str, Any]]:
    """Return the units for which this unit types their entries."""
    found: list[dict[str, Any]] = (await call_service(app, context, "submission", "managed_units", {}))["units"]
    return found


def _likes(app: AppContext, own: OwnEntry) -> dict[str, Any] | None:
    """Return the entry's likes as the public's table has them; None before they concern it."""
    if own.row.get("state") != "shortlisted":
        return None
    rows = app.views.data("board").get("types", {}).get(own.row["type"], ())
    found: dict[str, Any] = next((each for each in rows if each["entry"] == own.name), {})
    return {"count": found.get("likes"), "is_shown": found.get("likes") is not None}


def _outcome(app: AppContext, own: OwnEntry) -> dict[str, Any] | None:
    """Return what the published result says of a judged entry, and whether it is final; None before, or if it was not
    judged.
    """
    result = app.views.data("result")
    if not result.get("published") or not own.row.get("judged"):
        return None
    won: dict[str, Any] | None = next((each for each in result["winners"] if each["entry"] == own.name), None)
    return {"place": won["place"] if won else None, "has_won": bool(won), "is_final": bool(result.get("is_final"))}


async def claim(app: AppContext, context: RequestContext) -> Response:
    """Take over the entry from whoever typed it for the unit, and lead to its form. Raises Problem."""
    sent = await read_form(context.request)
    context.command = command_id(app, context, sent.get("key", ""), [])
    await call_service(app, context, "submission", "claim_unit", {})
    return redirect("/unit/entries/new")


ROUTES = (
    Route(
        method="GET",
        path=PATH,
        base="",
        roles=frozenset({UNIT}),
        about="First page of a unit: what is to do, until when, and where its entry stands",
        raw=page(home),
    ),
    Route(
        method="POST",
        path=f"{PATH}/claim",
        base="",
        roles=frozenset({UNIT}),
        about="Take over the unit's entry by form from whoever typed it",
        raw=page(claim),
    ),
)
