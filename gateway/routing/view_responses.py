"""Answers that are made of views, cached until one of the views changes.

Promises: under load the last answer is given again with its age, and it is never older than `KEPT_AGE_S`.
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

#: What is taken down is gone from every cache within a minute: a view comes within a second, and where its message was
#: lost within `stream.REFRESH_S`, 30; then whoever kept a file, or a list under load, asks again.
KEPT_AGE_S = 25


def of_views(
    app: AppContext, context: RequestContext, names: tuple[str, ...], make: Callable[[], Any], *extra: object
) -> Response:
    """An answer made of views, kept until one of them changes."""
    key = (context.route.name, *sorted(context.query.items()))
    if old := recent(app, context, key):
        return responses.known(context.request, old[0].body, old[0].etag, public=True, headers=shed(context, old[1]))
    made_of = (*(app.views.view(name).mark for name in names), *extra)
    kept = app.memo.get(key, made_of, lambda: orjson.dumps(make()))
    answer = responses.known(context.request, kept.body, kept.etag, public=True)
    if not extra and not context.at_least:
        headers = {
            "ETag": kept.etag,
            "Content-Type": responses.JSON,
            "Cache-Control": responses.SHARED,
            **responses.SAFE,
        }
        app.quick.note(context.request.scope, app.views.turn, route=context.route.name, body=kept.body, headers=headers)
    return answer


def recent(app: AppContext, context: RequestContext, key: Hashable) -> tuple[CachedResponse, int] | None:
    """What was answered last for a list, and its age, where lists are shed to that; never older than what was taken
    down may still be seen, however long the load lasts.
    """
    old = app.memo.last(key) if app.shedding.stale(context.route.shed) else None
    return old if old is not None and old[1] < KEPT_AGE_S else None


def shed(context: RequestContext, age_s: int) -> dict[str, str]:
    """The headers of a list that is answered from what was kept."""
    metrics.SHED.labels(context.route.shed.name.lower()).inc()
    return responses.stale(age_s)


async def reached(app: AppContext, context: RequestContext, *names: str) -> None:
    """Wait until the views hold what `at_least` names; not where an old answer will do."""
    for name in names if context.at_least and not app.shedding.stale(context.route.shed) else ():
        await app.views.reach(name, context.at_least)


def per_type(app: AppContext) -> int:
    """How many entries of a type a voter may like a day; 0 where the campaign is not told."""
    return int(app.views.data("campaign").get("likes", {}).get("per_type", 0))
