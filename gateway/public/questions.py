"""Questions of general interest with the organisers' answers, for everybody.

Promises: what is shown are the words that an organiser wrote for everybody; no unit and no person who asked is named.
All visitors share one look at the service (`admission/look_ups.py`).
"""

from starlette.responses import Response

from gateway.html.page import cacheable_page, page, render
from gateway.http import response_schemas
from gateway.http.response_cache import etag_of
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import LOOK_UP_PROBLEMS, forward_look_up, look_up

PATH = "/questions"


async def questions_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of questions and answers. Raises Problem."""
    app.shedding.refuse(Shed.SEARCH)
    found = await look_up(app, context, "moderation", "public_questions", {})
    body = render("public/questions.html", context, path=PATH, questions=found["questions"])
    return cacheable_page(context, body, etag=etag_of(body))


ROUTES = (
    Route(
        method="GET",
        path=PATH,
        roles=ANYONE,
        about="List questions of general interest with the organisers' answers, newest first",
        handle=forward_look_up("moderation", "public_questions", public=True),
        answer=response_schemas.PublicQuestions,
        problems=("shed", *LOOK_UP_PROBLEMS),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path=PATH,
        base="",
        roles=ANYONE,
        about="Questions and answers",
        raw=page(questions_page),
    ),
)
