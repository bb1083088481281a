"""API for drafts: what a unit has typed and not handed in yet. Several people of a unit, on several devices, share it.

Promises: a change is stored whole or not at all, and never overwrites what somebody else has changed since the revision
that it names: it is refused with both versions of each such field.
"""

from gateway.http import request_schemas, response_schemas
from gateway.http.limits import DRAFT_BYTES
from gateway.routing.route import UNIT, Route, codes
from gateway.routing.service_calls import forward

UNITS = frozenset({UNIT})

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
        problems=codes("not-yours entry-withdrawn"),
    ),
    Route(
        method="PATCH",
        path="/my/drafts/{entry}",
        roles=UNITS,
        about="Store changed fields of a draft, unless somebody else has changed them since",
        handle=forward("submission", "change_draft"),
        body=request_schemas.DraftChange,
        answer=response_schemas.Draft,
        problems=codes(
            "not-yours unit-unknown level-not-eligible entry-approved entry-rejected entry-withdrawn "
            "entry-disqualified draft-changed draft-field-unknown draft-field-invalid draft-too-large"
        ),
        limit_bytes=DRAFT_BYTES,
    ),
)
