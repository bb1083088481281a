"""The one place where somebody is let in."""

from dataclasses import replace

from gateway.http.problems import Problem
from gateway.http.sessions import Headers, Session
from gateway.routing.context import AppContext
from gateway.routing.route import Route


async def authorize(app: AppContext, route: Route, headers: Headers, *, scheme: str) -> Session | None:
    """Who asks, if the route lets them in: None only on a route that is open to anyone. Raises Problem."""
    session = app.sessions.of(headers, scheme=scheme, changes=route.changes, demanded=not route.is_open)
    if session is None:
        if route.is_open:
            return None
        raise Problem("session-missing")
    holds = await app.roster.holds(session)
    if route.is_open or holds & route.roles:
        return session if holds == session.roles else replace(session, roles=holds)
    raise Problem("role-missing" if holds else "session-invalid")
