"""API of likes: like, unlike, and the outcome of an accepted order.

Like and unlike are the only routes that must carry thousands of requests a second, so they are written by hand, without
schemas or request objects.

Promises: the same authorisation, problems and texts as every other route. A like needs no Idempotency-Key: voter, entry
and day are its key. It needs a like ticket, which is used up only by an order that was sent: after `busy`, `like-away`
and the refusals in `UNDECIDED` the same request may be repeated. An unlike takes back today's like, or with the header
Like-Receipt the like that the receipt proves, of whatever day, also of an entry that is no longer shown. A plain form
sends the like ticket in its field `ticket`; since it cannot solve a challenge, its like is taken as pending where one
would be demanded.
"""

import secrets
import time
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.admission.devices import device_of
from gateway.admission.turnstile import UNSOLVED, Evidence
from gateway.backends.ports import LikeAnswer
from gateway.http import response_schemas, responses
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.http.sessions import Headers
from gateway.routing.authorize import authorize
from gateway.routing.context import AppContext
from gateway.routing.pipeline import problem_response
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from shared import metrics

NOT_SENT = frozenset({"busy", "away"})
UNDECIDED = frozenset({"clock-ahead", "order-unreadable"})  # refused without a decision: the same order may be repeated
STATUS = {"counted": 200, "already": 200, "pending": 200, "gone": 200, "shown": 200, "accepted": 202}
_ANSWER_COUNTERS = {status: metrics.LIKES.labels(status) for status in (*STATUS, "refused", *sorted(NOT_SENT))}
BODY_MAX_BYTES = 1024  # only a form has a body; a small one is ignored, for clients that always send `{}`
RECEIPT_CHARS, ENTRY_CHARS = 80, 80  # of a receipt and of an entry's id, at most
FORM = b"application/x-www-form-urlencoded"
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


def like_endpoint(action: str) -> Any:
    """Return what builds the ASGI application of the route that likes (POST) or unlikes (DELETE) an entry.

    `action` is the order to send: like or unlike.
    """

    def build(app: AppContext, route: Route) -> ASGIApp:
        counters = {status: metrics.HTTP.labels(route.name, status) for status in set(STATUS.values())}

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            began = time.perf_counter()
            try:
                answer = await _order(app, route, action, scope, receive)
                status, body = STATUS[answer["status"]], orjson.dumps(answer)
            except Exception as problem:  # outermost handler of a request: answer the client, log the cause
                response = problem_response(app, Request(scope, receive), problem, secrets.token_hex(8))
                metrics.HTTP.labels(route.name, response.status_code).inc()
                await response(scope, receive, send)
                return
            counters[status].inc()
            metrics.LIKE_S.observe(time.perf_counter() - began)
            length = (b"content-length", b"%d" % len(body))
            await send({"type": "http.response.start", "status": status, "headers": [*_HEADERS, length]})
            await send({"type": "http.response.body", "body": body})

        return serve

    return build


async def _order(app: AppContext, route: Route, action: str, scope: Scope, receive: Receive) -> LikeAnswer:
    headers = dict(scope["headers"])
    session = await authorize(app, route, headers, scheme=scope["scheme"])
    assert session is not None  # the route is not open
    campaign_time = headers.get(b"campaign-time")
    at = app.views.campaign_time(None if campaign_time is None else campaign_time.decode("latin-1"))
    length = headers.get(b"content-length")
    if length is not None and not (length.isdigit() and int(length[:20]) <= BODY_MAX_BYTES):
        raise Problem("body-too-large", facts={"allowed": BODY_MAX_BYTES})
    receipt = _named_receipt(headers, action)
    entry = ordered_entry(app, scope["path_params"]["entry"], receipt)
    if b"like-ticket" not in headers and headers.get(b"content-type", b"").startswith(FORM):
        like_ticket = await _like_ticket_of_form(Request(scope, receive))
        headers = {b"challenge-solution": UNSOLVED.encode(), **headers, b"like-ticket": like_ticket}
    passed = app.turnstile.admit(session, entry, action, _presented(scope, headers))
    answer: LikeAnswer = {"status": "away"}
    try:
        answer = await app.likes.order(
            session.sub, entry, action, at=at, door=session.door, signals=passed.signals,
            seen=app.views.positions(app.folded_logs.followed_by_writers), held=passed.held,
            receipt=receipt,
        )  # fmt: skip
    finally:
        if is_undecided(answer):
            app.turnstile.release(passed)
    return check_answer(answer)


def ordered_entry(app: AppContext, name: str, receipt: str | None) -> str:
    """Return the id of the entry that an order names by id or poster number.

    An unlike that names its like by `receipt` may be of an entry that is no longer shown, by id: the writer compares
    it with the like. Raise Problem for any other entry that is not shown.
    """
    entry = app.views.entry(name)
    if entry is None and receipt and len(name) <= ENTRY_CHARS:
        return name
    if entry is None:
        raise Problem("entry-unknown", field="entry")
    return entry


def _presented(scope: Scope, headers: Headers) -> Evidence:
    client = scope.get("client")
    return Evidence(
        headers.get(b"like-ticket", b"").decode("latin-1"),
        headers.get(b"challenge-solution", b"").decode("latin-1"),
        client[0] if client else "",
        headers.get(b"user-agent", b""),
        headers.get(b"sec-fetch-site", b"").decode("latin-1"),
        device_of(headers, scope["scheme"]),
    )


def _named_receipt(headers: Headers, action: str) -> str | None:
    """Return the receipt of the like that an unlike names, or None."""
    text = headers.get(b"like-receipt", b"")[:RECEIPT_CHARS].decode("latin-1")
    return text if text and action == "unlike" else None


async def _like_ticket_of_form(request: Request) -> bytes:
    return (await read_form(request, limit=BODY_MAX_BYTES)).get("ticket", "").encode()


def is_undecided(answer: LikeAnswer) -> bool:
    """Return whether an answer means that the order was not decided.

    Then its like ticket and its solved challenge may be used again.
    """
    return answer["status"] in NOT_SENT or answer.get("code") in UNDECIDED


def check_answer(answer: LikeAnswer) -> LikeAnswer:
    """Count the answer to an order in the metrics and return it. Raise Problem if it is a refusal or a failure."""
    _ANSWER_COUNTERS[answer["status"]].inc()
    match answer["status"]:
        case "refused":
            metrics.REFUSALS.labels(answer["code"]).inc()
            raise Problem(answer["code"], facts=answer.get("detail"))
        case "busy":
            raise Problem("busy")
        case "away":
            raise Problem("like-away")
    return answer


async def order_outcome(app: AppContext, context: RequestContext) -> Response:
    """Return the outcome of an order that was answered `accepted`, by the order ticket in the path, as JSON.

    A refused order is a valid outcome here. Raises Problem if the ticket is not one of ours or the outcome is unknown.
    """
    app.rate_limits.refuse_if_often("order", context.path["ticket"][:24])
    answer = await app.likes.ticket(context.path["ticket"])
    if answer is None:
        raise Problem("ticket-unknown", field="ticket")
    if answer["status"] in ("busy", "away"):
        check_answer(answer)
    return responses.read(context.request, answer)


LIKE_HEADERS = ("Like-Ticket", "Challenge-Solution")
LIKE_PROBLEMS = (
    "entry-unknown", "entry-frozen", "entry-out", "entry-withdrawn", "window-closed", "late", "day-over",
    "daily-limit", "type-limit", "clock-ahead", "order-unreadable", "busy", "like-away", "body-too-large",
    "ticket-missing", "ticket-expired", "ticket-used", "ticket-foreign", "too-fast", "challenge-needed",
)  # fmt: skip
_UNLIKE_PROBLEMS = ("no-like-today", "like-not-older", "like-foreign", "receipt-unknown")

LIKES = (
    Route(
        method="POST",
        path="/entries/{entry}/like",
        roles=frozenset({VOTER}),
        about="Like an entry by id or poster number",
        raw=like_endpoint("like"),
        headers=LIKE_HEADERS,
        answer=response_schemas.Like,
        problems=LIKE_PROBLEMS,
        later=True,
    ),
    Route(
        method="DELETE",
        path="/entries/{entry}/like",
        roles=frozenset({VOTER}),
        about="Take back today's like of an entry, or the like that the header Like-Receipt names",
        raw=like_endpoint("unlike"),
        headers=(*LIKE_HEADERS, "Like-Receipt"),
        answer=response_schemas.Like,
        problems=(*LIKE_PROBLEMS, *_UNLIKE_PROBLEMS),
        later=True,
    ),
)
ROUTES = (
    *LIKES,
    Route(
        method="GET",
        path="/likes/tickets/{ticket}",
        roles=ANYONE,
        about="Get the outcome of an accepted order by its ticket",
        handle=order_outcome,
        answer=response_schemas.OrderOutcome,
        problems=("ticket-unknown", "like-away", "busy", "too-fast"),
    ),
)
