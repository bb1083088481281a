"""How members of staff come to their passwords: by a link that works once, on a page or by API, and by changing them.

Promises: nobody else learns or chooses the password. A wrong link counts as a failed sign-in. Pages work without
scripts.
"""

from typing import Any

from marshmallow import ValidationError
from starlette.responses import Response

from gateway.html import page
from gateway.http import request_schemas, response_schemas, responses
from gateway.http.client_signals import network
from gateway.http.forms import read_form
from gateway.http.problems import Problem, document
from gateway.routing import security_events
from gateway.routing.authorize import refuse_other_networks
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, STAFF, RequestContext, Route
from gateway.routing.service_calls import call_service
from shared.rpc import flatten_messages

PAGE = "/password"
MENDABLE = frozenset({"password-weak", "passwords-differ"})
LINK_CHARS = 16


async def set_password(app: AppContext, context: RequestContext) -> Response:
    """Set a password by a link. Raises Problem."""
    return responses.command(await _set(app, context, context.body))


async def change_password(app: AppContext, context: RequestContext) -> Response:
    """Change the password of the person who is signed in, who proves to know it. Raises Problem."""
    return responses.command(await change_own_password(app, context, context.body))


async def change_own_password(app: AppContext, context: RequestContext, body: dict[str, Any]) -> dict[str, Any]:
    """Have the password of the person who is signed in changed, as an attempt to sign in; return moderation's answer.

    `body` is that of the API's route. All other sessions of the person end. Raises Problem.
    """
    account = f"moderation {context.actor}"
    device = app.known_devices.device(context.request, account)
    async with app.sign_in_limits.attempt(account, network(context.request), device=device):
        body = {**body, "session": context.session.id if context.session is not None else ""}
        changed = await call_service(app, context, "moderation", "change_password", body)
    app.session_watch.ask_again()
    return changed


async def form(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a handler's signature
    """Return the page on which the person whom a link was given chooses a password."""
    return _page(context, context.path["staff"], context.path["link"])


async def send_form(app: AppContext, context: RequestContext) -> Response:
    """Set the password that the page's form holds; show the form again, with the reason, if it may not be set."""
    sent = await read_form(context.request)
    body = {name: sent[name] for name in ("staff", "link", "code", "password") if sent.get(name)}
    try:
        if sent.get("password", "") != sent.get("again", ""):
            raise Problem("passwords-differ")
        try:
            loaded = request_schemas.PasswordByLink().load(body)
        except ValidationError as problem:
            raise Problem("invalid", errors=flatten_messages(problem.messages)) from problem
        await _set(app, context, loaded)
    except Problem as problem:
        if problem.code not in MENDABLE:
            raise
        told = document(problem, lang=context.lang, request=context.id)
        return _page(context, body.get("staff", ""), body.get("link", ""), problem=told)
    security_events.record_event(app, "credentials-changed", context, body)
    return _page(context, body["staff"], "", is_set=True)


def parse_code(text: str) -> str:
    """Return a link or a code as it was issued, from how people type it: in any case, with blanks and dashes."""
    return "".join(each for each in text if each.isalnum()).upper()


async def _set(app: AppContext, context: RequestContext, body: dict[str, Any]) -> dict[str, Any]:
    refuse_other_networks(app, context.request)
    body = {**body, "link": parse_code(body["link"]), "code": parse_code(body.get("code") or "") or None}
    # Not by name: a link has 80 bits, and others' guesses would keep its person from using it.
    async with app.sign_in_limits.attempt(f"link {body['staff']}", network(context.request), by_name=False):
        if len(body["link"]) != LINK_CHARS:
            raise Problem("link-spent", field="link")
        result = await call_service(app, context, "moderation", "set_password", body)
    app.session_watch.ask_again()
    return result


def _page(
    context: RequestContext, staff: str, link: str, *, problem: dict[str, Any] | None = None, is_set: bool = False
) -> Response:
    body = page.render(
        "staff/password.html",
        context,
        path=f"{PAGE}/{staff}/{link}" if link else "/",
        staff=staff,
        link=link,
        problem=problem,
        is_set=is_set,
    )
    return page.private_page(context, body, status=200 if problem is None else problem["status"])


ROUTES = (
    Route(
        method="POST",
        path="/passwords",
        roles=ANYONE,
        about="Set a password as staff by a link that works once, and by the code too where two people made the link",
        handle=set_password,
        security_event="credentials-changed",
        command=True,
        body=request_schemas.PasswordByLink,
        answer=response_schemas.PasswordSet,
        problems=("link-spent", "password-weak", "login-attempts", "busy", "network-refused"),
    ),
    Route(
        method="POST",
        path="/my/password",
        roles=STAFF,
        before_second_factor=True,
        about="Change one's own password; all other sessions end",
        handle=change_password,
        security_event="credentials-changed",
        command=True,
        body=request_schemas.PasswordChange,
        answer=response_schemas.PasswordSet,
        problems=("login-refused", "password-weak", "login-attempts", "busy"),
    ),
    Route(
        method="GET",
        path=f"{PAGE}/{{staff}}/{{link}}",
        base="",
        roles=ANYONE,
        about="Form to set a password by a link",
        raw=page.page(form),
    ),
    Route(
        method="POST",
        path=PAGE,
        base="",
        roles=ANYONE,
        about="Set a password by form",
        raw=page.page(send_form),
    ),
)
