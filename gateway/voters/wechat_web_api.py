"""API for pages and mini-programs inside WeChat: the signature for WeChat's JS-SDK, and sessions by login code.

Promises: only URLs of this host are signed. A person of the mini-program whom the service account does not know yet is
asked to like there first, and does not become a second voter.
"""

from urllib.parse import urlsplit

from starlette.responses import Response

from gateway.backends.wechat_accounts import MINI, require_accounts
from gateway.http import client_signals, request_schemas, response_schemas, responses
from gateway.http.problems import Problem
from gateway.http.session_cookies import session_facts
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, VOTER, RequestContext, Route
from gateway.voters import identities
from gateway.wechat import jssdk
from gateway.wechat.client import MiniSession
from gateway.wechat.errors import CallFailed, CodeRefused, QuotaSpent, UserBlocked

EXCHANGE_S = 3.0


async def jssdk_config(app: AppContext, context: RequestContext) -> Response:
    """Return the signed arguments that a page of ours passes to `wx.config`, to use WeChat's JavaScript functions.

    Raises Problem if the URL is not of this host, or WeChat does not answer.
    """
    wechat, url = require_accounts(app.wechat), context.query["url"]
    if _origin(url) != _origin(public_urls.base(app, context.request)):
        raise Problem("url-foreign", field="url")
    try:
        ticket = await wechat.tickets.ticket(wechat.accounts.service)
    except CallFailed as failed:
        raise Problem("wechat-away") from failed
    return responses.command(jssdk.config(wechat.accounts.service, ticket=ticket, url=url, now_s=app.wall() // 1000))


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


async def mini_session(app: AppContext, context: RequestContext) -> Response:
    """Issue a voter's session to the person who logged in to the mini-program, by the code of `wx.login`.

    Raises Problem, also if the person is not linked to a voter yet.
    """
    wechat = require_accounts(app.wechat)
    account, code = wechat.accounts.miniprogram, context.body["code"]
    if account is None:
        raise Problem("wechat-off")
    try:
        person: MiniSession = await app.sign_in_codes.exchange(
            code,
            lambda: wechat.calls.mini_session(account, code, budget_s=EXCHANGE_S),
            address=client_signals.address_mark(app.keys.campaign, context.request),
        )
    except CodeRefused as refused:
        raise Problem("oauth-code") from refused
    except UserBlocked as blocked:
        raise Problem("wechat-blocked") from blocked
    except QuotaSpent as spent:
        raise Problem("busy") from spent
    except CallFailed as failed:
        raise Problem("wechat-away") from failed
    voter = await identities.voter_of(app, wechat, MINI, person.openid)
    if voter is None:
        voter = await identities.voter_by_union_id(app, wechat, MINI, person.openid, person.unionid)
    if voter is None:
        raise Problem("link-first")
    token, made = app.sessions.issue(voter, frozenset({VOTER}), door=MINI)
    return responses.command({"token": token, **session_facts(made)}, status=201)


ROUTES = (
    Route(
        method="GET",
        path="/wechat/jssdk",
        roles=ANYONE,
        about="Get the JS-SDK configuration for a page of this host",
        handle=jssdk_config,
        query=request_schemas.PageUrl,
        answer=response_schemas.JsSdk,
        problems=("wechat-off", "wechat-away", "url-foreign"),
    ),
    Route(
        method="POST",
        path="/wechat/mini/sessions",
        roles=ANYONE,
        about="Sign in from the mini-program with the code of wx.login",
        handle=mini_session,
        body=request_schemas.LoginCode,
        answer=response_schemas.SignedIn,
        problems=("wechat-off", "wechat-away", "wechat-blocked", "oauth-code", "link-first", "busy", "too-fast"),
        status=201,
    ),
)
