"""A gateway connected to WeChat for tests: two accounts and a mini-program, their people, and voting, in memory.

It fills the gateway's own ports; pushes are signed and encrypted as WeChat does it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.backends.wechat_accounts import WeChatAccounts
from gateway.wechat import crypto, signature
from gateway.wechat.account import Account, Accounts
from gateway.wechat.client import Follower, Identity, MiniSession
from gateway.wechat.errors import Away, CodeRefused
from shared.settings import Settings
from tests.declared_answers import ASYNC_ANSWER_HOOKS
from tests.unit.gateway.town import VIEWS, Answer, Town, Visitor

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SERVICE = Account(appid="wxservice", original_id="gh_service", secret="s1", token="T1", aeskey=KEY, template_id="TPL-1")
SUBSCRIPTION = Account(appid="wxsub", original_id="gh_sub", secret="s2", token="T2", mode="plain")
MINI = Account(appid="wxmini", secret="s3")
ACCOUNTS = Accounts(service=SERVICE, subscription=SUBSCRIPTION, miniprogram=MINI)
WECHAT = "Mozilla/5.0 (Linux; Android 13) Mobile MicroMessenger/8.0.47"
BASE = "http://baijia.test"


@dataclass
class Phones:
    """The WeChat API that the gateway calls. Each of `codes` is valid once."""

    codes: dict[str, Identity | MiniSession] = field(default_factory=dict)
    unions: dict[str, str] = field(default_factory=dict)  # openid -> UnionID
    away: bool = False
    asked: list[str] = field(default_factory=list)  # codes that the gateway sent to WeChat
    told_of: list[str] = field(default_factory=list)  # openids whose follower was asked for

    # ruff: noqa: ARG002 -- the protocol's signatures

    async def identity(self, account: Account, code: str, *, budget_s: float) -> Identity:
        await asyncio.sleep(0)  # lets others begin, as a call over a network does
        return self._spent(account, code, SERVICE, Identity)

    async def mini_session(self, account: Account, code: str, *, budget_s: float) -> MiniSession:
        return self._spent(account, code, MINI, MiniSession)

    async def follower(self, account: Account, openid: str, *, budget_s: float) -> Follower:
        if self.away:
            raise Away("user/info")
        self.told_of.append(openid)
        return Follower(follows=True, since_s=1, unionid=self.unions.get(openid, ""))

    async def ticket(self, account: Account) -> str:
        if self.away:
            raise Away("ticket")
        return f"ticket of {account.appid}"

    def _spent(self, account: Account, code: str, wanted: Account, kind: type) -> Any:
        assert account == wanted
        self.asked.append(code)
        if self.away:
            raise Away("code")
        if code not in self.codes:
            raise CodeRefused("code", 40029)
        found = self.codes.pop(code)
        assert isinstance(found, kind)
        return found


@dataclass
class Voting:
    """The voting service's memory of persons and handoffs."""

    links: dict[str, str] = field(default_factory=dict)
    handoffs: dict[str, str] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    n: int = 0

    def put_into(self, town: Town) -> None:
        for method in ("link_voter", "voter_of", "handoff", "confirm_handoff", "take_handoff"):
            town.answers["voting", method] = getattr(self, method)
        town.answers["moderation", "forget_person"] = self.forget_person

    def link_voter(self, call: Answer) -> Answer:
        body = call["body"]
        if self.links.setdefault(body["other"], body["voter"]) != body["voter"]:
            return {"refused": {"code": "link-taken"}}
        self.n += 1
        return {"ok": {"voter": body["voter"]}, "log": "vote.cases", "n": self.n}

    def voter_of(self, call: Answer) -> Answer:
        return {"ok": {"voter": self.links.get(call["body"]["name"])}}

    def handoff(self, call: Answer) -> Answer:
        confirmed = self.handoffs.get(call["body"]["handoff"])
        return {"ok": {"state": {None: "waiting", "": "taken"}.get(confirmed, "confirmed")}}

    def confirm_handoff(self, call: Answer) -> Answer:
        body = call["body"]
        if self.handoffs.setdefault(body["handoff"], body["voter"]) != body["voter"]:
            return {"refused": {"code": "handoff-spent"}}
        return {"ok": {}}

    def take_handoff(self, call: Answer) -> Answer:
        voter = self.handoffs.get(call["body"]["handoff"])
        if not voter:
            return {"refused": {"code": "handoff-waiting"}}
        self.handoffs[call["body"]["handoff"]] = ""
        return {"ok": {"voter": voter}}

    def forget_person(self, call: Answer) -> Answer:
        self.forgotten.append(call["body"]["person"].removeprefix("voter."))
        return {"ok": {}}


class Office(Visitor):
    """A client of a gateway with WeChat. `speak` acts as WeChat's server, `open` as a browser with cookies."""

    def __init__(self, data: Path, *, views: dict[str, Any] = VIEWS, doors: bool = True) -> None:
        super().__init__(data, views=views)
        self.phones, self.voting = Phones(), Voting()
        self.voting.put_into(self.town)
        settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo", "BAIJIA_PUBLIC_URL": BASE})
        self.wechat = WeChatAccounts(ACCOUNTS, self.phones, self.phones)
        self.app = create_app(
            settings, Ports(self.town, self.town, self.views, self.wechat if doors else None), folded_logs=FOLDED_LOGS
        )
        self.app_context = self.app.state.app_context
        self.sent = 0
        self.run(self.client.aclose())
        self.client = self.browser()

    def browser(self, agent: str = WECHAT, *, client: tuple[str, int] = ("127.0.0.1", 123)) -> httpx.AsyncClient:
        headers = {"User-Agent": agent, "Sec-Fetch-Site": "same-origin"}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=client),
            base_url=BASE,
            headers=headers,
            event_hooks=ASYNC_ANSWER_HOOKS,
        )

    def voter(self, openid: str) -> str:
        return str(self.app_context.keys.voter(openid))

    def ticket(self, voter: str = "f" * 24) -> dict[str, str]:
        """Return the form field with a like ticket of this voter."""
        return {"ticket": self.app_context.turnstile.tickets.issue(voter)[0]}

    def open(self, path: str, method: str = "GET", *, browser: httpx.AsyncClient | None = None, **more: Any) -> Any:
        return self.run((browser or self.client).request(method, path, **more))

    def speak(self, fields: Mapping[str, Any], *, to: Account = SERVICE, again: bool = False, **how: Any) -> Any:
        """Push a message; return the answer as fields, or as text if it is not XML. `again` repeats the last push."""
        self.sent += not again
        said = {
            "ToUserName": to.original_id,
            "FromUserName": "o-ann",
            "CreateTime": 1_600_000_000 + self.sent,
            **fields,
        }
        if said.get("MsgType") == "text":
            said |= {"MsgId": str(self.sent)}
        clear = (
            f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in said.items())}</xml>".encode()
        )
        answer = self.run(self.client.post("/wechat", **self.pushed(clear, to=to, **how)))
        return answer if answer.status_code != 200 else reply(answer, to)

    def pushed(self, clear: bytes, *, to: Account = SERVICE, at_s: int = 0, token: str = "") -> dict[str, Any]:
        """Return the query and the content of a request of WeChat's server."""
        at, nonce = str(at_s or self.app_context.wall() // 1000), f"n{self.sent}"
        query = {"timestamp": at, "nonce": nonce, "signature": signature.sign(token or to.token, at, nonce)}
        if to.mode == "plain":
            return {"params": query, "content": clear}
        sealed = crypto.encrypt(clear, key=crypto.decode_key(to.aeskey), receiver=to.appid, random=b"r" * 16)
        query["msg_signature"] = signature.sign(token or to.token, at, nonce, sealed)
        body = f"<xml><ToUserName>{to.original_id}</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()
        return {"params": query, "content": body}


def reply(answer: httpx.Response, account: Account) -> dict[str, str] | str:
    """Return what the phone gets: the fields of the reply, or the plain text of the answer."""
    from gateway.wechat import messages

    if not answer.content.startswith(b"<"):
        return answer.text
    said = messages.fields(answer.content)
    if "Encrypt" in said:
        clear = crypto.decrypt(said["Encrypt"], key=crypto.decode_key(account.aeskey), receiver=account.appid)
        said = messages.fields(clear) if b"<Articles>" not in clear else {"news": clear.decode()}
    return dict(said)


def text(content: str, **more: Any) -> dict[str, Any]:
    return {"MsgType": "text", "Content": content, **more}


def event(kind: str, key: str = "", **more: Any) -> dict[str, Any]:
    return {"MsgType": "event", "Event": kind, "EventKey": key, **more}


def identity(openid: str, *, unionid: str = "", is_snapshot: bool = False) -> Identity:
    return Identity(openid=openid, unionid=unionid, is_snapshot=is_snapshot)
