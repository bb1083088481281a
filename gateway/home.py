"""The first page, with the list of entries, and the leaderboards on a page of their own.

Promises: while likes are open no page is in the order of likes but the leaderboards', which say so: the list is
shuffled for each visitor (`ordering.py`), and what is made for one of them is nobody else's to keep. At other times it
stands by poster number, and the leaderboards are on the first page too.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gateway import listing, ordering, public
from gateway.gate import Gate
from gateway.memo import etag_of
from gateway.pages import address, kept_page, names_of, page, render
from gateway.problems import Problem
from gateway.route import ANYONE, Ask, Route
from gateway.shedding import Shed
from gateway.views import PHASES

ROWS = 20  # of a leaderboard, until all are asked for
CARDS = 24
_VIEWS = ("campaign", "entries", "board", "result", "exhibition")


async def home(gate: Gate, ask: Ask) -> Response:
    """The campaign on one page. A search is shed as one, and not kept: there are as many as people can type."""
    views = gate.views
    if not views.data("campaign"):
        return _closed(ask)
    wanted, phase = listing.Wanted.of(ask.request.query_params), views.phase(ask.at)
    listing.refuse_unknown(wanted, views)
    if wanted.after not in views.data("entries").get("entries", {}):
        wanted = replace(wanted, after="")  # gone meanwhile, or never there: from the beginning
    if wanted.q:
        gate.shedding.refuse(Shed.SEARCH)
    order = ordering.order_of(gate, ask) if phase == "likes" else None

    def make() -> bytes:
        return render("home.html", ask, **_home(gate, ask, wanted, order))

    if wanted.q:
        response = kept_page(ask, make(), public=order is None)
    else:
        lot, seed = (order.lot, order.seed) if order else (None, None)
        response = _kept(gate, ask, ("home", wanted, lot), made_of=(phase, seed), make=make)
    if order is not None:
        order.keep(ask.request, response)
    return response


async def boards(gate: Gate, ask: Ask) -> Response:
    """The leaderboards, as far as the embargo allows."""
    views = gate.views
    if not views.data("campaign"):
        return _closed(ask)
    kind = ask.request.query_params.get("type", "")
    if kind and kind not in names_of(gate, "unit_types", ask.lang):
        raise Problem("type-unknown", field="type")

    def make() -> bytes:
        path = address("/boards", {"type": kind} if kind else {})
        return render("boards.html", ask, path=path, **_boards(gate, ask, kind))

    return _kept(gate, ask, ("boards", kind), made_of=(None, None), make=make)


def _kept(
    gate: Gate, ask: Ask, key: tuple[object, ...], *, made_of: tuple[object, object], make: Callable[[], bytes]
) -> Response:
    """A page that is kept until what it was made of changes; under load, what was answered last under its key.

    `made_of`: besides the views, the phase and the order. Two visitors of one lot take turns in what is kept.
    """
    whose, is_public = (*key, ask.lang, ask.large), made_of[1] is None
    if gate.shedding.stale(ask.route.shed) and (old := gate.memo.last(whose)):
        more = public.shed(ask, old[1])
        return kept_page(ask, old[0].body, etag=old[0].etag, public=is_public, more=more)
    marks = tuple(gate.views.view(name).mark for name in _VIEWS)
    kept = gate.memo.get(whose, (marks, made_of), make)
    return kept_page(ask, kept.body, etag=kept.etag, public=is_public)


def _closed(ask: Ask) -> Response:
    body = render("closed.html", ask, path="/")
    return kept_page(ask, body, etag=etag_of(body))


def _home(gate: Gate, ask: Ask, wanted: listing.Wanted, order: ordering.Order | None) -> dict[str, Any]:
    views, lang = gate.views, ask.lang
    campaign = views.campaign
    types = names_of(gate, "unit_types", lang)
    result, exhibition = public.published(views), public.exhibited(views)
    return {
        "path": address("/", {**wanted.named, **({"after": wanted.after} if wanted.after else {})}),
        "title": campaign[f"title_{lang}"],
        "campaign": campaign,
        "phase": views.phase(ask.at),
        "schedule": [_scheduled(name, campaign["windows"][name], ask.at) for name in PHASES],
        "digest": result.get("digest"),
        "winners": _by_type(result.get("winners", ()), types),
        "exhibition": exhibition,
        "exhibited": _by_type(exhibition["entries"], types),
        "visible": views.data("entries").get("entries", {}),
        "themes": names_of(gate, "themes", lang),
        **_list(gate, wanted, order),
        **_boards(gate, ask, ""),
    }


def _list(gate: Gate, wanted: listing.Wanted, order: ordering.Order | None) -> dict[str, Any]:
    """The cards that are wanted, and what else may be."""
    rows = listing.chosen(listing.listed(gate.views), wanted)
    leaf = listing.leaf(rows if order is None else listing.shuffled(rows, order.seed), after=wanted.after, limit=CARDS)
    return {
        "is_shuffled": order is not None,
        "wanted": wanted,
        "leaf": leaf,
        "next_page": address("/", {**wanted.named, "after": leaf.more}) if leaf.more else "",
        "first_page": address("/", wanted.named),
        "cities": [(each, each) for each in listing.cities(gate.views)],
    }


def _boards(gate: Gate, ask: Ask, kind: str) -> dict[str, Any]:
    """The leaderboards in the campaign's order; all rows of the one that was asked for."""
    board, visible = gate.views.data("board"), gate.views.data("entries").get("entries", {})
    types = names_of(gate, "unit_types", ask.lang)
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
    return {
        "boards": tables,
        "as_of": board.get("as_of") or 0,
        "hidden": all(row["likes"] is None for rows in board.get("types", {}).values() for row in rows),
        "frozen": {entry for entry, each in visible.items() if each["frozen"]},
        "types": types,
    }


def _by_type(rows: Sequence[dict[str, Any]], types: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Rows by the name of their type, in the campaign's order, best first."""
    placed = sorted(rows, key=lambda row: (row["place"] is None, row["place"]))
    kinds = {name: [each for each in placed if each["type"] == code] for code, name in types.items()}
    return {name: those for name, those in kinds.items() if those}


def _scheduled(name: str, window: dict[str, int], at: int) -> dict[str, Any]:
    state = "coming" if at < window["start"] else "now" if at < window["end"] else "past"
    return {"name": name, "start": window["start"], "end": window["end"], "state": state}


ROUTES = (
    Route(
        method="GET", path="/", base="", roles=ANYONE, about="The campaign on one page", raw=page(home), shed=Shed.LIST
    ),
    Route(
        method="GET", path="/boards", base="", roles=ANYONE, about="The leaderboards", raw=page(boards), shed=Shed.LIST
    ),
)
