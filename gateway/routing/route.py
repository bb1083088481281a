"""Declaration of a route and of the roles that may use it. The table of all routes is `gateway.routes.ROUTES`.

Promises: a route without roles cannot be declared, and a route is open to all only if it names `ANYONE`. A command
needs an `Idempotency-Key`. Does not promise that a service accepts the call: services check the roles again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.http import client_signals
from gateway.http.sessions import Session
from gateway.load.shedding import Shed
from gateway.read_models.page_frame import NEUTRAL, PageFrame
from gateway.routing.context import AppContext
from shared import zones

API = "/api/v1"
VOTER, UNIT, MODERATOR, JUDGE, ORGANISER, AUDITOR, OPERATOR = (
    "voter", "unit", "moderator", "judge", "organiser", "auditor", "operator",
)  # fmt: skip
STAFF = frozenset({MODERATOR, JUDGE, ORGANISER, AUDITOR, OPERATOR})
ROLES = STAFF | {VOTER, UNIT}
ANYONE = frozenset({"anyone"})
JSON_BYTES = 64 * 1024


def codes(words: str) -> tuple[str, ...]:
    """Split a text of problem codes, separated by blanks, into a tuple for `Route.problems`."""
    return tuple(words.split())


@dataclass(slots=True)
class RequestContext:
    """An authorised request, with its query and body validated as the route declares."""

    request: Request
    route: "Route"
    id: str  # request id, in the log and in every problem document
    session: Session | None
    lang: str
    large: bool = False  # whether pages have large text
    at: int = 0  # campaign time, ms
    zone: str = zones.DEFAULT  # the campaign's time zone
    at_least: dict[str, int] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    command: str = ""  # the command's id
    frame: PageFrame = NEUTRAL  # what stands around a page

    @property
    def path(self) -> dict[str, str]:
        """The path parameters by name."""
        return dict(self.request.path_params)

    @property
    def actor(self) -> str:
        """Who sent the request: the session's `sub` (voter, unit or staff name), or 'anyone' without a session."""
        return self.session.sub if self.session else "anyone"

    def sender(self, key: bytes) -> str:
        """Return whom limits count this request for: the session's person, or a hash of the address without one.

        `key` is the campaign's. The hash is empty if the address is unknown.
        """
        if self.session is not None:
            return f"{self.session.kind} {self.session.sub}"
        return client_signals.address_mark(key, self.request)

    @property
    def is_voter(self) -> bool:
        """Whether the request has the session of a voter."""
        return self.session is not None and VOTER in self.session.roles


Handler = Callable[[AppContext, RequestContext], Awaitable[Response]]
Raw = Callable[[AppContext, "Route"], ASGIApp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route of the gateway: method, path, the roles that may use it, its schemas and its handler.

    `handle` runs in the request pipeline; `raw` replaces the pipeline where every µs counts. Raises ValueError if the
    declaration contradicts itself.
    """

    method: str
    path: str  # relative to `base`
    roles: frozenset[str]
    about: str  # one line, for the OpenAPI document
    base: str = API
    handle: Handler | None = None
    raw: Raw | None = None
    body: type[Schema] | None = None
    body_type: str = "application/json"
    query: type[Schema] | None = None
    answer: type[Schema] | None = None
    answer_type: str = "application/json"
    problems: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()  # optional request headers of this route
    answer_headers: Mapping[str, str] = field(default_factory=dict)  # of every answer, problems too
    command: bool = False
    rehearsal: bool = False  # exists in rehearsals only, and is not found in a live campaign
    reads_body: bool = True  # False: the handler reads the stream itself
    limit_bytes: int = JSON_BYTES
    status: int = 200
    security_event: str = ""  # recorded in the security log when the route answers without a problem
    step_up: bool = False  # asks again for the password or a code: a proof that is some minutes old at most
    step_up_if: Callable[[Mapping[str, str]], bool] | None = None  # of a page: only for forms with such fields
    before_second_factor: bool = False  # open also to staff who must set up an authenticator first
    later: bool = False  # may also answer 202: accepted, and decided later
    shed: Shed = Shed.KEEP  # by default a route is never shed

    def __post_init__(self) -> None:
        if not self.roles or not self.roles <= ROLES | ANYONE:
            raise ValueError(f"{self.method} {self.path} must name the roles that may use it, not {set(self.roles)}")
        if (self.handle is None) == (self.raw is None):
            raise ValueError(f"{self.method} {self.path} needs either `handle` or `raw`")
        if self.shed is not Shed.KEEP and self.changes:
            raise ValueError(f"{self.method} {self.path} changes something, so it may not be shed")
        if self.step_up and not (self.changes and self.roles <= STAFF):
            raise ValueError(f"{self.method} {self.path} asks for a proof, which only commands of staff may do")
        if self.step_up_if is not None and not (self.step_up and self.raw is not None):
            raise ValueError(f"{self.method} {self.path} asks for a proof of some forms, so it must be a page's")

    @property
    def name(self) -> str:
        """The name of the route in metrics and command ids."""
        return f"{self.method} {self.base}{self.path}"

    @property
    def is_open(self) -> bool:
        """Whether anyone may use the route, without a session."""
        return self.roles == ANYONE

    @property
    def changes(self) -> bool:
        """Whether the method may change anything. If so, a session cookie alone does not prove who sent the request."""
        return self.method not in ("GET", "HEAD")
