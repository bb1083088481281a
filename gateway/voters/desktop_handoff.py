"""The web door: a desktop shows a code, a phone that is in WeChat confirms it, the desktop has the voter's session.

    desktop  POST /api/v1/handoffs                 a name, its code for the camera, four digits, a cookie
    phone    GET  /wechat/like?handoff=…           comes in by WeChat, then sees the digits
    phone    POST /wechat/handoffs/{handoff}       the person confirms
    desktop  GET  /api/v1/handoffs/{handoff}       waiting, confirmed
    desktop  POST /api/v1/handoffs/{handoff}/session   the session, once

Without a script the desktop has the same by forms. Promises: only the browser whose cookie the name was made for gets
the session, once, within five minutes; who merely looks at a page has nothing stored. Does not promise that nobody can
be talked into confirming a stranger's code: the digits and the words on the phone are there for that.
"""

import io
from typing import Any

import segno
from starlette.responses import Response

from gateway.backends.wechat_accounts import opened
from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import cookies, responses
from gateway.http import response_schemas as told
from gateway.http.forms import form_of
from gateway.http.problems import Problem
from gateway.http.session_cookies import described, set_cookie
from gateway.http.sessions import LIFE_MS
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from gateway.routing.service_calls import ask_as_gateway
from gateway.voters import signed_links

DOOR = "web"
WAITING, CONFIRMED = "waiting", "confirmed"
RPC_S = 2.0


def _made(app: AppContext, context: RequestContext) -> tuple[dict[str, Any], str]:
    """A new handoff, as both shapes of the desktop's page need it, and the browser's cookie."""
    opened(app.doors)
    browser = cookies.browser_of(context.request, cookies.HANDOFF) or cookies.fresh()
    handoff = signed_links.make_handoff(app.keys.session, browser, now_s=app.wall() // 1000)
    url = public_urls.page(public_urls.base(app, context.request), "/wechat/like", handoff=handoff)
    shown = {
        "handoff": handoff,
        "code": signed_links.code_of(app.keys.session, handoff),
        "url": url,
        "svg": _picture(url),
        "expires": signed_links.ends_at(handoff),
    }
    return shown, browser


def _picture(url: str) -> str:
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, light="#fff", dark="#000"
    )
    return drawn.getvalue().decode()


async def begin(app: AppContext, context: RequestContext) -> Response:
    shown, browser = _made(app, context)
    response = responses.command(shown, status=201)
    cookies.mark(context.request, response, cookies.HANDOFF, browser)
    return response


async def state(app: AppContext, context: RequestContext) -> Response:
    return responses.read(context.request, {"state": await _state(app, _own(app, context))})


async def session(app: AppContext, context: RequestContext) -> Response:
    token, voter = await _taken(app, _own(app, context))
    response = responses.command({"token": token, **voter}, status=201)
    set_cookie(response, context.request, token, max_age_s=LIFE_MS["voter"] // 1000)
    return response


def _own(app: AppContext, context: RequestContext) -> str:
    """The handoff of the address, if this browser began it. Raises Problem."""
    handoff, now_s = context.path["handoff"], app.wall() // 1000
    if not signed_links.is_handoff(app.keys.session, handoff, now_s=now_s):
        raise Problem("handoff-over")
    if not signed_links.is_of_browser(
        app.keys.session, handoff, cookies.browser_of(context.request, cookies.HANDOFF), now_s=now_s
    ):
        raise Problem("handoff-foreign")
    return handoff


async def _state(app: AppContext, handoff: str) -> str:
    return str((await ask_as_gateway(app, "voting", "handoff", {"handoff": handoff}, deadline_s=RPC_S))["state"])


async def _taken(app: AppContext, handoff: str) -> tuple[str, dict[str, object]]:
    answer = await ask_as_gateway(app, "voting", "take_handoff", {"handoff": handoff}, deadline_s=RPC_S)
    token, made = app.sessions.issue(answer["voter"], frozenset({VOTER}), door=DOOR)
    return token, described(made)


# The desktop, without a script


async def begin_page(app: AppContext, context: RequestContext) -> Response:
    """The code on a page of its own."""
    entry = (await form_of(context.request)).get("entry", "")
    return code_page(app, context, entry if app.views.entry(entry) else "")


def code_page(app: AppContext, context: RequestContext, number: str) -> Response:
    """A new code, and the way on to the entry of this number, if there is one."""
    shown, browser = _made(app, context)
    body = pages.render(
        "voters/handoff.html", context, path=_own_address(context), entry=number, waiting=False, **shown
    )
    response = pages.shown(context, body)
    cookies.mark(context.request, response, cookies.HANDOFF, browser)
    return response


def _own_address(context: RequestContext) -> str:
    return pages.here(context.request) if context.request.method == "GET" else "/"


async def take_page(app: AppContext, context: RequestContext) -> Response:
    """The person says that the phone has confirmed: on to the entry, or the same page again."""
    entry = (await form_of(context.request)).get("entry", "")
    number = entry if app.views.entry(entry) else ""
    handoff = context.path["handoff"]
    try:
        token, _ = await _taken(app, _own(app, context))
    except Problem as problem:
        if problem.code != "handoff-waiting":
            anew = f"/entries/{number}" if number else "/"  # where a new code is
            return pages.problem_page(context.request, problem, name=context.id, again=anew)
        url = public_urls.page(public_urls.base(app, context.request), "/wechat/like", handoff=handoff)
        code = signed_links.code_of(app.keys.session, handoff)
        body = pages.render(
            "voters/handoff.html",
            context,
            path="/",
            entry=number,
            handoff=handoff,
            code=code,
            svg=_picture(url),
            waiting=True,
        )
        return pages.shown(context, body)
    response = pages.sent_on(f"/entries/{number}" if number else "/")
    set_cookie(response, context.request, token, max_age_s=LIFE_MS["voter"] // 1000)
    return response


# The phone


async def confirm_page(app: AppContext, context: RequestContext) -> Response:
    handoff = _good(app, context)
    code = signed_links.code_of(app.keys.session, handoff)
    body = pages.render("voters/confirm.html", context, path=f"/wechat/handoffs/{handoff}", code=code, done=False)
    return pages.shown(context, body)


async def confirm(app: AppContext, context: RequestContext) -> Response:
    handoff = _good(app, context)
    assert context.session is not None  # the route is not open
    vouched = {"handoff": handoff, "voter": context.session.sub}
    await ask_as_gateway(app, "voting", "confirm_handoff", vouched, deadline_s=RPC_S)
    body = pages.render("voters/confirm.html", context, path=f"/wechat/handoffs/{handoff}", code="", done=True)
    return pages.shown(context, body)


def _good(app: AppContext, context: RequestContext) -> str:
    """The handoff of the address, for a phone. Raises Problem."""
    handoff = context.path["handoff"]
    if not signed_links.is_handoff(app.keys.session, handoff, now_s=app.wall() // 1000):
        raise Problem("handoff-over")
    if context.session is not None and context.session.door == DOOR:
        raise Problem("handoff-on-desktop")  # a session that was handed over hands nothing on
    return handoff


VOTERS = frozenset({VOTER})
ROUTES = (
    Route(
        method="POST",
        path="/handoffs",
        roles=ANYONE,
        about="Begin to hand a voter's session from a phone in WeChat to this browser",
        handle=begin,
        answer=told.Handoff,
        problems=("wechat-off",),
        status=201,
    ),
    Route(
        method="GET",
        path="/handoffs/{handoff}",
        roles=ANYONE,
        about="Whether the phone has confirmed; for the browser that began it, by its cookie",
        handle=state,
        answer=told.HandoffState,
        problems=("handoff-over", "handoff-foreign"),
    ),
    Route(
        method="POST",
        path="/handoffs/{handoff}/session",
        roles=ANYONE,
        about="Take the session, once",
        handle=session,
        answer=told.SignedIn,
        problems=("handoff-over", "handoff-foreign", "handoff-waiting"),
        status=201,
    ),
    Route(
        method="POST",
        path="/handoffs",
        base="",
        roles=ANYONE,
        about="A code for the phone, on a page of its own",
        raw=page(begin_page),
    ),
    Route(
        method="POST",
        path="/handoffs/{handoff}",
        base="",
        roles=ANYONE,
        about="Go on after the phone has confirmed",
        raw=page(take_page),
    ),
    Route(
        method="GET",
        path="/wechat/handoffs/{handoff}",
        base="",
        roles=VOTERS,
        about="On the phone: the digits, and a button",
        raw=page(confirm_page),
    ),
    Route(
        method="POST",
        path="/wechat/handoffs/{handoff}",
        base="",
        roles=VOTERS,
        about="On the phone: confirm",
        raw=page(confirm),
    ),
)
