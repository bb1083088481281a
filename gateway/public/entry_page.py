"""The page of one entry.

Promises: the page shows what the views (published parts of ranking's table) and submission's public data hold, and
nothing of an entry that is not visible.
While the submission service is unavailable, it shows what the views hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.admission import devices
from gateway.html.page import (
    cacheable_page,
    names_of,
    page,
    private_page,
    render,
)
from gateway.http.problems import Problem
from gateway.public import ai_marks, entries, leaderboards
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from gateway.routing.view_responses import likes_per_type

COPY_S = 1.0  # a page does not wait for the copy of a film that was handed in before there were copies
NOT_PLAYED = frozenset({"wmv", "wma"})


async def entry(app: AppContext, context: RequestContext) -> Response:
    """Return the page of a visible entry, by id or poster number. Raises Problem if no visible entry has it."""
    name = context.path["number"]
    found = app.views.entry(name)
    if found is None:
        raise Problem("entry-unknown")
    try:
        content = await entries.full_entry(app, context, found)
    except Problem as problem:
        if problem.status < 500 and problem.code != "busy":
            raise
        content = {}  # the service is unavailable or has too much to do: what the view holds is better than nothing
    seen = app.views.data("entries")["entries"][found]
    exhibition = app.views.data("exhibition")
    names = names_of(app, "unit_types", context.lang), names_of(app, "themes", context.lang)
    board = app.views.data("board").get("types", {}).get(seen["type"], ())
    board_row: dict[str, Any] = next((row for row in board if row["entry"] == found), {})
    result = leaderboards.published_result(app.views)
    method = like_method(app, context, seen)
    body = render(
        "public/entry.html",
        context,
        path=f"/entries/{name}",
        complaint_about=name,
        title=seen["title"],
        entry=seen,
        content=content,
        board_row=board_row,
        won=next((each for each in result.get("winners", ()) if each["entry"] == found), {}),
        explained=bool(seen.get("judged")) and bool(result),
        is_final=bool(result.get("is_final")),
        exhibited=found in exhibition.get("entries", ()),
        type_name=names[0].get(seen["type"], seen["type"]),
        themes=[names[1].get(each, each) for each in content.get("themes", ())],
        ai_marks=ai_marks.marks(content),
        pictures=_pictures(seen, content),
        videos=await _players(app, content, "video"),
        sounds=await _players(app, content, "audio"),
        like=method,
        ticket=_like_ticket(app, context, found) if method == "form" else "",
        per_type=likes_per_type(app),
    )
    if not app.views.window_is_open("likes", context.at):
        return cacheable_page(context, body)
    response = private_page(context, body)  # how to like depends on the visitor, so the page is private
    if method == "form":
        devices.set_device_cookie(context.request, response)
    return response


def _pictures(seen: Mapping[str, Any], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the pictures of an entry with their sizes and captions, where submission has told them."""
    sizes = {each["sha256"]: each for each in content.get("files", ())}
    unknown = {"width": 0, "height": 0, "caption": "", "alt": ""}
    return [{**unknown, **sizes.get(sha256, {}), "sha256": sha256} for sha256 in seen.get("pictures") or ()]


def like_method(app: AppContext, context: RequestContext, entry: Mapping[str, Any]) -> str:
    """Return how this visitor can like this entry now, for the page to show the right button.

    `form` is for a signed-in voter, `wechat` for a link to WeChat sign-in, `code` for a QR code to scan with a phone.
    Empty means that the entry takes no likes now, or that the visitor has no way to sign in.
    """
    if entry["number"] is None or entry["frozen"] or not app.views.window_is_open("likes", context.at):
        return ""
    if context.session is not None and VOTER in context.session.roles:
        return "form"
    if app.wechat is None:
        return ""
    return "wechat" if "MicroMessenger" in context.request.headers.get("user-agent", "") else "code"


def _like_ticket(app: AppContext, context: RequestContext, entry: str) -> str:
    return app.turnstile.tickets.issue(context.actor, count=1, entry=entry)[0]


@dataclass(frozen=True, slots=True)
class Player:
    """A video or sound on the page: its hash, and whether browsers play it or it can only be downloaded.

    `form` names its format for those who download it.
    """

    sha256: str
    plays: bool
    form: str


async def _players(app: AppContext, content: Mapping[str, Any], kind: str) -> list[Player]:
    """Return the video or sounds of an entry. Whether they play is known of their copies, else by their container."""
    players = []
    for each in content.get("files", ()):
        if each["kind"] == kind:
            container = each.get("container", "")
            try:
                copy = await app.copies.get(each["sha256"], within_s=COPY_S)
                container, plays = copy.container, copy.plays
            except Problem:
                plays = container not in NOT_PLAYED
            players.append(Player(each["sha256"], plays, container.upper()))
    return players


ROUTES = (
    Route(method="GET", path="/entries/{number}", base="", roles=ANYONE, about="Page of an entry", raw=page(entry)),
)
