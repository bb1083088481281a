"""The exhibition of the winners, as JSON and as a page, filtered by type, theme and city.

Promises: it comes from the views alone (published parts of ranking's table), so an entry that was taken down, withdrawn
or disqualified is gone with the next view. Until the result is final, everything that shows a winner says that the
result is provisional.
"""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from gateway.html.page import names_of, page, render, with_query
from gateway.html.page_cache import cached_page, not_open_page
from gateway.http import request_schemas, response_schemas
from gateway.load.shedding import Shed
from gateway.public import entry_list, leaderboards
from gateway.read_models.cache import Views
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route, codes
from gateway.routing.view_responses import cached_response, wait_for_views

Row = dict[str, Any]
_VIEWS = ("exhibition", "entries", "result")


async def exhibition(app: AppContext, context: RequestContext) -> Response:
    """Return the exhibited entries that match the filter of the request, as JSON. Raises Problem."""
    await wait_for_views(app, context, *_VIEWS)
    wanted = entry_list.EntryFilter.of(context.query)
    entry_list.refuse_unknown(wanted, app.views)
    return cached_response(app, context, (*_VIEWS, "campaign"), lambda: current_exhibition(app.views, wanted))


async def exhibition_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the exhibited entries that match the filter of the request. Raises Problem."""
    if not app.views.data("campaign"):
        return not_open_page(context)
    query = context.request.query_params
    wanted = entry_list.EntryFilter.of({name: query.get(name) for name in ("type", "theme", "city")})
    entry_list.refuse_unknown(wanted, app.views)

    def make() -> bytes:
        return render("public/exhibition.html", context, **_page_context(app, context, wanted))

    return cached_page(app, context, ("exhibition", wanted), make=make)


def current_exhibition(views: Views, wanted: entry_list.EntryFilter | None = None) -> dict[str, Any]:
    """Return the exhibition with its visible entries, each with public data and places, as the views have it now.

    With `wanted`, only the entries that match it are listed.
    """
    shown, visible = views.data("exhibition"), views.data("entries").get("entries", {})
    winners = {each["entry"]: each for each in leaderboards.published_result(views).get("winners", ())}
    rows = []
    for name in shown.get("entries", ()):
        if name in visible:
            won = {each: winners.get(name, {}).get(each) for each in ("place", "overall", "final")}
            rows.append({**entry_list.entry_row(name, visible[name]), **won})
    return {
        "open": bool(shown.get("open")),
        "provisional": bool(shown.get("provisional")),
        "at": shown.get("at", 0),
        "changed": shown.get("changed", 0),
        "entries": rows if wanted is None else entry_list.matching_rows(rows, wanted),
    }


def group_by_type(rows: Sequence[Row], types: dict[str, str]) -> dict[str, list[Row]]:
    """Return the rows by the name of their unit type; types in the campaign's order, rows from the best place down.

    `types` has the names by code; types without rows are left out.
    """
    placed = sorted(rows, key=lambda row: (row["place"] is None, row["place"]))
    kinds = {name: [each for each in placed if each["type"] == code] for code, name in types.items()}
    return {name: those for name, those in kinds.items() if those}


def _page_context(app: AppContext, context: RequestContext, wanted: entry_list.EntryFilter) -> dict[str, Any]:
    views, whole = app.views, current_exhibition(app.views)
    types = names_of(app, "unit_types", context.lang)
    rows = entry_list.matching_rows(whole["entries"], wanted)
    return {
        "path": with_query("/exhibition", wanted.criteria),
        "exhibition": whole,
        "wanted": wanted,
        "count": len(rows),
        "groups": group_by_type(rows, types),
        "types": types,
        "themes": names_of(app, "themes", context.lang),
        "cities": [(each, each) for each in entry_list.distinct_cities(row["city"] for row in whole["entries"])],
        "frozen": {entry for entry, each in views.data("entries").get("entries", {}).items() if each["frozen"]},
        "popular": leaderboards.popularity_list(views),
    }


ROUTES = (
    Route(
        method="GET",
        path="/exhibition",
        roles=ANYONE,
        about="Get the exhibition of all winners, or of those of a type, theme or city",
        handle=exhibition,
        query=request_schemas.Exhibition,
        answer=response_schemas.Exhibition,
        problems=codes("type-unknown theme-unknown city-unknown"),
        shed=Shed.LIST,
    ),
    Route(
        method="GET",
        path="/exhibition",
        base="",
        roles=ANYONE,
        about="Page of the exhibition",
        raw=page(exhibition_page),
        shed=Shed.LIST,
    ),
)
