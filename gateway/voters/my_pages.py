"""The voter's pages: liking and unliking by form, likes of all days, receipts, and privacy.

Promises: each page works without a script. Anyone who has a receipt can read it without an account. Deleting one's data
destroys the person's key and ends the session, and the page says what remains.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.http.session_cookies import set_cookie
from gateway.http.sessions import Session
from gateway.public import entries
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from gateway.routing.view_responses import likes_per_type
from gateway.voters import identities, other_likes, own_likes
from shared.logs import logger
from shared.zones import local_time

VOTERS = frozenset({VOTER})
log_ = logger(__name__)


async def like(app: AppContext, context: RequestContext) -> Response:
    """Handle the form on an entry's page that likes or unlikes the entry; return the outcome as a page."""
    return await like_by_form(app, context, context.path["number"], await read_form(context.request))


async def like_by_form(app: AppContext, context: RequestContext, number: str, form: Mapping[str, str]) -> Response:
    """Send a like or unlike as the fields of a form say (`do`, `ticket`, `receipt`), and return its outcome as a page.

    The page of a problem leads back to the entry, which has a new like ticket.
    """
    assert context.session is not None  # the route is not open
    try:
        answer = await other_likes.order_by_form(
            app, context.session, number, form, at=context.at, request=context.request
        )
    except Problem as problem:
        back = f"/entries/{number}" if app.views.entry(number) else "/"
        return pages.problem_page(
            context.request, problem, name=context.id, again=back, zone=context.zone, frame=context.frame
        )
    seen = app.views.data("entries")["entries"].get(app.views.entry(number))  # None if it is no longer shown
    body = pages.render(
        "voters/liked.html",
        context,
        path="/likes" if seen is None else f"/entries/{number}",
        entry=seen,
        number=(seen and seen["number"]) or number,
        ticket=other_likes.issue_like_ticket(app, context.session, number),
        status=answer["status"],
        action=other_likes.action_of(form),
        named=form.get("receipt", ""),
        receipt=answer.get("receipt", ""),
        remaining=answer.get("remaining"),
        per_type=likes_per_type(app),
    )
    return pages.private_page(context, body)


async def likes(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the voter's likes of all days, with receipts and what can still be taken back.

    Raises Problem.
    """
    assert context.session is not None  # the route is not open
    answer = await own_likes.own_likes(app, context.session, at=context.at)
    today, window = f"{local_time(context.at, context.zone):%Y-%m-%d}", app.views.campaign["windows"]["likes"]
    days = [
        (say_day(context, day, today), [_own_like_row(app, context.session, each) for each in likes])
        for day, likes in own_likes.by_day(app, answer, at=context.at)
    ]
    is_open = app.views.window_is_open("likes", context.at)
    remaining = answer.get("remaining", 0)
    body = pages.render(
        "voters/likes.html",
        context,
        path="/likes",
        campaign=app.views.campaign,
        days=days,
        is_accepted=answer["status"] == "accepted",
        is_whole="all_days" in answer,
        remaining=remaining,
        open=is_open,
        window=window,
        is_early=context.at < window["start"],
        by_type=_likes_left_by_type(app, context, answer.get("likes", ()), remaining) if is_open and remaining else [],
        per_type=likes_per_type(app),
    )
    return pages.private_page(context, body)


def say_day(context: RequestContext, day: str, today: str) -> str:
    """Return a day as the heading of its likes."""
    return pages.say_in(context.lang, "mine.today", day=day) if day == today else day


def _own_like_row(app: AppContext, session: Session, like: Mapping[str, Any]) -> dict[str, Any]:
    ticket = other_likes.issue_like_ticket(app, session, like["entry"]) if like["retractable"] else ""
    return {**like, **_entry_label(app, like["entry"]), "ticket": ticket}


def _likes_left_by_type(
    app: AppContext, context: RequestContext, likes: Sequence[Mapping[str, Any]], remaining: int
) -> list[dict[str, Any]]:
    """Return the likes left today for each type already used: its limit may be reached long before the daily one."""
    visible, limit = app.views.data("entries").get("entries", {}), likes_per_type(app)
    used = Counter(visible[each["entry"]]["type"] for each in likes if each["entry"] in visible)
    return [
        {"name": name, "left": max(0, min(limit - used[code], remaining))}
        for code, name in pages.names_of(app, "unit_types", context.lang).items()
        if used[code] and limit
    ]


def _entry_label(app: AppContext, entry: str) -> dict[str, str]:
    """Return title and number of an entry; of one that is no longer shown, only its id."""
    seen = app.views.data("entries").get("entries", {}).get(entry, {})
    return {"title": seen.get("title", ""), "number": seen.get("number") or entry}


async def receipt(app: AppContext, context: RequestContext) -> Response:
    """Return the page that shows the like that a receipt proves, for anyone who has the receipt. Raises Problem.

    While likes are open a signed-in voter can take the like back there, whatever its day.
    """
    name = context.path["receipt"]
    stored = await entries.like_of_receipt(app, context, name)
    session, ticket = context.session, ""
    if session is not None and VOTER in session.roles and app.views.window_is_open("likes", context.at):
        ticket = other_likes.issue_like_ticket(app, session, stored["entry"])
    body = pages.render(
        "voters/receipt.html",
        context,
        path=f"/receipts/{name}",
        receipt=name,
        like=stored,
        ticket=ticket,
        **_entry_label(app, stored["entry"]),
    )
    return pages.private_page(context, body)


async def privacy(app: AppContext, context: RequestContext) -> Response:
    """Return the privacy page: a signed-in voter can delete their data on it, anybody else sees how to sign in."""
    return _privacy_page(app, context, voter=context.is_voter)


def _privacy_page(app: AppContext, context: RequestContext, *, voter: bool, done: bool = False) -> Response:
    body = pages.render(
        "voters/privacy.html", context, path="/privacy", voter=voter, done=done, has_wechat=app.wechat is not None
    )
    return pages.private_page(context, body)


async def forget(app: AppContext, context: RequestContext) -> Response:
    """Destroy the key that encrypts this voter's data, and sign the voter out; return the page that confirms it.

    Raises Problem if the destruction is not certain to happen.
    """
    assert context.session is not None  # the route is not open
    await identities.forget_voter(app, app.wechat, context.session.sub)
    await _end_session(app, context)
    response = _privacy_page(app, context, voter=False, done=True)
    set_cookie(response, context.request, "", max_age_s=0)
    return response


async def _end_session(app: AppContext, context: RequestContext) -> None:
    """End the session, in this process alone while voting is away: this browser loses its cookie in any case."""
    assert context.session is not None  # the routes are not open
    try:
        await app.session_watch.end(context.session)
    except Problem as problem:
        log_.warning("a voter's session ended in this process alone", request=context.id, code=problem.code)


ROUTES = (
    Route(
        method="POST",
        path="/entries/{number}/like",
        base="",
        roles=VOTERS,
        about="Like or unlike an entry by form",
        raw=page(like),
    ),
    Route(
        method="GET",
        path="/likes",
        base="",
        roles=VOTERS,
        about="Page of the voter's likes of all days with receipts",
        raw=page(likes),
    ),
    Route(
        method="GET",
        path="/receipts/{receipt}",
        base="",
        roles=ANYONE,
        about="Page of a receipt",
        raw=page(receipt),
    ),
    Route(method="GET", path="/privacy", base="", roles=ANYONE, about="Privacy page", raw=page(privacy)),
    Route(
        method="POST",
        path="/privacy",
        base="",
        roles=VOTERS,
        about="Delete the voter's data by form",
        raw=page(forget),
        security_event="forgetting-ordered",
    ),
)
