"""The calls that an account's server makes, `cgi-bin/…` and `sns/…`.

Errors come with status 200 and an `errcode`, as the platform's do.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.wechat_sim import menus
from tests.wechat_sim.accounts import Account
from tests.wechat_sim.faults import ERRMSG
from tests.wechat_sim.grants import TOKEN_LIFE_S, Refusal, Token
from tests.wechat_sim.world import World

CLEARS_A_MONTH = 10
CONTENT_MOST = 2_500
SUBSCRIBED_MOST, TITLE_MOST = 200, 15
RISKY_WORDS = ("赌博", "私彩")
Answer = dict[str, Any]
Handler = Callable[[World, "Call"], Awaitable[Answer]]


class Call:
    """One call: its query parameters, its JSON body, and whether a `snapshot` fault applies to it."""

    def __init__(self, params: dict[str, str], body: Any, *, snapshot: bool) -> None:
        self.params = params
        self.body = body
        self.snapshot = snapshot

    def text(self, name: str) -> str:
        """Return a parameter, or else a field of the body, as text; "" if there is neither."""
        body = self.body if isinstance(self.body, dict) else {}
        return str(self.params.get(name) or body.get(name) or "")


class CutResponse(Response):
    """A response that ends in the middle, so that the connection is cut."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b'{"errcode":', "more_body": False})


async def token(world: World, call: Call) -> Answer:
    """Answer `cgi-bin/token`."""
    return _token_answer(world, world.grants.classic(_by_secret(world, call)))


async def stable_token(world: World, call: Call) -> Answer:
    """Answer `cgi-bin/stable_token`."""
    account = _by_secret(world, call)
    force = isinstance(call.body, dict) and call.body.get("force_refresh") is True
    return _token_answer(world, world.grants.stable(account, force=force))


async def getticket(world: World, call: Call) -> Answer:
    """Answer `cgi-bin/ticket/getticket`."""
    ticket = world.grants.ticket(_by_token(world, call))
    left_s = int(ticket.until_s - world.clock())
    return {"errcode": 0, "errmsg": "ok", "ticket": ticket.value, "expires_in": left_s}


async def user_info(world: World, call: Call) -> Answer:
    """Answer `cgi-bin/user/info`: whether the person follows the account, and since when."""
    account, openid = _by_token(world, call), call.text("openid")
    person = world.people.with_openid(account, openid)
    if person is None:
        raise Refusal(40003)
    since_s = person.follows.get(account.appid)
    if since_s is None:
        return {"subscribe": 0, "openid": openid, "tagid_list": []}
    return {
        "subscribe": 1,
        "openid": openid,
        "language": "zh_CN",
        "subscribe_time": since_s,
        **_union(world, person),
        "subscribe_scene": "ADD_SCENE_QR_CODE",
        "tagid_list": [],
    }


async def menu_create(world: World, call: Call) -> Answer:
    """Answer `cgi-bin/menu/create`: check the menu and store it."""
    account = _by_token(world, call)
    menus.check(call.body)
    world.menus[account.appid] = call.body
    return {"errcode": 0, "errmsg": "ok"}


async def menu_get(world: World, call: Call) -> Answer:
    """Answer `cgi-bin/menu/get`."""
    menu = world.menus.get(_by_token(world, call).appid)
    if menu is None:
        raise Refusal(46003)
    return {"menu": menu}


async def clear_quota(world: World, call: Call) -> Answer:
    """Answer `cgi-bin/clear_quota`: end the faults 45009, ten times at most."""
    account = _by_token(world, call)
    times = world.cleared[account.appid] = world.cleared.get(account.appid, 0) + 1
    if times > CLEARS_A_MONTH:
        raise Refusal(48006)
    world.faults.clear("45009")
    return {"errcode": 0, "errmsg": "ok"}


async def msg_sec_check(world: World, call: Call) -> Answer:
    """Answer `wxa/msg_sec_check`: a text with one of RISKY_WORDS is risky. The person must be known to the account."""
    account, body = _by_token(world, call), call.body if isinstance(call.body, dict) else {}
    content = body.get("content")
    if not isinstance(content, str) or not content or body.get("version") != 2 or body.get("scene") not in range(1, 5):
        raise Refusal(47001)
    if len(content) > CONTENT_MOST:
        raise Refusal(45002)
    if world.people.with_openid(account, call.text("openid")) is None:
        raise Refusal(40003)
    found = [word for word in RISKY_WORDS if word in content]
    suggest, label = ("risky", 20006) if found else ("pass", 100)
    detail = [
        {"strategy": "keyword", "errcode": 0, "suggest": suggest, "label": label, "level": 90, "keyword": word}
        for word in found
    ]
    trace = secrets.token_hex(8)
    return {"errcode": 0, "errmsg": "ok", "result": {"suggest": suggest, "label": label}, "detail": detail,
            "trace_id": trace}  # fmt: skip


async def template_subscribe(world: World, call: Call) -> Answer:
    """Answer `cgi-bin/message/template/subscribe`: deliver one message to a person who agreed to it, once."""
    account, body = _by_token(world, call), call.body if isinstance(call.body, dict) else {}
    openid, template, scene, title = (call.text(name) for name in ("touser", "template_id", "scene", "title"))
    if world.people.with_openid(account, openid) is None:
        raise Refusal(40003)
    if not template or template != account.template_id:
        raise Refusal(40037)
    data = body.get("data")
    content = data.get("content", {}).get("value") if isinstance(data, dict) else None
    if not (isinstance(content, str) and 0 < len(content) <= SUBSCRIBED_MOST and 0 < len(title) <= TITLE_MOST):
        raise Refusal(47003)
    consent = (account.appid, openid, template, int(scene) if scene.isdecimal() else -1)
    if consent not in world.consents:
        raise Refusal(43101)
    world.consents.discard(consent)
    message = {"title": title, "content": content, "url": call.text("url"), "scene": consent[3]}
    world.inbox.setdefault((account.appid, openid), []).append(message)
    return {"errcode": 0, "errmsg": "ok"}


async def oauth_token(world: World, call: Call) -> Answer:
    """Answer `sns/oauth2/access_token`: exchange the code of the authorise page for an openid."""
    account = _by_secret(world, call)
    code = world.grants.spend(account, call.text("code"), login=False)
    person, answer = code.person, {"access_token": f"SIM_{secrets.token_urlsafe(48)}", "expires_in": TOKEN_LIFE_S}
    answer |= {"refresh_token": f"SIM_{secrets.token_urlsafe(48)}", "scope": code.scope}
    if call.snapshot:
        return {**answer, "openid": world.people.virtual(account, person, call.text("code")), "is_snapshotuser": 1}
    union = _union(world, person) if code.scope == "snsapi_userinfo" else {}
    return {**answer, "openid": world.people.openid(account, person), **union}


async def jscode2session(world: World, call: Call) -> Answer:
    """Answer `sns/jscode2session`: exchange a login code for an openid and a session key."""
    account = _by_secret(world, call)
    person = world.grants.spend(account, call.text("js_code"), login=True).person
    person.session_key = base64.b64encode(secrets.token_bytes(16)).decode()
    openid = world.people.openid(account, person)
    return {"openid": openid, "session_key": person.session_key, **_union(world, person)}


def _by_secret(world: World, call: Call) -> Account:
    """Return the account of appid and secret. Raises Refusal."""
    account = world.of_appid(call.text("appid"))
    if account is None:
        raise Refusal(40013)
    if call.text("secret") != account.secret:
        raise Refusal(40125)
    return account


def _by_token(world: World, call: Call) -> Account:
    """Return the account of the access token. Raises Refusal."""
    value = call.params.get("access_token")
    if not value:
        raise Refusal(41001)
    return world.grants.holder(value)


def _token_answer(world: World, made: Token) -> Answer:
    return {"access_token": made.value, "expires_in": int(made.until_s - world.clock())}


def _union(world: World, person: Any) -> Answer:
    unionid = world.people.unionid(person)
    return {} if unionid is None else {"unionid": unionid}


def _refusal_answer(errcode: int) -> Answer:
    return {"errcode": errcode, "errmsg": f"{ERRMSG.get(errcode, 'refused')} rid: sim-{secrets.token_hex(4)}"}


def _route(world: World, path: str, method: str, handler: Handler) -> Route:
    name = path.split("/", 2)[2]

    async def endpoint(request: Request) -> Response:
        outcome, response = await _answer_call(world, name, request, handler)
        world.journal.note("call", name, outcome=outcome)
        return response

    return Route(path, endpoint, methods=[method])


async def _answer_call(world: World, name: str, request: Request, handler: Handler) -> tuple[str, Response]:
    """Apply the faults of one call, then answer it; return the outcome for the journal, and the response."""
    snapshot = False
    for fault in world.faults.take(name):
        match fault.kind:
            case "slow":
                await asyncio.sleep(fault.delay_ms / 1_000)
            case "snapshot":
                snapshot = True
            case "down":
                return "down", PlainTextResponse("Bad Gateway", 502)
            case "cut":
                return "cut", CutResponse()
            case errcode:
                return errcode, JSONResponse(_refusal_answer(int(errcode)))
    try:
        body = json.loads(await request.body() or b"null")
        answer = await handler(world, Call(dict(request.query_params), body, snapshot=snapshot))
    except ValueError:
        return "47001", JSONResponse(_refusal_answer(47001))
    except Refusal as spent:
        return str(spent.errcode), JSONResponse(_refusal_answer(spent.errcode))
    return "snapshot" if snapshot else "ok", JSONResponse(answer)


def routes(world: World) -> list[Route]:
    """Return the routes of all calls."""
    table: list[tuple[str, str, Handler]] = [
        ("/cgi-bin/token", "GET", token),
        ("/cgi-bin/stable_token", "POST", stable_token),
        ("/cgi-bin/ticket/getticket", "GET", getticket),
        ("/cgi-bin/user/info", "GET", user_info),
        ("/cgi-bin/menu/create", "POST", menu_create),
        ("/cgi-bin/menu/get", "GET", menu_get),
        ("/cgi-bin/clear_quota", "POST", clear_quota),
        ("/cgi-bin/message/template/subscribe", "POST", template_subscribe),
        ("/wxa/msg_sec_check", "POST", msg_sec_check),
        ("/sns/oauth2/access_token", "GET", oauth_token),
        ("/sns/jscode2session", "GET", jscode2session),
    ]
    return [_route(world, *row) for row in table]
