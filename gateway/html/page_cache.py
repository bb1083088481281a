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
from gateway.routing.context import Gate
from gateway.routing.route import Ask

_VIEWS = ("campaign", "entries", "board", "result", "popularity", "exhibition")


def kept(
    gate: Gate, ask: Ask, key: tuple[object, ...], *, made_of: tuple[object, object], make: Callable[[], bytes]
) -> Response:
    """`made_of`: besides the views, the phase and the order. Two visitors of one lot take turns in what is kept."""
    whose, is_public = (*key, ask.lang, ask.large), made_of[1] is None
    if old := view_responses.recent(gate, ask, whose):
        more = view_responses.shed(ask, old[1])
        return kept_page(ask, old[0].body, etag=old[0].etag, public=is_public, more=more)
    marks = tuple(gate.views.view(name).mark for name in _VIEWS)
    found = gate.memo.get(whose, (marks, made_of), make)
    return kept_page(ask, found.body, etag=found.etag, public=is_public)


def closed(ask: Ask) -> Response:
    """The page before the campaign is open."""
    body = render("html/closed.html", ask, path="/")
    return kept_page(ask, body, etag=etag_of(body))
