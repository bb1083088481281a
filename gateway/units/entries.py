"""The union cadre: uploads, hand-in, mending, and where the entry stands."""

from urllib.parse import unquote

from starlette.responses import Response

from gateway.http import request_schemas, responses
from gateway.http import response_schemas as told
from gateway.http.limits import HAND_IN_BYTES, pieces
from gateway.http.problems import Problem, worded
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route, codes
from gateway.routing.service_calls import LONG_S, ask_service, forward

NAME_MAX_CHARS = 200
LIMITS_KEPT_MS = 60_000
EMPTY = {"title": "", "profile": "", "text": "", "themes": [], "files": []}
UNITS = frozenset({UNIT})


async def upload(app: AppContext, context: RequestContext) -> Response:
    """Store the body, then ask submission what it is. The file is kept whatever the answer: the hand-in decides."""
    name = file_name(context.request.headers.get("file-name", ""))
    limit = await _largest(app, context)
    with app.uploads.taken(context.actor):
        stored = await app.store.keep(pieces(context.request, limit=limit))
    seen = await ask_service(
        app, context, "submission", "inspect_upload", {"path": stored.path, "name": name}, deadline_s=LONG_S
    )
    return responses.command(worded(seen), status=201)


def file_name(said: str) -> str:
    """The file's name out of its header: its last part, so that a path from another system names nothing here."""
    try:
        name = unquote(said, errors="strict").replace("\\", "/").rpartition("/")[2].strip()
    except UnicodeDecodeError as problem:
        raise Problem("file-name-missing", field="File-Name") from problem
    if not 1 <= len(name) <= NAME_MAX_CHARS or not name.isprintable():
        raise Problem("file-name-missing", field="File-Name")
    return name


async def _largest(app: AppContext, context: RequestContext) -> int:
    """The largest file that this campaign takes, by its own rules."""
    if app.upload_limit is None or app.wall() - app.upload_limit[1] > LIMITS_KEPT_MS:
        campaign = await ask_service(app, context, "moderation", "campaign", {})
        sizes = [size for name, size in campaign["entry"].items() if name.endswith("_max_bytes")]
        app.upload_limit = max(sizes), app.wall()
    return app.upload_limit[0]


async def check(app: AppContext, context: RequestContext) -> Response:
    """What is missing, all at once, in both languages. A field that was not sent is one that nobody filled in."""
    draft = EMPTY | {name: value for name, value in context.body.items() if value is not None}
    found = await ask_service(app, context, "submission", "missing", draft)
    return responses.read(context.request, worded(found))


_HAND_IN_PROBLEMS = (
    "campaign-not-open", "unit-unknown", "level-not-eligible", "not-yours", "entry-approved", "entry-rejected",
    "entry-withdrawn", "entry-disqualified", "window-closed", "title-missing", "title-too-long", "profile-missing",
    "profile-too-long", "text-missing", "text-too-long", "themes-missing", "theme-unknown", "theme-repeated",
    "h5-not-https", "file-repeated", "too-few-pictures", "too-many-pictures", "picture-too-large", "video-too-large",
    "audio-too-large", "video-too-long", "media-not-allowed", "consent-missing", "consent-outdated", "upload-unknown",
)  # fmt: skip

ROUTES = (
    Route(
        method="POST",
        path="/uploads",
        roles=UNITS,
        about="Send a file: the raw bytes, and its URL-encoded name in the header File-Name",
        handle=upload,
        reads_body=False,
        body_type="application/octet-stream",
        answer=told.Upload,
        problems=codes(
            "busy file-name-missing file-empty body-too-large body-too-slow storage-full media-unreadable "
            "media-unsupported media-too-large media-timeout media-missing"
        ),
        status=201,
    ),
    Route(
        method="POST",
        path="/my/entries",
        roles=UNITS,
        about="Hand an entry in",
        handle=forward("submission", "hand_in"),
        command=True,
        body=request_schemas.HandIn,
        answer=told.HandedIn,
        problems=_HAND_IN_PROBLEMS,
        limit_bytes=HAND_IN_BYTES,
        status=201,
    ),
    Route(
        method="PUT",
        path="/my/entries/{entry}",
        roles=UNITS,
        about="Hand in the next version of an entry: before the deadline, or to mend what was returned",
        handle=forward("submission", "hand_in"),
        command=True,
        body=request_schemas.HandIn,
        answer=told.HandedIn,
        problems=_HAND_IN_PROBLEMS,
        limit_bytes=HAND_IN_BYTES,
    ),
    Route(
        method="GET",
        path="/my/entries",
        roles=UNITS,
        about="The unit's entries, newest last",
        handle=forward("submission", "entries_of_unit"),
        answer=told.OwnEntries,
    ),
    Route(
        method="GET",
        path="/my/entries/{entry}",
        roles=UNITS,
        about="One of the unit's entries",
        handle=forward("submission", "entry"),
        answer=told.Entry,
        problems=("not-yours", "entry-unknown"),
    ),
    Route(
        method="POST",
        path="/my/entries/{entry}/withdrawal",
        roles=UNITS,
        about="Withdraw an entry",
        handle=forward("submission", "withdraw"),
        command=True,
        body=request_schemas.Withdrawal,
        answer=told.Withdrawn,
        problems=("not-yours", "entry-unknown", "entry-withdrawn", "entry-disqualified"),
    ),
    Route(
        method="POST",
        path="/my/entries/check",
        roles=UNITS,
        about="What an entry still lacks; writes nothing",
        handle=check,
        body=request_schemas.Draft,
        answer=told.Checked,
        limit_bytes=HAND_IN_BYTES,
    ),
)
