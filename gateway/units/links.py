"""API for the H5 links of entries: what a page shows before it is handed in, and whether it has changed since."""

import asyncio
import time

from starlette.responses import Response

from gateway.http import request_schemas, response_schemas, responses
from gateway.http.problems import with_texts
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, MODERATOR, ORGANISER, UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service

WAIT_S = 15.0  # a preview is answered by then, whether the page has come or not
LOOK_EVERY_S = 0.7
RUNNING = ("waiting", "running")


async def preview(app: AppContext, context: RequestContext) -> Response:
    """Return what a link's page shows, which the media worker fetches; wait WAIT_S seconds for it at most.

    While it has not come, the state is waiting or running, and the same request asks again. Raises Problem.
    """
    until_s = time.monotonic() + WAIT_S
    with app.link_previews.slot(context.actor):
        while True:
            found = await call_service(app, context, "submission", "preview_link", context.body)
            if found["state"] not in RUNNING or time.monotonic() >= until_s:
                return responses.read(context.request, with_texts(found, zone=context.zone))
            await asyncio.sleep(LOOK_EVERY_S)


async def link_of_entry(app: AppContext, context: RequestContext) -> Response:
    """Return what the link of an entry showed when its latest version came in, and what it shows now. Raises Problem.

    A page that was not looked at for ten minutes is fetched anew.
    """
    found = await call_service(app, context, "submission", "entry_link", context.path)
    if found["watched"] is not None:
        found = found | {"watched": with_texts(found["watched"], zone=context.zone)}
    return responses.read(context.request, found)


ROUTES = (
    Route(
        method="POST",
        path="/my/links/preview",
        roles=frozenset({UNIT}),
        about="Show what the page of an H5 link shows, before it is handed in",
        handle=preview,
        body=request_schemas.LinkPreview,
        answer=response_schemas.Link,
        problems=("busy", "h5-not-https", "h5-not-public"),
    ),
    Route(
        method="GET",
        path="/moderation/entries/{entry}/link",
        roles=frozenset({MODERATOR, ORGANISER, AUDITOR}),
        about="Tell what the H5 link of an entry showed when it came in, and what it shows now",
        handle=link_of_entry,
        answer=response_schemas.EntryLink,
        problems=("entry-unknown",),
    ),
)
