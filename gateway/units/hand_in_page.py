"""The last step of a unit: one list of everything that is missing, the declaration, and the hand-in itself.

Promises: the list is the service's own check, so that what it lets through is handed in; every line leads to its field.
A form that is sent twice hands in once. What was typed stays whatever the service answers.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page, unit_page
from gateway.http.forms import read_form
from gateway.http.problems import Problem, with_texts
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.units import draft_form, entry_progress, own_entry
from gateway.units.form_page import PATH
from gateway.units.own_entry import OwnEntry
from gateway.units.record_pages import command_id

UNITS = frozenset({UNIT})


async def form(app: AppContext, context: RequestContext) -> Response:
    """Return what is missing, or the declaration and the button. Raises Problem."""
    own = await own_entry.load(app, context, context.path["entry"])
    if own.due is None:
        return pages.redirect("/unit")
    return await _page(app, context, own)


async def hand_in(app: AppContext, context: RequestContext) -> Response:
    """Hand in the draft, and lead to its receipt; if anything is missing, show that. Raises Problem."""
    sent = await read_form(context.request)
    own = await own_entry.load(app, context, context.path["entry"])
    if not sent.get("agree"):
        return await _page(app, context, own, is_not_agreed=True)
    body = {**_content(own), "consent": sent.get("words", "")}
    context.command = command_id(app, context, sent.get("key", ""), body)
    try:
        handed_in = await call_service(app, context, "submission", "hand_in", body)
    except Problem as problem:
        if problem.status >= 500:
            raise
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
        return await _page(app, context, own, errors=errors, status=problem.status)
    return pages.redirect(f"/unit/entries/{handed_in['entry']}/receipts/{handed_in['version']}?new=1")


def _content(own: OwnEntry) -> dict[str, Any]:
    values = draft_form.values_of(own.draft)
    names = ("title", "profile", "text", "themes", "files")
    entry = own.name if own.view is not None else None
    return {**{name: values[name] for name in names}, "h5": values["h5"] or None, "entry": entry}


async def _page(
    app: AppContext,
    context: RequestContext,
    own: OwnEntry,
    *,
    errors: Mapping[str, str] = {},
    is_not_agreed: bool = False,
    status: int = 200,
) -> Response:
    declaration = await call_service(app, context, "submission", "declaration", {})
    body = {**_content(own), "consent": declaration["words"]}
    checked = with_texts(await call_service(app, context, "submission", "missing", body), zone=context.zone)
    labels = own_entry.labels(context.lang)
    problems = [
        {
            "field": field,
            "anchor": _anchor(each, field, own),
            "label": labels[field],
            "text": each.get(context.lang) or each["code"],
        }
        for each in checked["problems"]
        for field in [entry_progress.field_of(each["field"] or "")]
    ]
    return unit_page(
        context,
        "units/hand_in.html",
        path=f"/unit/entries/{context.path['entry']}/hand-in",
        status=422 if is_not_agreed else status,
        entry=context.path["entry"],
        own=own,
        due=own.due,
        blocked=[each for each in problems if not each["field"]],
        missing=[each for each in problems if each["field"]],
        declaration=declaration,
        errors=errors,
        is_not_agreed=is_not_agreed,
        title=draft_form.values_of(own.draft)["title"],
        key=context.id,
    )


def _anchor(problem: Mapping[str, Any], field: str, own: OwnEntry) -> str:
    """Return where in the form a problem is: its field, or the very file."""
    _, _, rest = (problem["field"] or "").partition("/")
    files = draft_form.values_of(own.draft)["files"]
    if field == "files" and rest.isdigit() and int(rest) < len(files):
        return f"file-{files[int(rest)]['sha256']}"
    return field


ROUTES = (
    Route(
        method="GET", path=f"{PATH}/hand-in", base="", roles=UNITS, about="Everything that an entry still lacks, and "
        "the form that hands it in", raw=page(form),
    ),
    Route(
        method="POST", path=f"{PATH}/hand-in", base="", roles=UNITS, about="Hand in an entry by form",
        raw=page(hand_in),
    ),
)  # fmt: skip
