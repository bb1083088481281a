"""API for drafts: what a unit has typed and not handed in yet. Several people of a unit, on several devices, share it.

Somebody else may type for a small unit (`/managed/{unit}`): another unit such as a federation, or organisers.
Promises: a change is stored whole or not at all, and never overwrites what somebody else has changed since the revision
that it names: it is refused with both versions of each such field. The check of a draft and its hand-in name the same
problems, and all of them.
"""

from starlette.responses import Response

from gateway.http import request_schemas, response_schemas, responses
from gateway.http.limits import DRAFT_BYTES, PASTE_BYTES
from gateway.http.problems import with_texts
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, AUDITOR, MODERATOR, ORGANISER, UNIT, RequestContext, Route, codes
from gateway.routing.service_calls import call_service, forward, forward_look_up
from gateway.units.hand_in_problems import HAND_IN_PROBLEMS

UNITS, MANAGERS = frozenset({UNIT}), frozenset({UNIT, ORGANISER})
READERS = frozenset({UNIT, MODERATOR, ORGANISER, AUDITOR})
_CHANGE_PROBLEMS = codes(
    "not-yours unit-unknown level-not-eligible type-not-in-rules entry-approved entry-rejected "
    "entry-withdrawn entry-disqualified draft-changed draft-field-unknown draft-field-invalid draft-too-large"
)
_READ_PROBLEMS = codes("not-yours entry-withdrawn")
_DRAFT_HAND_IN_PROBLEMS = (*HAND_IN_PROBLEMS, "draft-changed")


async def check_draft(app: AppContext, context: RequestContext) -> Response:
    """Return everything that a stored draft still lacks, in both languages."""
    found = await call_service(app, context, "submission", "check_draft", {**context.path})
    return responses.read(context.request, with_texts(found, zone=context.zone))


async def change_draft(app: AppContext, context: RequestContext) -> Response:
    """Store changed fields of a draft. The session tells submission which of a unit's people types."""
    session = context.session.id if context.session is not None else ""
    body = {**context.body, **context.path, "session": session}
    return responses.read(context.request, await call_service(app, context, "submission", "change_draft", body))


ROUTES = (
    Route(
        method="GET",
        path="/my/drafts",
        roles=UNITS,
        about="List the unit's stored drafts",
        handle=forward("submission", "drafts"),
        answer=response_schemas.Drafts,
    ),
    Route(
        method="GET",
        path="/my/drafts/{entry}",
        roles=UNITS,
        about="Get the draft of an entry; `new` is the entry that the unit works on, handed in or not",
        handle=forward("submission", "draft"),
        answer=response_schemas.Draft,
        problems=codes("not-yours entry-withdrawn not-managing"),
    ),
    Route(
        method="PATCH",
        path="/my/drafts/{entry}",
        roles=UNITS,
        about="Store changed fields of a draft, unless somebody else has changed them since",
        handle=change_draft,
        body=request_schemas.DraftChange,
        answer=response_schemas.Draft,
        problems=(*_CHANGE_PROBLEMS, "not-managing"),
        limit_bytes=DRAFT_BYTES,
    ),
    Route(
        method="POST",
        path="/my/drafts/{entry}/check",
        roles=UNITS,
        about="List everything that a draft still lacks, each with its field",
        handle=check_draft,
        body=request_schemas.Nothing,
        answer=response_schemas.Checked,
        problems=(*_READ_PROBLEMS, "not-managing"),
    ),
    Route(
        method="POST",
        path="/my/drafts/{entry}/hand-in",
        roles=UNITS,
        about="Hand in a draft as it was at a revision; the answer is the receipt",
        handle=forward("submission", "hand_in_draft"),
        command=True,
        body=request_schemas.DraftHandIn,
        answer=response_schemas.HandedIn,
        problems=_DRAFT_HAND_IN_PROBLEMS,
        status=201,
    ),
    Route(
        method="POST",
        path="/my/pasted-texts",
        roles=MANAGERS,
        about="Get pasted HTML, such as Word's, as plain paragraphs, with its count",
        handle=forward("submission", "clean_paste"),
        body=request_schemas.Pasted,
        answer=response_schemas.PastedText,
        limit_bytes=PASTE_BYTES,
    ),
    Route(
        method="GET",
        path="/entry-rule",
        roles=ANYONE,
        about="Get what an entry may hold, and the rule by which its texts are counted",
        handle=forward_look_up("submission", "entry_rule", public=True),
        answer=response_schemas.EntryRule,
        problems=("busy",),
    ),
    Route(
        method="GET",
        path="/my/progress",
        roles=UNITS,
        about="Get where the unit's entry stands, and what happened so far",
        handle=forward("submission", "progress"),
        answer=response_schemas.OwnProgress,
    ),
    Route(
        method="GET",
        path="/hand-ins/{receipt}",
        roles=READERS,
        about="Get the version that a receipt is about, with its digest",
        handle=forward("submission", "receipt"),
        answer=response_schemas.EntryVersion,
        problems=("receipt-unknown",),
    ),
    Route(
        method="GET",
        path="/my/entries/{entry}/comparison",
        roles=READERS,
        about="Compare two versions of an entry",
        handle=forward("submission", "comparison"),
        query=request_schemas.VersionPair,
        answer=response_schemas.Comparison,
        problems=codes("not-yours entry-unknown"),
    ),
    Route(
        method="GET",
        path="/managed",
        roles=READERS,
        about="List the units for which the caller types; for staff, all units that have a manager",
        handle=forward("submission", "managed_units"),
        answer=response_schemas.ManagedUnits,
    ),
    Route(
        method="POST",
        path="/managed",
        roles=frozenset({ORGANISER}),
        about="Let another unit, or organisers, type the entry of a unit for it",
        handle=forward("submission", "appoint_manager"),
        command=True,
        body=request_schemas.Manager,
        answer=response_schemas.ManagerAppointed,
        problems=codes("unit-unknown manager-is-unit reason-missing"),
        status=201,
    ),
    Route(
        method="POST",
        path="/my/claim",
        roles=UNITS,
        about="Take over the unit's entry from whoever types for it",
        handle=forward("submission", "claim_unit"),
        command=True,
        body=request_schemas.Nothing,
        answer=response_schemas.UnitClaimed,
        problems=("not-managed",),
    ),
    Route(
        method="GET",
        path="/managed/{unit}/draft",
        roles=MANAGERS,
        about="Get the draft of a unit for which the caller types",
        handle=forward("submission", "draft"),
        answer=response_schemas.Draft,
        problems=(*_READ_PROBLEMS, "not-managing"),
    ),
    Route(
        method="PATCH",
        path="/managed/{unit}/draft",
        roles=MANAGERS,
        about="Store changed fields of the draft of a unit for which the caller types",
        handle=change_draft,
        body=request_schemas.DraftChange,
        answer=response_schemas.Draft,
        problems=(*_CHANGE_PROBLEMS, "not-managing"),
        limit_bytes=DRAFT_BYTES,
    ),
    Route(
        method="POST",
        path="/managed/{unit}/draft/check",
        roles=MANAGERS,
        about="List everything that the draft of a unit still lacks for which the caller types",
        handle=check_draft,
        body=request_schemas.Nothing,
        answer=response_schemas.Checked,
        problems=(*_READ_PROBLEMS, "not-managing"),
    ),
    Route(
        method="POST",
        path="/managed/{unit}/draft/hand-in",
        roles=MANAGERS,
        about="Hand in the draft of a unit for which the caller types; the unit owns the entry",
        handle=forward("submission", "hand_in_draft"),
        command=True,
        body=request_schemas.DraftHandIn,
        answer=response_schemas.HandedIn,
        problems=_DRAFT_HAND_IN_PROBLEMS,
        status=201,
    ),
)
