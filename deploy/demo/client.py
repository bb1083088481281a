"""HTTP client of the demo: sends requests as a phone would, and retries them.

Promises: a command carries an idempotency key and is sent again with the same key while the product answers that it is
busy or unavailable. An answer is returned unchanged. A person is either a program, with its session in a header, or a
browser, with its session and all other cookies in a cookie header.
Does not promise to hide refusals: the demo counts them.
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import orjson

from gateway.backends.step_up import HEADER
from gateway.http.sessions import COOKIE

PATIENCE_S = 90.0
AWAY = frozenset({429, 502, 503, 504})
TICKETS = 20  # like tickets fetched with one request
TUS_AGAIN = frozenset({409, 423})  # ask where the upload is, and go on there
OLD_TICKET = frozenset({"ticket-expired", "ticket-used"})
Json = dict[str, Any]
T = TypeVar("T", "Answer", "Page")


class DemoFailed(Exception):
    """The product did not do what the demo relies on, so the demo ends."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as a browser receives it. `location` is the target of a redirect, empty without a redirect."""

    status: int
    text: str
    location: str
    cookies: Json


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, JSON body, cookies and headers of a response of the API."""

    status: int
    body: Json
    cookies: Json = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def code(self) -> str:
        """The code of the problem in the body, or the status as text if the body has no code."""
        return str(self.body.get("code", self.status))


class Api:
    """Connection to the product's API at one URL, which all people of the demo share.

    Use it as an asynchronous context manager.
    """

    def __init__(self, url: str, *, connections: int = 64) -> None:
        self._root = f"{url}/api/v1"
        self._connections = connections

    async def __aenter__(self) -> "Api":
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            timeout=aiohttp.ClientTimeout(total=60),
            cookie_jar=aiohttp.DummyCookieJar(),  # all people share this session, and each keeps their own cookies
            json_serialize=lambda value: orjson.dumps(value).decode(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def request(
        self, method: str, path: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request to the API and return its answer, trying again while the product is busy or unavailable."""

        async def attempt() -> Answer:
            try:
                async with self._http.request(method, self._root + path, data=data, headers=headers) as response:
                    body = _json(await response.read())
                    return Answer(response.status, body, _cookies(response), response.headers)
            except (aiohttp.ClientError, TimeoutError) as problem:
                return Answer(503, {"code": f"no answer: {problem!r}"})

        return await _patiently(attempt)

    async def visit(self, url: str, *, headers: Mapping[str, str]) -> Page:
        """Fetch the page at any URL as a browser does, without following a redirect; tries again as `request` does."""

        async def attempt() -> Page:
            try:
                async with self._http.get(url, headers=headers, allow_redirects=False) as response:
                    location = response.headers.get("Location", "")
                    return Page(response.status, await response.text(), location, _cookies(response))
            except (aiohttp.ClientError, TimeoutError) as problem:
                return Page(503, repr(problem), "", {})

        return await _patiently(attempt)

    async def drive_simulator(self, url: str, body: Json) -> Json:
        """Send a command to the WeChat simulator and return its answer. It is sent again if the answer is lost.

        Raises DemoFailed if the simulator refuses it.
        """

        async def attempt() -> Answer:
            try:
                async with self._http.post(url, json=body) as response:
                    return Answer(response.status, _json(await response.read()))
            except (aiohttp.ClientError, TimeoutError) as problem:
                return Answer(503, {"code": f"no answer: {problem!r}"})

        return require_success(await _patiently(attempt), f"POST {url}")


@dataclass(frozen=True, slots=True)
class Person:
    """A person who uses the API with a session, or an anonymous visitor with an empty token.

    `browser` holds the headers of the person's browser; it is empty for a program.
    """

    api: Api
    token: str
    browser: Mapping[str, str] = field(default_factory=dict)
    cookies: Json = field(default_factory=dict, compare=False)
    tickets: list[str] = field(default_factory=list, compare=False)
    password: str = field(default="", compare=False, repr=False)

    async def read(self, path: str) -> Json:
        """Send a GET and return the body of the answer. Raises DemoFailed if it is refused."""
        answer = await self.api.request("GET", path, headers=self._headers({}))
        self.cookies.update(answer.cookies)
        return require_success(answer, f"GET {path}")

    async def send(self, method: str, path: str, body: Json | None = None, *, at: int | None = None) -> Answer:
        """Send a command with a JSON body and return its answer, also if it is refused. `at` is campaign time in ms.

        Its idempotency key is a hash of its content, so that a second run sends the same command.
        """
        data = orjson.dumps(body or {})
        key = hashlib.sha256(f"{self.token}{method}{path}{at}".encode() + data).hexdigest()[:40]
        more = {"Content-Type": "application/json", "Idempotency-Key": key}
        answer = await self.api.request(method, path, data=data, headers=self._headers(more, at))
        if answer.code != "step-up-needed":
            return answer
        proof = await self._prove()
        return await self.api.request(method, path, data=data, headers=self._headers({**more, HEADER: proof}, at))

    async def _prove(self) -> str:
        """Give the password again, and return the proof that some commands ask for. Raises DemoFailed."""
        data = orjson.dumps({"password": self.password})
        headers = self._headers({"Content-Type": "application/json"})
        answer = await self.api.request("POST", "/my/step-up", data=data, headers=headers)
        return str(require_success(answer, "POST /my/step-up")["proof"])

    async def do(self, path: str, body: Json | None = None, *, at: int | None = None) -> Json:
        """Send a POST command and return the body of the answer. Raises DemoFailed if it is refused."""
        return require_success(await self.send("POST", path, body, at=at), f"POST {path}")

    async def upload(self, data: bytes, name: str, *, parts: int = 1) -> Answer:
        """Upload a file under this name as a unit, by tus, and return the answer, also if it is refused.

        `parts` says in how many requests its bytes are sent. `file` of the answer's body says what the file is.
        """
        if parts > 1:
            return await self._upload_in_parts(data, name, parts)
        more = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(data)),
            "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}",
            "Content-Type": "application/offset+octet-stream",
        }
        return await self.api.request("POST", "/uploads", data=data, headers=self._headers(more))

    async def _upload_in_parts(self, data: bytes, name: str, parts: int) -> Answer:
        """Create an upload, and send its bytes from where the gateway says that it is, until all are there."""
        tus = {"Tus-Resumable": "1.0.0"}
        named = {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
        more = {**tus, **named, "Upload-Length": str(len(data))}
        created = await self.api.request("POST", "/uploads", headers=self._headers(more))
        if not created.ok:
            return created
        path = created.headers["Location"].partition("/api/v1")[2]
        step, offset = -(-len(data) // parts), 0
        while offset < len(data):
            sent = {**tus, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            part = data[offset : offset + step]
            answer = await self.api.request("PATCH", path, data=part, headers=self._headers(sent))
            if not answer.ok and answer.status not in TUS_AGAIN:
                return answer
            state = await self.api.request("HEAD", path, headers=self._headers(tus))
            offset = int(state.headers.get("Upload-Offset", offset))
        seen = await self.api.request("GET", f"{path}/file", headers=self._headers({}))
        return Answer(seen.status, {"file": seen.body} if seen.ok else seen.body)

    async def post_csv(self, path: str, text: str, *, key: str = "") -> Json:
        """Send a POST with a CSV body and return the body of the answer. Raises DemoFailed if it is refused.

        A command needs an idempotency key.
        """
        more = {"Idempotency-Key": key} if key else {}
        headers = self._headers({"Content-Type": "text/csv", **more})
        return require_success(
            await self.api.request("POST", path, data=text.encode(), headers=headers), f"POST {path}"
        )

    async def like(self, method: str, entry: str, *, at: int) -> Answer:
        """Send a like (POST) or unlike (DELETE) with a like ticket, and return its answer.

        A ticket that has expired or is used is replaced by another.
        """
        while True:
            if not self.tickets:
                issued = await self.read(f"/like-tickets?count={TICKETS}")
                self.tickets.extend(issued["tickets"])
            headers = self._headers({"Like-Ticket": self.tickets.pop()}, at)
            answer = await self.api.request(method, f"/entries/{entry}/like", headers=headers)
            if answer.code not in OLD_TICKET:
                return answer

    def _headers(self, more: Mapping[str, str], at: int | None = None) -> dict[str, str]:
        cookies = {**self.cookies, COOKIE: self.token}
        who = {**self.browser, "Cookie": cookie_header(cookies)} if self.browser else bearer(self.token)
        return {**who, **more} if at is None else {**who, **more, "Campaign-Time": str(at)}


async def log_in(api: Api, **who: str) -> Person:
    """Sign in and return the person: staff by name and password, or a unit by its code and access code.

    Raises DemoFailed if it is refused.
    """
    answer = await api.request(
        "POST", "/sessions", data=orjson.dumps(who), headers={"Content-Type": "application/json"}
    )
    return Person(api, require_success(answer, "POST /sessions")["token"], password=who.get("password", ""))


async def sign_up(api: Api, staff: str, link: str, password: str) -> Person:
    """Set the password of a member of staff by the link, sign in, and return the person.

    Raises DemoFailed if it is refused.
    """
    await Person(api, "").do("/passwords", {"staff": staff, "link": link, "password": password})
    return await log_in(api, staff=staff, password=password)


def bearer(token: str) -> dict[str, str]:
    """Return the authorisation header for a session token, or no header for an empty token."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def cookie_header(cookies: Mapping[str, str]) -> str:
    """Return the value of a Cookie header with these cookies."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def require_success(answer: Answer, what: str) -> Json:
    """Return the body of a successful answer. Raises DemoFailed, with `what` as the request's name, for any other."""
    if not answer.ok:
        raise DemoFailed(f"{what}: {answer.status} {answer.body}")
    return answer.body


async def _patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """Call `attempt` until the answer is not busy or unavailable, for at most PATIENCE_S; return the last answer."""
    loop = asyncio.get_running_loop()
    deadline, wait_s = loop.time() + PATIENCE_S, 0.1
    while True:
        answer = await attempt()
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
