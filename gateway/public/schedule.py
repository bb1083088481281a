"""The page of the schedule: each phase of the campaign with day, hour and zone, and what happens in it.

Promises: the page shows the windows of the view `campaign`, which are those that the services decide by.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html.page import page, render
from gateway.html.page_cache import cached_page, not_open_page
from gateway.read_models.cache import PHASES
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route


async def schedule(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the schedule. Raises Problem."""
    if not app.views.data("campaign"):
        return not_open_page(context)

    def make() -> bytes:
        campaign = app.views.campaign
        rows = schedule_rows(campaign["windows"], context.at)
        return render("public/schedule.html", context, path="/schedule", schedule=rows, campaign=campaign)

    return cached_page(app, context, ("schedule",), make=make)


def schedule_rows(windows: Mapping[str, Mapping[str, int]], at: int) -> list[dict[str, Any]]:
    """Return each phase with its window, and whether it is coming, now or past, in the order of the campaign."""
    return [_row(name, windows[name], at) for name in PHASES if name in windows]


def _row(name: str, window: Mapping[str, int], at: int) -> dict[str, Any]:
    state = "coming" if at < window["start"] else "now" if at < window["end"] else "past"
    return {"name": name, "start": window["start"], "end": window["end"], "state": state}


ROUTES = (
    Route(
        method="GET",
        path="/schedule",
        base="",
        roles=ANYONE,
        about="Page of the schedule: each phase with day, hour and zone",
        raw=page(schedule),
    ),
)
