"""The page on which a unit says where letters to it go: an e-mail address, a phone number, and their language.

Below them stands what a cadre agreed to get by WeChat (`wechat_consent.py`).
Promises: a unit reads and sets its own addresses alone. Removing both has them forgotten, and leaves
consents as they are; with the last of both goes their key.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page, redirect, unit_page
from gateway.http.client_signals import is_in_wechat
from gateway.http.forms import contact_fields, read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.units import wechat_consent
from gateway.units.form_commands import command_id

PATH = "/unit/contact"
UNITS = frozenset({UNIT})
OUTCOMES = ("agreed", "declined", "withdrawn", "outside")


async def contact(app: AppContext, context: RequestContext) -> Response:
    """Return the form of the unit's addresses. Raises Problem."""
    return _page(app, context, await _load(app, context))


async def set_contact(app: AppContext, context: RequestContext) -> Response:
    """Set or remove the unit's addresses by form, and show the form again. Raises Problem."""
    sent = await read_form(context.request)
    body = {"contact": f"contact.{context.actor}", **contact_fields(sent)}
    context.command = command_id(app, context, sent.get("key", ""), body)
    try:
        await call_service(app, context, "moderation", "set_message_contact", body)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return _page(app, context, {**await _load(app, context), **sent}, problem=problem)
    return redirect(f"{PATH}?saved=yes")


async def _load(app: AppContext, context: RequestContext) -> dict[str, Any]:
    return await call_service(app, context, "moderation", "message_contact", {"contact": f"contact.{context.actor}"})


def _page(
    app: AppContext, context: RequestContext, known: Mapping[str, Any], *, problem: Problem | None = None
) -> Response:
    outcome = context.request.query_params.get("wechat", "")
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return unit_page(
        context,
        "units/contact.html",
        path=PATH,
        status=200 if problem is None else problem.status,
        known=defaultdict(str, known),
        errors=defaultdict(str, errors),
        topics=known["wechat"]["topics"] if wechat_consent.is_offered(app) and known["wechat"]["is_sent"] else (),
        in_wechat=is_in_wechat(context.request),
        outcome=outcome if outcome in OUTCOMES else "",
        saved=context.request.query_params.get("saved") == "yes",
        key=context.id,
    )


ROUTES = (
    Route(
        method="GET",
        path=PATH,
        base="",
        roles=UNITS,
        about="Form of the addresses to which letters to the unit go",
        raw=page(contact),
    ),
    Route(
        method="POST", path=PATH, base="", roles=UNITS, about="Set the unit's addresses by form", raw=page(set_contact)
    ),
)
