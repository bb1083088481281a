"""API of moderation: the review queue, decisions, and later measures such as freezing or disqualification."""

import asyncio

from starlette.responses import Response

from gateway.http import request_schemas, response_schemas, responses
from gateway.routing.context import AppContext
from gateway.routing.route import (
    AUDITOR,
    MODERATOR,
    ORGANISER,
    RequestContext,
    Route,
)
from gateway.routing.service_calls import call_service, forward

MODERATORS = frozenset({MODERATOR})
ORGANISERS = frozenset({ORGANISER})
_ENTRY = "/moderation/entries/{entry}"
_DECISION_PROBLEMS = (
    "entry-unknown", "version-changed", "claimed-by-other", "entry-approved", "entry-returned", "entry-rejected",
    "entry-withdrawn", "entry-disqualified", "entry-shortlisted", "reason-missing",
)  # fmt: skip


async def entry_under_review(app: AppContext, context: RequestContext) -> Response:
    """Return an entry as a moderator reviews it: moderation's record, and the entry in full. Raises Problem."""
    desk, entry = await asyncio.gather(
        call_service(app, context, "moderation", "desk", context.path),
        call_service(app, context, "submission", "entry", context.path),
    )
    return responses.read(context.request, {"desk": desk, "entry": entry})


ROUTES = (
    Route(
        method="GET",
        path="/moderation/queue",
        roles=MODERATORS | ORGANISERS,
        about="List entries for review: corrected ones first, then the oldest, with counts for each filter",
        handle=forward("moderation", "queue"),
        query=request_schemas.Queue,
        answer=response_schemas.Queue,
        problems=("type-unknown", "theme-unknown", "cursor-unknown"),
    ),
    Route(
        method="GET",
        path=_ENTRY,
        roles=MODERATORS | ORGANISERS | {AUDITOR},
        about="Get an entry for review",
        handle=entry_under_review,
        answer=response_schemas.UnderReview,
        problems=("entry-unknown",),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/claim",
        roles=MODERATORS,
        about="Claim an entry for review, for 15 minutes",
        handle=forward("moderation", "claim"),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.Claim,
        problems=("entry-unknown", "entry-not-pending", "claimed-by-other"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/approval",
        roles=MODERATORS,
        about="Approve the reviewed version",
        handle=forward("moderation", "approve"),
        command=True,
        body=request_schemas.Approval,
        answer=response_schemas.Desk,
        problems=(*_DECISION_PROBLEMS, "grade-missing", "grade-out-of-range"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/return",
        roles=MODERATORS,
        about="Return the reviewed version for corrections until a deadline",
        handle=forward("moderation", "return_entry"),
        command=True,
        body=request_schemas.Return,
        answer=response_schemas.Desk,
        problems=(*_DECISION_PROBLEMS, "remarks-missing", "deadline-past", "deadline-past-likes"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/rejection",
        roles=MODERATORS,
        about="Reject the reviewed version",
        handle=forward("moderation", "reject"),
        command=True,
        body=request_schemas.Rejection,
        answer=response_schemas.Desk,
        problems=_DECISION_PROBLEMS,
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/freeze",
        roles=MODERATORS | ORGANISERS,
        about="Pause likes for an entry, which stays visible",
        handle=forward("moderation", "freeze"),
        command=True,
        body=request_schemas.Reason,
        answer=response_schemas.Desk,
        problems=("entry-unknown", "reason-missing", "entry-disqualified"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/unfreeze",
        roles=MODERATORS | ORGANISERS,
        about="Resume likes for an entry",
        handle=forward("moderation", "unfreeze"),
        command=True,
        body=request_schemas.Reason,
        answer=response_schemas.Desk,
        problems=("entry-unknown", "reason-missing", "entry-disqualified"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/disqualification",
        roles=ORGANISERS,
        about="Disqualify an entry for good",
        handle=forward("moderation", "disqualify"),
        command=True,
        body=request_schemas.Reason,
        answer=response_schemas.Desk,
        problems=("entry-unknown", "reason-missing"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/unit-name",
        roles=ORGANISERS,
        about="Correct the name and city of an entry's unit, as this entry shows them",
        handle=forward("moderation", "correct_unit_name"),
        command=True,
        body=request_schemas.UnitNameCorrection,
        answer=response_schemas.Desk,
        problems=("entry-unknown", "reason-missing", "entry-disqualified"),
    ),
    Route(
        method="POST",
        path=f"{_ENTRY}/type",
        roles=ORGANISERS,
        about="Correct an entry's unit type",
        handle=forward("moderation", "correct_type"),
        command=True,
        body=request_schemas.TypeCorrection,
        answer=response_schemas.Desk,
        problems=("entry-unknown", "type-unknown", "reason-missing", "entry-disqualified"),
    ),
)
