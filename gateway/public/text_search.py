"""The search page, and the search in the texts of entries for the lists of pages and API.

Promises: what is found is visible: submission looks in approved versions alone, and of what it names only entries in
the views are listed, so nothing that moderation, a take-down or a withdrawal hides is found. No order or number tells
likes: what is found stands by poster number, and in like week in each visitor's own order on the home page. While
submission is away, names and numbers are still searched, and the answer says so.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html.page import cacheable_page, names_of, page, private_page, render, with_query
from gateway.html.page_cache import not_open_page
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.public import entry_list, like_buttons, list_cursor
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import look_up

SEARCH = "/search"
CARDS = 24
AWAY = frozenset({"service-away", "service-timeout", "busy", "internal"})


async def find_in_texts(app: AppContext, context: RequestContext, q: str) -> Mapping[str, Any] | None:
    """Return the entries whose text holds the words, by id, with where it does; None while submission is away.

    Raise Problem if the gateway is so busy that it refuses searches.
    """
    if not q:
        return {}
    app.shedding.refuse(Shed.SEARCH)
    try:
        answer = await look_up(app, context, "submission", "search_texts", {"q": q})
    except Problem as problem:
        if problem.code not in AWAY:
            raise
        return None
    found: Mapping[str, Any] = answer["entries"]
    return found


async def search(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the visible entries that match the words and the filter, in every phase. Raises Problem."""
    if not app.views.data("campaign"):
        return not_open_page(context)
    wanted = entry_list.EntryFilter.of(context.request.query_params)
    entry_list.refuse_unknown(wanted, app.views)
    after = list_cursor.read(app.keys.session, wanted.after, app.views)
    found = await find_in_texts(app, context, wanted.q)
    rows = entry_list.matching_rows(entry_list.visible_rows(app.views), wanted, found or {}) if wanted.criteria else []
    listing = entry_list.paginate(rows, order=entry_list.number_order, after=after, limit=CARDS)
    following = list_cursor.make(app.keys.session, listing.end)
    visible = app.views.data("entries").get("entries", {})
    takes_likes = bool(listing.rows) and app.views.window_is_open("likes", context.at)
    method = like_buttons.visitor_method(app, context) if takes_likes else ""
    fill, browser = await like_buttons.filler(app, context, method)
    body = render(
        "public/search.html",
        context,
        like=method,
        per_day=app.views.campaign["likes"]["per_day"],
        path=with_query(SEARCH, {**wanted.criteria, **({"after": wanted.after} if wanted.after else {})}),
        wanted=wanted,
        listing=listing,
        texts_away=found is None,
        next_page=with_query(SEARCH, {**wanted.criteria, "after": following}) if following else "",
        first_page=with_query(SEARCH, wanted.criteria),
        types=names_of(app, "unit_types", context.lang),
        themes=names_of(app, "themes", context.lang),
        cities=[(each, each) for each in entry_list.cities(app.views)],
        frozen={entry for entry, each in visible.items() if each["frozen"]},
    )
    if not method:
        return cacheable_page(context, body)
    response = private_page(context, fill(body) if fill else body)  # how to like depends on the visitor
    like_buttons.set_cookies(context, response, method, browser)
    return response


ROUTES = (
    Route(
        method="GET",
        path=SEARCH,
        base="",
        roles=ANYONE,
        about="Search page",
        raw=page(search),
        problems=("shed",),
        shed=Shed.SEARCH,
    ),
)
