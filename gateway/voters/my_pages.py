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
from gateway.routing.context import Gate
from gateway.routing.route import ANYONE, VOTER, Ask, Route
from gateway.routing.service_calls import ask_service
from gateway.routing.view_responses import per_type
from gateway.voters import identities, other_likes

VOTERS = frozenset({VOTER})


async def like(gate: Gate, ask: Ask) -> Response:
    return await like_by_form(gate, ask, ask.path["number"], await form_of(ask.request))


async def like_by_form(gate: Gate, ask: Ask, number: str, form: Mapping[str, str]) -> Response:
    """The outcome of a like or an unlike, as a page; a problem's leads back to the entry, where a new ticket is."""
    assert ask.session is not None  # the route is not open
    action, ticket = "unlike" if form.get("do") == "unlike" else "like", form.get("ticket", "")
    try:
        answer = await other_likes.by_form(
            gate, ask.session, number, action, at=ask.at, request=ask.request, ticket=ticket
        )
    except Problem as problem:
        back = f"/entries/{number}" if gate.views.entry(number) else "/"
        return pages.problem_page(ask.request, problem, name=ask.id, again=back)
    seen = gate.views.data("entries")["entries"][gate.views.entry(number)]
    body = pages.render(
        "voters/liked.html",
        ask,
        path=f"/entries/{number}",
        entry=seen,
        number=seen["number"] or number,
        ticket=other_likes.ticket_for(gate, ask.session, number),
        status=answer["status"],
        receipt=answer.get("receipt", ""),
        remaining=answer.get("remaining"),
        per_type=per_type(gate),
    )
    return pages.shown(ask, body)


async def likes(gate: Gate, ask: Ask) -> Response:
    """Today's likes, asked in turn with the likes, so they hold all before."""
    assert ask.session is not None  # the route is not open
    answer = await other_likes.shown(gate, ask.session, at=ask.at)
    rows = [
        {**each, **_known(gate, each["entry"]), "ticket": other_likes.ticket_for(gate, ask.session, each["entry"])}
        for each in answer["likes"]
    ]
    is_open = gate.views.phase(ask.at) == "likes"
    remaining = answer["remaining"]
    body = pages.render(
        "voters/likes.html", ask, path="/likes", likes=rows, remaining=remaining, open=is_open,
        by_type=_by_type(gate, ask, rows, remaining) if remaining else [], per_type=per_type(gate),
    )  # fmt: skip
    return pages.shown(ask, body)


def _by_type(gate: Gate, ask: Ask, likes: Sequence[Mapping[str, Any]], remaining: int) -> list[dict[str, Any]]:
    """What is left of each type today: the limit of a type may be reached long before the day's."""
    visible, limit = gate.views.data("entries").get("entries", {}), per_type(gate)
    used = Counter(visible[each["entry"]]["type"] for each in likes if each["entry"] in visible)
    return [
        {"name": name, "left": max(0, min(limit - used[code], remaining))}
        for code, name in pages.names_of(gate, "unit_types", ask.lang).items()
        if used[code] and limit
    ]


def _known(gate: Gate, entry: str) -> dict[str, str]:
    """What is shown of an entry; of one that is not shown any more, its id alone."""
    seen = gate.views.data("entries").get("entries", {}).get(entry, {})
    return {"title": seen.get("title", ""), "number": seen.get("number") or entry}


async def receipt(gate: Gate, ask: Ask) -> Response:
    """What a receipt stands for."""
    name = ask.path["receipt"]
    told = await ask_service(gate, ask, "voting", "receipt", {"receipt": name})
    body = pages.render(
        "voters/receipt.html", ask, path=f"/receipts/{name}", receipt=name, like=told, **_known(gate, told["entry"])
    )
    return pages.shown(ask, body)


async def privacy(gate: Gate, ask: Ask) -> Response:  # noqa: ARG001 -- a page's signature
    voter = ask.session is not None and VOTER in ask.session.roles
    return pages.shown(ask, pages.render("voters/privacy.html", ask, path="/privacy", voter=voter, done=False))


async def forget(gate: Gate, ask: Ask) -> Response:
    """Destroy the key of the person who asks, and sign them out."""
    assert ask.session is not None  # the route is not open
    await identities.forget(gate, gate.doors, ask.session.sub)
    response = pages.shown(ask, pages.render("voters/privacy.html", ask, path="/privacy", voter=False, done=True))
    set_cookie(response, ask.request, "", max_age_s=0)
    return response


async def sign_out(gate: Gate, ask: Ask) -> Response:  # noqa: ARG001 -- a page's signature
    response = pages.sent_on("/")
    set_cookie(response, ask.request, "", max_age_s=0)
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
