"""The start page of staff: what waits for whoever is signed in, by role.

Promises: what waits is what the menu of the desks shows, with the same numbers.
"""

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.routing.context import AppContext
from gateway.routing.route import STAFF, RequestContext, Route

OVERVIEW = "/desk"


async def overview(app: AppContext, context: RequestContext) -> Response:
    """Return the start page. Raises Problem."""
    return await pages.desk_page(app, context, "staff/overview.html", path=OVERVIEW)


ROUTES = (Route(method="GET", path=OVERVIEW, base="", roles=STAFF, about="Start page of staff", raw=page(overview)),)
