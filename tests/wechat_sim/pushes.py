"""Pushes to an account's server, repeated until it answers properly.

A proper answer is status 200 with an empty body, with `success`, or with a reply to the person who spoke,
encrypted where the mode demands it. Each sending has a new time, nonce and ciphertext; the message, its MsgId and
its CreateTime stay the same.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.wechat_sim import wire
from tests.wechat_sim.accounts import Account
from tests.wechat_sim.faults import PUSH
from tests.wechat_sim.people import Person
from tests.wechat_sim.world import World

REPLIES = ("text", "image", "voice", "video", "music", "news", "transfer_customer_service")


class ImproperAnswer(Exception):
    """An answer that does not end the push; its text is the reason."""


@dataclass(slots=True)
class Delivery:
    """The course of a push: its attempts, and the reply that the person sees in the chat."""

    msg_id: int | None
    attempts: list[dict[str, Any]] = field(default_factory=list)
    delivered: bool = False
    reply: dict[str, Any] | None = None

    def to_data(self) -> dict[str, Any]:
        """Return the delivery as JSON data."""
        said = {"delivered": self.delivered, "reply": self.reply, "attempts": self.attempts}
        return said if self.msg_id is None else {**said, "msg_id": self.msg_id}


class Pusher:
    """Sends the pushes of one simulator."""

    def __init__(self, world: World, http: httpx.AsyncClient) -> None:
        self._world = world
        self._http = http

    async def push(self, account: Account, person: Person, fields: Mapping[str, str], *, resends: int) -> Delivery:
        """Send a push, and repeat it until it is answered properly or given up. Raises ValueError if there is no
        callback.
        """
        if not account.callback:
            raise ValueError(f"the {account.kind} account has no callback")
        openid = self._world.people.openid(account, person)
        msg_id = None if fields["MsgType"] == "event" else next(self._world.message_ids)
        message: dict[str, str | int] = {
            "ToUserName": account.original_id,
            "FromUserName": openid,
            "CreateTime": int(time.time()),
            **fields,
            **({} if msg_id is None else {"MsgId": msg_id}),
        }
        delivery = Delivery(msg_id)
        for left in range(resends, -1, -1):
            began = time.monotonic()
            await self._send(account, openid, message, delivery)
            if delivery.delivered:
                break
            if left:
                await asyncio.sleep(max(0.0, began + self._world.patience_s - time.monotonic()))
        return delivery

    async def check(self, account: Account) -> bool:
        """Check the callback's address, as when it is saved in the platform's console."""
        echo = str(secrets.randbelow(10**19))
        query = {**_signature(account.token), "echostr": echo}
        try:
            response = await self._http.get(account.callback, params=query, timeout=self._world.patience_s)
            right = response.status_code == 200 and response.text == echo
        except httpx.HTTPError:
            right = False
        self._world.journal.note("check", account.kind, outcome="ok" if right else "wrong")
        return right

    async def _send(self, account: Account, openid: str, message: dict[str, Any], delivery: Delivery) -> None:
        """Send once; note the outcome in the delivery and in the journal."""
        began = time.monotonic()
        try:
            delivery.reply = await self._answer(account, openid, message)
            outcome = "ok"
        except ImproperAnswer as why:
            outcome = str(why)
        attempt = {"outcome": outcome, "took_ms": round((time.monotonic() - began) * 1_000)}
        delivery.attempts.append(attempt)
        delivery.delivered = outcome == "ok"
        event, number = message.get("Event", message["MsgType"]), len(delivery.attempts)
        more = {} if delivery.msg_id is None else {"msg_id": delivery.msg_id}
        self._world.journal.note("push", event, account=account.kind, openid=openid, attempt=number, **attempt, **more)

    async def _answer(self, account: Account, openid: str, message: dict[str, Any]) -> dict[str, Any] | None:
        """Post the message; return the reply, None if the answer has none. Raises ImproperAnswer."""
        query, content = _encode(account, openid, message)
        try:
            async with asyncio.timeout(self._world.patience_s):
                response = await self._http.post(account.callback, params=query, content=content)
        except TimeoutError as late:
            raise ImproperAnswer("no answer in time") from late
        except httpx.HTTPError as gone:
            raise ImproperAnswer(type(gone).__name__) from gone
        if any(fault.kind == "lost" for fault in self._world.faults.take(PUSH)):
            raise ImproperAnswer("the answer was lost")
        if response.status_code != 200:
            raise ImproperAnswer(f"status {response.status_code}")
        if response.content in (b"", b"success"):
            return None
        return _reply(account, openid, response.content)


def _signature(token: str, *more: str) -> dict[str, str]:
    """Return the signature parameters of a request; `more` is the encrypted text, if any."""
    timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
    said = {"signature": wire.sha1(token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    if more:
        said |= {"encrypt_type": "aes", "msg_signature": wire.sha1(token, timestamp, nonce, *more)}
    return said


def _encode(account: Account, openid: str, message: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Return the query and the body of one sending."""
    as_json = account.kind == "miniprogram"
    clear = wire.body(message, as_json=as_json)
    if account.mode == "plain":
        return {**_signature(account.token), "openid": openid}, clear
    sealed = wire.seal(clear, aeskey=account.aeskey, receiver=account.appid)
    around = message if account.mode == "compatible" else {"ToUserName": account.original_id}
    return {**_signature(account.token, sealed), "openid": openid}, wire.body(
        {**around, "Encrypt": sealed}, as_json=as_json
    )


def _reply(account: Account, openid: str, content: bytes) -> dict[str, Any]:
    """Return the reply that the person sees. Raises ImproperAnswer."""
    try:
        said = wire.read_xml(content)
        if "Encrypt" in said:
            said = wire.read_xml(_decrypt(account, said))
        elif account.mode == "safe":
            raise ImproperAnswer("a reply in the clear, although the account is in safe mode")
    except ValueError as problem:
        raise ImproperAnswer(f"an unreadable reply: {problem}") from problem
    if (said.get("ToUserName"), said.get("FromUserName")) != (openid, account.original_id):
        raise ImproperAnswer("a reply to somebody else")
    if said.get("MsgType") not in REPLIES or not str(said.get("CreateTime", "")).isdigit():
        raise ImproperAnswer("a reply of no known kind or without a time")
    return said


def _decrypt(account: Account, said: dict[str, Any]) -> bytes:
    """Check the reply's signature and decrypt it."""
    parts = [str(said.get(name, "")) for name in ("TimeStamp", "Nonce", "Encrypt")]
    if said.get("MsgSignature") != wire.sha1(account.token, *parts):
        raise ImproperAnswer("a reply with a wrong signature")
    return wire.unseal(said["Encrypt"], aeskey=account.aeskey, receiver=account.appid)
