"""The control requests of a test at `/sim/…`: a person does something on the phone, a fault begins, the clock moves
on.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.wechat_sim import menus, wire
from tests.wechat_sim.accounts import FILE_FIELDS, Account
from tests.wechat_sim.people import Person
from tests.wechat_sim.pushes import Pusher
from tests.wechat_sim.world import World

PEOPLE_MOST = 100_000
JOURNAL_PAGE = 1_000
RESENDS_MOST = 100
Instruction = dict[str, Any]
Handler = Callable[[Instruction], Awaitable[Any]]


class ControlHandlers:
    """The handlers of the control requests. Each takes a JSON object; a ValueError becomes a 400 with its text."""

    def __init__(self, world: World, pusher: Callable[[], Pusher]) -> None:
        self._world = world
        self._pusher = pusher
        self._under_way: set[asyncio.Task[Any]] = set()

    async def text(self, order: Instruction) -> Any:
        """Let a person send a text message."""
        return await self._push_from_follower(order, {"MsgType": "text", "Content": _text(order, "content")})

    async def tap(self, order: Instruction) -> Any:
        """Let a person tap a button of the menu."""
        event, key = menus.tap_event(self._world.menus.get(self._account(order).appid), _text(order, "button"))
        return await self._push_from_follower(order, {"MsgType": "event", "Event": event, "EventKey": key})

    async def scan(self, order: Instruction) -> Any:
        """Let a person scan a QR code; one who does not follow yet subscribes, and the scene comes with `subscribe`."""
        scene = _text(order, "scene")
        if self._account(order).appid not in self._person(order).follows:
            return await self.subscribe(order)
        fields = {"MsgType": "event", "Event": "SCAN", "EventKey": scene, "Ticket": _ticket(scene)}
        return await self._push_from_follower(order, fields)

    async def subscribe(self, order: Instruction) -> Any:
        """Let a person subscribe, with a scene if one is given."""
        scene = str(order.get("scene", ""))
        more = {"EventKey": f"qrscene_{scene}", "Ticket": _ticket(scene)} if scene else {"EventKey": ""}
        return await self._push_from_follower(order, {"MsgType": "event", "Event": "subscribe", **more})

    async def unsubscribe(self, order: Instruction) -> Any:
        """Let a person unsubscribe."""
        account, person = self._account(order), self._person(order)
        person.follows.pop(account.appid, None)
        return await self._push(order, {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""})

    async def check(self, order: Instruction) -> Any:
        """Check the callback's address, as when it is saved in the platform's console."""
        account = self._account(order)
        if not account.callback:
            raise ValueError(f"the {account.kind} account has no callback")
        return {"right": await self._pusher().check(account)}

    async def people(self, order: Instruction) -> Any:
        """Create many people at once and return their ids; `follow` makes them followers without any push."""
        account, count = self._account(order), _number(order, "count", 1, most=PEOPLE_MOST)
        prefix = str(order.get("prefix", "voter-"))
        everybody = [self._world.people.person(account, f"{prefix}{number}") for number in range(1, count + 1)]
        if order.get("follow") is True:
            for person in everybody:
                person.follows.setdefault(account.appid, int(time.time()))
        return {"people": [self._ids(account, person) for person in everybody]}

    async def wxlogin(self, order: Instruction) -> Any:
        """Return a code as `wx.login()` does in the mini-program."""
        account = self._mini()
        return {
            "code": self._world.grants.code(account, self._world.people.person(account, _text(order, "as")), "login")
        }

    async def wxdata(self, order: Instruction) -> Any:
        """Return what the mini-program's page gets for `data`: signed, and encrypted with the person's session key."""
        account = self._mini()
        person = self._world.people.person(account, _text(order, "as"))
        if not person.session_key:
            raise ValueError("no session: no code of wxlogin was exchanged yet")
        raw = json.dumps(order.get("data", {}), ensure_ascii=False)
        watermark = {"appid": account.appid, "timestamp": int(time.time())}
        sealed = json.dumps({**json.loads(raw), "watermark": watermark}, ensure_ascii=False).encode()
        iv = secrets.token_bytes(16)
        return {
            "rawData": raw,
            "signature": hashlib.sha1(f"{raw}{person.session_key}".encode()).hexdigest(),
            "encryptedData": wire.session_seal(sealed, session_key=person.session_key, iv=iv),
            "iv": base64.b64encode(iv).decode(),
        }

    async def inbox(self, order: Instruction) -> Any:
        """Return the subscription messages that a person has received."""
        account, person = self._account(order), self._person(order)
        openid = self._world.people.openid(account, person)
        return {"messages": self._world.inbox.get((account.appid, openid), [])}

    async def agree(self, order: Instruction) -> Any:
        """Let a person agree to one subscription message with this scene; return the openid."""
        account, person = self._account(order), self._person(order)
        openid, scene = self._world.people.openid(account, person), _number(order, "scene", 0, most=10_000)
        self._world.consents.add((account.appid, openid, account.template_id, scene))
        return {"openid": openid, "template_id": account.template_id}

    async def jssdk(self, order: Instruction) -> Any:
        """Return whether the phone would accept these values of `wx.config` on the page `url`."""
        account = self._world.of_appid(_text(order, "appId")) or self._account(order)
        ticket = self._world.grants.ticket(account).value
        said = f"jsapi_ticket={ticket}&noncestr={_text(order, 'nonceStr')}&timestamp={_text(order, 'timestamp')}"
        said += f"&url={_text(order, 'url').partition('#')[0]}"
        return {"right": hashlib.sha1(said.encode()).hexdigest() == order.get("signature")}

    async def faults(self, order: Instruction) -> Any:
        """Add a fault; return all that are active."""
        times = order.get("times")
        self._world.faults.order(
            _text(order, "fault"),
            call=order.get("call"),
            times=None if times is None else _number(order, "times", 1, most=10**9),
            delay_ms=_number(order, "delay_ms", 0, most=600_000),
        )
        self._world.journal.note("fault", _text(order, "fault"), call=order.get("call"), times=times)
        return {"faults": self._world.faults.active()}

    async def spoil(self, order: Instruction) -> Any:
        """Make the access tokens of an account invalid."""
        self._world.grants.spoil(self._account(order))
        return {}

    async def clock(self, order: Instruction) -> Any:
        """Move the clock of tokens and codes forward."""
        self._world.clock.ahead_s += _number(order, "forward_s", 0, most=10**9)
        return {"ahead_s": self._world.clock.ahead_s}

    async def close(self) -> None:
        """Cancel the pushes that are still being sent."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _push_from_follower(self, order: Instruction, fields: Mapping[str, str]) -> Any:
        """Push what a person does, who follows the account from now on if not before."""
        self._person(order).follows.setdefault(self._account(order).appid, int(time.time()))
        return await self._push(order, fields)

    async def _push(self, order: Instruction, fields: Mapping[str, str]) -> Any:
        """Push to the account's server; return the delivery, or the number of pushes in progress if the order does
        not wait.
        """
        resends = _number(order, "resends", self._world.resends, most=RESENDS_MOST)
        work = self._pusher().push(self._account(order), self._person(order), fields, resends=resends)
        if order.get("wait", True):
            return (await work).to_data()
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return {"under_way": len(self._under_way)}

    def _account(self, order: Instruction) -> Account:
        kind = order.get("account", "service")
        if kind not in self._world.accounts:
            raise ValueError(f"account is one of {', '.join(self._world.accounts)}")
        return self._world.accounts[kind]

    def _mini(self) -> Account:
        return self._account({"account": "miniprogram"})

    def _person(self, order: Instruction) -> Person:
        return self._world.people.person(self._account(order), _text(order, "as"))

    def _ids(self, account: Account, person: Person) -> dict[str, Any]:
        openid, unionid = self._world.people.openid(account, person), self._world.people.unionid(person)
        return {"name": person.name, "openid": openid, "unionid": unionid}


def _text(order: Instruction, name: str) -> str:
    value = order.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise ValueError(f"{name} is missing")
    return str(value)


def _number(order: Instruction, name: str, default: int, *, most: int) -> int:
    value = order.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{name} is a number from 0 to {most}")
    return value


def _ticket(scene: str) -> str:
    return f"SIM{hashlib.sha256(scene.encode()).hexdigest()[:40]}"


def _endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            order = json.loads(await request.body() or b"{}")
            if not isinstance(order, dict):
                raise ValueError("the body must be a JSON object")
            return JSONResponse(await handler(order))
        except ValueError as problem:
            return JSONResponse({"problem": str(problem)}, 400)

    return endpoint


def routes(world: World, handlers: ControlHandlers) -> list[Route]:
    """Return the routes of all control requests, and of the journal, the faults and the accounts."""

    async def journal(request: Request) -> Response:
        said = request.query_params
        try:
            after, most = int(said.get("after", 0)), int(said.get("most", JOURNAL_PAGE))
        except ValueError:
            return JSONResponse({"problem": "after and most are numbers"}, 400)
        return JSONResponse({"entries": world.journal.read(after=after, kind=said.get("kind"), most=most)})

    async def forget(_: Request) -> Response:
        world.journal.clear()
        return JSONResponse({})

    async def faults(_: Request) -> Response:
        return JSONResponse({"faults": world.faults.active()})

    async def mend(_: Request) -> Response:
        world.faults.clear()
        return JSONResponse({"faults": []})

    async def accounts(_: Request) -> Response:
        names = (*FILE_FIELDS, "callback")
        shown = {kind: {name: getattr(each, name) for name in names} for kind, each in world.accounts.items()}
        return JSONResponse(shown)

    orders = ["text", "tap", "scan", "subscribe", "unsubscribe", "check", "people", "wxlogin", "wxdata", "jssdk"]
    orders += ["faults", "spoil", "clock", "inbox", "agree"]
    return [
        *(Route(f"/sim/{name}", _endpoint(getattr(handlers, name)), methods=["POST"]) for name in orders),
        Route("/sim/journal", journal),
        Route("/sim/journal", forget, methods=["DELETE"]),
        Route("/sim/faults", faults),
        Route("/sim/faults", mend, methods=["DELETE"]),
        Route("/sim/accounts", accounts),
    ]
