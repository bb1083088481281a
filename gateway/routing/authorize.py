"""Authorisation: the only place that decides whether a request may use a route."""

from dataclasses import replace

from gateway.http.problems import Problem
from gateway.http.sessions import Headers, Session
from gateway.routing.context import AppContext
from gateway.routing.route import Route


async def authorize(app: AppContext, route: Route, headers: Headers, *, scheme: str) -> Session | None:
    """Check that a request may use the route, and return its session with the roles that the person still has.

    Return None for a request without a session on a route that is open to anyone. Raise Problem if the route does not
    admit the request.
    """
    session = app.sessions.from_headers(headers, scheme=scheme, changes=route.changes, demanded=not route.is_open)
    if session is None:
        if route.is_open:
            return None
        raise Problem("session-missing")
    try:
        await app.session_watch.refuse_if_ended(session)
    except Problem:
        if route.is_open and b"authorization" not in headers:  # a cookie that is no use any more
            return None
        raise
    holds = await app.roster.current_roles(session)
    if route.is_open or holds & route.roles:
        return session if holds == session.roles else replace(session, roles=holds)
    raise Problem("role-missing" if holds else "session-invalid")
