"""Sessions of voters without WeChat, for rehearsals; in a live campaign the route does not exist.

Promises: a voter's pseudonym is the one that the same openid has at any other door.
"""

from starlette.responses import Response

from gateway.http import request_schemas, response_schemas, responses
from gateway.http.limits import HAND_IN_BYTES
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route


async def issue_sessions(app: AppContext, context: RequestContext) -> Response:
    """Return a session token for the voter of each openid in the body, without a sign-in through WeChat."""
    door = context.body.get("door", "dev")
    voters = [_voter(app, openid, door) for openid in context.body["openids"]]
    return responses.command({"voters": voters})


def _voter(app: AppContext, openid: str, door: str) -> dict[str, str]:
    voter = app.keys.voter(openid)
    token, _ = app.sessions.issue(voter, frozenset({VOTER}), door=door)
    return {"openid": openid, "voter": voter, "token": token}


ROUTES = (
    Route(
        method="POST",
        path="/rehearsal/voters",
        roles=ANYONE,
        about="In rehearsals only: issue sessions to voters by openid, at most 1,000 at once",
        handle=issue_sessions,
        body=request_schemas.Voters,
        answer=response_schemas.Voters,
        rehearsal=True,
        limit_bytes=HAND_IN_BYTES,
    ),
)
