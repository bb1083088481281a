"""Resumable uploads of a unit's files by tus 1.0 (`gateway/http/tus.py`), and what became of each.

Every request is authorised anew, and finds uploads of its own unit alone. Submission says at the creation, with every
part and with the last byte whether the unit may upload now, and how much room it has. A file that is complete is put
into the store, and inspected; `GET …/file` tells the result again to a client that lost the answer, and goes on where a
process was ended.

What a client may try again has a status at which clients try again: 409, 423, and 503 with the seconds to wait.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gateway.http import response_schemas, responses, tus
from gateway.http.limits import refuse_announced, too_large
from gateway.http.problems import Problem, with_texts
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, API, UNIT, RequestContext, Route, codes
from gateway.routing.service_calls import call_service, look_up
from shared.media.partial_uploads import Claim, Expired, Locked, Partial, TooMany, Unknown

LIMITS_CACHED_MS = 60_000
INSPECT_S = 120.0  # a film of 500 MiB is read three times and written once, within the limits of its children
BUSY_S, CHECKING_S = 3, 2  # after these seconds a client asks again
FULL_S = 60
UNITS = frozenset({UNIT})
PATH = "/uploads"
#: Refusals of submission that say that the unit may not hand in, so that it has no use for an upload.
CLOSED = frozenset(
    codes(
        "campaign-not-open unit-unknown level-not-eligible type-not-in-rules window-closed entry-approved "
        "entry-rejected entry-disqualified"
    )
)
#: Refusals of a file that stay: the same bytes would be refused again.
INSPECTIONS = 3  # of one file whose place in the store another unit's refused file took
FINAL = frozenset(codes("media-unreadable media-unsupported media-too-large upload-quota file-lost"))


async def options(app: AppContext, context: RequestContext) -> Response:
    """Return what this server can do of tus, and the size of the largest upload."""
    largest = await _largest_upload(app, context) if app.views.loaded else None
    return Response(status_code=204, headers=tus.abilities(largest))


async def create(app: AppContext, context: RequestContext) -> Response:
    """Begin an upload, with its first bytes if the request brings some. Raise Problem."""
    headers = context.request.headers
    tus.refuse_other_version(headers)
    length, name = tus.upload_length(headers), tus.file_name(headers)
    brings_bytes = _brings_bytes(context)
    if brings_bytes:
        tus.refuse_other_content(headers)
        refuse_announced(context.request, length)
    if not length:
        raise Problem("file-empty", field="Upload-Length")
    limit = await _largest_upload(app, context)
    if length > limit:
        raise too_large(limit)
    upload = await _begin(app, context, name, length)
    offset, seen, place = 0, None, f"{API}{PATH}/{upload.id}"
    if brings_bytes:
        try:
            async with _claimed(app, context, upload.id) as claim:
                seen = await _append(app, context, claim)
                offset = claim.offset
        except Problem as problem:
            problem.headers["Location"] = place  # what has arrived is kept, so the client may go on there
            raise
    expires_s = app.store.partials.expires_s(context.actor, upload.id)
    more = {"Location": place, **tus.progress(offset, expires_s=expires_s if offset < length else None)}
    content = _view(upload, offset, expires_s) | {"file": with_texts(seen, zone=context.zone)}
    if seen is not None:
        content["state"] = "accepted"
    answer = responses.command(content, status=201)
    answer.headers.update(more)
    return answer


async def append(app: AppContext, context: RequestContext) -> Response:
    """Append the body to an upload; with the last byte, have the file inspected. Raise Problem."""
    headers = context.request.headers
    tus.refuse_other_version(headers)
    tus.refuse_other_content(headers)
    wanted = tus.upload_offset(headers)
    async with _claimed(app, context, context.path["upload"]) as claim:
        if wanted != claim.offset:
            offset = str(claim.offset)
            raise Problem("upload-offset-differs", facts={"offset": claim.offset}, headers={"Upload-Offset": offset})
        await _append(app, context, claim)
        is_open = claim.offset < claim.upload.length
        expires_s = app.store.partials.expires_s(context.actor, claim.upload.id) if is_open else None
        return Response(status_code=204, headers=tus.progress(claim.offset, expires_s=expires_s))


async def status(app: AppContext, context: RequestContext) -> Response:
    """Return how far an upload is; to HEAD, in headers alone. Raise Problem."""
    if context.request.method == "HEAD":
        tus.refuse_other_version(context.request.headers)
    upload, offset = await _find(app, context)
    expires_s = app.store.partials.expires_s(context.actor, upload.id)
    answer = responses.command(_view(upload, offset, expires_s))
    answer.headers.update(tus.progress(offset, expires_s=expires_s if offset < upload.length else None))
    answer.headers["Upload-Length"] = str(upload.length)
    return answer


async def result(app: AppContext, context: RequestContext) -> Response:
    """Return what the file of a complete upload is, or why it was refused. Raise Problem.

    An inspection that was cut short, or that the services could not do, is done again.
    """
    upload, offset = await _find(app, context)
    if upload.state in ("receiving", "received"):
        if offset < upload.length:
            raise Problem("upload-unfinished", facts={"offset": offset, "length": upload.length})
        try:
            async with _claimed(app, context, upload.id) as claim:
                await _finish(app, context, claim)
                upload = claim.upload
        except Problem as problem:
            if problem.code != "upload-locked":
                raise
            raise Problem("upload-checking", retry_s=CHECKING_S) from None
    if upload.state == "refused":
        raise Problem(upload.code, facts=upload.facts)
    return responses.command(with_texts(upload.facts, zone=context.zone))


async def end(app: AppContext, context: RequestContext) -> Response:
    """End an upload, and delete what has arrived; a file that was accepted stays. Raise Problem."""
    tus.refuse_other_version(context.request.headers)
    async with _claimed(app, context, context.path["upload"]) as claim:
        await asyncio.to_thread(app.store.partials.remove, claim)
    return Response(status_code=204, headers=tus.RESUMABLE)


async def override(app: AppContext, context: RequestContext) -> Response:
    """Serve a method that a network on the way would not let through, by the header X-HTTP-Method-Override."""
    method = context.request.headers.get("x-http-method-override", "").upper()
    handle = {"PATCH": append, "DELETE": end}.get(method)
    if handle is None:
        raise Problem("method-not-allowed", headers={"Allow": "DELETE, GET, HEAD, PATCH"})
    return await handle(app, context)


def _brings_bytes(context: RequestContext) -> bool:
    headers = context.request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def _begin(app: AppContext, context: RequestContext, name: str, length: int) -> Partial:
    room = await _room(app, context)
    left = {"most_bytes": room["bytes_max"] - room["bytes"], "most_files": room["files_max"] - room["files"]}
    try:
        return await asyncio.to_thread(app.store.partials.create, context.actor, name, length, **left)
    except TooMany as problem:
        raise Problem("upload-quota", facts=room) from problem
    except OSError as problem:
        raise Problem("storage-full", retry_s=FULL_S) from problem


async def _append(app: AppContext, context: RequestContext, claim: Claim) -> dict[str, Any] | None:
    """Take the body of a request; with the last byte, finish the upload and return the facts of its file."""
    left = claim.upload.length - claim.offset
    refuse_announced(context.request, left)
    if left:
        await _room(app, context)
        checksum = tus.checksum(context.request.headers)
        await app.store.receive(claim, context.request.stream(), checksum=checksum)
    if claim.offset < claim.upload.length:
        return None
    return await _finish(app, context, claim)


async def _finish(app: AppContext, context: RequestContext, claim: Claim) -> dict[str, Any]:
    """Store and inspect the file of a claimed upload that is complete, and note the result. Raise Problem.

    Whether the unit may still upload counts when the last byte has arrived; what was in time then stays so.
    """
    if claim.upload.state == "accepted":
        return claim.upload.facts
    if claim.upload.state == "refused":
        raise Problem(claim.upload.code, facts=claim.upload.facts)
    if claim.upload.state == "receiving":
        await _room(app, context)
    try:
        seen = await _inspected(app, context, claim)
    except Problem as problem:
        if problem.code in FINAL:
            await app.store.end(claim, replace(claim.upload, state="refused", code=problem.code, facts=problem.facts))
        raise
    await app.store.end(claim, replace(claim.upload, state="accepted", facts=seen))
    return seen


async def _inspected(app: AppContext, context: RequestContext, claim: Claim) -> dict[str, Any]:
    """Put the file of a complete upload into the store, and return what submission says of it. Raise Problem.

    Another unit may have sent the same bytes: if its file is refused, it is deleted. Then ours is put there again.
    """
    for left in reversed(range(INSPECTIONS)):
        sha256 = await app.store.finish(claim)
        body = {"path": f"{sha256[:2]}/{sha256}", "name": claim.upload.name}
        try:
            return await call_service(app, context, "submission", "inspect_upload", body, deadline_s=INSPECT_S)
        except Problem as problem:
            if problem.code != "media-missing" or not left:
                raise
    raise AssertionError("the last inspection returns or raises")


async def _find(app: AppContext, context: RequestContext) -> tuple[Partial, int]:
    try:
        return await asyncio.to_thread(app.store.partials.find, context.actor, context.path["upload"])
    except Unknown as problem:
        raise Problem("upload-unknown") from problem
    except Expired as problem:
        raise Problem("upload-expired") from problem


@contextlib.asynccontextmanager
async def _claimed(app: AppContext, context: RequestContext, id: str) -> AsyncIterator[Claim]:
    """Hold an upload of the unit, and one of the slots for uploads. Raise Problem."""
    partials, unit = app.store.partials, context.actor
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(app.uploads.slot(unit))
        except Problem as problem:
            raise Problem("uploads-busy", retry_s=BUSY_S) from problem
        try:
            claim = await asyncio.to_thread(held.enter_context, partials.claim(unit, id))
        except Unknown as problem:
            raise Problem("upload-unknown") from problem
        except Expired as problem:
            raise Problem("upload-expired") from problem
        except Locked as problem:
            partials.ask_to_leave(unit, id)
            raise Problem("upload-locked", retry_s=BUSY_S) from problem
        yield claim


async def _room(app: AppContext, context: RequestContext) -> dict[str, Any]:
    """Return how much the unit has uploaded and may upload. Raise Problem `upload-closed` if it may not now."""
    try:
        return await call_service(app, context, "submission", "upload_room", {})
    except Problem as problem:
        if problem.code not in CLOSED:
            raise
        why = {"problems": [{"code": problem.code, "detail": problem.facts}]}
        raise Problem("upload-closed", facts=with_texts(why, zone=context.zone)) from None


async def _largest_upload(app: AppContext, context: RequestContext) -> int:
    """Return the largest upload in bytes that the campaign's rules allow; read again after `LIMITS_CACHED_MS`."""
    if app.upload_limit is None or app.wall() - app.upload_limit[1] > LIMITS_CACHED_MS:
        campaign = await look_up(app, context, "moderation", "campaign", {})
        sizes = [size for name, size in campaign["entry"].items() if name.endswith("_max_bytes")]
        app.upload_limit = max(sizes), app.wall()
    return app.upload_limit[0]


def _view(upload: Partial, offset: int, expires_s: float) -> dict[str, Any]:
    return {
        "upload": upload.id,
        "name": upload.name,
        "offset": offset,
        "length": upload.length,
        "state": upload.state,
        "expires": int(expires_s * 1000),
    }


_COMMON = "uploads-busy upload-closed upload-locked upload-unknown upload-expired"
_BYTES = (
    "media-type-unknown tus-version upload-header-invalid checksum-unsupported checksum-mismatch body-too-large "
    "upload-stalled storage-full"
)
_RESULT = "upload-quota media-unreadable media-unsupported media-too-large media-timeout media-missing file-lost"
_TUS = ("Tus-Resumable", "Upload-Checksum")

ROUTES = (
    Route(
        method="OPTIONS",
        path=PATH,
        roles=ANYONE,
        about="What this server can do of tus 1.0, the protocol of resumable uploads",
        handle=options,
        problems=("busy",),
        answer_headers=tus.RESUMABLE,
        status=204,
    ),
    Route(
        method="POST",
        path=PATH,
        roles=UNITS,
        about="Begin a resumable upload (tus 1.0: creation, also with the first bytes or the whole file as body)",
        handle=create,
        reads_body=False,
        body_type=tus.CONTENT_TYPE,
        headers=(*_TUS, "Upload-Length", "Upload-Metadata"),
        answer_headers=tus.RESUMABLE,
        answer=response_schemas.UploadBegun,
        problems=codes(f"{_COMMON} {_BYTES} {_RESULT} upload-metadata-invalid file-name-missing file-empty"),
        status=201,
    ),
    Route(
        method="PATCH",
        path=f"{PATH}/{{upload}}",
        roles=UNITS,
        about="Append bytes to an upload; the last ones have the file inspected",
        handle=append,
        reads_body=False,
        body_type=tus.CONTENT_TYPE,
        headers=(*_TUS, "Upload-Offset"),
        answer_headers=tus.RESUMABLE,
        problems=codes(f"{_COMMON} {_BYTES} {_RESULT} upload-offset-differs"),
        status=204,
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{upload}}",
        roles=UNITS,
        about="How far an upload is; HEAD answers in headers, as tus asks",
        handle=status,
        headers=("Tus-Resumable",),
        answer_headers=tus.RESUMABLE,
        answer=response_schemas.UploadStatus,
        problems=codes("upload-unknown upload-expired tus-version"),
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{upload}}/file",
        roles=UNITS,
        about="What the file of a complete upload is, or why it was refused",
        handle=result,
        answer=response_schemas.Upload,
        problems=codes(f"{_COMMON} {_RESULT} upload-unfinished upload-checking storage-full"),
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{upload}}",
        roles=UNITS,
        about="End an upload, and delete what has arrived (tus termination)",
        handle=end,
        headers=("Tus-Resumable",),
        answer_headers=tus.RESUMABLE,
        problems=codes(f"{_COMMON} tus-version"),
        status=204,
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{upload}}",
        roles=UNITS,
        about="PATCH or DELETE by X-HTTP-Method-Override, for networks that let only GET and POST through",
        handle=override,
        reads_body=False,
        body_type=tus.CONTENT_TYPE,
        headers=(*_TUS, "Upload-Offset", "X-HTTP-Method-Override"),
        answer_headers=tus.RESUMABLE,
        problems=codes(f"{_COMMON} {_BYTES} {_RESULT} upload-offset-differs method-not-allowed"),
        status=204,
    ),
)
