"""The organiser's commands: the roll, time, rules, staff, who is forgotten, the shortlist, late passes."""

from starlette.responses import Response

from gateway.http import request_schemas, responses
from gateway.http import response_schemas as told
from gateway.http.limits import CAMPAIGN_FILE_BYTES, ROLL_BYTES
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext
from gateway.routing.pipeline import CSV
from gateway.routing.route import (
    ANYONE,
    AUDITOR,
    MODERATOR,
    OPERATOR,
    ORGANISER,
    RequestContext,
    Route,
    codes,
)
from gateway.routing.service_calls import LONG_S, ask_service, forward

ORGANISERS = frozenset({ORGANISER})
RUNNING = ORGANISERS | {OPERATOR}


async def move_clock(app: AppContext, context: RequestContext) -> Response:
    moved = await ask_service(app, context, "moderation", "move_clock", context.body)
    app.views.note_clock(moved["now"])
    return responses.command(moved)


async def appoint(app: AppContext, context: RequestContext) -> Response:
    appointed = await ask_service(app, context, "moderation", "appoint_staff", context.body)
    app.roster.note(appointed["staff"], frozenset(appointed["roles"]))
    return responses.command(appointed)


ROUTES = (
    Route(
        method="POST",
        path="/roll",
        roles=RUNNING,
        about="Import the roll of units, in place of any before",
        handle=forward("submission", "import_roll", deadline_s=LONG_S * 2),
        command=True,
        query=request_schemas.RollName,
        body=request_schemas.Roll,
        body_type=CSV,
        answer=told.RollImported,
        problems=("roll-broken", "roll-closed", "text-broken", "campaign-not-open"),
        limit_bytes=ROLL_BYTES,
    ),
    Route(
        method="GET",
        path="/roll",
        roles=RUNNING | {AUDITOR, MODERATOR},
        about="The roll in force",
        handle=forward("submission", "roll"),
        query=request_schemas.Page,
        answer=told.Roll,
        problems=("shed",),
        shed=Shed.SEARCH,
    ),
    Route(
        method="POST",
        path="/campaign/clock",
        roles=RUNNING,
        about="Move a rehearsal's clock on",
        handle=move_clock,
        command=True,
        body=request_schemas.Clock,
        answer=told.ClockMoved,
        problems=("clock-is-real", "clock-goes-back"),
    ),
    Route(
        method="POST",
        path="/campaign/windows",
        roles=ORGANISERS,
        about="Move a phase's window, with a reason",
        handle=forward("moderation", "move_window"),
        command=True,
        body=request_schemas.Window,
        answer=told.WindowMoved,
        problems=codes(
            "window-impossible window-over window-begun window-in-the-past window-order window-overlap reason-missing"
        ),
    ),
    Route(
        method="POST",
        path="/campaign/rules-lock",
        roles=ORGANISERS,
        about="Lock the rules that were read, with the commitment of the lot's seed",
        handle=forward("moderation", "lock_rules"),
        command=True,
        body=request_schemas.RulesLock,
        answer=told.RulesLocked,
        problems=("rules-changed", "rules-locked", "likes-begun", "seed-commitment-broken"),
    ),
    Route(
        method="POST",
        path="/campaign/rules-versions",
        roles=ORGANISERS,
        about="A later version of the locked rules, from a whole campaign file, with its reason: visible to everybody",
        handle=forward("moderation", "amend_rules"),
        command=True,
        body=request_schemas.RulesVersion,
        answer=told.RulesAmended,
        problems=("rules-not-locked", "rules-part-fixed", "campaign-file-broken", "reason-missing"),
        limit_bytes=CAMPAIGN_FILE_BYTES,
    ),
    Route(
        method="POST",
        path="/staff",
        roles=RUNNING,
        about="Appoint staff, or dismiss them by naming no role",
        handle=appoint,
        command=True,
        body=request_schemas.Staff,
        answer=told.Appointed,
        problems=("role-unknown", "judges-only-judge", "password-missing", "last-organiser", "organisers-only"),
    ),
    Route(
        method="GET",
        path="/staff",
        roles=RUNNING | {AUDITOR},
        about="Who has which roles",
        handle=forward("moderation", "staff"),
        answer=told.Staff,
    ),
    Route(
        method="POST",
        path="/forgettings",
        roles=ORGANISERS,
        about="Forget a person: the key of all that is stored of them is destroyed within seconds, for good",
        handle=forward("moderation", "forget_subject"),
        command=True,
        body=request_schemas.Forgetting,
        answer=told.Forgetting,
        problems=("subject-unknown", "subject-in-office", "campaign-not-open"),
    ),
    Route(
        method="GET",
        path="/shortlist",
        roles=ANYONE,
        about="The confirmed shortlist",
        handle=forward("moderation", "shortlist", public=True),
        answer=told.Shortlist,
    ),
    Route(
        method="GET",
        path="/shortlist/proposal",
        roles=ORGANISERS | {MODERATOR, AUDITOR},
        about="The shortlist that the rule proposes now",
        handle=forward("moderation", "propose_shortlist"),
        answer=told.ShortlistProposal,
    ),
    Route(
        method="POST",
        path="/shortlist",
        roles=ORGANISERS,
        about="Confirm the shortlist as it was proposed",
        handle=forward("moderation", "confirm_shortlist", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Shortlist,
        answer=told.ShortlistConfirmed,
        problems=("rules-not-locked", "shortlist-empty", "shortlist-differs", "likes-begun"),
    ),
    Route(
        method="POST",
        path="/late-passes",
        roles=ORGANISERS,
        about="Let a unit hand in once after the window",
        handle=forward("submission", "grant_late_pass"),
        command=True,
        body=request_schemas.LatePass,
        answer=told.LatePassGranted,
        problems=("unit-unknown", "deadline-past", "reason-missing"),
    ),
    Route(
        method="GET",
        path="/late-passes",
        roles=ORGANISERS | {AUDITOR, MODERATOR},
        about="Late passes, and which were used",
        handle=forward("submission", "late_passes"),
        query=request_schemas.LatePasses,
        answer=told.LatePasses,
    ),
)
