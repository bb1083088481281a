"""The page of one entry.

Promises: the page shows what the views (published parts of ranking's table) and submission's public data hold, and
nothing of an entry that is not visible.
While the submission service is unavailable, it shows what the views hold.
"""

from collections.abc import Mapping
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
from gateway.html.players import players
from gateway.http.problems import Problem
from gateway.public import ai_marks, entries, leaderboards
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from gateway.routing.view_responses import likes_per_type

SUMMARY_CHARS = 100


async def entry(app: AppContext, context: RequestContext) -> Response:
    """Return the page of a visible entry, by id or poster number. Raises Problem if no visible entry has it."""
    name = context.path["number"]
    found = app.views.entry(name)
    if found is None:
        raise app.views.unseen_entry(name)
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
        summary=_summary(content),
        og_picture=f"/media/{seen['pictures'][0]}/960.jpg" if seen.get("pictures") else "",
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
        videos=await players(app, content.get("files", ()), "video", context.lang),
        sounds=await players(app, content.get("files", ()), "audio", context.lang),
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


def _summary(content: Mapping[str, Any]) -> str:
    """Return how an entry begins in its own words, for those to whom a link to it is sent; empty without its text."""
    words = " ".join(f"{content.get('profile') or ''} {content.get('text') or ''}".split())
    return words if len(words) <= SUMMARY_CHARS else f"{words[:SUMMARY_CHARS]}…"


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


ROUTES = (
    Route(method="GET", path="/entries/{number}", base="", roles=ANYONE, about="Page of an entry", raw=page(entry)),
)
