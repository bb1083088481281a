"""Sign-in on a desktop: it shows a QR code, a phone inside WeChat confirms, and the desktop gets the voter's session.

    desktop  POST /api/v1/handoffs                     get a handoff: its QR code, four digits, a cookie
    phone    GET  /wechat/like?handoff=…               sign in with WeChat, then see the digits
    phone    POST /wechat/handoffs/{handoff}           the person confirms
    desktop  GET  /api/v1/handoffs/{handoff}           the state: waiting or confirmed
    desktop  POST /api/v1/handoffs/{handoff}/session   take the session, once

Without a script the desktop does the same with forms.

Promises: only the browser that began the handoff gets the session, once, within five minutes. Looking at a page stores
nothing.
Does not promise that nobody can be talked into confirming a stranger's code: the digits and the warning on the phone
are there to prevent it.
"""

from typing import Any

from starlette.responses import Response

from gateway.backends.wechat_accounts import require_accounts
from gateway.html import page as pages
from gateway.html.page import page
from gateway.html.qr_code import qr_svg
from gateway.http import cookies, response_schemas, responses
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.http.session_cookies import session_facts, set_cookie
from gateway.http.sessions import LIFE_MS
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from gateway.routing.service_calls import call_as_gateway
from gateway.voters import signed_links

DOOR = "web"
WAITING, CONFIRMED = "waiting", "confirmed"
DONE = "done"  # the query parameter of the phone's page after it has confirmed
RPC_S = 2.0


def _begin_handoff(app: AppContext, context: RequestContext) -> tuple[dict[str, Any], str]:
    """Begin a handoff; return its data, as API and page need it, and the value of the browser's cookie."""
    require_accounts(app.wechat)
    browser = cookies.value_of(context.request, cookies.HANDOFF) or cookies.new_value()
    handoff = signed_links.make_handoff(app.keys.session, browser, now_s=app.wall() // 1000)
    url = public_urls.page(public_urls.base(app, context.request), "/wechat/like", handoff=handoff)
    shown = {
        "handoff": handoff,
        "code": signed_links.code_of(app.keys.session, handoff),
        "url": url,
        "svg": _qr_svg(url),
        "expires": signed_links.expires_at(handoff),
    }
    return shown, browser


def _qr_svg(url: str) -> str:
    return qr_svg(url, border=4, scale=5, light="#fff", dark="#000")


async def begin(app: AppContext, context: RequestContext) -> Response:
    """Handle the API request that begins a handoff: return its QR code and digits, and set this browser's cookie.

    Raises Problem if no WeChat accounts are configured.
    """
    shown, browser = _begin_handoff(app, context)
    response = responses.command(shown, status=201)
    cookies.set_cookie(context.request, response, cookies.HANDOFF, browser)
    return response


async def handoff_state(app: AppContext, context: RequestContext) -> Response:
    """Return whether the phone has confirmed the handoff that this browser began. Raises Problem."""
    return responses.read(
        context.request, {"state": await _handoff_state(app, context, _handoff_of_browser(app, context))}
    )


async def session(app: AppContext, context: RequestContext) -> Response:
    """Handle the API request of the desktop for the voter's session of a confirmed handoff; it is given once.

    Raises Problem if the handoff is over, of another browser, or not yet confirmed.
    """
    token, voter = await _take_session(app, _handoff_of_browser(app, context))
    response = responses.command({"token": token, **voter}, status=201)
    set_cookie(response, context.request, token, max_age_s=LIFE_MS["voter"] // 1000)
    return response


def _handoff_of_browser(app: AppContext, context: RequestContext) -> str:
    """Return the handoff in the path if this browser began it. Raises Problem."""
    handoff, now_s = context.path["handoff"], app.wall() // 1000
    if not signed_links.is_handoff(app.keys.session, handoff, now_s=now_s):
        raise Problem("handoff-over")
    if not signed_links.is_of_browser(
        app.keys.session, handoff, cookies.value_of(context.request, cookies.HANDOFF), now_s=now_s
    ):
        raise Problem("handoff-foreign")
    return handoff


async def _handoff_state(app: AppContext, context: RequestContext, handoff: str) -> str:
    """Return the state of a handoff. Browsers ask again and again, so the questions are bounded. Raises Problem."""

    async def state() -> dict[str, Any]:
        return await call_as_gateway(app, "voting", "handoff", {"handoff": handoff}, deadline_s=RPC_S)

    found = await app.look_ups.find(("handoff", handoff), state, sender=context.sender(app.keys.campaign))
    return str(found["state"])


async def _take_session(app: AppContext, handoff: str) -> tuple[str, dict[str, object]]:
    answer = await call_as_gateway(app, "voting", "take_handoff", {"handoff": handoff}, deadline_s=RPC_S)
    token, session = app.sessions.issue(answer["voter"], frozenset({VOTER}), door=DOOR)
    return token, session_facts(session)


# Pages of the desktop, for a browser without scripts.


async def begin_page(app: AppContext, context: RequestContext) -> Response:
    """Begin a handoff by a form that names an entry, and return the page with its QR code. Raises Problem."""
    entry = (await read_form(context.request)).get("entry", "")
    return code_page(app, context, entry if app.views.entry(entry) else "")


def code_page(app: AppContext, context: RequestContext, number: str) -> Response:
    """Begin a handoff and return the page with its QR code.

    After the phone has confirmed, the page leads to the entry with this poster number, or home if `number` is empty.
    """
    shown, browser = _begin_handoff(app, context)
    body = pages.render("voters/handoff.html", context, path=_page_path(context), entry=number, waiting=False, **shown)
    response = pages.private_page(context, body)
    cookies.set_cookie(context.request, response, cookies.HANDOFF, browser)
    return response


def _page_path(context: RequestContext) -> str:
    return pages.current_path(context.request) if context.request.method == "GET" else "/"


async def take_page(app: AppContext, context: RequestContext) -> Response:
    """Handle the form by which the person says that the phone has confirmed: take the session and go on.

    If the phone has not confirmed, the same page is shown again, and after any other failure a page with the problem.
    """
    entry = (await read_form(context.request)).get("entry", "")
    number = entry if app.views.entry(entry) else ""
    handoff, wanted = context.path["handoff"], f"/entries/{number}" if number else "/"
    if context.is_voter:
        return pages.redirect(wanted)  # the form was sent twice
    try:
        token, _ = await _take_session(app, _handoff_of_browser(app, context))
    except Problem as problem:
        if problem.code != "handoff-waiting":
            # The page wanted has a new code.
            return pages.problem_page(
                context.request, problem, name=context.id, again=wanted, zone=context.zone, frame=context.frame
            )
        url = public_urls.page(public_urls.base(app, context.request), "/wechat/like", handoff=handoff)
        code = signed_links.code_of(app.keys.session, handoff)
        body = pages.render(
            "voters/handoff.html",
            context,
            path="/",
            entry=number,
            handoff=handoff,
            code=code,
            svg=_qr_svg(url),
            waiting=True,
        )
        return pages.private_page(context, body)
    response = pages.redirect(wanted)
    set_cookie(response, context.request, token, max_age_s=LIFE_MS["voter"] // 1000)
    return response


# Pages of the phone.


async def confirm_page(app: AppContext, context: RequestContext) -> Response:
    """Return the phone's page with the digits to compare and the button to confirm, or with the word that it has.

    Raises Problem.
    """
    handoff = _handoff_for_phone(app, context)
    code = signed_links.code_of(app.keys.session, handoff)
    done = DONE in context.request.query_params
    body = pages.render("voters/confirm.html", context, path=pages.current_path(context.request), code=code, done=done)
    return pages.private_page(context, body)


async def confirm(app: AppContext, context: RequestContext) -> Response:
    """Confirm a handoff on the phone, so that the desktop gets a session of this phone's voter. Raises Problem.

    Redirects to the page that says so, which may be loaded again after the desktop has taken the session.
    """
    handoff = _handoff_for_phone(app, context)
    assert context.session is not None  # the route is not open
    vouched = {"handoff": handoff, "voter": context.session.sub}
    await call_as_gateway(app, "voting", "confirm_handoff", vouched, deadline_s=RPC_S)
    return pages.redirect(public_urls.page("", f"/wechat/handoffs/{handoff}", **{DONE: "1"}))


def _handoff_for_phone(app: AppContext, context: RequestContext) -> str:
    """Return the handoff in the path, for a phone to confirm. Raises Problem."""
    handoff = context.path["handoff"]
    if not signed_links.is_handoff(app.keys.session, handoff, now_s=app.wall() // 1000):
        raise Problem("handoff-over")
    if context.session is not None and context.session.door == DOOR:
        raise Problem("handoff-on-desktop")  # a session that came by a handoff cannot confirm another one
    return handoff


VOTERS = frozenset({VOTER})
ROUTES = (
    Route(
        method="POST",
        path="/handoffs",
        roles=ANYONE,
        about="Begin handing over a voter's session from a phone in WeChat to this browser",
        handle=begin,
        answer=response_schemas.Handoff,
        problems=("wechat-off",),
        status=201,
    ),
    Route(
        method="GET",
        path="/handoffs/{handoff}",
        roles=ANYONE,
        about="Get whether the phone has confirmed; only for the browser that began the handoff, by its cookie",
        handle=handoff_state,
        answer=response_schemas.HandoffState,
        problems=("handoff-over", "handoff-foreign", "busy"),
    ),
    Route(
        method="POST",
        path="/handoffs/{handoff}/session",
        roles=ANYONE,
        about="Take the session of a confirmed handoff, once",
        handle=session,
        answer=response_schemas.SignedIn,
        problems=("handoff-over", "handoff-foreign", "handoff-waiting"),
        status=201,
    ),
    Route(
        method="POST",
        path="/handoffs",
        base="",
        roles=ANYONE,
        about="Page with a QR code for the phone",
        raw=page(begin_page),
    ),
    Route(
        method="POST",
        path="/handoffs/{handoff}",
        base="",
        roles=ANYONE,
        about="Continue after the phone has confirmed",
        raw=page(take_page),
    ),
    Route(
        method="GET",
        path="/wechat/handoffs/{handoff}",
        base="",
        roles=VOTERS,
        about="On the phone: page to compare the digits and confirm",
        raw=page(confirm_page),
    ),
    Route(
        method="POST",
        path="/wechat/handoffs/{handoff}",
        base="",
        roles=VOTERS,
        about="On the phone: confirm the handoff",
        raw=page(confirm),
    ),
)
