"""Whoever is or was a judge of the campaign sees no likes, places or marks of others, whatever other role they hold.

Promises: the check is one, for pages and API alike, and comes before any service is asked. Whether somebody was a judge
follows from moderation's list of staff (`backends/staff_roster.py`); while it was never read, present roles count.
Does not promise anything of organisers' own steps, such as signing a result: these show what they sign.
"""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import JUDGE, RequestContext

Handle = Callable[[AppContext, RequestContext], Awaitable[Response]]


def is_conflicted(app: AppContext, context: RequestContext) -> bool:
    """Return whether a member of staff is a judge, or was one."""
    session = context.session
    if session is None or session.kind != "staff":
        return False
    return JUDGE in session.roles or app.roster.was_judge(session)


def unconflicted(handle: Handle) -> Handle:
    """Return the handler that refuses judges, present and former ones."""

    async def refusing(app: AppContext, context: RequestContext) -> Response:
        if is_conflicted(app, context):
            raise Problem("role-missing")
        return await handle(app, context)

    return refusing
