"""Cache of rendered pages that depend on the views alone; a page is rendered again when one of the views changes.

A view is a published part of ranking's table (`read_models/cache.py`).

Promises: a page ends with the window that it depends on: none is served beyond a window's start or end. Under load the
last page rendered for a key is served with its age, for less than half a minute, so that an entry that was taken down
disappears from every page within a minute even then. Pages in different languages, text sizes or shuffled orders are
never mixed up.
"""

from collections.abc import Callable

from starlette.responses import Response

from gateway.html.page import cacheable_page, private_page, render
from gateway.http.response_cache import etag_of
from gateway.routing import view_responses
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext

VIEWS = ("campaign", "page_theme", "entries", "board", "result", "popularity", "exhibition")


def cached_page(
    app: AppContext,
    context: RequestContext,
    key: tuple[object, ...],
    *,
    seed: bytes | None = None,
    moment: int | None = None,
    make: Callable[[], bytes],
    fill: Callable[[bytes], bytes] | None = None,
) -> Response:
    """Return the response for a page that `make` renders, from the cache while the views and `seed` are unchanged and
    no window has begun or ended.

    `key` names the page; language and text size are added to it, and the windows' boundaries, so that no page from
    before one is served after it, even under load. A page with a `seed` of the shuffled order is not public. A page
    that also changes with time has a `moment`, a number that changes when it does. Two visitors of one cache group
    overwrite each other's cached page. `fill` puts what is one visitor's alone into the cached page; then no cache
    stores the response.
    """
    full_key = (*key, context.lang, context.large, app.views.boundaries_passed(context.at))
    is_public = seed is None
    if old := view_responses.recent_response(app, context, full_key):
        more = view_responses.shed_headers(context, old[1])
        if fill is not None:
            response = private_page(context, fill(old[0].body))
            response.headers.update(more)
            return response
        return cacheable_page(context, old[0].body, etag=old[0].etag, public=is_public, more=more)
    digests = tuple(app.views.view(name).digest for name in VIEWS)
    cached = app.response_cache.get(full_key, (digests, seed, moment, context.frame.left), make)
    if fill is not None:
        return private_page(context, fill(cached.body))
    return cacheable_page(context, cached.body, etag=cached.etag, public=is_public)


def not_open_page(context: RequestContext) -> Response:
    """Return the response for the page that is shown instead of others before the campaign is opened."""
    body = render("html/closed.html", context, path="/")
    return cacheable_page(context, body, etag=etag_of(body))
