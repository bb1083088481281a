"""Sign-in and sign-out: staff and cadres by password, units by an access code. Voters sign in through WeChat.

The roll is the organiser's list of units that may take part.

Promises: a wrong name and a wrong password give the same answer. `admission/sign_in_limits.py` counts failed attempts,
and bounds how many are checked at a time.
"""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.backends.session_watch import SERVICE
from gateway.backends.step_up import set_proof_cookie
from gateway.http import request_schemas, response_schemas, responses
from gateway.http.client_signals import family, network
from gateway.http.problems import Problem
from gateway.http.session_cookies import session_facts, set_cookie
from gateway.http.sessions import LIFE_MS, Session
from gateway.routing.authorize import refuse_other_networks
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
from gateway.routing.step_up import prove
from shared.names import comparable_code, comparable_name


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that a sign-in opened: its token, and the account by which the browser is known from now on."""

    token: str
    session: Session
    account: str

    def set_cookies(self, app: AppContext, context: RequestContext, response: Response) -> None:
        """Put the session into a cookie of the browser, and let it be recognised at the next sign-in."""
        set_cookie(response, context.request, self.token, max_age_s=LIFE_MS[self.session.kind] // 1000)
        app.known_devices.remember(context.request, response, self.account)


async def sign_in(app: AppContext, context: RequestContext) -> Response:
    """Check the name and password of staff or of a unit's cadre, or a unit's access code, and issue a session.

    The session is returned as token and set as cookie. Raises Problem if the pair is wrong, or after too
    many failed attempts.
    """
    opened = await open_session(app, context, context.body)
    response = responses.command({"token": opened.token, **session_facts(opened.session)}, status=201)
    opened.set_cookies(app, context, response)
    return response


async def open_session(app: AppContext, context: RequestContext, pair: dict[str, str]) -> OpenedSession:
    """Check the pair of staff or of a unit (`SignIn`), and return the session that it opens. Raises Problem."""
    name, service, method, body = _credentials(pair)
    if service == "moderation":
        refuse_other_networks(app, context.request)
    account = f"{service} {name}"
    device = app.known_devices.device(context.request, account)
    known_device = {"known": True} if device and service == "moderation" else {}
    agent = family(context.request.headers.get("user-agent", "").encode())
    kind = "staff" if service == "moderation" else UNIT
    call: dict[str, Any] = {**body, **known_device, "agent": agent, "life_ms": LIFE_MS[kind]}
    async with app.sign_in_limits.attempt(account, network(context.request), device=device):
        known = await call_service(app, context, service, method, call)
    sub = known.get("staff") or known["unit"]
    roles = frozenset(known.get("roles", [UNIT]))
    if not roles:
        raise Problem("login-refused")
    if roles & STAFF:
        app.roster.update(sub, roles)
        app.roster.read_again()  # it also says who must set an authenticator up
    return issue(app, known, sub=sub, roles=roles, account=account)


def issue(app: AppContext, known: dict[str, Any], *, sub: str, roles: frozenset[str], account: str) -> OpenedSession:
    """Return the session for a person whom a service knows: by the name, and for a cadre by the unit's name too."""
    cadre = known.get("cadre")
    name = f"{known['name']} {cadre}" if cadre else known["name"]
    token, session = app.sessions.issue(sub, roles, name=name, id=known["session"])
    return OpenedSession(token, session, account)


async def sign_out(app: AppContext, context: RequestContext) -> Response:
    """End the session, and delete the session cookie of this browser: no copy of the token opens anything any more.

    Raises Problem if the service that stores the session is away: the session has ended in this process then.
    """
    if context.session is not None:
        await app.session_watch.end(context.session)
    response = Response(status_code=204)
    set_cookie(response, context.request, "", max_age_s=0)
    return response


async def me(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a handler's signature
    """Return the identity, roles and expiry of the session that sent the request."""
    session = context.session
    assert session is not None  # the route is not open
    return responses.read(context.request, session_facts(session))


async def my_sessions(app: AppContext, context: RequestContext) -> Response:
    """Return the sessions of whoever asks, the latest first. Raises Problem."""
    found = await call_service(app, context, *_store(context), _current(context))
    return responses.read(context.request, found)


async def end_session(app: AppContext, context: RequestContext) -> Response:
    """End one of one's own sessions. Raises Problem."""
    service, _ = _store(context)
    await call_service(app, context, service, "end_session", {"session": context.path["session"]})
    app.session_watch.ask_again()
    return Response(status_code=204)


async def end_other_sessions(app: AppContext, context: RequestContext) -> Response:
    """End all of one's own sessions but the one that asks. Raises Problem."""
    service, _ = _store(context)
    await call_service(app, context, service, "end_other_sessions", _current(context))
    app.session_watch.ask_again()
    return Response(status_code=204)


async def step_up(app: AppContext, context: RequestContext) -> Response:
    """Verify the password of the person who is signed in, and give a proof for commands that ask for one.

    The proof is returned and set as cookie. Raises Problem.
    """
    proved = await prove(app, context, context.body)
    response = responses.command(proved, status=201)
    set_proof_cookie(response, context.request, proved["proof"])
    return response


def _store(context: RequestContext) -> tuple[str, str]:
    """Return the service that stores the session of the request, and its method that lists sessions."""
    assert context.session is not None  # the routes are not open
    return SERVICE[context.session.kind], "my_sessions"


def _current(context: RequestContext) -> dict[str, str]:
    return {"session": context.session.id if context.session is not None else ""}


def _credentials(body: dict[str, str]) -> tuple[str, str, str, dict[str, str]]:
    """Return the name, and the service, method and body of the call that checks it.

    Raises Problem unless the body is either the pair of staff or that of a unit.
    """
    match body:
        case {"staff": staff, "password": _, **rest} if not set(rest) - {"code"}:
            return staff, "moderation", "login", {**body, "code": body.get("code") or None}
        case {"unit": unit, "access_code": access, **rest} if not rest:
            # Attempts are counted for the unit, however its code is written.
            return comparable_code(unit), "submission", "unit_login", {"unit": unit, "access": access}
        case {"unit": unit, "name": name, "password": password, **rest} if not rest:
            account = f"{comparable_code(unit)} {comparable_name(name)}"
            return account, "submission", "cadre_login", {"unit": unit, "name": name, "password": password}
        case _:
            pair = ("unit", "access_code") if "unit" in body else ("staff", "password")
            missing = {name: ["required"] for name in pair if name not in body}
            raise Problem("invalid", errors=missing or {name: ["unknown"] for name in body if name not in pair})


ROUTES = (
    Route(
        method="POST",
        path="/sessions",
        roles=ANYONE,
        about="Sign in as staff (password, code of an authenticator) or a unit (access code, or cadre and password)",
        handle=sign_in,
        body=request_schemas.SignIn,
        answer=response_schemas.SignedIn,
        problems=("login-refused", "code-needed", "login-attempts", "busy", "network-refused"),
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
        method="GET",
        path="/my/sessions",
        roles=STAFF | {UNIT},
        before_second_factor=True,
        about="List one's own sessions: where one is signed in, and since when",
        handle=my_sessions,
        answer=response_schemas.OwnSessions,
    ),
    Route(
        method="DELETE",
        path="/my/sessions",
        roles=STAFF | {UNIT},
        before_second_factor=True,
        about="End all of one's own sessions but this one",
        handle=end_other_sessions,
        security_event="signed-out",
        status=204,
    ),
    Route(
        method="DELETE",
        path="/my/sessions/{session}",
        roles=STAFF | {UNIT},
        before_second_factor=True,
        about="End one of one's own sessions",
        handle=end_session,
        security_event="signed-out",
        status=204,
    ),
    Route(
        method="POST",
        path="/my/step-up",
        roles=STAFF,
        about="Prove again who one is, for five minutes: some commands take only requests with this proof",
        handle=step_up,
        before_second_factor=True,
        body=request_schemas.StepUp,
        answer=response_schemas.Proof,
        problems=("step-up-refused", "login-attempts", "busy"),
        security_event="stepped-up",
        status=201,
    ),
    Route(
        method="GET",
        path="/me",
        roles=ROLES,
        about="Get whose session this is",
        handle=me,
        answer=response_schemas.Me,
        before_second_factor=True,
    ),
)
