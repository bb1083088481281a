"""The publication notice (公示): the published result, the deadline for objections, and how to object.

Promises: the page shows what the view `result` (a published part of ranking's table) holds. Whether the notice is
running follows from the campaign time and the end that was stored with the publication.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html.page import cacheable_page, names_of, page, render
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.public.leaderboards import published_result
from gateway.read_models.cache import Views
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route

RUNNING, ENDED, FINAL, NOTHING = "running", "ended", "final", "nothing"
_VIEWS = ("campaign", "entries", "result")


def notice_state(views: Views, at: int) -> str:
    """Return how far the notice of the result is at the time `at` (ms): NOTHING, RUNNING, ENDED or FINAL.

    NOTHING is before publication; FINAL means that the result is final, whatever the time.
    """
    result = views.data("result") if views.loaded else {}
    if not result.get("published"):
        return NOTHING
    if result.get("is_final"):
        return FINAL
    return RUNNING if at < notice_end(result) else ENDED


def notice_end(result: Mapping[str, Any]) -> int:
    """Return when the notice of a published result ends, in ms since the epoch, or 0 if it has no notice."""
    notice = result.get("notice") or {}
    return int(notice.get("until", 0))


async def notice(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the publication notice: the result, and how to object. Raises Problem before publication."""
    views, state = app.views, notice_state(app.views, context.at)
    if state == NOTHING:
        raise Problem("result-not-published")
    sources = (*(views.view(name).digest for name in _VIEWS), state)

    def make() -> bytes:
        result = published_result(views)
        types = names_of(app, "unit_types", context.lang)
        winners = {name: [each for each in result["winners"] if each["type"] == code] for code, name in types.items()}
        return render(
            "public/notice.html",
            context,
            path="/notice",
            campaign=views.campaign[f"title_{context.lang}"],
            result=result,
            is_final=state == FINAL,
            notice=result.get("notice") or {},
            outdated=bool(result.get("outdated")),
            winners={name: rows for name, rows in winners.items() if rows},
            visible=views.data("entries").get("entries", {}),
            state=state,
        )

    cached = app.response_cache.get(("notice", context.lang, context.large), sources, make)
    return cacheable_page(context, cached.body, etag=cached.etag)


ROUTES = (
    Route(
        method="GET",
        path="/notice",
        base="",
        roles=ANYONE,
        about="Publication notice of the result",
        raw=page(notice),
        shed=Shed.LIST,
    ),
)
