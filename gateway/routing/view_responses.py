"""Responses that are rendered from views (published parts of ranking's table), cached until one of the views changes.

Promises: under load the last response is served again with its age, and never when it is older than `CACHED_MAX_AGE_S`.
"""

from collections.abc import Callable, Hashable
from typing import Any

import orjson
from starlette.responses import Response

from gateway.http import responses
from gateway.http.response_cache import CachedResponse
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from shared import metrics

#: An entry that is taken down disappears from every cache within a minute: the view arrives within a second, or within
#: `stream.REFRESH_S`, 30 s, if its message was lost; after this age cached files, and lists under load, are renewed.
CACHED_MAX_AGE_S = 25


def cached_response(
    app: AppContext, context: RequestContext, names: tuple[str, ...], make: Callable[[], Any], *extra: object
) -> Response:
    """Return the JSON response that `make` renders from the views `names`, from the cache while nothing has changed.

    It is rendered again when one of the views or a value of `extra` changes, or a window begins or ends; while lists
    are shed, the last one since then is served.
    """
    key = (context.route.name, app.views.boundaries_passed(context.at), *sorted(context.query.items()))
    if old := recent_response(app, context, key):
        return responses.conditional(
            context.request, old[0].body, old[0].etag, public=True, headers=shed_headers(context, old[1])
        )
    version = app.views.version  # read first: a view may change while the answer is rendered
    sources = (*(app.views.view(name).digest for name in names), *extra)
    cached = app.response_cache.get(key, sources, lambda: orjson.dumps(make()))
    answer = responses.conditional(context.request, cached.body, cached.etag, public=True)
    if not extra and not context.at_least:
        headers = {
            "ETag": cached.etag,
            "Content-Type": responses.JSON,
            "Cache-Control": responses.SHARED,
            **responses.SAFE,
        }
        app.recorded_responses.record(
            context.request.scope, version, route=context.route.name, body=cached.body, headers=headers
        )
    return answer


def recent_response(app: AppContext, context: RequestContext, key: Hashable) -> tuple[CachedResponse, int] | None:
    """Return the last cached response and its age in seconds, to serve it under load instead of rendering a new one.

    Return None while lists are not shed, or if the response is `CACHED_MAX_AGE_S` old. That bound holds however long
    the load lasts, so that an entry that was taken down disappears in time. A response from before the instant at which
    the embargo hid likes is not served either.
    """
    old = app.response_cache.last(key) if app.shedding.serves_stale(context.route.shed) else None
    if old is None or old[1] >= CACHED_MAX_AGE_S:
        return None
    app.views.view("board")  # hides likes if that is due
    return old if old[0].at_s > app.views.hidden_s else None


def shed_headers(context: RequestContext, age_s: int) -> dict[str, str]:
    """Count a list that is served from the cache under load, and return the headers that tell its age."""
    metrics.SHED.labels(context.route.shed.name.lower()).inc()
    return responses.stale_headers(age_s)


async def wait_for_views(app: AppContext, context: RequestContext, *names: str) -> None:
    """Wait until the views `names` cover the positions in the request's `at_least`, unless it is served from the cache.

    Raise Problem if they do not in time.
    """
    for name in names if context.at_least and not app.shedding.serves_stale(context.route.shed) else ():
        await app.views.reach(name, context.at_least, who=context.sender(app.keys.campaign))


def likes_per_type(app: AppContext) -> int:
    """Return how many entries of one unit type a voter may like in a day.

    Return 0 if types have no limit of their own: there is one type, or the limit of a day is reached first. Return 0
    also if the campaign is not known.
    """
    campaign = app.views.data("campaign")
    limits = campaign.get("likes", {})
    has_limit = len(campaign.get("unit_types", ())) > 1 and limits.get("per_type", 0) < limits.get("per_day", 0)
    return int(limits["per_type"]) if has_limit else 0
