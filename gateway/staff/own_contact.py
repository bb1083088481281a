"""The page on which a member of staff says where letters to them go, such as a reminder to a judge.

Promises: everybody reads and sets their own addresses alone; an address is stored with the person's key, and goes with
it. To change them one shows again who one is, since a judge may sign in by a code that goes to the number.
"""

from collections import defaultdict
from collections.abc import Mapping

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import form_nonces
from gateway.http.forms import contact_fields, read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, JUDGE, MODERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms

PATH = "/desk/contact"
RECEIVERS = frozenset({MODERATOR, JUDGE, ORGANISER, AUDITOR})


async def contact(app: AppContext, context: RequestContext) -> Response:
    """Return the form of one's own addresses. Raises Problem."""
    known = await call_service(app, context, "moderation", "message_contact", {"contact": f"staff.{context.actor}"})
    return await _page(app, context, known)


async def set_contact(app: AppContext, context: RequestContext) -> Response:
    """Set or remove one's own addresses by form, and show the form again. Raises Problem."""
    sent = await read_form(context.request)
    body = {"contact": f"staff.{context.actor}", **contact_fields(sent)}
    try:
        desk_forms.begin_command(app, context, sent, "contact", body)
        await call_service(app, context, "moderation", "set_message_contact", body)
    except Problem as problem:
        if problem.status >= 500:
            raise
        context.command = ""
        return await _page(app, context, sent, problem=problem)
    return pages.redirect(f"{PATH}?saved=yes")


async def _page(
    app: AppContext, context: RequestContext, known: Mapping[str, str], *, problem: Problem | None = None
) -> Response:
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return await pages.desk_page(
        app,
        context,
        "staff/own_contact.html",
        path=PATH,
        status=200 if problem is None else problem.status,
        known=defaultdict(str, known),
        errors=defaultdict(str, errors),
        saved=context.request.query_params.get("saved") == "yes",
        form=form_nonces.new_nonce(),
    )


ROUTES = (
    Route(
        method="GET", path=PATH, base="", roles=RECEIVERS, about="Form of the addresses to which letters to oneself go",
        raw=page(contact),
    ),
    Route(
        method="POST", path=PATH, base="", roles=RECEIVERS, about="Set one's own addresses for letters by form",
        raw=page(set_contact), step_up=True,
    ),
)  # fmt: skip
