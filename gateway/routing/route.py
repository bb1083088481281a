"""What a route is, and who may use it. The table of all routes is `roles.ROUTES`.

Promises: a route without roles cannot be made, and `ANYONE` is only what somebody wrote down. A command needs an
`Idempotency-Key`. Does not promise that a service agrees: services look at the roles again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.http.sessions import Session
from gateway.load.shedding import Shed
from gateway.routing.context import AppContext

API = "/api/v1"
VOTER, UNIT, MODERATOR, JUDGE, ORGANISER, AUDITOR, OPERATOR = (
    "voter", "unit", "moderator", "judge", "organiser", "auditor", "operator",
)  # fmt: skip
STAFF = frozenset({MODERATOR, JUDGE, ORGANISER, AUDITOR, OPERATOR})
ROLES = STAFF | {VOTER, UNIT}
ANYONE = frozenset({"anyone"})
JSON_BYTES = 64 * 1024


def codes(words: str) -> tuple[str, ...]:
    """Several codes of problems, written as one line."""
    return tuple(words.split())


@dataclass(slots=True)
class RequestContext:
    """One request that was let in: who asks, and what, read and checked as the route says."""

    request: Request
    route: "Route"
    id: str  # of the request: in the log, and in the answer to an unexpected failure
    session: Session | None
    lang: str
    large: bool = False  # the text of pages
    at: int = 0  # campaign time
    at_least: dict[str, int] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    command: str = ""  # the command's id

    @property
    def path(self) -> dict[str, str]:
        return dict(self.request.path_params)

    @property
    def actor(self) -> str:
        return self.session.sub if self.session else "anyone"


Handler = Callable[[AppContext, RequestContext], Awaitable[Response]]
Raw = Callable[[AppContext, "Route"], ASGIApp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One door. `raw` takes the place of the usual pipeline of `pipeline.py` where every microsecond counts."""

    method: str
    path: str  # below `base`
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
    headers: tuple[str, ...] = ()  # of its own, which a request may have
    command: bool = False
    rehearsal: bool = False  # in a live campaign there is nothing at this address
    reads_body: bool = True  # False: the handler reads the stream itself
    limit_bytes: int = JSON_BYTES
    status: int = 200
    later: bool = False  # 202 is an answer too: taken, and decided afterwards
    shed: Shed = Shed.KEEP  # a route that says nothing is never shed

    def __post_init__(self) -> None:
        if not self.roles or not self.roles <= ROLES | ANYONE:
            raise ValueError(f"{self.method} {self.path} must say who may use it, not {set(self.roles)}")
        if (self.handle is None) == (self.raw is None):
            raise ValueError(f"{self.method} {self.path} needs one handler")
        if self.shed is not Shed.KEEP and self.changes:
            raise ValueError(f"{self.method} {self.path} changes something, and is never shed")

    @property
    def name(self) -> str:
        """As metrics, command ids and the OpenAPI document name it."""
        return f"{self.method} {self.base}{self.path}"

    @property
    def is_open(self) -> bool:
        return self.roles == ANYONE

    @property
    def changes(self) -> bool:
        """Whether it may change anything: then a cookie alone does not prove who asks."""
        return self.method not in ("GET", "HEAD")
