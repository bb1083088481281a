"""The sign-in pages of units and of staff, and the sign-out of everybody, as plain forms.

Promises: after signing in one is where one wanted to be, and a form that was sent without a valid session is not lost.
What was wrong is said at the form, and what was typed stays, but for the password.
"""

from marshmallow import ValidationError
from starlette.responses import Response

from gateway.html import page as pages
from gateway.html import sign_in as leads
from gateway.html.page import page
from gateway.html.sign_in import DESK_SIGN_IN, UNIT_SIGN_IN, WaitingForm
from gateway.http import request_schemas
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.http.session_cookies import set_cookie
from gateway.routing import security_events
from gateway.routing.authorize import refuse_other_networks
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, ROLES, RequestContext, Route
from gateway.staff.sign_in import open_session
from shared.logs import logger
from shared.rpc import flatten_messages

FIELDS = {UNIT_SIGN_IN: ("unit", "access_code"), DESK_SIGN_IN: ("staff", "password")}
OUT = {"voter": "/", "unit": f"{UNIT_SIGN_IN}?out=1", "staff": f"{DESK_SIGN_IN}?out=1"}
FORM_BYTES = 2 * leads.WAITING_FORM_BYTES
log_ = logger(__name__)


async def form(app: AppContext, context: RequestContext) -> Response:
    """Return the sign-in page; whoever is signed in already goes on at once. Raises Problem."""
    sign_in, query = context.route.path, context.request.query_params
    if sign_in == DESK_SIGN_IN:
        refuse_other_networks(app, context.request)
    to = leads.next_path(query, sign_in)
    if leads.is_for(context.session, sign_in):
        return pages.redirect(leads.landing_path(to, context.session))
    return pages.sign_in_page(context, sign_in, to=to, is_out="out" in query)


async def send_form(app: AppContext, context: RequestContext) -> Response:
    """Sign in by the form, and go on; show the form again, with what was wrong, if that failed. Raises Problem."""
    sign_in = context.route.path
    sent = await read_form(context.request, limit=FORM_BYTES)
    names = FIELDS[sign_in]
    pair = {name: sent.get(name, "") for name in names}
    person = sent.get("person", "").strip()
    if sign_in == UNIT_SIGN_IN and person:
        pair = {"unit": pair["unit"], "name": person, "password": pair["access_code"]}
    if sign_in == DESK_SIGN_IN and sent.get("code", "").strip():
        pair["code"] = sent["code"].strip()
    to, waiting = leads.next_path(sent, sign_in), WaitingForm.from_text(sent.get("waiting", ""))
    try:
        try:
            loaded = request_schemas.SignIn().load(pair)
        except ValidationError as problem:
            raise Problem("invalid", errors=flatten_messages(problem.messages)) from problem
        opened = await open_session(app, context, loaded)
    except Problem as problem:
        security_events.record_problem(app, context.route, context.request, problem, context.id, pair)
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
        response = pages.sign_in_page(
            context, sign_in, to=to, waiting=waiting, name=pair[names[0]], person=person, errors=errors
        )
        response.status_code = problem.status
        return response
    security_events.record_event(app, "signed-in", context, pair)
    to = leads.landing_path(to, opened.session)
    if waiting is not None:
        body = pages.render("staff/continue.html", context, path=to, waiting=waiting, session=opened.session)
        response = pages.private_page(context, body)
    else:
        response = pages.redirect(to)
    opened.set_cookies(app, context, response)
    return response


async def sign_out(app: AppContext, context: RequestContext) -> Response:
    """End the session, delete its cookie in this browser, and lead to where one signs in again."""
    session = context.session
    assert session is not None  # the route is not open
    try:
        await app.session_watch.end(session)
    except Problem as problem:  # this browser loses its cookie in any case
        log_.warning("a session ended in this process alone", request=context.id, code=problem.code)
    response = pages.redirect(OUT[session.kind])
    set_cookie(response, context.request, "", max_age_s=0)
    return response


ROUTES = (
    *(
        Route(method="GET", path=path, base="", roles=ANYONE, about=f"Sign-in page of {who}", raw=page(form))
        for path, who in ((UNIT_SIGN_IN, "units"), (DESK_SIGN_IN, "staff"))
    ),
    *(
        Route(method="POST", path=path, base="", roles=ANYONE, about=f"Sign in as {who} by form", raw=page(send_form))
        for path, who in ((UNIT_SIGN_IN, "a unit"), (DESK_SIGN_IN, "staff"))
    ),
    Route(
        method="POST",
        path="/sign-out",
        base="",
        roles=ROLES,
        before_second_factor=True,
        about="Sign out by form",
        raw=page(sign_out),
        security_event="signed-out",
    ),
)
