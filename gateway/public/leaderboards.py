"""The leaderboards, the published result and the popularity list, made of the views alone.

A board is of one unit type, one theme, one city, or of all. Promises: a row has the likes that its view holds, so the
embargo holds; equal likes share a place, and where likes are not public there are no places and the order is that of
the poster numbers; a winner that may no longer be seen keeps its place and score, and loses its name.
Never a board of cities or of units by turnout: that would reward who can press people to like.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.http import request_schemas
from gateway.http import response_schemas as told
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.public import entry_list
from gateway.read_models.cache import Views
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route, codes
from gateway.routing.view_responses import of_views, reached
from shared.places import with_places

Row = dict[str, Any]


async def leaderboard(app: AppContext, context: RequestContext) -> Response:
    await reached(app, context, "board")
    wanted = one_of(context.query, app.views)

    def make() -> dict[str, Any]:
        board = app.views.data("board")
        facts = {"as_of": board.get("as_of", 0), "visibility": board.get("visibility")}
        types = board.get("types", {})
        if wanted.theme or wanted.city:
            return {**facts, **wanted.named, "rows": ranked(app.views, wanted)}
        if wanted.type:
            return {**facts, "types": {wanted.type: types.get(wanted.type, [])}}
        return {**facts, "types": types, "overall": ranked(app.views, wanted)}

    return of_views(app, context, ("board", "entries", "campaign"), make)


async def result(app: AppContext, context: RequestContext) -> Response:
    names = ("result", "entries", "campaign")
    await reached(app, context, *names)
    wanted = one_of(context.query, app.views)
    if not app.views.data("result").get("published"):
        raise Problem("result-not-published")

    def make() -> dict[str, Any]:
        data = published(app.views)
        return {**data, "winners": winning(app.views, wanted)} if wanted.named else data

    return of_views(app, context, names, make)


async def popularity(app: AppContext, context: RequestContext) -> Response:
    await reached(app, context, "popularity")
    return of_views(app, context, ("popularity", "entries"), lambda: popular(app.views))


def one_of(query: Mapping[str, Any], views: Views) -> entry_list.Wanted:
    """The type, the theme or the city that is asked for. Raises Problem for two of them, and for what there is not."""
    wanted = entry_list.Wanted.of({name: query.get(name) for name in ("type", "theme", "city")})
    first, *more = wanted.named or {"": ""}
    if more:
        raise Problem("invalid", errors={name: ["one-at-a-time"] for name in (first, *more)})
    entry_list.refuse_unknown(wanted, views)
    return wanted


def ranked(views: Views, wanted: entry_list.Wanted) -> list[Row]:
    """The rows of a board over types, places anew."""
    visible = views.data("entries").get("entries", {})
    types: Mapping[str, list[Row]] = views.data("board").get("types", {})
    rows = [{**row, "type": code} for code, those in types.items() for row in those if row["entry"] in visible]
    shown = (row for row in rows if _is_wanted(row, visible[row["entry"]], wanted))
    return with_places(shown, score="likes", then="number")


def published(views: Views) -> dict[str, Any]:
    """The published result, empty before."""
    data, visible = views.data("result"), views.data("entries").get("entries", {})
    if not data.get("published"):
        return {}
    named = [each if each["entry"] in visible else {**each, "title": "", "unit": ""} for each in data["winners"]]
    return {**data, "winners": named}


def winning(views: Views, wanted: entry_list.Wanted) -> list[Row]:
    """The winners of a type, a theme or a city, best first. Of what may no longer be seen, only the type is told."""
    visible = views.data("entries").get("entries", {})
    rows = [
        each for each in published(views).get("winners", ()) if _is_wanted(each, visible.get(each["entry"]), wanted)
    ]
    return sorted(rows, key=lambda row: (row.get("overall") or 0, row["type"], row["place"]))


def popular(views: Views) -> dict[str, Any]:
    """The popularity list; not open where the rules want none, or before the result is published."""
    data, visible = views.data("popularity"), views.data("entries").get("entries", {})
    rows = [each for each in data.get("entries", ()) if each["entry"] in visible]
    return {"open": bool(data), "as_of": data.get("as_of", 0), "entries": rows}


def _is_wanted(row: Row, seen: Mapping[str, Any] | None, wanted: entry_list.Wanted) -> bool:
    if wanted.type not in ("", row["type"]):
        return False
    if not (wanted.theme or wanted.city):
        return True
    return (
        seen is not None
        and (not wanted.theme or wanted.theme in (seen.get("themes") or ()))
        and wanted.city in ("", seen["city"])
    )


_UNKNOWN = codes("type-unknown theme-unknown city-unknown")
ROUTES = (
    Route(
        method="GET",
        path="/leaderboard",
        roles=ANYONE,
        about="The leaderboards by type and over all, or that of one type, theme or city: as far as likes are public",
        handle=leaderboard,
        query=request_schemas.Board,
        answer=told.Leaderboard,
        problems=(*_UNKNOWN, "shed"),
        shed=Shed.CHART,
    ),
    Route(
        method="GET",
        path="/result",
        roles=ANYONE,
        about="The published result, or the winners of one type, theme or city",
        handle=result,
        query=request_schemas.Board,
        answer=told.Result,
        problems=(*_UNKNOWN, "result-not-published"),
        shed=Shed.LIST,
    ),
    Route(
        method="GET",
        path="/popularity",
        roles=ANYONE,
        about="The popularity list, where the rules want one: beside the published result, and no part of it",
        handle=popularity,
        answer=told.Popularity,
        shed=Shed.LIST,
    ),
)
