"""The demo's HTTP client: what a phone does, with patience.

Promises: a command is sent with an idempotency key and sent again, with the same key, while the product says that it
is busy or away; an answer is returned as it came. A person is a program, with the session in a header, or a browser,
with the session and what else it was given in cookies. Does not promise to hide a *no*: that is what the demo counts.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import orjson

from gateway.http.sessions import COOKIE

PATIENCE_S = 90.0
AWAY = frozenset({429, 502, 503, 504})
TICKETS = 20  # asked for at once
OLD_TICKET = frozenset({"ticket-expired", "ticket-used"})
Json = dict[str, Any]
T = TypeVar("T", "Answer", "Page")


class DemoFailed(Exception):
    """The product did not do what the demo relies on."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser gets. `location`: where it is sent on to, "" for nowhere."""

    status: int
    text: str
    location: str
    cookies: Json


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Json
    cookies: Json = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def code(self) -> str:
        """The code of a problem document, or the status."""
        return str(self.body.get("code", self.status))


class Api:
    """The product's API at one address. Use as an asynchronous context manager."""

    def __init__(self, url: str, *, connections: int = 64) -> None:
        self._root = f"{url}/api/v1"
        self._connections = connections

    async def __aenter__(self) -> "Api":
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            timeout=aiohttp.ClientTimeout(total=60),
            cookie_jar=aiohttp.DummyCookieJar(),  # many people share this session: each keeps their own
            json_serialize=lambda value: orjson.dumps(value).decode(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def ask(
        self, method: str, path: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request, sent again while the product is away or the connection breaks."""

        async def once() -> Answer:
            try:
                async with self._http.request(method, self._root + path, data=data, headers=headers) as response:
                    return Answer(response.status, _json(await response.read()), _cookies(response))
            except (aiohttp.ClientError, TimeoutError) as problem:
                return Answer(503, {"code": f"no answer: {problem!r}"})

        return await _patiently(once)

    async def visit(self, url: str, *, headers: Mapping[str, str]) -> Page:
        """A page at any address, as a browser gets it; where it is sent on to is for the browser to follow."""

        async def once() -> Page:
            try:
                async with self._http.get(url, headers=headers, allow_redirects=False) as response:
                    location = response.headers.get("Location", "")
                    return Page(response.status, await response.text(), location, _cookies(response))
            except (aiohttp.ClientError, TimeoutError) as problem:
                return Page(503, repr(problem), "", {})

        return await _patiently(once)

    async def order(self, url: str, body: Json) -> Json:
        """An order to the simulator, at any address, that must succeed; told again if its answer gets lost."""

        async def once() -> Answer:
            try:
                async with self._http.post(url, json=body) as response:
                    return Answer(response.status, _json(await response.read()))
            except (aiohttp.ClientError, TimeoutError) as problem:
                return Answer(503, {"code": f"no answer: {problem!r}"})

        return must(await _patiently(once), f"POST {url}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a session; with an empty token, anybody. `browser`: what theirs says of itself, where it is one."""

    api: Api
    token: str
    browser: Mapping[str, str] = field(default_factory=dict)
    cookies: Json = field(default_factory=dict, compare=False)
    tickets: list[str] = field(default_factory=list, compare=False)

    async def read(self, path: str) -> Json:
        """A GET that must succeed."""
        answer = await self.api.ask("GET", path, headers=self._headers({}))
        self.cookies.update(answer.cookies)
        return must(answer, f"GET {path}")

    async def send(self, method: str, path: str, body: Json | None = None, *, at: int | None = None) -> Answer:
        """A command, with a key that follows from what it says, so that a second run of it is the same command."""
        data = orjson.dumps(body or {})
        key = hashlib.sha256(f"{self.token}{method}{path}{at}".encode() + data).hexdigest()[:40]
        more = {"Content-Type": "application/json", "Idempotency-Key": key}
        return await self.api.ask(method, path, data=data, headers=self._headers(more, at))

    async def do(self, path: str, body: Json | None = None, *, at: int | None = None) -> Json:
        """A POST that must succeed."""
        return must(await self.send("POST", path, body, at=at), f"POST {path}")

    async def upload(self, data: bytes, name: str) -> Answer:
        headers = self._headers({"File-Name": quote(name), "Content-Type": "application/octet-stream"})
        return await self.api.ask("POST", "/uploads", data=data, headers=headers)

    async def post_csv(self, path: str, text: str) -> Json:
        headers = self._headers({"Content-Type": "text/csv", "Idempotency-Key": "roll"})
        return must(await self.api.ask("POST", path, data=text.encode(), headers=headers), f"POST {path}")

    async def like(self, method: str, entry: str, *, at: int) -> Answer:
        """A like or an unlike, with a ticket; with another where that one has run out, or its answer was lost."""
        while True:
            if not self.tickets:
                told = await self.read(f"/like-tickets?count={TICKETS}")
                self.tickets.extend(told["tickets"])
            headers = self._headers({"Like-Ticket": self.tickets.pop()}, at)
            answer = await self.api.ask(method, f"/entries/{entry}/like", headers=headers)
            if answer.code not in OLD_TICKET:
                return answer

    def _headers(self, more: Mapping[str, str], at: int | None = None) -> dict[str, str]:
        cookies = {**self.cookies, COOKIE: self.token}
        who = {**self.browser, "Cookie": cookie_header(cookies)} if self.browser else bearer(self.token)
        return {**who, **more} if at is None else {**who, **more, "Campaign-Time": str(at)}


async def log_in(api: Api, **who: str) -> Person:
    """A session by staff and password, or by unit and access code."""
    answer = await api.ask("POST", "/sessions", data=orjson.dumps(who), headers={"Content-Type": "application/json"})
    return Person(api, must(answer, "POST /sessions")["token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def cookie_header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def must(answer: Answer, what: str) -> Json:
    if not answer.ok:
        raise DemoFailed(f"{what}: {answer.status} {answer.body}")
    return answer.body


async def _patiently(once: Callable[[], Awaitable[T]]) -> T:
    """Again and again, while what answers is busy or away."""
    loop = asyncio.get_running_loop()
    deadline, wait_s = loop.time() + PATIENCE_S, 0.1
    while True:
        answer = await once()
        if answer.status not in AWAY or loop.time() > deadline:
            return answer
        await asyncio.sleep(wait_s)
        wait_s = min(2.0, wait_s * 2)


def _cookies(response: aiohttp.ClientResponse) -> Json:
    return {name: morsel.value for name, morsel in response.cookies.items()}


def _json(data: bytes) -> Json:
    try:
        value = orjson.loads(data) if data else {}
    except orjson.JSONDecodeError:
        return {"code": "no-json"}
    return value if isinstance(value, dict) else {"value": value}
