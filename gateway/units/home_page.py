"""The first page of a unit: what is to do now, until when, where the entry stands, receipts and messages.

Promises: likes are shown only as the views show them to the public. Nothing ranks units by how many people liked.
"""

from typing import Any

from starlette.responses import Response

from gateway.html.page import page, unit_page
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.units import draft_form, entry_progress, own_entry
from gateway.units.own_entry import OwnEntry

PATH = "/unit"
ACTIONS = {
    "before": "start", "start": "start", "draft": "go-on", "late": "go-on",
    "returned": "mend", "submitted": "change", "changed": "go-on", "withdrawn": "go-on",
}  # fmt: skip


async def home(app: AppContext, context: RequestContext) -> Response:
    """Return the unit's first page. Raises Problem."""
    unit = await call_service(app, context, "submission", "roll_unit", {"unit": context.actor})
    own = await own_entry.load(app, context)
    values = draft_form.values_of(own.draft)
    is_changed = bool(own.draft["unsent"]) if own.draft["version"] else bool(own.draft["fields"])
    todo = entry_progress.todo(
        own.status,
        may_hand_in=own.may_hand_in,
        closes_by=own.due.by if own.due else "",
        is_changed=is_changed,
        is_before=own.is_before,
    )
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
        steps=own.steps,
        due=own.due,
        saved_at=own.draft["at"] if own.draft["unsent"] else None,
        messages=_messages(own),
        likes=await _likes(app, own),
    )


def _messages(own: OwnEntry) -> list[entry_progress.Message]:
    return [] if own.view is None else entry_progress.messages(own.view, shortlisted=own.is_shortlisted)


async def _likes(app: AppContext, own: OwnEntry) -> dict[str, Any] | None:
    """Return the entry's likes as the public's table has them; None before they concern it."""
    if not own.is_shortlisted:
        return None
    rows = app.views.data("board").get("types", {}).get(own.row["type"], ())
    found: dict[str, Any] = next((each for each in rows if each["entry"] == own.name), {})
    return {"count": found.get("likes"), "is_shown": found.get("likes") is not None}


def require_handed_in(own: OwnEntry) -> dict[str, Any]:
    """Return submission's view of an entry that was handed in. Raises Problem if it never was."""
    if own.view is None:
        raise Problem("entry-unknown")
    return dict(own.view)


ROUTES = (
    Route(
        method="GET",
        path=PATH,
        base="",
        roles=frozenset({UNIT}),
        about="First page of a unit: what is to do, until when, and where its entry stands",
        raw=page(home),
    ),
)
