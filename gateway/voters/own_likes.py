"""A voter's own likes: today's from the vote writers, those of all days from the voting service.

Promises: no like that was answered is missing. The writers answer in sequence with the voter's orders, and the service
reads the voter's log to its end afterwards. While the service is away, the likes of today are there all the same.
"""

from typing import Any

from starlette.responses import Response

from gateway.backends.ports import LikeAnswer
from gateway.http import request_schemas, response_schemas, responses
from gateway.http.problems import Problem
from gateway.http.sessions import Session
from gateway.routing.context import AppContext
from gateway.routing.route import VOTER, RequestContext, Route
from gateway.routing.service_calls import call_as_gateway
from gateway.voters.other_likes import todays_likes
from shared.logs import logger
from shared.zones import local_time

RPC_S = 3.0
STANDING = frozenset({"counted", "pending"})
log_ = logger(__name__)


async def own_likes(app: AppContext, session: Session, *, at: int, whole: bool = True) -> LikeAnswer:
    """Return the writer's answer to the question for today's likes, with `all_days` added. Raises Problem.

    `all_days` has the newest first. A like in it has `entry`, `day`, `at`, `status`, `receipt`, and whether it can be
    taken back now. The field is missing while the voting service does not answer, and with `whole` false.
    """
    answer = await todays_likes(app, session, at=at)
    if not whole or answer["status"] != "shown":
        return answer
    try:
        found = await call_as_gateway(app, "voting", "likes_of_voter", {"voter": session.sub}, deadline_s=RPC_S)
    except Problem as problem:
        log_.warning("the likes of all days are not there", code=problem.code)
        return answer
    is_open = app.views.window_is_open("likes", at)
    likes = [{**each, "retractable": is_open and each["status"] in STANDING} for each in found["likes"]]
    return {**answer, "all_days": likes}


def by_day(app: AppContext, answer: LikeAnswer, *, at: int) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the likes of an answer of `own_likes` by day, the newest day first; without `all_days`, those of today."""
    likes = answer.get("all_days")
    if likes is None:
        day, is_open = f"{local_time(at, app.views.zone):%Y-%m-%d}", app.views.window_is_open("likes", at)
        likes = [{**each, "day": day, "retractable": is_open} for each in answer.get("likes", ())]
    days: dict[str, list[dict[str, Any]]] = {}
    for each in likes:
        days.setdefault(each["day"], []).append(each)
    return list(days.items())


async def my_likes(app: AppContext, context: RequestContext) -> Response:
    """Return the voter's likes with their receipts, of all days or of today alone, as JSON. Raises Problem."""
    assert context.session is not None  # the route is not open
    whole = context.query.get("days") != "today"
    answer = await own_likes(app, context.session, at=context.at, whole=whole)
    return responses.read(context.request, answer)


ROUTES = (
    Route(
        method="GET",
        path="/me/likes",
        roles=frozenset({VOTER}),
        about="Get the voter's likes with receipts: today's, and those of all days unless `days` is today",
        handle=my_likes,
        query=request_schemas.MyLikes,
        answer=response_schemas.MyLikes,
        problems=("like-away", "busy", "too-fast"),
    ),
)
