"""The exhibition of the winners, as JSON and as a page, filtered by type, theme and city.

Promises: it comes from the views alone (published parts of ranking's table), so an entry that was taken down, withdrawn
or disqualified is gone with the next view. Until the result is final, everything that shows a winner says that the
result is provisional.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gateway.html.page import cacheable_page, names_of, page, render, say_in, with_query
from gateway.html.page_cache import cached_page, not_open_page
from gateway.http import request_schemas, response_schemas
from gateway.load.shedding import Shed
from gateway.public import entry_list, leaderboards
from gateway.public.text_search import find_in_texts
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
    """Return the page of the exhibited entries that match the filter of the request. Raises Problem.

    Words are looked for in titles, units, numbers and texts, as on the search page.
    """
    if not app.views.data("campaign"):
        return not_open_page(context)
    wanted = replace(entry_list.EntryFilter.of(context.request.query_params), after="")
    entry_list.refuse_unknown(wanted, app.views)
    found = await find_in_texts(app, context, wanted.q)

    def make() -> bytes:
        return render("public/exhibition.html", context, **_page_context(app, context, wanted, found))

    if wanted.q:  # people can type any number of different words
        return cacheable_page(context, make())
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


def _page_context(
    app: AppContext, context: RequestContext, wanted: entry_list.EntryFilter, found: Mapping[str, Any] | None
) -> dict[str, Any]:
    views, whole = app.views, current_exhibition(app.views)
    types, themes = names_of(app, "unit_types", context.lang), names_of(app, "themes", context.lang)
    cities = {each: each for each in entry_list.distinct_cities(row["city"] for row in whole["entries"])}
    rows = entry_list.matching_rows(whole["entries"], wanted, found or {})
    names = {"type": types, "theme": themes, "city": cities}
    return {
        "path": _path(wanted),
        "exhibition": whole,
        "wanted": wanted,
        "count": len(rows),
        "groups": group_by_type(rows, types),
        "types": types,
        "texts_away": found is None,
        "chosen": [
            {"text": names.get(field, {}).get(value, value), "href": _path(replace(wanted, **{field: ""}))}
            for field, value in wanted.criteria.items()
        ],
        "choices": {
            say_in(context.lang, field): _pills(whole["entries"], wanted, found or {}, field, values)
            for field, values in names.items()
        },
        "frozen": {entry for entry, each in views.data("entries").get("entries", {}).items() if each["frozen"]},
        "popular": leaderboards.popularity_list(views),
    }


def _path(wanted: entry_list.EntryFilter) -> str:
    return with_query("/exhibition", wanted.criteria)


def _pills(
    rows: Sequence[Row], wanted: entry_list.EntryFilter, found: Mapping[str, Any], field: str, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the values that one field of the filter can take, each with the page that it leads to and how many
    exhibits are there, while the other fields stay; values without any are left out.
    """
    pills = []
    for value, text in names.items():
        narrowed = replace(wanted, **{field: value})
        count = len(entry_list.matching_rows(rows, narrowed, found))
        if count:
            is_chosen = getattr(wanted, field) == value
            pills.append({"text": text, "count": count, "href": _path(narrowed), "chosen": is_chosen})
    return pills


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
