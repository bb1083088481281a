"""API that issues like tickets and challenges to voters."""

from starlette.responses import Response

from gateway.admission import devices
from gateway.http import request_schemas, response_schemas, responses
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import VOTER, RequestContext, Route


async def like_tickets(app: AppContext, context: RequestContext) -> Response:
    """Return new like tickets for this voter, for any entry or for a given one, and set the browser's device cookie.

    Raises Problem.
    """
    turnstile, named = app.turnstile, context.query.get("entry")
    entry = "" if named is None else app.views.entry(named)
    if entry is None:
        raise Problem("entry-unknown", field="entry")
    app.rate_limits.refuse_if_often("tickets", context.actor)
    count = min(context.query.get("count", 1), turnstile.rules.tickets_at_once)
    tickets = turnstile.tickets.issue(context.actor, count=count, entry=entry)
    answer = responses.read(context.request, {"tickets": tickets, "life_s": turnstile.rules.ticket_life_s})
    devices.set_device_cookie(context.request, answer)
    return answer


async def challenge(app: AppContext, context: RequestContext) -> Response:
    """Return a proof-of-work challenge that the client may solve in advance. Raises Problem.

    A client need not request one: the refusal of a like that needs a challenge contains one.
    """
    app.rate_limits.refuse_if_often("challenges", context.actor)
    made = app.turnstile.challenges.issue(context.actor, hard=context.query.get("hard", 0) == 1)
    return responses.read(context.request, {"challenge": made})


ROUTES = (
    Route(
        method="GET",
        path="/like-tickets",
        roles=frozenset({VOTER}),
        about="Get like tickets; send one in the header Like-Ticket, once and within minutes",
        handle=like_tickets,
        query=request_schemas.LikeTickets,
        answer=response_schemas.LikeTickets,
        problems=("entry-unknown", "too-fast"),
    ),
    Route(
        method="GET",
        path="/challenge",
        roles=frozenset({VOTER}),
        about="Get a proof-of-work challenge (altcha); send its solution in the header Challenge-Solution",
        handle=challenge,
        query=request_schemas.Challenge,
        answer=response_schemas.Challenge,
        problems=("too-fast",),
    ),
)
