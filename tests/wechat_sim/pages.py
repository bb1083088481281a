"""The pages that a phone opens: to let a person authorise an account's web page, and to agree to one message.

Authorisation is silent (`snsapi_base`) where the holder of the phone is known: by `?as=NAME`, or by the cookie of
an earlier visit. Otherwise, and always for `snsapi_userinfo`, a page shows a link that allows it. To a one-time
subscription message a person always agrees, or not, by a link.
"""

import re
from html import escape
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.wechat_sim.accounts import Account
from tests.wechat_sim.world import World

COOKIE = "wechat_sim_person"
SCOPES = ("snsapi_base", "snsapi_userinfo")
STATE = re.compile(r"[a-zA-Z0-9]{0,128}")
SUBSCRIBE, DECIDE = "/mp/subscribemsg", "/mp/subscribemsg/decided"
SCENE_MOST = 10_000
AUTHORIZE, ALLOW = "/connect/oauth2/authorize", "/connect/oauth2/allow"


class RefusedRequest(Exception):
    """A request that the platform refuses with an error page; its text is on that page."""


def routes(world: World) -> list[Route]:
    """Return the routes of the authorise page and of its link."""

    async def authorize(request: Request) -> Response:
        try:
            account, redirect, scope = _read_request(world, request)
        except RefusedRequest as wrong:
            world.journal.note("page", "authorize", outcome=str(wrong))
            return HTMLResponse(_page(f"<h1>{escape(str(wrong))}</h1>"), 400)
        name = request.query_params.get("as") or request.cookies.get(COOKIE)
        if name and scope == "snsapi_base":
            return _redirect_with_code(world, request, account, redirect, name)
        world.journal.note("page", "authorize", outcome="asks", scope=scope)
        return HTMLResponse(_page(_question(request, account, name)))

    async def allow(request: Request) -> Response:
        try:
            account, redirect, _ = _read_request(world, request)
            name = request.query_params.get("as", "")
            return _redirect_with_code(world, request, account, redirect, name)
        except RefusedRequest as wrong:
            return HTMLResponse(_page(f"<h1>{escape(str(wrong))}</h1>"), 400)

    async def subscribe(request: Request) -> Response:
        try:
            account, _ = _read_subscription(world, request)
        except RefusedRequest as wrong:
            world.journal.note("page", "subscribemsg", outcome=str(wrong))
            return HTMLResponse(_page(f"<h1>{escape(str(wrong))}</h1>"), 400)
        name = request.query_params.get("as") or request.cookies.get(COOKIE) or "somebody"
        links = ""
        for action, words in (("confirm", "允许 / Allow one message"), ("cancel", "取消 / Cancel")):
            link = f"{DECIDE}?{urlencode({**request.query_params, 'as': name, 'action': action})}"
            links += f'<p><a id="{action}" href="{escape(link)}">{words}</a></p>'
        world.journal.note("page", "subscribemsg", outcome="asks")
        return HTMLResponse(
            _page(f"<h1>{escape(account.appid)} 申请发送一条消息 / wants to send one message</h1>{links}")
        )

    async def decided(request: Request) -> Response:
        try:
            account, redirect = _read_subscription(world, request)
            person = world.people.person(account, request.query_params.get("as", ""))
        except (RefusedRequest, ValueError) as wrong:
            return HTMLResponse(_page(f"<h1>{escape(str(wrong))}</h1>"), 400)
        said = request.query_params
        openid, confirmed = world.people.openid(account, person), said["action"] == "confirm"
        if confirmed:
            world.consents.add((account.appid, openid, said["template_id"], int(said["scene"])))
        back = {name: said.get(name, "") for name in ("template_id", "action", "scene", "reserved")}
        parts = urlsplit(redirect)
        query = urlencode({**({"openid": openid} if confirmed else {}), **back})
        world.journal.note("page", "subscribemsg", outcome=said["action"], person=person.name)
        response = RedirectResponse(urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, query])))), 302)
        response.set_cookie(COOKIE, person.name, httponly=True)
        return response

    return [Route(AUTHORIZE, authorize), Route(ALLOW, allow), Route(SUBSCRIBE, subscribe), Route(DECIDE, decided)]


def _read_subscription(world: World, request: Request) -> tuple[Account, str]:
    """Return the account and the redirect URL of a request for a consent. Raises RefusedRequest."""
    said = request.query_params
    account = world.of_appid(said.get("appid", ""))
    if account is None or account.kind != "service":
        raise RefusedRequest("appid 参数错误")
    if said.get("action") not in ("get_confirm", "confirm", "cancel"):
        raise RefusedRequest("action 参数错误")
    if not said.get("scene", "").isdecimal() or int(said["scene"]) > SCENE_MOST:
        raise RefusedRequest("scene 参数错误")
    if said.get("template_id") != account.template_id:
        raise RefusedRequest("template_id 参数错误")
    redirect = said.get("redirect_url", "")
    host = urlsplit(redirect).hostname
    if urlsplit(redirect).scheme not in ("http", "https") or not host or account.page_host not in ("", host):
        raise RefusedRequest("redirect_url 域名与后台配置不一致")
    if not STATE.fullmatch(said.get("reserved", "")):
        raise RefusedRequest("reserved 参数错误")
    return account, redirect


def _read_request(world: World, request: Request) -> tuple[Account, str, str]:
    """Return the account, the redirect URI and the scope of a request. Raises RefusedRequest."""
    said = request.query_params
    account = world.of_appid(said.get("appid", ""))
    if account is None:
        raise RefusedRequest("10013 appid 参数错误")
    redirect = said.get("redirect_uri", "")
    host = urlsplit(redirect).hostname
    if urlsplit(redirect).scheme not in ("http", "https") or not host or account.page_host not in ("", host):
        raise RefusedRequest("10003 redirect_uri 域名与后台配置不一致")
    scope = said.get("scope", "")
    if scope not in SCOPES or account.kind != "service" or said.get("response_type") != "code":
        raise RefusedRequest("10005 scope 参数错误或没有 scope 权限")
    if not STATE.fullmatch(said.get("state", "")):
        raise RefusedRequest("10017 state 参数错误")
    return account, redirect, scope


def _redirect_with_code(world: World, request: Request, account: Account, redirect: str, name: str) -> Response:
    """Redirect to the account's page with a new code, and remember the person in a cookie."""
    try:
        person = world.people.person(account, name)
    except ValueError as problem:
        raise RefusedRequest(str(problem)) from problem
    said = request.query_params
    code = world.grants.code(account, person, said["scope"])
    parts = urlsplit(redirect)
    query = "&".join(filter(None, [parts.query, urlencode({"code": code, "state": said.get("state", "")})]))
    world.journal.note("page", "authorize", outcome="ok", scope=said["scope"], person=person.name)
    response = RedirectResponse(urlunsplit(parts._replace(query=query)), 302)
    response.set_cookie(COOKIE, person.name, httponly=True)
    return response


def _question(request: Request, account: Account, name: str | None) -> str:
    """Return the body of the page that asks a person to allow the authorisation."""
    said = {each: value for each, value in request.query_params.items() if each != "as"}
    hidden = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in said.items())
    link = f"{ALLOW}?{urlencode({**said, 'as': name or 'somebody'})}"
    return (
        f"<h1>{escape(account.appid)} 申请获得你的信息 / asks who you are</h1>"
        f'<p><a id="allow" href="{escape(link)}">允许 / Allow as {escape(name or "somebody")}</a></p>'
        f'<form action="{ALLOW}">{hidden}<label>作为 / As <input name="as" required></label> '
        "<button>允许 / Allow</button></form>"
    )


def _page(body: str) -> str:
    return f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>WeChat (simulated)</title>{body}</html>'
