"""WeChat's callback at `/wechat`: the messages that its servers push, and its check of the callback URL.

Promises: a request that is not proven to come from WeChat has no effect, and its sender is not told why. Every push is
answered within `WeChatAccounts.answer_s`, with `success` if the reply is not ready, so that nobody reads in the chat
«该公众号暂时无法提供服务». Work that takes longer goes on, so a like that was sent is not lost.
Does not promise that the person sees the outcome in that case: sending the same text again shows it.
"""

import asyncio
import secrets

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.backends.wechat_accounts import SERVICE, WeChatAccounts, require_accounts
from gateway.http import limits
from gateway.http.problems import Problem
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.pipeline import problem_response
from gateway.routing.route import ANYONE, Route
from gateway.voters import identities, wechat_chat
from gateway.wechat import callback, messages, replies
from gateway.wechat.callback import Push
from gateway.wechat.errors import NotWeChat
from shared import metrics
from shared.logs import logger

BODY_S = 2.0
XML = "application/xml"
log_ = logger(__name__)


def endpoint(app: AppContext, route: Route) -> ASGIApp:
    """Return the ASGI application of a route at `/wechat`: GET answers WeChat's check of the URL, POST takes a push.

    They do without the pipeline, for such a request has no session, no language, and no body in our format.
    """
    handle = _check if route.method == "GET" else _push

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request, name = Request(scope, receive), secrets.token_hex(8)
        try:
            response = await handle(app, request)
        except ClientDisconnect:
            return
        except Exception as problem:  # outermost handler of a request: answer WeChat, log the cause
            response = problem_response(app, request, problem, name)
        metrics.HTTP.labels(route.name, response.status_code).inc()
        await response(scope, receive, send)

    return serve


async def _check(app: AppContext, request: Request) -> Response:
    """Echo the text that WeChat sent, if the token of one of our accounts signed it. Raises Problem."""
    for account in require_accounts(app.wechat).pushing.values():
        try:
            echo = callback.check(account, request.query_params, now_s=app.wall() // 1000)
        except NotWeChat:
            continue
        return PlainTextResponse(echo, headers={"X-Content-Type-Options": "nosniff"})
    raise Problem("not-wechat")


async def _push(app: AppContext, request: Request) -> Response:
    """Handle a pushed message, once however often it is pushed, and return the encrypted reply. Raises Problem."""
    wechat = require_accounts(app.wechat)
    body = await limits.read_body(request, limit=messages.BODY_MAX_BYTES, within_s=BODY_S)
    account, push = _read(app, wechat, request, body)
    kind = type(push.message).__name__.lower()
    wechat.replies.evict()
    if push.is_repeat and push.message.key not in wechat.replies:
        # This exact request was handled so long ago that WeChat has given up on it: somebody else is replaying it.
        metrics.WECHAT_PUSHES.labels(account, kind, "again").inc()
        return PlainTextResponse(replies.SUCCESS)
    received = wechat_chat.ReceivedMessage(account, push.message, public_urls.base(app, request))
    work = wechat.replies.get_or_start(push.message.key, lambda: wechat_chat.answer(app, wechat, received))
    await asyncio.wait({work}, timeout=wechat.answer_s)
    reply = work.result() if work.done() else None
    metrics.WECHAT_PUSHES.labels(
        account, kind, "again" if push.is_repeat else "answered" if work.done() else "late"
    ).inc()
    if account == SERVICE and isinstance(push.message, messages.Text | messages.Click | messages.Subscribe):
        wechat.run_in_background(identities.learn_union_id(app, wechat, push.message.person))
    sealed = callback.reply_body(wechat.pushing[account], reply, now_s=app.wall() // 1000)
    return Response(sealed, media_type=XML if reply else "text/plain")


def _read(app: AppContext, wechat: WeChatAccounts, request: Request, body: bytes) -> tuple[str, Push]:
    """Return the account whose token and key prove the push, and the message. Raises Problem."""
    refusals = []
    for name, account in wechat.pushing.items():
        try:
            push = callback.read(
                account, request.query_params, body, nonces=wechat.nonces[name], now_s=app.wall() // 1000
            )
        except NotWeChat as refusal:
            refusals.append(type(refusal).__name__)
        else:
            return name, push
    metrics.WECHAT_PUSHES.labels("none", "none", "refused").inc()
    log_.warning("refused a push that is not proven to come from WeChat", refusals=refusals)
    raise Problem("not-wechat")


ROUTES = (
    Route(method="GET", path="/wechat", base="", roles=ANYONE, about="Let WeChat check this address", raw=endpoint),
    Route(
        method="POST", path="/wechat", base="", roles=ANYONE, about="Receive a message that WeChat pushes", raw=endpoint
    ),
)
