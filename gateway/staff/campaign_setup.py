"""Pages by which a fresh system gets its campaign: the operator's one-time link, the form, and the opening.

Promises: nobody reads or saves anything here without a set-up that the operator's secret began; guesses of a secret are
counted as failed sign-ins. The links by which the first two organisers choose their passwords are shown once.
Does not promise that these links reach the right people.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.html.page import field_errors, page, private_page, redirect, render
from gateway.http.client_signals import network
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing import public_urls, security_events
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import LONG_S, call_as_gateway
from gateway.staff.campaign_form import (
    CHECK,
    FormPlace,
    file_response,
    form_page,
    send_form,
    send_notice,
    send_picture,
    show_form,
    show_notice,
)

ROOT = "/setup"
COOKIE, SECURE_COOKIE = "baijia_setup", "__Secure-baijia_setup"
LIFE_S = 12 * 3_600
REHEARSAL, LIVE = "rehearsal", "live"
ORGANISERS = (1, 2)
_AT_PEOPLE = {"organisers.0": 1, "organisers.1": 2}


async def ask_secret(app: AppContext, context: RequestContext) -> Response:
    """Return the page of an unused secret, whose button begins the set-up: looking at a link spends nothing."""
    await _with_secret(app, context, "setup_secret")
    return _plain_page(context, is_ready=True)


async def begin(app: AppContext, context: RequestContext) -> Response:
    """Spend the secret, and lead to the form. Raises Problem."""
    begun = await _with_secret(app, context, "begin_setup")
    security_events.record_event(app, "credentials-changed", context, {})
    response = redirect(ROOT)
    _set_cookie(response, context.request, begun["setup"], max_age_s=LIFE_S)
    return response


async def form(app: AppContext, context: RequestContext) -> Response:
    """Return a step of the form; without a set-up, the page that says who begins one. Raises Problem."""
    setup = _setup(context.request)
    return await show_form(context, _place(app, context, setup)) if setup else _plain_page(context, is_ready=False)


async def save(app: AppContext, context: RequestContext) -> Response:
    """Save a step of the form. Raises Problem."""
    return await send_form(context, _place(app, context, _setup(context.request)))


async def download(app: AppContext, context: RequestContext) -> Response:
    """Return the draft as a file. Raises Problem."""
    draft = await _place(app, context, _setup(context.request)).call("moderation", "campaign_draft", {})
    return file_response(draft["text"], "campaign")


async def notice(app: AppContext, context: RequestContext) -> Response:
    """Return the page on which the text of a notice is pasted. Raises Problem."""
    return await show_notice(context, _place(app, context, _setup(context.request)))


async def send_notice_text(app: AppContext, context: RequestContext) -> Response:
    """Read a notice's text, or put confirmed findings into the draft. Raises Problem."""
    return await send_notice(context, _place(app, context, _setup(context.request)))


async def picture(app: AppContext, context: RequestContext) -> Response:
    """Put a picture into the draft. Raises Problem."""
    return await send_picture(context, _place(app, context, _setup(context.request)))


async def open_campaign(app: AppContext, context: RequestContext) -> Response:
    """Open the campaign from the draft that the page showed, and show each organiser's link. Raises Problem."""
    sent = await read_form(context.request)
    setup = _setup(context.request)
    place = _place(app, context, setup)
    draft = await place.call("moderation", "campaign_draft", {})
    people = [
        {"staff": sent.get(f"staff{n}", "").strip(), "name": sent.get(f"name{n}", "").strip()} for n in ORGANISERS
    ]
    body = {"file": draft["text"], "organisers": people, "rehearsal": sent.get("mode") != LIVE}
    try:
        if sent.get("revision") != str(draft["revision"]):
            raise Problem("draft-differs")
        opened = await place.call("moderation", "open_from_setup", body, id=context.id, deadline_s=LONG_S)
    except Problem as problem:
        if problem.code in ("setup-link-spent", "campaign-is-open"):
            raise
        errors = _at_fields(field_errors(problem, context.lang, zone=context.zone))
        response = await form_page(context, place, draft, step=CHECK, errors=errors, sent=sent)
        response.status_code = problem.status
        return response
    security_events.record_event(app, "staff-changed", context, {})
    base = app.settings.public_url or str(context.request.base_url).rstrip("/")
    links = [
        {**each, "address": public_urls.page(base, f"/password/{each['staff']}/{opened['links'][each['staff']]}")}
        for each in people
    ]
    page_body = render(
        "staff/campaign_opened.html", context, path=ROOT, links=links, rule_hash=opened["rule_hash"],
        is_rehearsal=opened["rehearsal"],
    )  # fmt: skip
    response = private_page(context, page_body)
    _set_cookie(response, context.request, "", max_age_s=0)
    return response


def _at_fields(errors: Mapping[str, str]) -> dict[str, str]:
    """Return errors of the opening by the field of the page where each stands; `open` has what belongs to none."""
    found: dict[str, str] = {}
    for path, words in errors.items():
        person, _, name = path.rpartition(".")
        field = f"{name}{_AT_PEOPLE[person]}" if person in _AT_PEOPLE and name in ("staff", "name") else "open"
        found[field] = f"{found[field]} {words}" if field in found else words
    return found


async def _with_secret(app: AppContext, context: RequestContext, method: str) -> dict[str, Any]:
    async with app.sign_in_limits.attempt("setup", network(context.request), by_name=False):
        return await call_as_gateway(app, "moderation", method, {"secret": context.path["secret"]}, id=context.id)


def _place(app: AppContext, context: RequestContext, setup: str) -> FormPlace:
    async def call(service: str, method: str, body: Mapping[str, Any], **how: Any) -> dict[str, Any]:
        own = {"setup": setup} if service == "moderation" else {}
        return await call_as_gateway(app, service, method, {**body, **own}, **how)

    async def show(template: str, **values: Any) -> Response:
        return private_page(context, render(template, context, path=ROOT, base="html/layout.html", **values))

    return FormPlace(ROOT, call, show)


def _plain_page(context: RequestContext, *, is_ready: bool) -> Response:
    path = context.request.url.path if is_ready else ROOT
    body = render("staff/campaign_setup.html", context, path=path, action=path, is_ready=is_ready)
    return private_page(context, body, status=200 if is_ready else 410)


def _setup(request: Request) -> str:
    return request.cookies.get(SECURE_COOKIE if request.scope["scheme"] == "https" else COOKIE, "")[:100]


def _set_cookie(response: Response, request: Request, setup: str, *, max_age_s: int) -> None:
    secure = request.scope["scheme"] == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE, setup, max_age=max_age_s, path=ROOT, secure=secure, httponly=True,
        samesite="strict",
    )  # fmt: skip


ROUTES = (
    Route(
        method="GET",
        path=ROOT,
        base="",
        roles=ANYONE,
        about="Form that writes the campaign file, for whoever sets the campaign up",
        raw=page(form),
    ),
    Route(
        method="POST",
        path=ROOT,
        base="",
        roles=ANYONE,
        about="Save a step of the form, for whoever sets the campaign up",
        raw=page(save),
    ),
    Route(
        method="GET",
        path=f"{ROOT}/file",
        base="",
        roles=ANYONE,
        about="Get the draft of the campaign file, for whoever sets the campaign up",
        raw=page(download),
    ),
    Route(
        method="GET",
        path=f"{ROOT}/notice",
        base="",
        roles=ANYONE,
        about="Page on which the text of a notice is read into the draft, for whoever sets the campaign up",
        raw=page(notice),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/notice",
        base="",
        roles=ANYONE,
        about="Read the text of a notice by form, for whoever sets the campaign up",
        raw=page(send_notice_text),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/picture",
        base="",
        roles=ANYONE,
        about="Put a logo or a banner into the draft by form, for whoever sets the campaign up",
        raw=page(picture),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/open",
        base="",
        roles=ANYONE,
        about="Open the campaign by form, for whoever sets it up",
        raw=page(open_campaign),
    ),
    Route(
        method="GET",
        path=f"{ROOT}/{{secret}}",
        base="",
        roles=ANYONE,
        about="Page of the operator's one-time link by which a set-up begins",
        raw=page(ask_secret),
    ),
    Route(
        method="POST",
        path=f"{ROOT}/{{secret}}",
        base="",
        roles=ANYONE,
        about="Begin the set-up by the operator's one-time link",
        raw=page(begin),
    ),
)
