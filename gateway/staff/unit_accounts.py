"""How a cadre comes to an account of a unit: by an invitation that works once, on a page or by API; and colleagues.

All cadres of a unit share its entry. Promises: nobody but the cadre chooses or learns the password; a wrong invitation
counts as a failed sign-in; pages work without scripts.
"""

from typing import Any

from marshmallow import ValidationError
from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page, private_page, redirect, unit_page
from gateway.http import request_schemas, response_schemas, responses
from gateway.http.client_signals import family, is_in_wechat, network
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.http.session_cookies import session_facts
from gateway.http.sessions import LIFE_MS
from gateway.routing import public_urls, security_events
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service, forward
from gateway.staff.passwords import parse_code
from gateway.staff.sign_in import OpenedSession, issue
from gateway.units.form_commands import command_id
from shared.names import comparable_code
from shared.rpc import flatten_messages

PAGE = "/unit/join"
CADRES = "/unit/cadres"
UNITS = frozenset({UNIT})
INVITATION_CHARS = 16


async def join(app: AppContext, context: RequestContext) -> Response:
    """Open a cadre's account by an invitation, and sign the cadre in. Raises Problem."""
    opened = await _open_account(app, context, context.body)
    response = responses.command({"token": opened.token, **session_facts(opened.session)}, status=201)
    opened.set_cookies(app, context, response)
    return response


async def form(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a handler's signature
    """Return the page on which a cadre who holds an invitation chooses a name and a password."""
    path = context.path
    return _page(context, {"unit": path["unit"], "invitation": path["invitation"]}, {})


async def send_form(app: AppContext, context: RequestContext) -> Response:
    """Open the account that the page's form describes, and go to the unit's pages; or show what is wrong with it."""
    sent = await read_form(context.request)
    body = {name: sent.get(name, "") for name in ("unit", "invitation", "name", "password")}
    try:
        if sent.get("password", "") != sent.get("again", ""):
            raise Problem("passwords-differ", field="again")
        try:
            loaded = request_schemas.JoinUnit().load(body)
        except ValidationError as problem:
            raise Problem("invalid", errors=flatten_messages(problem.messages)) from problem
        context.command = app.command_ids.of_anonymous(
            caller=body["unit"],
            route=context.route.name,
            key=parse_code(body["invitation"])[:INVITATION_CHARS].encode("ascii", "ignore").decode() or "none",
            content=[body["name"]],
        )
        opened = await _open_account(app, context, loaded)
    except Problem as problem:
        security_events.record_problem(app, context.route, context.request, problem, context.id, {"unit": body["unit"]})
        return _page(context, body, pages.field_errors(problem, context.lang, zone=context.zone), problem.status)
    security_events.record_event(app, "signed-in", context, {"unit": body["unit"]})
    response = redirect("/unit")
    opened.set_cookies(app, context, response)
    return response


async def cadres(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the unit's cadres: who has an account, and the form that invites a colleague."""
    return await _cadres_page(app, context)


async def send_cadres(app: AppContext, context: RequestContext) -> Response:
    """Invite a colleague or close a colleague's account, as the form says, and return the page. Raises Problem."""
    sent = await read_form(context.request)
    cadre = sent.get("remove", "")
    context.command = command_id(app, context, sent.get("form", ""), {"remove": cadre})
    if cadre:
        await call_service(app, context, "submission", "remove_cadre", {"cadre": cadre})
        app.session_watch.ask_again()
        return redirect(CADRES)
    invitation = await call_service(app, context, "submission", "invite_colleague", {})
    return await _cadres_page(app, context, invitation=invitation)


async def remove_cadre(app: AppContext, context: RequestContext) -> Response:
    """Close the account of a cadre, whose sessions end at once. Raises Problem."""
    removed = await call_service(app, context, "submission", "remove_cadre", context.path)
    app.session_watch.ask_again()
    return responses.command(removed)


async def _open_account(app: AppContext, context: RequestContext, body: dict[str, Any]) -> OpenedSession:
    body = {**body, "unit": body["unit"].strip(), "invitation": parse_code(body["invitation"])}
    agent = family(context.request.headers.get("user-agent", "").encode())
    account = f"submission {comparable_code(body['unit'])} {body['name']}"
    # Not by name: an invitation has 80 bits, and others' guesses would keep its person from using it.
    async with app.sign_in_limits.attempt(f"invitation {body['unit']}", network(context.request), by_name=False):
        if len(body["invitation"]) != INVITATION_CHARS:
            raise Problem("invitation-spent", field="invitation")
        call = {**body, "agent": agent, "life_ms": LIFE_MS[UNIT]}
        known = await call_service(app, context, "submission", "join_unit", call)
    return issue(app, known, sub=known["unit"], roles=UNITS, account=account)


def _page(context: RequestContext, sent: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    body = pages.render(
        "units/join.html",
        context,
        path=f"{PAGE}/{sent['unit']}/{sent['invitation']}" if not errors else "/",
        sent=sent,
        errors=errors,
    )
    return private_page(context, body, status=status)


async def _cadres_page(
    app: AppContext, context: RequestContext, *, invitation: dict[str, Any] | None = None
) -> Response:
    found = await call_service(app, context, "submission", "cadres", {})
    link = ""
    if invitation is not None:
        base = public_urls.base(app, context.request)
        link = public_urls.page(base, f"{PAGE}/{invitation['unit']}/{invitation['invitation']}")
    return unit_page(
        context,
        "units/cadres.html",
        path=CADRES,
        cadres=found["cadres"],
        invitation=invitation,
        link=link,
        form=context.id,
        is_linked="linked" in context.request.query_params,
        offers_wechat=app.wechat is not None and is_in_wechat(context.request),
    )


ROUTES = (
    Route(
        method="POST",
        path="/unit-accounts",
        roles=ANYONE,
        about="Open a cadre's account of a unit by an invitation that works once, and sign in",
        handle=join,
        security_event="signed-in",
        command=True,
        body=request_schemas.JoinUnit,
        answer=response_schemas.SignedIn,
        problems=(
            "invitation-spent", "cadre-name-taken", "cadres-full", "password-weak", "login-attempts", "busy",
        ),
        status=201,
    ),
    Route(
        method="GET",
        path="/my/cadres",
        roles=UNITS,
        about="List the cadres of one's unit who have an account",
        handle=forward("submission", "cadres"),
        answer=response_schemas.Cadres,
        problems=("unit-unknown",),
    ),
    Route(
        method="POST",
        path="/my/invitations",
        roles=UNITS,
        about="Invite a colleague to an account of one's unit, by a text that works once",
        handle=forward("submission", "invite_colleague"),
        security_event="credentials-changed",
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.ColleagueInvited,
        problems=("campaign-not-open", "unit-unknown", "level-not-eligible", "cadres-full"),
    ),
    Route(
        method="DELETE",
        path="/my/cadres/{cadre}",
        roles=UNITS,
        about="Close the account of a cadre of one's unit",
        handle=remove_cadre,
        security_event="credentials-changed",
        command=True,
        answer=response_schemas.CadreRemoved,
        problems=("cadre-unknown",),
    ),
    Route(
        method="GET",
        path=f"{PAGE}/{{unit}}/{{invitation}}",
        base="",
        roles=ANYONE,
        about="Form to open a cadre's account by an invitation",
        raw=page(form),
    ),
    Route(method="POST", path=PAGE, base="", roles=ANYONE, about="Open a cadre's account by form", raw=page(send_form)),
    Route(method="GET", path=CADRES, base="", roles=UNITS, about="Page of a unit's cadres", raw=page(cadres)),
    Route(
        method="POST",
        path=CADRES,
        base="",
        roles=UNITS,
        about="Invite a colleague, or close a colleague's account, by form",
        raw=page(send_cadres),
    ),
)  # fmt: skip
