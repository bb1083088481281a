"""The start page of staff: what waits for whoever is signed in, by role, and their own account.

Promises: what waits is what the menu of the desks shows, with the same numbers. A password is changed only by whoever
proves to know it, and counts as an attempt to sign in.
"""

from collections import defaultdict
from collections.abc import Mapping

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import request_schemas
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing import security_events
from gateway.routing.context import AppContext
from gateway.routing.route import STAFF, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms
from gateway.staff.passwords import MENDABLE, change_own_password

OVERVIEW = "/desk"
_SAID = frozenset({"password", "session", "sessions"})


async def overview(app: AppContext, context: RequestContext) -> Response:
    """Return the start page. Raises Problem."""
    return await _page(app, context)


async def change_password(app: AppContext, context: RequestContext) -> Response:
    """Change one's own password by form; show the form again, with the reason, if that is refused. Raises Problem."""
    sent = await read_form(context.request)
    try:
        if sent.get("new_password", "") != sent.get("again", ""):
            raise Problem("passwords-differ", field="again")
        names = ("password", "new_password")
        body = desk_forms.load_body(
            request_schemas.PasswordChange, {name: sent[name] for name in names if sent.get(name)}
        )
        # What a password is takes no part in the id of the command.
        desk_forms.begin_command(app, context, sent, "password", {})
        await change_own_password(app, context, body)
    except Problem as problem:
        if problem.code not in MENDABLE | {"login-refused", "login-attempts", "invalid", "busy"}:
            raise
        context.command = ""
        return await _page(app, context, problem=problem)
    security_events.record_event(app, "credentials-changed", context, {})
    return pages.redirect(f"{OVERVIEW}?did=password#account")


async def end_sessions(app: AppContext, context: RequestContext) -> Response:
    """End one of one's own sessions by form, or all but this one. Raises Problem."""
    sent = await read_form(context.request)
    session = context.session
    assert session is not None  # the route is not open
    if sent.get("session"):
        await call_service(app, context, "moderation", "end_session", {"session": sent["session"]})
    else:
        await call_service(app, context, "moderation", "end_other_sessions", {"session": session.id})
    app.session_watch.ask_again()
    return pages.redirect(f"{OVERVIEW}?did={'session' if sent.get('session') else 'sessions'}#account")


async def _page(app: AppContext, context: RequestContext, *, problem: Problem | None = None) -> Response:
    session = context.session
    assert session is not None  # the routes are not open
    sessions = await call_service(app, context, "moderation", "my_sessions", {"session": session.id})
    errors: Mapping[str, str] = {}
    if problem is not None:
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
    did = context.request.query_params.get("did", "")
    return await pages.desk_page(
        app,
        context,
        "staff/overview.html",
        path=OVERVIEW,
        status=200 if problem is None else problem.status,
        sessions=sessions["sessions"],
        errors=defaultdict(str, errors),
        did=did if did in _SAID else "",
        form=desk_forms.new_nonce(),
    )


ROUTES = (
    Route(method="GET", path=OVERVIEW, base="", roles=STAFF, about="Start page of staff", raw=page(overview)),
    Route(
        method="POST",
        path=f"{OVERVIEW}/password",
        base="",
        roles=STAFF,
        about="Change one's own password by form",
        raw=page(change_password),
    ),
    Route(
        method="POST",
        path=f"{OVERVIEW}/sessions",
        base="",
        roles=STAFF,
        about="End one's own sessions by form",
        raw=page(end_sessions),
        security_event="signed-out",
    ),
)
