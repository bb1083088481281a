"""Which answers of the gateway go into the security log: one place for all routes and pages.

A route names its event in `security_event`; refusals are recognised by their problem code. Voters are recorded by kind
only, since a pseudonym for each of a million voters would be a register of persons.
"""

from collections.abc import Mapping

from starlette.requests import Request

from gateway.http.client_signals import source
from gateway.http.problems import Problem
from gateway.http.sessions import Session
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext, Route

#: The event of a refusal, by problem code. An expired session is none: that is how most sessions end.
REFUSALS = {
    "login-refused": "sign-in-refused",
    "login-attempts": "sign-in-paced",
    "link-spent": "sign-in-refused",
    "network-refused": "network-refused",
    "step-up-refused": "step-up-refused",
    "session-invalid": "session-refused",
    "session-ended": "session-refused",
    "role-missing": "role-refused",
    "cross-site": "origin-refused",
}


def record_answer(app: AppContext, context: RequestContext) -> None:
    """Record the event that the route names, if it names one, after the request was answered without a problem."""
    if context.route.security_event:
        record_event(app, context.route.security_event, context, context.body)


def record_event(app: AppContext, event: str, context: RequestContext, body: Mapping[str, object]) -> None:
    """Record an event that a handler recognises itself, because not each of its answers is one."""
    facts = _actor(app, context.session) | _subject(app, body)
    _record(app, event, context.request, context.route, context.id, facts)


def record_problem(
    app: AppContext, route: Route, request: Request, problem: Exception, name: str, body: Mapping[str, object]
) -> None:
    """Record a refusal that says something about security; leave out all other problems.

    `name` is the request's id. `body` is empty where the request was refused before its body was read.
    """
    event = REFUSALS.get(problem.code) if isinstance(problem, Problem) else None
    if event is not None:
        _record(app, event, request, route, name, _actor(app, _session(app, request)) | _subject(app, body))


def _record(app: AppContext, event: str, request: Request, route: Route, name: str, actor: dict[str, str]) -> None:
    origin = source(app.keys.campaign, request.client.host if request.client else "")
    facts = {"route": route.name, "request": name, "address": origin.address, "network": origin.network, **actor}
    app.security_log.record(event, **facts)


def _session(app: AppContext, request: Request) -> Session | None:
    headers = dict(request.scope["headers"])
    try:
        return app.sessions.from_headers(headers, scheme=request.scope["scheme"], changes=False, demanded=False)
    except Problem:
        return None


def _actor(app: AppContext, session: Session | None) -> dict[str, str]:
    if session is None:
        return {}
    if session.kind == "voter":
        return {"actor": "voter"}
    return {"actor": f"{session.kind} {session.sub}", "account": app.security_log.hashed(session.sub)}


def _subject(app: AppContext, body: Mapping[str, object]) -> dict[str, str]:
    """Return the hash of the account that a body names: what was typed there may be a password in the wrong field."""
    name = body.get("staff") or body.get("unit")
    return {"subject": app.security_log.hashed(name)} if isinstance(name, str) else {}
