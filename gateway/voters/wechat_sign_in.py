"""Sign-in inside WeChat's browser: `/wechat/like`, WeChat's silent authorisation, and back to the page wanted.

Promises: the identity comes from an exchange between servers, never from the page. A callback is accepted only in the
browser that was sent to WeChat. The placeholder user of a WeChat snapshot page is refused. Nobody is asked to follow an
account.
Does not promise a like: signing in casts none, only a tap of the person does, so a link that is passed around cannot
like by itself.
"""

import re

from starlette.responses import Response

from gateway.backends.wechat_accounts import WeChatAccounts, require_accounts
from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import cookies
from gateway.http.problems import Problem
from gateway.http.session_cookies import set_cookie
from gateway.http.sessions import LIFE_MS
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from gateway.voters import desktop_handoff, identities, signed_links
from gateway.wechat import oauth
from gateway.wechat.client import Identity
from gateway.wechat.errors import BadState, CallFailed, CodeRefused, UserBlocked

DOOR = "wechat"
EXCHANGE_S = 4.0
PAGES = ("likes", "privacy")  # the pages that sign-in may lead to, besides an entry
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,11}")


async def like(app: AppContext, context: RequestContext) -> Response:
    """Handle `/wechat/like`: redirect the visitor to WeChat's authorisation page, to sign in.

    A voter who is already signed in goes straight to the page wanted. A browser that is not WeChat's gets a QR code for
    the phone instead. Raises Problem.
    """
    wechat, target = require_accounts(app.wechat), _encode_target(app, context)
    phone = "MicroMessenger" in context.request.headers.get("user-agent", "")
    if is_voter(context):
        return pages.redirect(_target_path(target))
    if not (phone or target.startswith("h")):
        # The page of the entry offers the QR code next to the entry.
        is_entry = target.startswith("e")
        return pages.redirect(_target_path(target)) if is_entry else desktop_handoff.code_page(app, context, "")
    browser = cookies.value_of(context.request, cookies.OAUTH) or cookies.new_value()
    state = oauth.make_state(app.keys.session, target, browser=browser, now_s=app.wall() // 1000)
    back = public_urls.base(app, context.request) + "/wechat/callback"
    authorise_url = oauth.authorize_url(
        wechat.accounts.service, base=app.settings.wechat_open, redirect=back, state=state
    )
    response = pages.redirect(authorise_url)
    cookies.set_cookie(context.request, response, cookies.OAUTH, browser)
    return response


def is_voter(context: RequestContext) -> bool:
    """Return whether the request has the session of a voter."""
    return context.session is not None and VOTER in context.session.roles


def _encode_target(app: AppContext, context: RequestContext) -> str:
    """Encode the page that the visitor wants, short enough for WeChat's `state`.

    A letter for its kind, then its name: `e` entry, `h` handoff, `l` link from a chat, `p` page. Empty means the home
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
    return f"e{number}" if number else ""


def _target_path(target: str) -> str:
    """Decode the wanted page into its path. The text is trusted: it came back under our MAC."""
    kind, rest = target[:1], target[1:]
    match kind:
        case "e":
            return f"/entries/{rest}"
        case "h":
            return f"/wechat/handoffs/{rest}"
        case "l":
            link, number = rest[: signed_links.LINK_CHARS], rest[signed_links.LINK_CHARS :]
            return public_urls.page("", f"/wechat/links/{link}", entry=number)
        case "p":
            return f"/{rest}"
        case _:
            return "/"


async def callback(app: AppContext, context: RequestContext) -> Response:
    """Handle the return from WeChat's authorisation page: learn who the person is, and sign the voter in.

    Redirects to the page that the voter wanted; a failure is shown as a page with a link to try again.
    """
    wechat, target = require_accounts(app.wechat), ""
    try:
        target = _read_target(app, context)
        identity = await _identity(wechat, context.request.query_params.get("code", ""))
    except Problem as problem:
        again = public_urls.page("", "/wechat/like", entry=target[1:] if target[:1] == "e" else "")
        return pages.problem_page(context.request, problem, name=context.id, again=again)
    voter = app.keys.voter(identity.openid)
    if identity.unionid:
        wechat.run_in_background(identities.learn_union_id(app, wechat, identity.openid, identity.unionid))
    token, _ = app.sessions.issue(voter, frozenset({VOTER}), door=DOOR)
    response = pages.redirect(_target_path(target))
    set_cookie(response, context.request, token, max_age_s=LIFE_MS["voter"] // 1000)
    return response


def _read_target(app: AppContext, context: RequestContext) -> str:
    browser = cookies.value_of(context.request, cookies.OAUTH)
    state = context.request.query_params.get("state", "")
    try:
        return oauth.read_state(app.keys.session, state, browser=browser, now_s=app.wall() // 1000).reference
    except BadState as bad:
        raise Problem("oauth-state") from bad


async def _identity(wechat: WeChatAccounts, code: str) -> Identity:
    if not code:
        raise Problem("oauth-denied")
    try:
        identity = await wechat.calls.identity(wechat.accounts.service, code, budget_s=EXCHANGE_S)
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
        path="/wechat/callback",
        base="",
        roles=ANYONE,
        about="Return from WeChat's authorisation page",
        raw=page(callback),
    ),
)
