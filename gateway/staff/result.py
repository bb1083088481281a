"""From closed polls to an open exhibition: cohort, rehearsal, proposal, signatures, publication, final."""

from starlette.responses import Response

from gateway.http import problems, request_schemas, responses
from gateway.http import response_schemas as told
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.route import (
    AUDITOR,
    MODERATOR,
    OPERATOR,
    ORGANISER,
    Handler,
    RequestContext,
    Route,
    codes,
)
from gateway.routing.service_calls import LONG_S, ask_service, forward

ORGANISERS = frozenset({ORGANISER})
WATCHING = ORGANISERS | {AUDITOR, OPERATOR}  # never judges: the ranking holds likes


def preview(method: str) -> Handler:
    """What would be, of the entry in the path if there is one, with words beside each obstacle."""

    async def handle(app: AppContext, context: RequestContext) -> Response:
        asked = {name: app.views.entry(said) or said for name, said in context.path.items()}  # a poster number will do
        seen = await ask_service(app, context, "ranking", method, asked, deadline_s=LONG_S)
        found = problems.worded({"problems": seen["obstacles"]})["problems"]
        return responses.read(context.request, {**seen, "obstacles": found})

    return handle


ROUTES = (
    Route(
        method="POST",
        path="/cohort",
        roles=ORGANISERS | {OPERATOR},
        about="Fix the entries that are judged; the clock process does so by itself when it is due",
        handle=forward("ranking", "fix_cohort", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Nothing,
        answer=told.EntriesCounted,
        problems=("polls-open", "cohort-already-fixed", "cohort-empty", "window-open", "campaign-not-open"),
    ),
    Route(
        method="GET",
        path="/result/rehearsal",
        roles=WATCHING,
        about="What would be proposed now, how it differs from the last proposal, and all that stands in its way",
        handle=preview("rehearse_result"),
        answer=told.Preview,
    ),
    Route(
        method="GET",
        path="/result/without/{entry}",
        roles=WATCHING,
        about="Who would move up were this entry disqualified now",
        handle=preview("result_without"),
        answer=told.Preview,
        problems=("entry-unknown", "campaign-not-open", "marks-missing"),
    ),
    Route(
        method="POST",
        path="/result/proposal",
        roles=ORGANISERS,
        about="Propose the result at the present cut",
        handle=forward("ranking", "propose_result", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Nothing,
        answer=told.Proposal,
        problems=codes(
            "rules-not-locked polls-open cohort-not-fixed result-outdated likes-held marks-missing seed-mismatch"
        ),
    ),
    Route(
        method="GET",
        path="/result/proposal",
        roles=WATCHING,
        about="The last proposal, its signatures, what it changes, and whether it is published",
        handle=forward("ranking", "result"),
        answer=told.Signing,
    ),
    Route(
        method="POST",
        path="/result/signatures",
        roles=ORGANISERS,
        about="Sign the proposal that was read",
        handle=forward("ranking", "sign_result", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Signature,
        answer=told.Signing,
        problems=codes(
            "proposal-unknown proposal-replaced digest-differs not-an-organiser already-signed result-published"
        ),
    ),
    Route(
        method="POST",
        path="/result/release",
        roles=ORGANISERS,
        about="Publish the signed result at a set time; without a time: not by itself any more",
        handle=forward("ranking", "schedule_release"),
        command=True,
        body=request_schemas.Release,
        answer=told.Release,
        problems=codes(
            "proposal-unknown proposal-replaced signatures-missing not-an-organiser result-published "
            "release-in-the-past"
        ),
    ),
    Route(
        method="POST",
        path="/result/publication",
        roles=ORGANISERS,
        about="Publish the signed result: the publication notice begins",
        handle=forward("ranking", "publish_result", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Publication,
        answer=told.Publication,
        problems=("proposal-unknown", "proposal-replaced", "signatures-missing", "result-outdated", "seed-mismatch"),
    ),
    Route(
        method="GET",
        path="/result/final",
        roles=WATCHING,
        about="What keeps the published result from being final",
        handle=preview("awaited_final"),
        answer=told.Awaited,
    ),
    Route(
        method="POST",
        path="/result/final",
        roles=ORGANISERS,
        about="Make the published result final, once its notice has ended with no objection open or upheld",
        handle=forward("ranking", "finalise_result", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Publication,
        answer=told.Final,
        problems=codes(
            "result-not-published notice-running objections-open objections-upheld result-outdated proposal-unknown "
            "proposal-replaced not-an-organiser"
        ),
    ),
    Route(
        method="POST",
        path="/exhibition",
        roles=ORGANISERS,
        about="Open the exhibition of the winners",
        handle=forward("ranking", "open_exhibition"),
        command=True,
        body=request_schemas.Nothing,
        answer=told.EntriesCounted,
        problems=("result-not-published",),
    ),
    Route(
        method="POST",
        path="/exhibition/{entry}/take-down",
        roles=ORGANISERS | {MODERATOR},
        about="Take an entry out of the exhibition",
        handle=forward("ranking", "take_down"),
        command=True,
        body=request_schemas.TakeDown,
        answer=told.TakenDown,
        problems=("exhibition-not-open", "entry-not-exhibited", "reason-missing"),
    ),
    Route(
        method="GET",
        path="/ranking/table",
        roles=WATCHING,
        about="The ranking as it would be proposed now, or as of an instant",
        handle=forward("ranking", "table", deadline_s=LONG_S),
        query=request_schemas.Moment,
        answer=told.Ranking,
        problems=("campaign-not-open", "marks-missing", "shed"),
        shed=Shed.CHART,
    ),
    Route(
        method="GET",
        path="/ranking/methods",
        roles=WATCHING,
        about="Every score method side by side, whom each would let win, and how far the judges agree",
        handle=forward("ranking", "methods", deadline_s=LONG_S),
        answer=told.Methods,
        problems=("campaign-not-open", "marks-missing", "shed"),
        shed=Shed.CHART,
    ),
)
