"""The big screen: a page for a hall that shows how the campaign goes, and keeps itself up to date.

Promises: it shows what the views hold and no more: likes and places only while they are public, and otherwise entries
that change with the minute, in an order that tells no likes. A screen asks again by its ETag every few seconds, so no
connection waits for it, and two thousand screens cost what as many answers 304 cost. Without a script the browser loads
the page again every minute.
"""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from gateway.html.page import names_of, page, render
from gateway.html.page_cache import cached_page, not_open_page
from gateway.load.shedding import Shed
from gateway.public import entry_list, leaderboards
from gateway.public.exhibition import group_by_type
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route

SCREEN = "/screen"
SECONDS = 15  # between two looks of a screen
ROWS = 5  # of each unit type
PICTURES = 8
MINUTE_MS = 60_000

Row = dict[str, Any]


async def screen(app: AppContext, context: RequestContext) -> Response:
    """Return the page for a big screen: the winners once they are published, else likes while they are public, else
    pictures of the entries.
    """
    if not app.views.data("campaign"):
        return not_open_page(context)
    minute = context.at // MINUTE_MS

    def make() -> bytes:
        values = _screen_context(app, context, minute)
        return render("public/screen.html", context, path=SCREEN, seconds=SECONDS, **values)

    return cached_page(app, context, ("screen",), make=make, moment=minute)


def rotate(rows: Sequence[Row], minute: int) -> list[Row]:
    """Return the few rows whose turn it is in this minute; each row has its turn as often as any other."""
    turns = -(-len(rows) // PICTURES) or 1
    start = minute % turns * PICTURES
    return list(rows[start : start + PICTURES])


def _screen_context(app: AppContext, context: RequestContext, minute: int) -> dict[str, Any]:
    views, types = app.views, names_of(app, "unit_types", context.lang)
    visible = entry_list.visible_rows(views)
    numbered = [row for row in visible if row["number"] is not None]
    winners = leaderboards.published_result(views).get("winners", [])
    listed = [{**row, "type": code} for code, rows in views.data("board").get("types", {}).items() for row in rows]
    is_counted = bool(listed) and all(row["likes"] is not None for row in listed)
    ranked = winners or (listed if is_counted else [])
    figures = {"entries" if numbered else "shown": len(numbered or visible)}
    figures["cities"] = len(entry_list.cities(views))
    if winners:
        figures["winners"] = len(winners)
    elif is_counted:
        figures["likes"] = sum(row["likes"] for row in listed)
    return {
        "figures": figures,
        "heading": "winners" if winners else "top" if is_counted else "turns",
        "tables": {name: those[:ROWS] for name, those in group_by_type(ranked, types).items()},
        "has_scores": bool(winners),
        "is_final": leaderboards.is_final(views),
        "pictures": [] if ranked else rotate(numbered or visible, minute),
        "types": types,
        "frozen": frozenset(),
    }


ROUTES = (
    Route(
        method="GET",
        path=SCREEN,
        base="",
        roles=ANYONE,
        about="Page for a big screen, which keeps itself up to date",
        raw=page(screen),
        shed=Shed.LIST,
    ),
)
