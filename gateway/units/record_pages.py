"""Pages about a unit's entry besides the form: preview, receipts, versions side by side, withdrawal, poster.

Promises: a preview shows only what the public would see, and only to the unit. A poster counts nothing and promises
nothing for sharing. What was handed in is shown as it was, whatever was changed later.
"""

import base64
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.download import zip_file
from gateway.html.page import page, say_in, unit_page
from gateway.html.players import players
from gateway.html.qr_code import qr_svg
from gateway.http import film_captions
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.http.reference_numbers import format_number
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route
from gateway.routing.service_calls import LONG_S, call_service
from gateway.units import draft_form, own_entry
from gateway.units.form_commands import command_id
from gateway.units.form_page import MANAGED, PATH
from gateway.units.own_entry import OwnEntry
from shared.subtitles import vtt_form
from shared.web_links import is_public_https

UNITS = frozenset({UNIT})
REASON_CHARS = 2_000


async def pack(app: AppContext, context: RequestContext) -> Response:
    """Return the zip that explains the entry's place in the published result. Raises Problem."""
    own = await own_entry.load(app, context)
    if not app.views.data("result").get("published"):
        raise Problem("result-not-published")
    found = await call_service(app, context, "ranking", "complaint_pack", {"entry": own.name}, deadline_s=LONG_S)
    return zip_file(base64.b64decode(found["zip"]), found["name"])


async def preview(app: AppContext, context: RequestContext) -> Response:
    """Return the entry as the public would see it, with the values of the draft. Raises Problem."""
    own = await own_entry.load(app, context)
    unit = await own_entry.unit_facts(app, context, own)
    values = draft_form.values_of(own.draft)
    facts = own.draft["files"]
    files = [
        {"kind": "picture", "width": 0, "height": 0, **facts.get(each["sha256"], {}), **each}
        for each in values["files"]
    ]
    names = own_entry.theme_names(app, context)
    return unit_page(
        context,
        "units/preview.html",
        path=f"{own.place.path}/preview",
        own=own,
        may_change=own.due is not None,
        unit=unit,
        type_name=own_entry.type_name(app, context, unit["type"]),
        values=values,
        link=values["h5"].strip() if is_public_https(values["h5"].strip()) else "",
        themes=[names.get(each, each) for each in values["themes"]],
        files={kind: [each for each in files if each["kind"] == kind] for kind in ("picture", "video", "audio")},
        film_of={
            each.sha256: each for kind in ("video", "audio") for each in await players(app, files, kind, context.lang)
        },
    )


async def captions(app: AppContext, context: RequestContext) -> Response:
    """Return the captions of a film as the draft has them, as WebVTT, for the preview. Raises Problem."""
    own = await own_entry.load(app, context)
    sha256, values = context.path["sha256"], draft_form.values_of(own.draft)
    text = vtt_form(str(values.get(f"subtitles.{sha256}") or ""))
    if not text:
        raise Problem("upload-unknown")
    return film_captions.captions_response(context.request, text, public=False)


async def receipt(app: AppContext, context: RequestContext) -> Response:
    """Return the receipt of a version that was handed in, to be printed. Raises Problem."""
    number = context.path["version"]
    view = await _version(app, context, number)
    unit = await call_service(app, context, "submission", "roll_unit", {"unit": context.actor})
    kinds = {kind: sum(each["kind"] == kind for each in view["files"]) for kind in ("picture", "video", "audio")}
    return unit_page(
        context,
        "units/receipt.html",
        path=f"/unit/entries/{context.path['entry']}/receipts/{number}",
        entry=context.path["entry"],
        view=view,
        unit=unit,
        type_name=own_entry.type_name(app, context, view["type"]),
        kinds=kinds,
        receipt=format_number(view["receipt"]) if view["receipt"] else "",
        digest=view["digest"],
        is_new="new" in context.request.query_params,
    )


async def versions(app: AppContext, context: RequestContext) -> Response:
    """Return two versions of the entry side by side, the last two unless others are chosen. Raises Problem."""
    entry = context.path["entry"]
    latest = await call_service(app, context, "submission", "entry", {"entry": entry, "version": None})
    times = {each["version"]: each["at"] for each in latest["versions"]}
    query = context.request.query_params
    later = _chosen(query.get("later", ""), times, latest["latest"])
    earlier = _chosen(query.get("earlier", ""), times, max(1, later - 1))
    compared = None
    if earlier != later:
        pair = {"entry": entry, "earlier": earlier, "later": later}
        compared = await call_service(app, context, "submission", "comparison", pair)
    return unit_page(
        context,
        "units/versions.html",
        path=f"/unit/entries/{entry}/versions",
        entry=entry,
        times=times,
        earlier=earlier,
        later=later,
        compared=compared,
        labels=own_entry.labels(context.lang),
        themes=own_entry.theme_names(app, context),
    )


def _chosen(text: str, known: Mapping[int, int], default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and int(text) in known else default


async def _version(app: AppContext, context: RequestContext, number: str) -> dict[str, Any]:
    """Return a version of an entry as it was handed in. Raises Problem if there is none."""
    if not number.isascii() or not number.isdigit() or len(number) > 6 or int(number) < 1:
        raise Problem("entry-unknown")
    body = {"entry": context.path["entry"], "version": int(number)}
    return await call_service(app, context, "submission", "entry", body)


async def withdrawal_form(app: AppContext, context: RequestContext) -> Response:
    """Return the page that asks whether the entry shall really be withdrawn. Raises Problem."""
    own = await own_entry.load(app, context)
    return _withdrawal_page(context, own)


async def withdraw(app: AppContext, context: RequestContext) -> Response:
    """Withdraw the entry if that was confirmed, and lead to the first page. Raises Problem."""
    sent = await read_form(context.request, limit=4 * REASON_CHARS * 3)
    own = await own_entry.load(app, context)
    if not sent.get("sure"):
        return _withdrawal_page(context, own, is_unsure=True, reason=sent.get("reason", ""))
    reason = sent.get("reason", "")[:REASON_CHARS] or None
    context.command = command_id(app, context, sent.get("key", ""), [own.name, reason])
    await call_service(app, context, "submission", "withdraw", {"entry": own.name, "reason": reason})
    return pages.redirect("/unit")


def _withdrawal_page(context: RequestContext, own: OwnEntry, *, is_unsure: bool = False, reason: str = "") -> Response:
    if own.view is None or own.status in ("withdrawn", "disqualified"):
        return pages.redirect("/unit")
    return unit_page(
        context,
        "units/withdrawal.html",
        path=f"/unit/entries/{own.name}/withdrawal",
        status=422 if is_unsure else 200,
        entry=own.name,
        title=own.view["title"],
        is_unsure=is_unsure,
        reason=reason,
        key=context.id,
    )


async def type_form(app: AppContext, context: RequestContext) -> Response:
    """Return the form by which a unit asks for another unit type, with what became of its last request."""
    return await _type_page(app, context)


async def ask_type(app: AppContext, context: RequestContext) -> Response:
    """Ask for another unit type with a reason, which a moderator decides; show what was wrong, if anything was."""
    sent = await read_form(context.request, limit=4 * REASON_CHARS * 3)
    body = {"entry": context.path["entry"], "type": sent.get("type", ""), "reason": sent.get("reason", "").strip()}
    if not body["type"]:
        errors = {"type": say_in(context.lang, "unit.type.choose")}
        return await _type_page(app, context, reason=body["reason"], errors=errors, status=422)
    context.command = command_id(app, context, sent.get("key", ""), body)
    try:
        await call_service(app, context, "moderation", "ask_type_correction", body)
    except Problem as problem:
        if problem.status >= 500:
            raise
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
        return await _type_page(app, context, reason=body["reason"], errors=errors, status=problem.status)
    return pages.redirect(f"/unit/entries/{body['entry']}/type")


async def _type_page(
    app: AppContext,
    context: RequestContext,
    *,
    reason: str = "",
    errors: Mapping[str, str] = {},
    status: int = 200,
) -> Response:
    entry = context.path["entry"]
    found = await call_service(app, context, "moderation", "type_correction", {"entry": entry})
    return unit_page(
        context,
        "units/type.html",
        path=f"/unit/entries/{entry}/type",
        status=status,
        entry=entry,
        request=found,
        types=own_entry.type_names(app, context),
        reason=reason,
        errors=errors,
        key=context.id,
    )


async def poster(app: AppContext, context: RequestContext) -> Response:
    """Return a poster of the entry with a QR code of its public page; before it is public, a page that says so."""
    own = await own_entry.load(app, context)
    address = ""
    if own.row:
        base = public_urls.base(app, context.request)
        address = public_urls.page(base, f"/entries/{own.row['number'] or own.name}")
    return unit_page(
        context,
        "units/poster.html",
        path=f"/unit/entries/{own.name}/poster",
        entry=own.name,
        row=own.row,
        address=address,
        code=qr_svg(address) if address else "",
        window=app.views.campaign["windows"].get("likes"),
        campaign=app.views.campaign[f"title_{context.lang}"],
    )


ROUTES = (
    *(
        Route(
            method="GET", path=f"{path}/preview", base="", roles=UNITS, about="Preview of a unit's entry, as the "
            f"public will see it{whose}", raw=page(preview),
        )
        for path, whose in ((PATH, ""), (MANAGED, ", for the one who types it"))
    ),
    *(
        Route(
            method="GET", path=f"{path}/captions/{{sha256}}", base="", roles=UNITS, about="Captions of a film in the "
            f"draft of a unit's entry, as WebVTT{whose}", raw=page(captions),
        )
        for path, whose in ((PATH, ""), (MANAGED, ", for the one who types it"))
    ),
    Route(
        method="GET",
        path=f"{PATH}/explanation.zip",
        base="",
        roles=UNITS,
        about="Why the unit's entry has its place in the published result, as a zip",
        raw=page(pack),
    ),
    Route(
        method="GET", path=f"{PATH}/receipts/{{version}}", base="", roles=UNITS, about="Receipt of a version that was "
        "handed in", raw=page(receipt),
    ),
    Route(
        method="GET", path=f"{PATH}/versions", base="", roles=UNITS, about="Two versions of a unit's entry side by "
        "side", raw=page(versions),
    ),
    Route(
        method="GET", path=f"{PATH}/withdrawal", base="", roles=UNITS, about="Form to withdraw an entry",
        raw=page(withdrawal_form),
    ),
    Route(
        method="POST", path=f"{PATH}/withdrawal", base="", roles=UNITS, about="Withdraw an entry by form",
        raw=page(withdraw),
    ),
    Route(
        method="GET", path=f"{PATH}/type", base="", roles=UNITS, about="Form to ask for another unit type, and what "
        "became of it", raw=page(type_form),
    ),
    Route(
        method="POST", path=f"{PATH}/type", base="", roles=UNITS, about="Ask for another unit type by form",
        raw=page(ask_type),
    ),
    Route(
        method="GET", path=f"{PATH}/poster", base="", roles=UNITS, about="Poster of a unit's entry with a QR code",
        raw=page(poster),
    ),
)  # fmt: skip
