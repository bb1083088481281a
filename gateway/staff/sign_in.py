"""Sign-in and sign-out: staff by password, units by the access code in the roll. Voters sign in through WeChat.

The roll is the organiser's list of units that may take part.

Promises: a wrong name and a wrong password give the same answer. `admission/sign_in_limits.py` counts failed attempts,
and bounds how many are checked at a time.
"""

from starlette.responses import Response

from gateway.http import request_schemas, response_schemas, responses
from gateway.http.client_signals import network
from gateway.http.problems import Problem
from gateway.http.session_cookies import session_facts, set_cookie
from gateway.http.sessions import LIFE_MS
from gateway.routing.context import AppContext
from gateway.routing.route import (
    ANYONE,
    ROLES,
    STAFF,
    UNIT,
    RequestContext,
    Route,
)
from gateway.routing.service_calls import call_service
from shared.names import comparable_code


async def sign_in(app: AppContext, context: RequestContext) -> Response:
    """Check the name and password of staff, or the code and access code of a unit, and issue a session.

    The session is returned as token and set as cookie. Raises Problem if the pair is wrong, or after too
    many failed attempts.
    """
    name, service, method, body = _credentials(context.body)
    account = f"{service} {name}"
    device = app.known_devices.device(context.request, account)
    if device and service == "moderation":
        body = {**body, "known": True}
    async with app.sign_in_limits.attempt(account, network(context.request), device=device):
        known = await call_service(app, context, service, method, body)
    sub = known.get("staff") or known["unit"]
    roles = frozenset(known.get("roles", [UNIT]))
    if not roles:
        raise Problem("login-refused")
    if roles & STAFF:
        app.roster.update(sub, roles)
    token, session = app.sessions.issue(sub, roles, name=known["name"])
    response = responses.command({"token": token, **session_facts(session)}, status=201)
    set_cookie(response, context.request, token, max_age_s=LIFE_MS[session.kind] // 1000)
    app.known_devices.remember(context.request, response, account)
    return response


async def sign_out(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a handler's signature
    """Delete the session cookie of this browser. A copy of the token stays valid until it expires."""
    response = Response(status_code=204)
    set_cookie(response, context.request, "", max_age_s=0)
    return response


async def me(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a handler's signature
    """Return the identity, roles and expiry of the session that sent the request."""
    session = context.session
    assert session is not None  # the route is not open
    return responses.read(context.request, session_facts(session))


def _credentials(body: dict[str, str]) -> tuple[str, str, str, dict[str, str]]:
    """Return the name, and the service, method and body of the call that checks it.

    Raises Problem unless the body is either the pair of staff or that of a unit.
    """
    match body:
        case {"staff": staff, "password": _, **rest} if not rest:
            return staff, "moderation", "login", body
        case {"unit": unit, "access_code": access, **rest} if not rest:
            # Attempts are counted for the unit, however its code is written.
            return comparable_code(unit), "submission", "unit_login", {"unit": unit, "access": access}
        case _:
            pair = ("unit", "access_code") if "unit" in body else ("staff", "password")
            missing = {name: ["required"] for name in pair if name not in body}
            raise Problem("invalid", errors=missing or {name: ["unknown"] for name in body if name not in pair})


ROUTES = (
    Route(
        method="POST",
        path="/sessions",
        roles=ANYONE,
        about="Sign in as staff by name and password, or as a unit by its code and access code",
        handle=sign_in,
        body=request_schemas.SignIn,
        answer=response_schemas.SignedIn,
        problems=("login-refused", "login-attempts", "busy"),
        security_event="signed-in",
        status=201,
    ),
    Route(
        method="DELETE",
        path="/sessions",
        roles=ANYONE,
        about="Sign out",
        handle=sign_out,
        security_event="signed-out",
        status=204,
    ),
    Route(
        method="GET", path="/me", roles=ROLES, about="Get whose session this is", handle=me, answer=response_schemas.Me
    ),
)
