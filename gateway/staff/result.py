"""API of the result: cohort, rehearsal, proposal, signatures, publication, final result, exhibition, ranking."""

from starlette.responses import Response

from gateway.http import problems, request_schemas, response_schemas, responses
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
from gateway.routing.service_calls import LONG_S, call_service, forward
from gateway.staff.conflicts import unconflicted

ORGANISERS = frozenset({ORGANISER})
OBSERVERS = ORGANISERS | {AUDITOR, OPERATOR}  # never judges, for the ranking contains likes


def preview(method: str) -> Handler:
    """Return a handler that answers with a preview that ranking computes, and adds texts to the obstacles in it.

    `method` is ranking's method. An entry in the path may be given by its poster number.
    """

    async def handle(app: AppContext, context: RequestContext) -> Response:
        body = {name: app.views.entry(value) or value for name, value in context.path.items()}
        seen = await call_service(app, context, "ranking", method, body, deadline_s=LONG_S)
        found = problems.with_texts({"problems": seen["obstacles"]}, zone=context.zone)["problems"]
        return responses.read(context.request, {**seen, "obstacles": found})

    return handle


ROUTES = (
    Route(
        method="POST",
        path="/cohort",
        roles=ORGANISERS | {OPERATOR},
        about="Fix the entries to be judged; the clock process does so by itself when due",
        handle=forward("ranking", "fix_cohort", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.EntriesCounted,
        problems=("polls-open", "cohort-already-fixed", "cohort-empty", "window-open", "campaign-not-open"),
    ),
    Route(
        method="GET",
        path="/result/rehearsal",
        roles=OBSERVERS,
        about="Preview the result that would be proposed now, its changes since the last proposal, and all obstacles",
        handle=preview("rehearse_result"),
        answer=response_schemas.Preview,
    ),
    Route(
        method="GET",
        path="/result/without/{entry}",
        roles=OBSERVERS,
        about="Preview who would move up if this entry were disqualified now",
        handle=preview("result_without"),
        answer=response_schemas.Preview,
        problems=("entry-unknown", "campaign-not-open", "marks-missing"),
    ),
    Route(
        method="POST",
        path="/result/proposal",
        roles=ORGANISERS,
        about="Propose the result at the current cut",
        handle=forward("ranking", "propose_result", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.Proposal,
        problems=codes(
            "rules-not-locked polls-open cohort-not-fixed result-outdated likes-held marks-missing seed-mismatch"
        ),
    ),
    Route(
        method="GET",
        path="/result/proposal",
        roles=OBSERVERS,
        about="Get the last proposal, its signatures, its changes, and whether it is published",
        handle=forward("ranking", "result"),
        answer=response_schemas.Signing,
    ),
    Route(
        method="POST",
        path="/result/signatures",
        roles=ORGANISERS,
        step_up=True,
        about="Sign the proposal as read",
        handle=forward("ranking", "sign_result", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Signature,
        answer=response_schemas.Signing,
        problems=codes(
            "proposal-unknown proposal-replaced digest-differs not-an-organiser office-changed already-signed "
            "result-published"
        ),
    ),
    Route(
        method="POST",
        path="/result/release",
        roles=ORGANISERS,
        step_up=True,
        about="Schedule the publication of the signed result; without a time, cancel the schedule",
        handle=forward("ranking", "schedule_release"),
        command=True,
        body=request_schemas.Release,
        answer=response_schemas.Release,
        problems=codes(
            "proposal-unknown proposal-replaced signatures-missing not-an-organiser result-published "
            "release-in-the-past"
        ),
    ),
    Route(
        method="POST",
        path="/result/publication",
        roles=ORGANISERS,
        step_up=True,
        about="Publish the signed result, which starts the notice period",
        handle=forward("ranking", "publish_result", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Publication,
        answer=response_schemas.Publication,
        problems=("proposal-unknown", "proposal-replaced", "signatures-missing", "result-outdated", "seed-mismatch"),
    ),
    Route(
        method="GET",
        path="/result/final",
        roles=OBSERVERS,
        about="List what keeps the published result from becoming final",
        handle=preview("awaited_final"),
        answer=response_schemas.Awaited,
    ),
    Route(
        method="POST",
        path="/result/final",
        roles=ORGANISERS,
        step_up=True,
        about="Make the published result final, once its notice has ended and nothing is open",
        handle=forward("ranking", "finalise_result", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Publication,
        answer=response_schemas.Final,
        problems=codes(
            "result-not-published notice-running objections-open objections-upheld complaints-open "
            "disqualifications-open changes-open entries-undecided letters-open likes-held marks-missing "
            "result-outdated views-behind views-building proposal-unknown proposal-replaced not-an-organiser"
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
        answer=response_schemas.EntriesCounted,
        problems=("result-not-published",),
    ),
    Route(
        method="POST",
        path="/exhibition/{entry}/take-down",
        roles=ORGANISERS | {MODERATOR},
        about="Take an entry down from the exhibition",
        handle=forward("ranking", "take_down"),
        command=True,
        body=request_schemas.TakeDown,
        answer=response_schemas.TakenDown,
        problems=("exhibition-not-open", "entry-not-exhibited", "reason-missing"),
    ),
    Route(
        method="GET",
        path="/ranking/table",
        roles=OBSERVERS,
        about="Get the ranking as it would be proposed now, or as of an instant",
        handle=unconflicted(forward("ranking", "table", deadline_s=LONG_S)),
        query=request_schemas.Moment,
        answer=response_schemas.Ranking,
        problems=("campaign-not-open", "marks-missing", "shed"),
        shed=Shed.CHART,
    ),
    Route(
        method="GET",
        path="/ranking/methods",
        roles=OBSERVERS,
        about="Compare all score methods, the winners under each, and how far the judges agree",
        handle=unconflicted(forward("ranking", "methods", deadline_s=LONG_S)),
        answer=response_schemas.Methods,
        problems=("campaign-not-open", "marks-missing", "shed"),
        shed=Shed.CHART,
    ),
)
