"""Sign-in inside WeChat's browser: `/wechat/like`, WeChat's silent authorisation, and back to the page wanted.

Promises: the identity comes from an exchange between servers, never from the page. A callback is accepted only in the
browser that was sent to WeChat. A voter who is signed in already goes on, whatever became of the code, so that a
callback may be opened twice, reloaded or returned to. No address with a code stays in the browser. The placeholder user
of a WeChat snapshot page is refused. Nobody is asked to follow an account.
Signing in and liking are one tap: the like button of a visitor who is not signed in is a link with a proof
(`wechat/tap.py`) that this browser got with the page, and the like is cast when WeChat sends the browser back. The page
of the entry then says what became of it. A link without the proof, such as one that is passed around, signs in and
likes nothing.
"""

import re

from starlette.responses import Response

from gateway.backends.wechat_accounts import WeChatAccounts, require_accounts
from gateway.html import page as pages
from gateway.html.page import page
from gateway.html.sign_in import UNIT_SIGN_IN
from gateway.http import client_signals, cookies
from gateway.http.like_outcome import ONCE_MORE, SIGNED_IN, LikeOutcome, set_outcome
from gateway.http.problems import Problem
from gateway.http.session_cookies import set_cookie
from gateway.http.sessions import LIFE_MS, Session
from gateway.public import like_buttons
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, UNIT, VOTER, RequestContext, Route
from gateway.routing.service_calls import call_as_gateway, call_service
from gateway.voters import desktop_handoff, identities, other_likes, signed_links
from gateway.wechat import oauth, tap
from gateway.wechat.client import Identity
from gateway.wechat.errors import BadState, CallFailed, CodeRefused, UserBlocked

DOOR = "wechat"
CADRE = "unit"  # the target of a unit's cadre
EXCHANGE_S = 4.0
FAILED = "/wechat/not-signed-in"
FAILURES = (
    "oauth-state", "oauth-code", "oauth-denied", "wechat-blocked", "wechat-away", "snapshot-user", "too-fast", "busy",
    "wechat-not-linked", "cadre-unknown",
)  # fmt: skip
PAGES = ("likes", "privacy")  # the pages that sign-in may lead to, besides an entry
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,11}")


async def like(app: AppContext, context: RequestContext) -> Response:
    """Handle `/wechat/like`: redirect the visitor to WeChat's authorisation page, to sign in.

    A voter who is already signed in goes straight to the page wanted. A browser that is not WeChat's gets a QR code for
    the phone instead. Raises Problem.
    """
    wechat, target = require_accounts(app.wechat), _encode_target(app, context)
    phone = client_signals.is_in_wechat(context.request)
    if context.session is not None and context.is_voter:
        response = pages.redirect(_target_path(target))
        if target.startswith("t"):
            await _like_on_return(app, context, context.session, target[1:], response)
        return response
    if not (phone or target.startswith("h")):
        # The page of the entry says how to get into WeChat, or offers the QR code.
        if target.startswith(("e", "t")):
            return pages.redirect(_target_path(target))
        if like_buttons.visitor_method(app, context) == like_buttons.PHONE:
            return _phone_page(app, context, target)
        return desktop_handoff.code_page(app, context, "")
    return _to_wechat(app, context, wechat, target)


def _phone_page(app: AppContext, context: RequestContext, target: str) -> Response:
    """Return the page that tells a phone outside WeChat how to get in: a QR code would be for itself."""
    url = like_buttons.own_url(app, context, _target_path(target))
    body = pages.render("voters/phone.html", context, path=pages.current_path(context.request), url=url)
    return pages.private_page(context, body)


async def cadre(app: AppContext, context: RequestContext) -> Response:
    """Handle `/wechat/unit`: redirect a unit's cadre to WeChat's authorisation page.

    A cadre who is signed in links the WeChat account, and one who is not signs in by it. Raises Problem.
    """
    return _to_wechat(app, context, require_accounts(app.wechat), CADRE)


def _to_wechat(app: AppContext, context: RequestContext, wechat: WeChatAccounts, target: str) -> Response:
    browser = cookies.value_of(context.request, cookies.OAUTH) or cookies.new_value()
    state = oauth.make_state(app.keys.session, target, browser=browser, now_s=app.wall() // 1000)
    back = public_urls.base(app, context.request) + "/wechat/callback"
    authorise_url = oauth.authorize_url(
        wechat.accounts.service, base=app.settings.wechat_open, redirect=back, state=state
    )
    response = pages.redirect(authorise_url)
    cookies.set_cookie(context.request, response, cookies.OAUTH, browser)
    return response


def _encode_target(app: AppContext, context: RequestContext) -> str:
    """Encode the page that the visitor wants, short enough for WeChat's `state`.

    A letter for its kind, then its name: `e` entry, `t` entry whose like button was tapped, `h` handoff, `l` link from
    a chat, `p` page. Empty means the home
    page. Raises Problem for a handoff that has expired.
    """
    query, now_s = context.request.query_params, app.wall() // 1000
    entry, handoff, link = (query.get(name, "") for name in ("entry", "handoff", "link"))
    number = entry if _NUMBER.fullmatch(entry) and app.views.entry(entry) else ""
    if handoff and signed_links.is_handoff(app.keys.session, handoff, now_s=now_s):
        return f"h{handoff}"
    if handoff:
        raise Problem("handoff-over")
    if link and signed_links.read_link(app.keys.session, link, now_s=now_s):
        return f"l{link}{number}"
    if query.get("page") in PAGES:
        return f"p{query['page']}"
    if number and _is_tap(app, context):
        return f"t{number}"
    return f"e{number}" if number else ""


def _is_tap(app: AppContext, context: RequestContext) -> bool:
    proof, browser = context.request.query_params.get("tap", ""), cookies.value_of(context.request, cookies.OAUTH)
    return tap.is_tap(app.keys.session, proof, browser=browser, now_s=app.wall() // 1000)


def _target_query(target: str) -> dict[str, str]:
    """Decode the wanted page into the query of `/wechat/like` that asks for it."""
    kind, rest = target[:1], target[1:]
    match kind:
        case "e" | "t":
            return {"entry": rest}
        case "h":
            return {"handoff": rest}
        case "l":
            return {"link": rest[: signed_links.LINK_CHARS], "entry": rest[signed_links.LINK_CHARS :]}
        case "p":
            return {"page": rest}
        case "u":
            return {"unit": "1"}
        case _:
            return {}


def _target_path(target: str) -> str:
    """Decode the wanted page into its path. The text is trusted: it came back under our MAC."""
    kind, rest = target[:1], target[1:]
    match kind:
        case "e" | "t":
            return f"/entries/{rest}"
        case "h":
            return f"/wechat/handoffs/{rest}"
        case "l":
            link, number = rest[: signed_links.LINK_CHARS], rest[signed_links.LINK_CHARS :]
            return public_urls.page("", f"/wechat/links/{link}", entry=number)
        case "p":
            return f"/{rest}"
        case "u":
            return "/unit"
        case _:
            return "/"


async def callback(app: AppContext, context: RequestContext) -> Response:
    """Handle the return from WeChat's authorisation page: learn who the person is, and sign the voter in.

    Redirects to the page that the voter wanted; after a failure, to the page that explains it. A voter who is signed in
    already goes straight on: the code is not asked for.
    """
    wechat, state = require_accounts(app.wechat), None
    try:
        state = _read_state(app, context)
        if state.reference == CADRE:
            return await _cadre_response(app, context, await _identity(app, context, wechat, nonce=state.nonce))
        if not context.is_voter:
            identity = await _identity(app, context, wechat, nonce=state.nonce)
    except Problem as problem:
        target = state.reference if state else ""
        if context.is_voter and target != CADRE:
            return pages.redirect(_target_path(target))
        if problem.code not in FAILURES:
            raise
        return pages.redirect(public_urls.page("", FAILED, problem=problem.code, **_target_query(target)))
    target = state.reference
    response = pages.redirect(_target_path(target))
    if context.is_voter:
        return response
    voter = app.keys.voter(identity.openid)
    if identity.unionid:
        wechat.run_in_background(identities.learn_union_id(app, wechat, identity.openid, identity.unionid))
    token, session = app.sessions.issue(voter, frozenset({VOTER}), door=DOOR)
    set_cookie(response, context.request, token, max_age_s=LIFE_MS["voter"] // 1000)
    if target.startswith("t"):
        await _like_on_return(app, context, session, target[1:], response)
    elif target.startswith("e"):
        set_outcome(context.request, response, LikeOutcome(SIGNED_IN))
    return response


async def _like_on_return(
    app: AppContext, context: RequestContext, session: Session, number: str, response: Response
) -> None:
    """Cast the like that the person tapped before the sign-in, and let the page of the entry say what became of it."""
    try:
        answer = await other_likes.like_after_sign_in(app, session, number, at=context.at, request=context.request)
        outcome = LikeOutcome(answer["status"])
    except Problem as problem:
        is_payable = problem.code in ("challenge-needed", "too-fast")
        outcome = LikeOutcome(ONCE_MORE) if is_payable else LikeOutcome("refused", problem.code, problem.facts or {})
    set_outcome(context.request, response, outcome)


async def _cadre_response(app: AppContext, context: RequestContext, identity: Identity) -> Response:
    """Link the WeChat account to the cadre who is signed in, or sign in the cadre to whom it is linked."""
    account = app.keys.voter(f"cadre {identity.openid}")
    session = context.session
    if session is not None and session.kind == UNIT:
        body = {"session": session.id, "account": account}
        await call_service(app, context, "submission", "link_cadre", body)
        return pages.redirect("/unit/cadres?linked=1")
    agent = client_signals.family(context.request.headers.get("user-agent", "").encode())
    known = await call_as_gateway(
        app, "submission", "wechat_login", {"account": account, "agent": agent, "life_ms": LIFE_MS[UNIT]}
    )
    token, _ = app.sessions.issue(
        known["unit"], frozenset({UNIT}), name=f"{known['name']} {known['cadre']}", id=known["session"]
    )
    response = pages.redirect("/unit")
    set_cookie(response, context.request, token, max_age_s=LIFE_MS[UNIT] // 1000)
    return response


async def failed(app: AppContext, context: RequestContext) -> Response:
    """Return the page that says why the sign-in failed, with a link to try again, or go on if there is nothing to say.

    The voter may be signed in by now: a callback that was opened twice fails once at most.
    """
    target, code = _encode_target(app, context), context.request.query_params.get("problem", "")
    is_cadre = "unit" in context.request.query_params
    if context.is_voter and not is_cadre:
        return pages.redirect(_target_path(target))
    again = UNIT_SIGN_IN if is_cadre else public_urls.page("", "/wechat/like", **_target_query(target))
    if code not in FAILURES:
        return pages.redirect(again)
    return pages.problem_page(
        context.request, Problem(code), name=context.id, again=again, zone=context.zone, frame=context.frame
    )


def _read_state(app: AppContext, context: RequestContext) -> oauth.State:
    browser = cookies.value_of(context.request, cookies.OAUTH)
    state = context.request.query_params.get("state", "")
    try:
        return oauth.read_state(app.keys.session, state, browser=browser, now_s=app.wall() // 1000)
    except BadState as bad:
        raise Problem("oauth-state") from bad


async def _identity(app: AppContext, context: RequestContext, wechat: WeChatAccounts, *, nonce: str) -> Identity:
    code = context.request.query_params.get("code", "")
    if not code:
        raise Problem("oauth-denied")
    try:
        identity: Identity = await app.sign_in_codes.exchange(
            code,
            lambda: wechat.calls.identity(wechat.accounts.service, code, budget_s=EXCHANGE_S),
            address=client_signals.address_mark(app.keys.campaign, context.request),
            state=nonce,
        )
    except CodeRefused as refused:
        raise Problem("oauth-code") from refused
    except UserBlocked as blocked:
        raise Problem("wechat-blocked") from blocked
    except CallFailed as failed:
        raise Problem("wechat-away") from failed
    if identity.is_snapshot:
        raise Problem("snapshot-user")
    return identity


ROUTES = (
    Route(method="GET", path="/wechat/like", base="", roles=ANYONE, about="Sign in with WeChat", raw=page(like)),
    Route(
        method="GET",
        path="/wechat/unit",
        base="",
        roles=ANYONE,
        about="Sign in as a unit's cadre with WeChat, or link WeChat to one's account",
        raw=page(cadre),
    ),
    Route(
        method="GET",
        path="/wechat/callback",
        base="",
        roles=ANYONE,
        about="Return from WeChat's authorisation page",
        raw=page(callback),
    ),
    Route(
        method="GET",
        path=FAILED,
        base="",
        roles=ANYONE,
        about="Page that says why signing in with WeChat failed",
        raw=page(failed),
    ),
)
