"""Likes. The one route that must carry thousands a second, so it is written by hand: no schema, no request object.

Promises: the same guard, the same problems and the same words as every other route. A like needs no Idempotency-Key:
the voter, the entry and the day are its key. It needs a like ticket, which is used up only by an order that was sent:
after `busy`, `like-away` and the refusals of `UNDECIDED` the same request may come again. A plain form holds the ticket
in its field `ticket`; since it cannot solve a challenge, its like is taken as pending where one would be asked.
"""

import secrets
import time
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.admission.devices import device_of
from gateway.admission.turnstile import UNSOLVED, Presented
from gateway.backends.ports import LikeAnswer
from gateway.http import limits, responses
from gateway.http import response_schemas as told
from gateway.http.problems import Problem
from gateway.http.sessions import Headers
from gateway.routing.authorize import authorize
from gateway.routing.context import AppContext
from gateway.routing.pipeline import failure
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from shared import metrics

NOT_SENT = frozenset({"busy", "away"})
UNDECIDED = frozenset({"clock-ahead", "order-unreadable"})  # refused and not decided: the same order may come again
STATUS = {"counted": 200, "already": 200, "pending": 200, "gone": 200, "shown": 200, "accepted": 202}
_LIKES = {status: metrics.LIKES.labels(status) for status in (*STATUS, "refused", *sorted(NOT_SENT))}
NOTHING_SENT = 1024  # a like has no body but a form's; a small one is let be, for clients that always send `{}`
FORM = b"application/x-www-form-urlencoded"
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


def like_door(action: str) -> Any:
    """The ASGI application of `POST` and `DELETE /entries/{entry}/like`."""

    def made(app: AppContext, route: Route) -> ASGIApp:
        well = {status: metrics.HTTP.labels(route.name, status) for status in set(STATUS.values())}

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            began = time.perf_counter()
            try:
                answer = await _order(app, route, action, scope, receive)
                status, body = STATUS[answer["status"]], orjson.dumps(answer)
            except Exception as problem:  # the outermost loop of a request: said to the client, kept in the log
                response = failure(Request(scope, receive), problem, secrets.token_hex(8))
                metrics.HTTP.labels(route.name, response.status_code).inc()
                await response(scope, receive, send)
                return
            well[status].inc()
            metrics.LIKE_S.observe(time.perf_counter() - began)
            length = (b"content-length", b"%d" % len(body))
            await send({"type": "http.response.start", "status": status, "headers": [*_HEADERS, length]})
            await send({"type": "http.response.body", "body": body})

        return serve

    return made


async def _order(app: AppContext, route: Route, action: str, scope: Scope, receive: Receive) -> LikeAnswer:
    headers = dict(scope["headers"])
    session = await authorize(app, route, headers, scheme=scope["scheme"])
    assert session is not None  # the route is not open
    said = headers.get(b"campaign-time")
    at = app.views.moment(None if said is None else said.decode("latin-1"))
    length = headers.get(b"content-length")
    if length is not None and not (length.isdigit() and int(length[:20]) <= NOTHING_SENT):
        raise Problem("body-too-large", facts={"allowed": NOTHING_SENT})
    entry = app.views.entry(scope["path_params"]["entry"])
    if entry is None:
        raise Problem("entry-unknown", field="entry")
    if b"like-ticket" not in headers and headers.get(b"content-type", b"").startswith(FORM):
        ticket = await _ticket_in_form(Request(scope, receive))
        headers = {b"challenge-solution": UNSOLVED.encode(), **headers, b"like-ticket": ticket}
    passed = app.turnstile.let_in(session, entry, action, _presented(scope, headers))
    answer: LikeAnswer = {"status": "away"}
    try:
        answer = await app.likes.order(
            session.sub, entry, action, at=at, door=session.door, signals=passed.signals,
            seen=app.views.positions(app.folded_logs.followed_by_writers), held=passed.held,
        )  # fmt: skip
    finally:
        if undone(answer):
            app.turnstile.give_back(passed)
    return answered(answer)


def _presented(scope: Scope, headers: Headers) -> Presented:
    client = scope.get("client")
    return Presented(
        headers.get(b"like-ticket", b"").decode("latin-1"),
        headers.get(b"challenge-solution", b"").decode("latin-1"),
        client[0] if client else "",
        headers.get(b"user-agent", b""),
        headers.get(b"sec-fetch-site", b"").decode("latin-1"),
        device_of(headers, scope["scheme"]),
    )


async def _ticket_in_form(request: Request) -> bytes:
    body = await limits.read_body(request, limit=NOTHING_SENT)
    return next(iter(parse_qs(body, max_num_fields=20).get(b"ticket", ())), b"")


def undone(answer: LikeAnswer) -> bool:
    """Whether nothing came of the order, so that its ticket and its work serve again."""
    return answer["status"] in NOT_SENT or answer.get("code") in UNDECIDED


def answered(answer: LikeAnswer) -> LikeAnswer:
    """The answer, or its Problem."""
    _LIKES[answer["status"]].inc()
    match answer["status"]:
        case "refused":
            metrics.REFUSALS.labels(answer["code"]).inc()
            raise Problem(answer["code"], facts=answer.get("detail"))
        case "busy":
            raise Problem("busy")
        case "away":
            raise Problem("like-away")
    return answer


async def my_likes(app: AppContext, context: RequestContext) -> Response:
    """Today's likes of the voter, with their receipts; asked in turn with the likes, so it holds all before it."""
    assert context.session is not None  # the route is not open
    app.asking.refuse_if_often("likes", context.session.sub)
    answer = await app.likes.order(
        context.session.sub, "", "show", at=context.at, door=context.session.door, signals={},
        seen=app.views.positions(app.folded_logs.followed_by_writers),
    )  # fmt: skip
    return responses.read(context.request, answered(answer))


async def ticket(app: AppContext, context: RequestContext) -> Response:
    """What became of an accepted order. A refusal is an answer here, not a failure of asking."""
    app.asking.refuse_if_often("order", context.path["ticket"][:24])
    answer = await app.likes.ticket(context.path["ticket"])
    if answer is None:
        raise Problem("ticket-unknown", field="ticket")
    if answer["status"] in ("busy", "away"):
        answered(answer)
    return responses.read(context.request, answer)


_LIKE_HEADERS = ("Like-Ticket", "Challenge-Solution")
_LIKE_PROBLEMS = (
    "entry-unknown", "entry-frozen", "entry-out", "entry-withdrawn", "window-closed", "late", "day-over",
    "daily-limit", "type-limit", "clock-ahead", "order-unreadable", "busy", "like-away", "body-too-large",
    "ticket-missing", "ticket-expired", "ticket-used", "ticket-foreign", "too-fast", "challenge-needed",
)  # fmt: skip

LIKES = (
    Route(
        method="POST",
        path="/entries/{entry}/like",
        roles=frozenset({VOTER}),
        about="Like an entry, by its id or poster number",
        raw=like_door("like"),
        headers=_LIKE_HEADERS,
        answer=told.Like,
        problems=_LIKE_PROBLEMS,
        later=True,
    ),
    Route(
        method="DELETE",
        path="/entries/{entry}/like",
        roles=frozenset({VOTER}),
        about="Take today's like of an entry back",
        raw=like_door("unlike"),
        headers=_LIKE_HEADERS,
        answer=told.Like,
        problems=_LIKE_PROBLEMS,
        later=True,
    ),
)
ROUTES = (
    *LIKES,
    Route(
        method="GET",
        path="/me/likes",
        roles=frozenset({VOTER}),
        about="Today's likes of this voter, with receipts",
        handle=my_likes,
        answer=told.MyLikes,
        problems=("like-away", "busy", "too-fast"),
    ),
    Route(
        method="GET",
        path="/likes/tickets/{ticket}",
        roles=ANYONE,
        about="What became of an accepted like",
        handle=ticket,
        answer=told.OrderOutcome,
        problems=("ticket-unknown", "like-away", "busy", "too-fast"),
    ),
)
