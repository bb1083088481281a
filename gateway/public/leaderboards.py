"""API of the leaderboards, the published result and the popularity list, from the views alone.

A view is a published part of ranking's table. A leaderboard covers one unit type, one theme, one city, or all entries.

Promises: a row shows the likes that its view holds and nothing else, so the embargo on numbers holds. Entries with
equal likes share a place. Until the result is final, every list says that it is provisional. While likes are not public
there are no places, and rows are in the order of poster numbers.
A winner that may no longer be shown keeps its place and score but loses its title and unit.
There is deliberately no leaderboard of cities or of units by turnout: it would reward those who can press people to
like.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.http import request_schemas, response_schemas
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.public import entry_list
from gateway.read_models.cache import Views
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route, codes
from gateway.routing.view_responses import cached_response, wait_for_views
from shared.places import with_places

Row = dict[str, Any]


async def leaderboard(app: AppContext, context: RequestContext) -> Response:
    """Return the leaderboards as JSON: of all types and overall, or of the type, theme or city in the query.

    Raises Problem.
    """
    await wait_for_views(app, context, "board")
    wanted = read_filter(context.query, app.views)

    def make() -> dict[str, Any]:
        board = app.views.data("board")
        facts = {"as_of": board.get("as_of", 0), "visibility": board.get("visibility")}
        facts |= {"provisional": not is_final(app.views)}
        facts |= {"embargoed": bool(board.get("embargoed")), "hidden_from": board.get("hidden_from")}
        types = board.get("types", {})
        if wanted.theme or wanted.city:
            return {**facts, **wanted.criteria, "rows": rank_rows(app.views, wanted)}
        if wanted.type:
            return {**facts, "types": {wanted.type: types.get(wanted.type, [])}}
        return {**facts, "types": types, "overall": rank_rows(app.views, wanted)}

    return cached_response(app, context, ("board", "entries", "campaign", "result"), make)


async def result(app: AppContext, context: RequestContext) -> Response:
    """Return the published result as JSON, with all winners or those of the type, theme or city in the query.

    Raises Problem before publication.
    """
    names = ("result", "entries", "campaign")
    await wait_for_views(app, context, *names)
    wanted = read_filter(context.query, app.views)
    if not app.views.data("result").get("published"):
        raise Problem("result-not-published")

    def make() -> dict[str, Any]:
        data = published_result(app.views)
        return {**data, "winners": filter_winners(app.views, wanted)} if wanted.criteria else data

    return cached_response(app, context, names, make)


async def popularity(app: AppContext, context: RequestContext) -> Response:
    """Return the popularity list as JSON: entries by likes alone, published beside the result."""
    await wait_for_views(app, context, "popularity")
    return cached_response(app, context, ("popularity", "entries", "result"), lambda: popularity_list(app.views))


def read_filter(query: Mapping[str, Any], views: Views) -> entry_list.EntryFilter:
    """Return the filter in a query, which may name one type, theme or city.

    Raises Problem if it names more than one of them, or an unknown value.
    """
    wanted = entry_list.EntryFilter.of({name: query.get(name) for name in ("type", "theme", "city")})
    first, *more = wanted.criteria or {"": ""}
    if more:
        raise Problem("invalid", errors={name: ["one-at-a-time"] for name in (first, *more)})
    entry_list.refuse_unknown(wanted, views)
    return wanted


def rank_rows(views: Views, wanted: entry_list.EntryFilter) -> list[Row]:
    """Return the rows of a leaderboard that spans unit types, each with its place on that leaderboard.

    `wanted` limits it to a theme or a city.
    """
    visible = views.data("entries").get("entries", {})
    types: Mapping[str, list[Row]] = views.data("board").get("types", {})
    rows = [{**row, "type": code} for code, those in types.items() for row in those if row["entry"] in visible]
    matching = (row for row in rows if _matches(row, visible[row["entry"]], wanted))
    return with_places(matching, score="likes", then="number")


def published_result(views: Views) -> dict[str, Any]:
    """Return the result as the public may see it, or an empty dictionary before publication.

    Winners that may no longer be shown have neither title nor unit.
    """
    data, visible = views.data("result"), views.data("entries").get("entries", {})
    if not data.get("published"):
        return {}
    named = [each if each["entry"] in visible else {**each, "title": "", "unit": ""} for each in data["winners"]]
    return {**data, "winners": named}


def filter_winners(views: Views, wanted: entry_list.EntryFilter) -> list[Row]:
    """Return the winners of the type, theme or city in the filter, best first.

    A winner that may no longer be shown is found by its type alone, because the view holds nothing else about it.
    """
    visible = views.data("entries").get("entries", {})
    rows = [
        each
        for each in published_result(views).get("winners", ())
        if _matches(each, visible.get(each["entry"]), wanted)
    ]
    return sorted(rows, key=lambda row: (row.get("overall") or 0, row["type"], row["place"]))


def popularity_list(views: Views) -> dict[str, Any]:
    """Return the popularity list with its visible entries.

    `open` is false if the rules have no such list, and before the result is published.
    """
    data, visible = views.data("popularity"), views.data("entries").get("entries", {})
    rows = [each for each in data.get("entries", ()) if each["entry"] in visible]
    return {"open": bool(data), "as_of": data.get("as_of", 0), "provisional": not is_final(views), "entries": rows}


def is_final(views: Views) -> bool:
    """Return whether the result is final. Until then places of any kind are provisional, and every list says so."""
    return bool(views.data("result").get("is_final"))


def _matches(row: Row, seen: Mapping[str, Any] | None, wanted: entry_list.EntryFilter) -> bool:
    if wanted.type not in ("", row["type"]):
        return False
    if not (wanted.theme or wanted.city):
        return True
    return (
        seen is not None
        and (not wanted.theme or wanted.theme in (seen.get("themes") or ()))
        and entry_list.is_city(wanted.city, seen["city"])
    )


_UNKNOWN = codes("type-unknown theme-unknown city-unknown")
ROUTES = (
    Route(
        method="GET",
        path="/leaderboard",
        roles=ANYONE,
        about="Get the leaderboards by type and overall, or of one type, theme or city; likes only while public",
        handle=leaderboard,
        query=request_schemas.Board,
        answer=response_schemas.Leaderboard,
        problems=(*_UNKNOWN, "shed"),
        shed=Shed.CHART,
    ),
    Route(
        method="GET",
        path="/result",
        roles=ANYONE,
        about="Get the published result, or the winners of one type, theme or city",
        handle=result,
        query=request_schemas.Board,
        answer=response_schemas.Result,
        problems=(*_UNKNOWN, "result-not-published"),
        shed=Shed.LIST,
    ),
    Route(
        method="GET",
        path="/popularity",
        roles=ANYONE,
        about="Get the popularity list, if the rules have one; it is published with the result but is not part of it",
        handle=popularity,
        answer=response_schemas.Popularity,
        shed=Shed.LIST,
    ),
)
