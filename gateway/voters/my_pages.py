"""The voter's own pages: liking and unliking by plain forms, today's likes, receipts, and what is kept of a person.

Promises: each page works without a script; a receipt is read by anybody who has it, without an account; forgetting
destroys the person's key and ends the session, and says what stays.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http.forms import form_of
from gateway.http.problems import Problem
from gateway.http.session_cookies import set_cookie
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from gateway.routing.service_calls import ask_service
from gateway.routing.view_responses import per_type
from gateway.voters import identities, other_likes

VOTERS = frozenset({VOTER})


async def like(app: AppContext, context: RequestContext) -> Response:
    return await like_by_form(app, context, context.path["number"], await form_of(context.request))


async def like_by_form(app: AppContext, context: RequestContext, number: str, form: Mapping[str, str]) -> Response:
    """The outcome of a like or an unlike, as a page; a problem's leads back to the entry, where a new ticket is."""
    assert context.session is not None  # the route is not open
    action, ticket = "unlike" if form.get("do") == "unlike" else "like", form.get("ticket", "")
    try:
        answer = await other_likes.by_form(
            app, context.session, number, action, at=context.at, request=context.request, ticket=ticket
        )
    except Problem as problem:
        back = f"/entries/{number}" if app.views.entry(number) else "/"
        return pages.problem_page(context.request, problem, name=context.id, again=back)
    seen = app.views.data("entries")["entries"][app.views.entry(number)]
    body = pages.render(
        "voters/liked.html",
        context,
        path=f"/entries/{number}",
        entry=seen,
        number=seen["number"] or number,
        ticket=other_likes.ticket_for(app, context.session, number),
        status=answer["status"],
        receipt=answer.get("receipt", ""),
        remaining=answer.get("remaining"),
        per_type=per_type(app),
    )
    return pages.shown(context, body)


async def likes(app: AppContext, context: RequestContext) -> Response:
    """Today's likes, asked in turn with the likes, so they hold all before."""
    assert context.session is not None  # the route is not open
    answer = await other_likes.shown(app, context.session, at=context.at)
    rows = [
        {**each, **_known(app, each["entry"]), "ticket": other_likes.ticket_for(app, context.session, each["entry"])}
        for each in answer["likes"]
    ]
    is_open = app.views.phase(context.at) == "likes"
    remaining = answer["remaining"]
    body = pages.render(
        "voters/likes.html", context, path="/likes", likes=rows, remaining=remaining, open=is_open,
        by_type=_by_type(app, context, rows, remaining) if remaining else [], per_type=per_type(app),
    )  # fmt: skip
    return pages.shown(context, body)


def _by_type(
    app: AppContext, context: RequestContext, likes: Sequence[Mapping[str, Any]], remaining: int
) -> list[dict[str, Any]]:
    """What is left of each type today: the limit of a type may be reached long before the day's."""
    visible, limit = app.views.data("entries").get("entries", {}), per_type(app)
    used = Counter(visible[each["entry"]]["type"] for each in likes if each["entry"] in visible)
    return [
        {"name": name, "left": max(0, min(limit - used[code], remaining))}
        for code, name in pages.names_of(app, "unit_types", context.lang).items()
        if used[code] and limit
    ]


def _known(app: AppContext, entry: str) -> dict[str, str]:
    """What is shown of an entry; of one that is not shown any more, its id alone."""
    seen = app.views.data("entries").get("entries", {}).get(entry, {})
    return {"title": seen.get("title", ""), "number": seen.get("number") or entry}


async def receipt(app: AppContext, context: RequestContext) -> Response:
    """What a receipt stands for."""
    name = context.path["receipt"]
    told = await ask_service(app, context, "voting", "receipt", {"receipt": name})
    body = pages.render(
        "voters/receipt.html", context, path=f"/receipts/{name}", receipt=name, like=told, **_known(app, told["entry"])
    )
    return pages.shown(context, body)


async def privacy(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a page's signature
    voter = context.session is not None and VOTER in context.session.roles
    return pages.shown(context, pages.render("voters/privacy.html", context, path="/privacy", voter=voter, done=False))


async def forget(app: AppContext, context: RequestContext) -> Response:
    """Destroy the key of the person who asks, and sign them out."""
    assert context.session is not None  # the route is not open
    await identities.forget(app, app.doors, context.session.sub)
    response = pages.shown(
        context, pages.render("voters/privacy.html", context, path="/privacy", voter=False, done=True)
    )
    set_cookie(response, context.request, "", max_age_s=0)
    return response


async def sign_out(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a page's signature
    response = pages.sent_on("/")
    set_cookie(response, context.request, "", max_age_s=0)
    return response


ROUTES = (
    Route(
        method="POST",
        path="/entries/{number}/like",
        base="",
        roles=VOTERS,
        about="Like an entry, or take the like back, by a plain form",
        raw=page(like),
    ),
    Route(method="GET", path="/likes", base="", roles=VOTERS, about="Today's likes, with receipts", raw=page(likes)),
    Route(
        method="GET",
        path="/receipts/{receipt}",
        base="",
        roles=ANYONE,
        about="What a receipt stands for",
        raw=page(receipt),
    ),
    Route(method="GET", path="/privacy", base="", roles=ANYONE, about="What is kept of a person", raw=page(privacy)),
    Route(method="POST", path="/sign-out", base="", roles=VOTERS, about="Leave this browser", raw=page(sign_out)),
    Route(method="POST", path="/privacy", base="", roles=VOTERS, about="Be forgotten", raw=page(forget)),
)
