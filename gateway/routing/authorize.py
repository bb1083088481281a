"""Authorisation: the only place that decides whether a request may use a route."""

from dataclasses import replace

from starlette.requests import Request

from gateway.http.client_signals import is_within
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
        if not (route.is_open or route.before_second_factor) and app.roster.must_add_authenticator(session):
            raise Problem("authenticator-missing")
        return session if holds == session.roles else replace(session, roles=holds)
    raise Problem("role-missing" if holds else "session-invalid")


def refuse_other_networks(app: AppContext, request: Request) -> None:
    """Raise Problem `network-refused` if staff may not work from where the request comes from."""
    allowed = app.settings.staff_networks
    if allowed and not is_within(request, allowed, trusts_proxies=bool(app.settings.trusted_proxies)):
        raise Problem("network-refused", facts={"address": request.client.host if request.client else "?"})


def refuse_staff_elsewhere(app: AppContext, route: Route, session: Session | None, request: Request) -> None:
    """Refuse a session of staff on a route that is not open to all, if it comes from another network. Raise Problem."""
    if session is not None and session.kind == "staff" and not route.is_open:
        refuse_other_networks(app, request)
