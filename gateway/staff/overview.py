"""The start page of staff: what waits for whoever is signed in, by role.

Promises: what waits is what the menu of the desks shows, with the same numbers.
"""

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.routing.context import AppContext
from gateway.routing.route import STAFF, RequestContext, Route
from gateway.staff import own_contact

OVERVIEW = "/desk"


async def overview(app: AppContext, context: RequestContext) -> Response:
    """Return the start page. Raises Problem."""
    roles = context.session.roles if context.session is not None else frozenset()
    may_get_letters = bool(roles & own_contact.RECEIVERS)
    return await pages.desk_page(app, context, "staff/overview.html", path=OVERVIEW, may_get_letters=may_get_letters)


ROUTES = (Route(method="GET", path=OVERVIEW, base="", roles=STAFF, about="Start page of staff", raw=page(overview)),)
