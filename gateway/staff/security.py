"""The page of one's own account, and its API: password, authenticator, and where one is signed in.

Promises: a form about an authenticator carries the credentials that it was made from, so one that was left open brings
back none that was removed since. A password is changed only by whoever proves to know it, and counts as an attempt to
sign in. An authenticator is set up or removed only after a fresh proof, and counts only once a code of it was shown.
Recovery codes are shown once, on the page that answers.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.html.qr_code import qr_svg
from gateway.http import form_nonces, request_schemas, response_schemas, responses
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing import security_events
from gateway.routing.context import AppContext
from gateway.routing.route import STAFF, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms
from gateway.staff.passwords import MENDABLE, change_own_password

PATH = "/desk/security"
_DID = frozenset({"password", "session", "sessions", "removed"})


async def security(app: AppContext, context: RequestContext) -> Response:
    """Return the page of one's own account. Raises Problem."""
    return await _page(app, context)


async def change_password(app: AppContext, context: RequestContext) -> Response:
    """Change one's own password by form; show the form again, with the reason, if that is refused. Raises Problem."""
    sent = await read_form(context.request)
    try:
        if sent.get("new_password", "") != sent.get("again", ""):
            raise Problem("passwords-differ", field="again")
        names = ("password", "new_password")
        body = desk_forms.load_body(
            request_schemas.PasswordChange, {name: sent[name] for name in names if sent.get(name)}
        )
        # What a password is takes no part in the id of the command.
        desk_forms.begin_command(app, context, sent, "password", {})
        await change_own_password(app, context, body)
    except Problem as problem:
        if problem.code not in MENDABLE | {"login-refused", "login-attempts", "invalid", "busy"}:
            raise
        context.command = ""
        return await _page(app, context, problem=problem)
    security_events.record_event(app, "credentials-changed", context, {})
    return pages.redirect(f"{PATH}?did=password")


async def end_sessions(app: AppContext, context: RequestContext) -> Response:
    """End one of one's own sessions by form, or all but this one. Raises Problem."""
    sent = await read_form(context.request)
    if sent.get("session"):
        await call_service(app, context, "moderation", "end_session", {"session": sent["session"]})
    else:
        await call_service(app, context, "moderation", "end_other_sessions", {"session": _session(context)})
    app.session_watch.ask_again()
    return pages.redirect(f"{PATH}?did={'session' if sent.get('session') else 'sessions'}")


async def begin(app: AppContext, context: RequestContext) -> Response:
    """Return the page with the QR code of a new authenticator, which asks for a code of it. Raises Problem."""
    return await _authenticator_page(app, context, "")


async def add(app: AppContext, context: RequestContext) -> Response:
    """Set an authenticator up by form, and show its recovery codes; ask once more if the code is wrong."""
    sent = await read_form(context.request)
    name = sent.get("authenticator", "")
    made_from = desk_forms.whole(sent.get("made_from", ""))
    body = {"authenticator": name, "made_from": made_from, "code": "".join(sent.get("code", "").split())}
    try:
        loaded = desk_forms.load_body(request_schemas.AddAuthenticator, body)
        desk_forms.begin_command(app, context, sent, "authenticator", {"authenticator": name})
        added = await _add(app, context, loaded)
    except Problem as problem:
        if problem.code not in {"code-refused", "invalid"} or not name:
            raise
        context.command = ""
        return await _authenticator_page(app, context, name, made_from=made_from, problem=problem)
    security_events.record_event(app, "credentials-changed", context, {})
    codes = added["recovery_codes"]
    return await pages.desk_page(app, context, "staff/recovery_codes.html", path=PATH, codes=codes)


async def remove(app: AppContext, context: RequestContext) -> Response:
    """Remove one's own authenticator by form. Raises Problem."""
    sent = await read_form(context.request)
    made_from = desk_forms.whole(sent.get("made_from", ""))
    desk_forms.begin_command(app, context, sent, "remove-authenticator", {"made_from": made_from})
    await _remove(app, context, made_from if isinstance(made_from, int) else -1)
    security_events.record_event(app, "credentials-changed", context, {})
    return pages.redirect(f"{PATH}?did=removed")


async def api_my_security(app: AppContext, context: RequestContext) -> Response:
    """Return whether one has an authenticator, and whether one needs it. Raises Problem."""
    return responses.read(context.request, await call_service(app, context, "moderation", "my_security", {}))


async def api_begin(app: AppContext, context: RequestContext) -> Response:
    """Return the secret of a new authenticator, which counts once a code of it was sent. Raises Problem."""
    begun = await call_service(app, context, "moderation", "begin_authenticator", {"authenticator": None})
    return responses.command(begun)


async def api_add(app: AppContext, context: RequestContext) -> Response:
    """Set an authenticator up by a code of it, and return the recovery codes. Raises Problem."""
    return responses.command(await _add(app, context, context.body))


async def api_remove(app: AppContext, context: RequestContext) -> Response:
    """Remove one's own authenticator. Raises Problem."""
    return responses.command(await _remove(app, context))


async def _add(app: AppContext, context: RequestContext, body: Mapping[str, Any]) -> dict[str, Any]:
    call = {**body, "session": _session(context)}
    added = await call_service(app, context, "moderation", "add_authenticator", call)
    app.roster.read_again()
    app.session_watch.ask_again()
    return added


async def _remove(app: AppContext, context: RequestContext, made_from: int | None = None) -> dict[str, Any]:
    body = {"session": _session(context), "made_from": made_from}
    removed = await call_service(app, context, "moderation", "remove_authenticator", body)
    app.roster.read_again()
    app.session_watch.ask_again()
    return removed


def _session(context: RequestContext) -> str:
    assert context.session is not None  # the routes are not open
    return context.session.id


async def _authenticator_page(
    app: AppContext,
    context: RequestContext,
    name: str,
    *,
    made_from: int | str | None = None,
    problem: Problem | None = None,
) -> Response:
    """Return the page of an authenticator; after a wrong code it stays made from what it was begun with."""
    body = {"authenticator": name or None}
    begun = await call_service(app, context, "moderation", "begin_authenticator", body)
    errors = pages.field_errors(problem, context.lang, zone=context.zone) if problem is not None else {}
    return await pages.desk_page(
        app,
        context,
        "staff/authenticator.html",
        path=PATH,
        status=200 if problem is None else problem.status,
        begun=begun,
        made_from=begun["made_from"] if made_from is None else made_from,
        qr=qr_svg(begun["app_url"]),
        error="".join(errors.values()),
        form=form_nonces.new_nonce(),
    )


async def _page(app: AppContext, context: RequestContext, *, problem: Problem | None = None) -> Response:
    sessions = await call_service(app, context, "moderation", "my_sessions", {"session": _session(context)})
    mine = await call_service(app, context, "moderation", "my_security", {})
    errors: Mapping[str, str] = {}
    if problem is not None:
        errors = pages.field_errors(problem, context.lang, zone=context.zone)
    did = context.request.query_params.get("did", "")
    return await pages.desk_page(
        app,
        context,
        "staff/security.html",
        path=PATH,
        status=200 if problem is None else problem.status,
        sessions=sessions["sessions"],
        mine=mine,
        errors=defaultdict(str, errors),
        did=did if did in _DID else "",
        form=form_nonces.new_nonce(),
    )


ROUTES = (
    Route(
        method="GET",
        path=PATH,
        base="",
        roles=STAFF,
        about="Page of one's own account",
        raw=page(security),
        before_second_factor=True,
    ),
    Route(
        method="POST",
        path=f"{PATH}/password",
        base="",
        roles=STAFF,
        about="Change one's own password by form",
        raw=page(change_password),
        before_second_factor=True,
    ),
    Route(
        method="POST",
        path=f"{PATH}/sessions",
        base="",
        roles=STAFF,
        about="End one's own sessions by form",
        raw=page(end_sessions),
        before_second_factor=True,
        security_event="signed-out",
    ),
    Route(
        method="POST",
        path=f"{PATH}/authenticator/new",
        base="",
        roles=STAFF,
        step_up=True,
        about="Page with the QR code of a new authenticator",
        raw=page(begin),
        before_second_factor=True,
    ),
    Route(
        method="POST",
        path=f"{PATH}/authenticator",
        base="",
        roles=STAFF,
        step_up=True,
        about="Set an authenticator up by form",
        raw=page(add),
        before_second_factor=True,
    ),
    Route(
        method="POST",
        path=f"{PATH}/authenticator/removal",
        base="",
        roles=STAFF,
        step_up=True,
        about="Remove one's own authenticator by form",
        raw=page(remove),
        before_second_factor=True,
    ),
    Route(
        method="GET",
        path="/my/security",
        roles=STAFF,
        about="Say whether one has an authenticator, and whether one must have it",
        handle=api_my_security,
        answer=response_schemas.MySecurity,
        before_second_factor=True,
    ),
    Route(
        method="POST",
        path="/my/authenticator/new",
        roles=STAFF,
        step_up=True,
        about="Get the secret of a new authenticator, which counts once a code of it was sent",
        handle=api_begin,
        body=request_schemas.Nothing,
        answer=response_schemas.NewAuthenticator,
        before_second_factor=True,
    ),
    Route(
        method="POST",
        path="/my/authenticator",
        roles=STAFF,
        step_up=True,
        about="Set an authenticator up by a code of it, and get recovery codes; all other sessions end",
        handle=api_add,
        security_event="credentials-changed",
        command=True,
        body=request_schemas.AddAuthenticator,
        answer=response_schemas.RecoveryCodes,
        problems=("code-refused", "login-refused", "authenticator-changed"),
        before_second_factor=True,
    ),
    Route(
        method="DELETE",
        path="/my/authenticator",
        roles=STAFF,
        step_up=True,
        about="Remove one's own authenticator, so that the password alone counts; all other sessions end",
        handle=api_remove,
        security_event="credentials-changed",
        command=True,
        answer=response_schemas.PasswordSet,
        problems=("authenticator-demanded", "authenticator-changed"),
        before_second_factor=True,
    ),
)
