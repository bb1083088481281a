"""API for organisers: the roll, the clock and windows, rules, staff, forgetting a person, shortlist, late passes.

The roll is the organiser's list of units that may take part; a late pass lets one unit hand in after the deadline.
"""

from typing import Any

from starlette.responses import Response

from gateway.http import list_pages, request_schemas, response_schemas, responses
from gateway.http.limits import CAMPAIGN_FILE_BYTES, ROLL_BYTES
from gateway.load.shedding import Shed
from gateway.routing import public_urls
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
from gateway.routing.service_calls import LONG_S, LOOK_UP_PROBLEMS, call_service, forward, forward_look_up

PASSWORD_PAGE = "/password"  # `passwords.py` serves it
ORGANISERS = frozenset({ORGANISER})
ORGANISERS_AND_OPERATORS = ORGANISERS | {OPERATOR}


async def move_clock(app: AppContext, context: RequestContext) -> Response:
    """Move the clock of a rehearsal forward, and use the new time in this process at once. Raises Problem."""
    moved = await call_service(app, context, "moderation", "move_clock", context.body)
    app.views.note_clock(moved["now"])
    return responses.command(moved)


async def appoint(app: AppContext, context: RequestContext) -> Response:
    """Give a member of staff new roles or, without roles, dismiss them, or propose it to a second person.

    This process uses the new roles at once. Raises Problem.
    """
    return _changed(app, context, await call_service(app, context, "moderation", "appoint_staff", context.body))


async def confirm_change(app: AppContext, context: RequestContext) -> Response:
    """Confirm a change of an office that another person proposed; this process uses the new roles at once.

    Raises Problem.
    """
    return _changed(app, context, await call_service(app, context, "moderation", "confirm_staff_change", context.path))


def _changed(app: AppContext, context: RequestContext, changed: dict[str, Any]) -> Response:
    staff, link = changed["staff"], changed["link"]
    if changed["change"] is None:
        app.roster.update(staff, frozenset(changed["roles"]))
    if link:  # the old password ended, and its sessions with it
        app.session_watch.ask_again()
    base = public_urls.base(app, context.request)
    page = public_urls.page(base, f"{PASSWORD_PAGE}/{staff}/{link}") if link else None
    return responses.command({**changed, "page": page})


ROUTES = (
    Route(
        method="POST",
        path="/roll/check",
        roles=ORGANISERS_AND_OPERATORS,
        about="Compare a roll of units with the roll in force, without storing anything",
        handle=forward("submission", "compare_roll", deadline_s=LONG_S),
        query=request_schemas.RollReading,
        body=request_schemas.Roll,
        body_type=CSV,
        answer=response_schemas.RollDifference,
        problems=("roll-broken", "text-broken", "campaign-not-open"),
        limit_bytes=ROLL_BYTES,
    ),
    Route(
        method="POST",
        path="/roll",
        roles=ORGANISERS_AND_OPERATORS,
        about="Import the roll of units, if the difference from the roll in force was confirmed",
        handle=forward("submission", "import_roll", deadline_s=LONG_S * 2),
        command=True,
        query=request_schemas.RollImport,
        body=request_schemas.Roll,
        body_type=CSV,
        answer=response_schemas.RollImported,
        problems=codes(
            "roll-broken roll-closed roll-not-confirmed roll-difference-differs roll-unit-has-entry roll-part-differs"
            " type-not-in-rules"
            " text-broken campaign-not-open"
        ),
        limit_bytes=ROLL_BYTES,
    ),
    Route(
        method="GET",
        path="/roll",
        roles=ORGANISERS_AND_OPERATORS | {AUDITOR, MODERATOR},
        about="Get the roll in force",
        handle=forward("submission", "roll"),
        query=request_schemas.Page,
        answer=response_schemas.Roll,
        problems=("shed",),
        shed=Shed.SEARCH,
    ),
    Route(
        method="POST",
        path="/campaign/clock",
        roles=ORGANISERS_AND_OPERATORS,
        about="Move the clock of a rehearsal forward",
        handle=move_clock,
        command=True,
        body=request_schemas.Clock,
        answer=response_schemas.ClockMoved,
        problems=("clock-is-real", "clock-goes-back"),
    ),
    Route(
        method="POST",
        path="/campaign/windows",
        roles=ORGANISERS,
        about="Change the window of a phase, with a reason",
        handle=forward("moderation", "move_window"),
        command=True,
        body=request_schemas.Window,
        answer=response_schemas.WindowMoved,
        problems=codes(
            "window-impossible window-over window-begun window-in-the-past window-order window-overlap reason-missing"
        ),
    ),
    Route(
        method="PUT",
        path="/campaign/rules",
        roles=ORGANISERS,
        about="Replace the rules, with a complete campaign file, until they are locked",
        handle=forward("moderation", "replace_rules"),
        command=True,
        body=request_schemas.Rules,
        answer=response_schemas.RulesReplaced,
        problems=codes(
            "rules-locked rules-changed rules-replaced rules-part-fixed type-not-in-rules window-over window-begun"
            " window-in-the-past reason-missing campaign-file-broken"
        ),
        limit_bytes=CAMPAIGN_FILE_BYTES,
    ),
    Route(
        method="POST",
        path="/campaign/rules-lock",
        roles=ORGANISERS,
        about="Lock the rules as read, with the commitment to the lot's seed",
        handle=forward("moderation", "lock_rules"),
        command=True,
        body=request_schemas.RulesLock,
        answer=response_schemas.RulesLocked,
        problems=("rules-changed", "rules-locked", "rules-with-gaps", "likes-begun", "seed-commitment-broken"),
    ),
    Route(
        method="POST",
        path="/campaign/rules-versions",
        roles=ORGANISERS,
        about="Amend the locked rules with a complete campaign file and a reason, visible to everybody",
        handle=forward("moderation", "amend_rules"),
        command=True,
        body=request_schemas.RulesVersion,
        answer=response_schemas.RulesAmended,
        problems=codes(
            "rules-not-locked rules-replaced rules-part-fixed type-not-in-rules rules-with-gaps windows-differ"
            " seed-commitment-broken campaign-file-broken reason-missing"
        ),
        limit_bytes=CAMPAIGN_FILE_BYTES,
    ),
    Route(
        method="POST",
        path="/staff",
        roles=ORGANISERS_AND_OPERATORS,
        step_up=True,
        about="Appoint staff, who set a password by a link; without roles, dismiss them; some changes take two people",
        handle=appoint,
        security_event="staff-changed",
        command=True,
        body=request_schemas.Staff,
        answer=response_schemas.Appointed,
        problems=("role-unknown", "judges-only-judge", "last-organiser", "organisers-only"),
    ),
    Route(
        method="POST",
        path="/staff/changes/{change}/confirmation",
        roles=ORGANISERS_AND_OPERATORS,
        step_up=True,
        about="Confirm, as the second person, a change of an office",
        handle=confirm_change,
        security_event="staff-changed",
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.Appointed,
        problems=("change-unknown", "second-person-missing", "organisers-only", "last-organiser"),
    ),
    Route(
        method="GET",
        path="/staff",
        roles=ORGANISERS_AND_OPERATORS | {AUDITOR},
        about="List staff and their roles",
        handle=forward("moderation", "staff", page=list_pages.STAFF),
        security_event="sealed-words-read",
        query=request_schemas.ListPage,
        answer=response_schemas.Staff,
        problems=list_pages.PROBLEMS,
    ),
    Route(
        method="POST",
        path="/forgettings",
        roles=ORGANISERS,
        step_up=True,
        about="Forget a person: destroy the key to their stored data, irreversibly and within seconds",
        handle=forward("moderation", "forget_subject"),
        security_event="forgetting-ordered",
        command=True,
        body=request_schemas.Forgetting,
        answer=response_schemas.Forgetting,
        problems=("subject-unknown", "subject-in-office", "campaign-not-open"),
    ),
    Route(
        method="GET",
        path="/shortlist",
        roles=ANYONE,
        about="Get the confirmed shortlist",
        handle=forward_look_up("moderation", "shortlist", public=True, page=list_pages.SHORTLIST),
        query=request_schemas.ListPage,
        answer=response_schemas.Shortlist,
        problems=(*list_pages.PROBLEMS, *LOOK_UP_PROBLEMS),
    ),
    Route(
        method="GET",
        path="/shortlist/proposal",
        roles=ORGANISERS | {MODERATOR, AUDITOR},
        about="Preview the shortlist that the rule proposes now",
        handle=forward("moderation", "propose_shortlist"),
        answer=response_schemas.ShortlistProposal,
    ),
    Route(
        method="POST",
        path="/shortlist",
        roles=ORGANISERS,
        about="Confirm the shortlist as proposed",
        handle=forward("moderation", "confirm_shortlist", deadline_s=LONG_S),
        command=True,
        body=request_schemas.Shortlist,
        answer=response_schemas.ShortlistConfirmed,
        problems=("rules-not-locked", "shortlist-empty", "shortlist-differs", "likes-begun", "type-not-in-rules"),
    ),
    Route(
        method="POST",
        path="/late-passes",
        roles=ORGANISERS,
        about="Let a unit hand in once after the window has closed",
        handle=forward("submission", "grant_late_pass"),
        command=True,
        body=request_schemas.LatePass,
        answer=response_schemas.LatePassGranted,
        problems=("unit-unknown", "deadline-past", "reason-missing"),
    ),
    Route(
        method="GET",
        path="/late-passes",
        roles=ORGANISERS | {AUDITOR, MODERATOR},
        about="List late passes, and which were used",
        handle=forward("submission", "late_passes", page=list_pages.LATE_PASSES),
        query=request_schemas.LatePasses,
        answer=response_schemas.LatePasses,
        problems=("unit-unknown", *list_pages.PROBLEMS),
    ),
)
