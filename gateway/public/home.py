"""The home page by phase with the list of entries, and the page of the leaderboards.

Promises: while likes are open, only the leaderboards are in the order of likes, and say so. The list of entries is
shuffled for each visitor (`shuffled_order.py`), and a list made for one visitor is not public. At other times the list
is in the order of poster numbers. The home page shows no likes at all: the leaderboards have a page of their own, and
so have whole lists. What is not folded is three screens of a phone at most.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.html.page import (
    cacheable_page,
    names_of,
    page,
    private_page,
    render,
    say_in,
    with_query,
)
from gateway.html.page_cache import cached_page, not_open_page
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.public import entry_list, like_buttons, list_cursor, shuffled_order
from gateway.public.exhibition import current_exhibition
from gateway.public.leaderboards import is_final, popularity_list, published_result, rank_rows, read_filter
from gateway.public.schedule import schedule_rows
from gateway.public.text_search import find_in_texts
from gateway.read_models.cache import Views
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from shared.zones import to_the_minute

ROWS = 20  # of a leaderboard, before the visitor opens all of them
CARDS = 24
OVERALL = "overall"
PUBLISHED = "published"  # the result is, and the exhibition has not begun
#: Where the one button of the home page leads, by phase.
_ACTIONS = {
    "before": "/rules",
    "submission": "/unit",
    "moderation": "/rules",
    "likes": "#showcase",
    "counting": "#showcase",
    "judging": "#showcase",
    "result": "#showcase",
    PUBLISHED: "/notice",
    "exhibition": "/exhibition",
    "over": "/exhibition",
}


async def home(app: AppContext, context: RequestContext) -> Response:
    """Return the home page: schedule, list of entries, result and exhibition of the campaign, as far as published.

    A text search is refused under load as a search, and is not cached: people can type any number of different ones.
    """
    views = app.views
    if not views.data("campaign"):
        return not_open_page(context)
    wanted = entry_list.EntryFilter.of(context.request.query_params)
    entry_list.refuse_unknown(wanted, views)
    list_cursor.read(app.keys.session, wanted.after, views)  # refuses an unknown one before anything is cached
    found = await find_in_texts(app, context, wanted.q)
    order = shuffled_order.visitor_order(app, context) if views.window_is_open("likes", context.at) else None

    method = like_buttons.visitor_method(app, context) if order is not None else ""
    fill, browser = await like_buttons.filler(app, context, method)

    def make() -> bytes:
        return render("public/home.html", context, like=method, **_home_context(app, context, wanted, order, found))

    if wanted.q:
        response = private_page(context, fill(make())) if fill else cacheable_page(context, make(), public=not order)
    else:
        cache_group, seed = (order.cache_group, order.seed) if order else (None, None)
        response = cached_page(app, context, ("home", wanted, cache_group, method), seed=seed, make=make, fill=fill)
    if order is not None:
        order.set_cookie(context.request, response)
    like_buttons.set_cookies(context, response, method, browser)
    return response


async def boards(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the leaderboards: all types, or the one of a type, a theme or a city, or the overall one.

    It shows likes only as far as the embargo allows.
    """
    if not app.views.data("campaign"):
        return not_open_page(context)
    query = context.request.query_params
    if query.get("by") not in (None, OVERALL):
        raise Problem("invalid", errors={"by": ["not-allowed"]})
    wanted, is_overall = read_filter(query, app.views), query.get("by") == OVERALL

    def make() -> bytes:
        path = with_query("/boards", {**wanted.criteria, **({"by": OVERALL} if is_overall else {})})
        crossing = is_overall or wanted.theme or wanted.city
        shown = _board_across_types(app, context, wanted) if crossing else _boards_by_type(app, context, wanted.type)
        return render(
            "public/boards.html",
            context,
            path=path,
            **shown,
            **_board_choices(app, context, wanted, is_overall=is_overall),
        )

    return cached_page(app, context, ("boards", wanted, is_overall), make=make)


def _home_context(
    app: AppContext,
    context: RequestContext,
    wanted: entry_list.EntryFilter,
    order: shuffled_order.ShuffledOrder | None,
    found: Mapping[str, Any] | None,
) -> dict[str, Any]:
    views, lang = app.views, context.lang
    campaign = views.campaign
    types = names_of(app, "unit_types", lang)
    result, exhibition = published_result(views), current_exhibition(views)
    stage, board_facts = views.phase(context.at), _board_facts(app)
    return {
        "path": with_query("/", {**wanted.criteria, **({"after": wanted.after} if wanted.after else {})}),
        "stage": stage,
        "action": _ACTIONS[_deed(stage, result)],
        "deed": _deed(stage, result),
        "facts": _stage_facts(app, context),
        "title": campaign[f"title_{lang}"],
        "campaign": campaign,
        "schedule": schedule_rows(campaign["windows"], context.at),
        "lead": _lead(stage, result, is_open=not board_facts["hidden"]),
        "winners": bool(result),
        "winner_count": len(result.get("winners", ())),
        "first_winners": _first_of_types(_winner_rows(views, result), types),
        "is_final": bool(result.get("is_final")),
        "outdated": bool(result.get("outdated")),
        "popular": popularity_list(views),
        "exhibition": exhibition,
        "first_exhibits": _first_of_types(exhibition["entries"], types),
        "visible": views.data("entries").get("entries", {}),
        "themes": names_of(app, "themes", lang),
        "texts_away": found is None,
        **_entry_list_context(app, wanted, order, found or {}),
        **board_facts,
        "types": types,
    }


def _lead(stage: str, result: Mapping[str, Any], *, is_open: bool) -> str:
    """Return the key of the sentence that says what happens now.

    `result` is the published one, if there is one; `is_open` says that likes are public.
    """
    if stage == "judging" and is_open:
        return "judging.open"
    if stage == "result" and result:
        return "final" if result.get("is_final") else PUBLISHED
    return stage


def _deed(stage: str, result: Mapping[str, Any]) -> str:
    """Return the key of what the one button of the page does now."""
    return PUBLISHED if stage == "result" and result else stage


def _winner_rows(views: Views, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the winners that may be shown, each with its public data and its place."""
    visible = views.data("entries").get("entries", {})
    return [
        {**entry_list.entry_row(each["entry"], visible[each["entry"]]), **each}
        for each in result.get("winners", ())
        if each["entry"] in visible
    ]


def _first_of_types(rows: Sequence[dict[str, Any]], types: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a few rows: the first of every type, then the second, and so on, in the campaign's order of types."""
    order = {code: k for k, code in enumerate(types)}
    placed = sorted(rows, key=lambda row: (row["place"] is None, row["place"], order.get(row["type"], len(order))))
    return placed[:CARDS]


def _stage_facts(app: AppContext, context: RequestContext) -> dict[str, Any]:
    """Return the values for the sentence that says what happens now: when the next phase begins, and the like limit."""
    windows = app.views.campaign["windows"].values()
    following = min((each["start"] for each in windows if each["start"] > context.at), default=None)
    return {
        "begins": to_the_minute(following, context.zone)[: len("2021-06-07")] if following else "",
        "per_day": app.views.campaign["likes"]["per_day"],
    }


def _entry_list_context(
    app: AppContext,
    wanted: entry_list.EntryFilter,
    order: shuffled_order.ShuffledOrder | None,
    found: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the template variables of the list of entries: its cards, its filter, and links to its other pages."""
    rows = entry_list.matching_rows(entry_list.visible_rows(app.views), wanted, found)
    listing = entry_list.paginate(
        rows,
        order=entry_list.number_order if order is None else entry_list.shuffled_order(order.seed),
        after=list_cursor.read(app.keys.session, wanted.after, app.views),
        limit=CARDS,
    )
    following = list_cursor.make(app.keys.session, listing.end)
    return {
        "is_shuffled": order is not None,
        "wanted": wanted,
        "listing": listing,
        "next_page": with_query("/", {**wanted.criteria, "after": following}) if following else "",
        "first_page": with_query("/", wanted.criteria),
        "cities": [(each, each) for each in entry_list.cities(app.views)],
    }


def _boards_by_type(app: AppContext, context: RequestContext, kind: str) -> dict[str, Any]:
    """Return the leaderboards by type in the campaign's order, with all rows of the type `kind`."""
    board, types = app.views.data("board"), names_of(app, "unit_types", context.lang)
    tables = [
        {
            "code": code,
            "name": name,
            "rows": rows if code == kind else rows[:ROWS],
            "total": len(rows),
            "open": code == kind or (not kind and i == 0),
        }
        for i, (code, name) in enumerate(types.items())
        if (rows := board.get("types", {}).get(code))
    ]
    return {"boards": tables, **_board_facts(app), "types": types}


def _board_across_types(app: AppContext, context: RequestContext, wanted: entry_list.EntryFilter) -> dict[str, Any]:
    """Return the one leaderboard that spans all types: of a theme, of a city, or overall."""
    themes = names_of(app, "themes", context.lang)
    name = themes.get(wanted.theme) or wanted.city or say_in(context.lang, "board.overall")
    rows = rank_rows(app.views, wanted)
    table = {"code": "all", "name": name, "rows": rows, "total": len(rows), "open": True}
    return {"boards": [table] if rows else [], **_board_facts(app), "types": names_of(app, "unit_types", context.lang)}


def _board_facts(app: AppContext) -> dict[str, Any]:
    board, visible = app.views.data("board"), app.views.data("entries").get("entries", {})
    return {
        "as_of": board.get("as_of") or 0,
        "hidden": all(row["likes"] is None for rows in board.get("types", {}).values() for row in rows),
        "embargoed": bool(board.get("embargoed")),
        "is_final": is_final(app.views),
        "frozen": {entry for entry, each in visible.items() if each["frozen"]},
    }


def _board_choices(
    app: AppContext, context: RequestContext, wanted: entry_list.EntryFilter, *, is_overall: bool
) -> dict[str, Any]:
    """Return the leaderboards that the visitor can choose, and which of them is shown."""
    return {
        "wanted": wanted,
        "is_overall": is_overall,
        "themes": names_of(app, "themes", context.lang),
        "cities": entry_list.cities(app.views),
    }


ROUTES = (
    Route(
        method="GET", path="/", base="", roles=ANYONE, about="Home page of the campaign", raw=page(home), shed=Shed.LIST
    ),
    Route(method="GET", path="/boards", base="", roles=ANYONE, about="Leaderboards", raw=page(boards), shed=Shed.LIST),
)
