"""A running simulator, driven through its public protocol, and a callback that answers as a test demands."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.wechat_sim.accounts import Account, invent_accounts
from tests.wechat_sim.app import app, running
from tests.wechat_sim.world import World

PATIENCE_S = 1.0  # long enough for a busy machine; tests of late answers wait that long
Answer = Callable[[Request, bytes], Response]


@dataclass(slots=True)
class Callback:
    """An account's server that records every push, and gives the answers in turn; the last one is repeated."""

    answers: list[Answer]
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def endpoint(self, request: Request) -> Response:
        """Record a push and answer it."""
        body = await request.body()
        self.came.append((dict(request.query_params), body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request, body)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/wechat", self.endpoint, methods=["GET", "POST"])])


def success(_request: Request, _body: bytes) -> Response:
    """Answer `success`."""
    return Response(b"success")


@dataclass(slots=True)
class SimulatorClient:
    """A client of one simulator, and the callback that it pushes to."""

    http: httpx.Client
    accounts: dict[str, Account]
    callback: Callback

    def order(self, what: str, **order: Any) -> Any:
        """Send a control request and return its answer."""
        response = self.http.post(f"/sim/{what}", json=order)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, what: str, **order: Any) -> str:
        """Send a control request that must be refused, and return the text of the refusal."""
        response = self.http.post(f"/sim/{what}", json=order)
        assert response.status_code == 400
        return response.json()["problem"]

    def get(self, path: str, **params: Any) -> Any:
        return self.http.get(path, params=params).json()

    def post(self, path: str, body: Any, **params: Any) -> Any:
        return self.http.post(path, params=params, json=body).json()

    def settle(self) -> "SimulatorClient":
        """Remove all faults and clear the journal."""
        self.http.delete("/sim/faults")
        self.http.delete("/sim/journal")
        return self

    def journal(self, kind: str) -> list[dict[str, Any]]:
        return self.get("/sim/journal", kind=kind)["entries"]

    def secret(self, kind: str = "service") -> dict[str, str]:
        return {"appid": self.accounts[kind].appid, "secret": self.accounts[kind].secret}

    def stable(self, *, force: bool = False) -> str:
        """Get a stable token of the service account."""
        body = {"grant_type": "client_credential", **self.secret(), "force_refresh": force}
        return self.post("/cgi-bin/stable_token", body)["access_token"]

    def openid(self, name: str) -> str:
        """Return the openid of the first person with this name prefix, at the service account."""
        (person,) = self.order("people", count=1, prefix=name)["people"]
        return person["openid"]


@contextmanager
def running_simulator(*, mode: str = "safe", **how: Any) -> Iterator[SimulatorClient]:
    """Start a simulator, and a callback that answers `success` unless told otherwise."""
    callback = Callback([success])
    with ExitStack() as stack:
        url = f"{stack.enter_context(running(callback.app()))}/wechat"
        known = invent_accounts(1, mode=mode)
        known |= {kind: replace(known[kind], callback=url) for kind in ("service", "miniprogram")}
        base = stack.enter_context(running(app(World(known, patience_s=PATIENCE_S, **how))))
        http = stack.enter_context(httpx.Client(base_url=base, timeout=60, trust_env=False, verify=False))
        yield SimulatorClient(http, known, callback)


class Simulators:
    """Simulators for a module of tests, one for each mode, started when first needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._made: dict[str, SimulatorClient] = {}

    def of(self, mode: str, *answers: Answer) -> SimulatorClient:
        """Return the simulator of a mode in a fresh state: no fault, an empty journal, no pushes recorded."""
        if mode not in self._made:
            self._made[mode] = self._stack.enter_context(running_simulator(mode=mode))
        made = self._made[mode].settle()
        made.callback.came.clear()
        made.callback.answers[:] = answers or (success,)
        return made
