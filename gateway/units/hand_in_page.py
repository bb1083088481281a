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
from gateway.http.problems import Problem, document, with_texts
from gateway.http.reference_numbers import format_number
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.units import draft_form, entry_progress, own_entry
from gateway.units.form_commands import command_id
from gateway.units.form_page import MANAGED, PATH
from gateway.units.own_entry import OwnEntry

UNITS = frozenset({UNIT})


async def form(app: AppContext, context: RequestContext) -> Response:
    """Return what is missing, or the declaration and the button. Raises Problem."""
    own = await own_entry.load(app, context)
    if own.due is None:
        return pages.redirect("/unit")
    return await _page(app, context, own)


async def hand_in(app: AppContext, context: RequestContext) -> Response:
    """Accept the declarations, hand in the draft as it was shown, and lead to its receipt.

    If anything is missing, or if somebody has changed the draft since, show that instead. Raises Problem.
    """
    sent = await read_form(context.request)
    own = await own_entry.load(app, context)
    if own.view is not None and not own.draft["unsent"]:  # the form was sent before
        return _receipt(own.name, own.draft["version"])
    if sent.get("revision") != str(own.draft["revision"]) or sent.get("entry", own.name) != own.name:
        return await _page(app, context, own, is_overtaken=True, status=409)
    declaration = await call_service(app, context, "submission", "declaration", {})
    accepted = {f"declare.{each['kind']}": each["words"] for each in declaration["parts"]}
    if any(sent.get(name) != words for name, words in accepted.items()):
        return await _page(app, context, own, accepted=sent, is_not_agreed=True, status=422)
    body = {**own.place.body, "revision": own.draft["revision"]}
    try:
        change = {**body, "fields": accepted, "device": "", "sequence": 0}
        after = await call_service(app, context, "submission", "change_draft", change)
        is_new = any(_value(own, name) != words for name, words in accepted.items())
        if after["revision"] != own.draft["revision"] + is_new:  # somebody has changed it in this very moment
            return await _page(app, context, await own_entry.load(app, context), is_overtaken=True, status=409)
        content = {**own.place.body, "revision": after["revision"]}
        context.command = command_id(app, context, sent.get("key", ""), content)
        handed_in = await call_service(app, context, "submission", "hand_in_draft", content)
    except Problem as problem:
        if problem.status >= 500:
            raise
        own = await own_entry.load(app, context)
        texts = document(problem, lang=context.lang, request=context.id, zone=context.zone)
        error = texts["detail"] or texts["title"]
        return await _page(app, context, own, accepted=sent, error=error, status=problem.status)
    if own.place.managed:
        return _managed_receipt(context, own, handed_in)
    return _receipt(handed_in["entry"], handed_in["version"])


def _value(own: OwnEntry, name: str) -> Any:
    return own.draft["fields"].get(name, {}).get("value")


def _managed_receipt(context: RequestContext, own: OwnEntry, handed_in: Mapping[str, Any]) -> Response:
    """Return the receipt to the one who typed for the unit; later the unit alone reads it."""
    return unit_page(
        context,
        "units/managed_receipt.html",
        path="/unit",
        title=draft_form.values_of(own.draft)["title"],
        unit=own.place.managed,
        version=handed_in["version"],
        receipt=format_number(handed_in["receipt"]),
        at=handed_in["at"],
        digest=handed_in["digest"],
    )


def _receipt(entry: str, version: int) -> Response:
    return pages.redirect(f"/unit/entries/{entry}/receipts/{version}?new=1")


async def _page(
    app: AppContext,
    context: RequestContext,
    own: OwnEntry,
    *,
    accepted: Mapping[str, str] = {},
    error: str = "",
    is_not_agreed: bool = False,
    is_overtaken: bool = False,
    status: int = 200,
) -> Response:
    """Return what is missing, or the declarations with the button.

    Declarations are accepted on this page, so that the list names them only together with the rest that is missing.
    """
    declaration = await call_service(app, context, "submission", "declaration", {})
    checked = await call_service(app, context, "submission", "check_draft", own.place.body)
    problems = [
        {
            "field": field,
            "anchor": _anchor(each["field"] or "", field, own),
            "label": own_entry.labels(context.lang)[field],
            "text": each.get(context.lang) or each["code"],
        }
        for each in with_texts(checked, zone=context.zone)["problems"]
        for field in [entry_progress.field_of(each["field"] or "")]
    ]
    return unit_page(
        context,
        "units/hand_in.html",
        path=f"{own.place.path}/hand-in",
        status=status,
        own=own,
        due=own.due,
        blocked=[each for each in problems if not each["field"]],
        missing=[each for each in problems if each["field"] not in ("", "declare")],
        without_captions=_without_captions(own),
        declarations=declaration["parts"],
        accepted=accepted,
        error=error,
        is_not_agreed=is_not_agreed,
        is_overtaken=is_overtaken,
        title=draft_form.values_of(own.draft)["title"],
        revision=checked["revision"],
        key=context.id,
    )


def _without_captions(own: OwnEntry) -> list[dict[str, str]]:
    """Return the films of the draft that have no captions, by hash and name."""
    values, facts = draft_form.values_of(own.draft), own.draft["files"]
    return [
        {"sha256": each["sha256"], "name": each.get("name") or each["sha256"][:8]}
        for each in values["files"]
        if facts.get(each["sha256"], {}).get("kind") == "video" and not values.get(f"subtitles.{each['sha256']}")
    ]


def _anchor(place: str, field: str, own: OwnEntry) -> str:
    """Return where in the form a problem is: its field, or the very file."""
    if field != "files":
        return field
    files = [each["sha256"] for each in draft_form.values_of(own.draft)["files"]]
    rest = place.replace(".", "/").split("/")[1:2]
    found = files[int(rest[0])] if rest and rest[0].isdigit() and int(rest[0]) < len(files) else "".join(rest)
    return f"file-{found}" if found in files else field


ROUTES = tuple(
    Route(method=method, path=f"{path}/hand-in", base="", roles=UNITS, about=about + whose, raw=page(handle))
    for path, whose in ((PATH, ""), (MANAGED, ", for the one who types it"))
    for method, about, handle in (
        ("GET", "Everything that an entry still lacks, and the form that hands it in", form),
        ("POST", "Hand in an entry by form", hand_in),
    )
)
