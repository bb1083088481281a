"""Pages that are made of the views alone, kept until one of the views changes.

Promises: under load, what was answered last under a page's key, with its age, for less than half a minute: what was
taken down is gone from every page within a minute then too. Two languages, two sizes of text and two orders are never
each other's page.
"""

from collections.abc import Callable

from starlette.responses import Response

from gateway.html.page import kept_page, render
from gateway.http.response_cache import etag_of
from gateway.routing import view_responses
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext

_VIEWS = ("campaign", "entries", "board", "result", "popularity", "exhibition")


def kept(
    app: AppContext,
    context: RequestContext,
    key: tuple[object, ...],
    *,
    made_of: tuple[object, object],
    make: Callable[[], bytes],
) -> Response:
    """`made_of`: besides the views, the phase and the order. Two visitors of one lot take turns in what is kept."""
    whose, is_public = (*key, context.lang, context.large), made_of[1] is None
    if old := view_responses.recent(app, context, whose):
        more = view_responses.shed(context, old[1])
        return kept_page(context, old[0].body, etag=old[0].etag, public=is_public, more=more)
    marks = tuple(app.views.view(name).mark for name in _VIEWS)
    found = app.memo.get(whose, (marks, made_of), make)
    return kept_page(context, found.body, etag=found.etag, public=is_public)


def closed(context: RequestContext) -> Response:
    """The page before the campaign is open."""
    body = render("html/closed.html", context, path="/")
    return kept_page(context, body, etag=etag_of(body))
