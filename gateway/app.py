"""The gateway as a Starlette application: the one place where its parts are wired.

`create_app(settings, folded_logs=…)` connects to the engines when it starts, and goes on trying while they are absent:
`/healthz` says that the process lives, `/readyz` what it still waits for, by the checks that stand in
`app.state.checks`. Tests hand in `Ports` of their own.
"""

import contextlib
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as Door
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.admission.rate_limits import Asking
from gateway.admission.settings import Admission
from gateway.admission.turnstile import Turnstile
from gateway.backends.broker import Broker
from gateway.backends.like_batches import Likes
from gateway.backends.media_store import Store
from gateway.backends.nameko_rpc import NamekoServices
from gateway.backends.ports import FoldedLogs, LikeOrders, Services
from gateway.backends.staff_roster import Roster
from gateway.backends.wechat_accounts import Doors
from gateway.backends.wechat_tokens import ServiceTokens
from gateway.html import page
from gateway.http import client_signals, problems, responses
from gateway.http.problems import Problem
from gateway.http.sessions import Sessions
from gateway.load.load_meter import LoadMeter, say
from gateway.load.shedding import Shedding
from gateway.read_models.cache import Views
from gateway.read_models.lag_metrics import Freshness
from gateway.read_models.read_fast_path import ReadFastPath
from gateway.read_models.stream import ViewReader
from gateway.routes import ROUTES
from gateway.routing import openapi, pipeline
from gateway.routing.context import AppContext
from gateway.routing.like_fast_path import LikeFastPath
from gateway.routing.route import API, Route
from gateway.voters.likes import LIKES
from gateway.wechat import account
from gateway.wechat.calls import Caller, connect
from gateway.wechat.client import WeChat
from shared import health
from shared.health import Checks
from shared.keys import Keys
from shared.logs import logger
from shared.settings import Settings

DEFAULT_PARTITIONS, DEFAULT_LIMIT_S = 8, 30.0  # until the campaign has been read; no like is taken before
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Ports:
    """What a gateway has from outside."""

    services: Services
    likes: LikeOrders
    views: Views
    doors: Doors | None = None  # WeChat's


def create_app(
    settings: Settings, ports: Ports | None = None, *, folded_logs: FoldedLogs, admission: Admission | None = None
) -> Starlette:
    """Return the application; with `ports`, one that connects to nothing.

    `folded_logs` says which logs the services fold: `deploy` wires it, since the gateway may not import them.
    `admission` replaces the default numbers.
    """
    keys, rules = Keys.of(settings.data, settings.campaign), admission or Admission()
    if ports is None:
        engines = Engines(settings, keys)
        app_context = _gate(settings, keys, rules, folded_logs, ports=engines.ports, shedding=engines.shedding)
        return _application(app_context, engines.checks(), engines.run)
    app_context = _gate(settings, keys, rules, folded_logs, ports=ports, shedding=Shedding())
    return _application(app_context, {"views": lambda: ports.views.loaded}, _nothing_to_run)


class Engines:
    """The real ports, and their life."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._settings = settings
        views, services = Views(), NamekoServices(settings.campaign)
        self._reader = ViewReader(settings.campaign, services, views)
        self.shedding = Shedding(told=say)
        self._likes = Likes(
            settings,
            keys,
            partitions=self._partitions,
            limit_s=self._limit_s,
            queue_only=lambda: self.shedding.queue_only,
        )
        self._broker = Broker(settings.amqp_uri, [services, self._reader, self._likes])
        self._load = LoadMeter(
            self.shedding,
            likes_waiting=lambda: self._likes.waiting,
            beside=Freshness(views).tell,
        )
        self._wechat = connect(settings.wechat_api)
        self.ports = Ports(services, self._likes, views, self._doors(services))

    def _doors(self, services: Services) -> Doors | None:
        """Raises BadAccount where the secrets file cannot be used: a gateway that starts has its doors."""
        if self._settings.wechat_file is None:
            return None
        accounts = account.read(self._settings.wechat_file)
        tokens = ServiceTokens(services, accounts)
        return Doors(accounts, WeChat(Caller(self._wechat), tokens), tokens)

    def checks(self) -> Checks:
        return {
            "broker": lambda: self._broker.connected,
            "views": lambda: self.ports.views.loaded,
            "likes": lambda: self._likes.connected,
        }

    @contextlib.asynccontextmanager
    async def run(self, app: Starlette) -> AsyncIterator[None]:  # noqa: ARG002 -- Starlette's signature
        self._broker.start()
        self._reader.start()
        try:
            async with self._load.running():
                yield
        finally:
            await self._likes.stop()
            await self._reader.stop()
            await self._broker.stop()
            await self._wechat.aclose()
            doors = self.ports.doors
            if doors is not None and doors.unforgotten:
                left = len(doors.unforgotten)
                log_.error("persons who unsubscribed are not forgotten, and nobody tries again", count=left)

    def _partitions(self) -> int:
        return int(self._like_rules().get("partitions", DEFAULT_PARTITIONS))

    def _limit_s(self) -> float:
        return float(self._like_rules().get("order_time_limit_ms", DEFAULT_LIMIT_S * 1000)) / 1000

    def _like_rules(self) -> dict[str, int]:
        rules: dict[str, int] = self.ports.views.data("campaign").get("likes", {})
        return rules


@contextlib.asynccontextmanager
async def _nothing_to_run(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001 -- Starlette's signature
    yield


def _gate(
    settings: Settings, keys: Keys, rules: Admission, folded_logs: FoldedLogs, *, ports: Ports, shedding: Shedding
) -> AppContext:
    return AppContext(
        settings=settings,
        keys=keys,
        services=ports.services,
        likes=ports.likes,
        views=ports.views,
        folded_logs=folded_logs,
        sessions=Sessions(keys.session, settings.campaign),
        store=Store(settings.data / "media" / settings.campaign),
        roster=Roster(ports.services),
        doors=ports.doors,
        turnstile=Turnstile(keys, rules, gateways=settings.gateways),
        asking=Asking(gateways=settings.gateways),
        shedding=shedding,
    )


class Application(Starlette):
    """With the lanes of likes and of reads before all of Starlette's own layers."""

    hot: Mapping[tuple[str, str], ASGIApp]
    app_context: AppContext

    def build_middleware_stack(self) -> ASGIApp:
        app_context = self.app_context
        reads = ReadFastPath(
            super().build_middleware_stack(), app_context.quick, views=app_context.views, shedding=app_context.shedding
        )
        return LikeFastPath(reads, self.hot)


def _application(app_context: AppContext, checks: Checks, lifespan: Callable[..., object]) -> Starlette:
    app_context.store.sweep()
    warnings = client_signals.warnings(app_context.settings)
    for warning in warnings:
        log_.warning(warning, public_url=app_context.settings.public_url, mend="BAIJIA_TRUSTED_PROXIES")
    app = Application(
        routes=[*_doors(app_context, ROUTES), *_plain(checks, warnings)],
        exception_handlers={HTTPException: _not_routed},
        lifespan=lifespan,  # type: ignore[arg-type]
    )
    app.router.redirect_slashes = False
    app.hot = {(route.method, route.base + route.path): pipeline.endpoint(app_context, route) for route in LIKES}
    app.app_context = app.state.app_context = app_context
    app.state.checks = checks
    return app


def _doors(app_context: AppContext, routes: Iterable[Route]) -> list[BaseRoute]:
    """One Starlette route a path, so that a wrong method is told all the right ones."""
    by_path: dict[str, dict[str, ASGIApp]] = defaultdict(dict)
    for route in routes:
        by_path[route.base + route.path][route.method] = pipeline.endpoint(app_context, route)
    return [Door(path, Methods(apps), methods=list(apps)) for path, apps in by_path.items()]


class Methods:
    """The methods of one path. A class, since Starlette takes a function for a handler and anything else for ASGI."""

    def __init__(self, apps: dict[str, ASGIApp]) -> None:
        self._apps = apps
        if "GET" in apps:
            self._apps = {**apps, "HEAD": apps["GET"]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._apps[scope["method"]](scope, receive, send)


def _plain(checks: Checks, warnings: list[str]) -> list[BaseRoute]:
    """What needs no session and no campaign. `warnings` hinder no readiness: who looks shall see them.

    Metrics are not among it: they count likes, which the embargo may keep from the public. They have a port of their
    own, as every process has (`shared/health.py`).
    """
    document = _document()
    etag = responses.etag_of(document)

    async def healthz(request: Request) -> Response:  # noqa: ARG001 -- Starlette's signature
        return Response(orjson.dumps({"healthy": True}), media_type=responses.JSON)

    async def readyz(request: Request) -> Response:  # noqa: ARG001 -- Starlette's signature
        ready, said = health.readiness(checks)
        said |= {"warnings": warnings} if warnings else {}
        return Response(orjson.dumps(said), status_code=200 if ready else 503, media_type=responses.JSON)

    async def spec(request: Request) -> Response:
        return responses.known(request, document, etag, public=True)

    static = StaticFiles(directory=Path(__file__).with_name("static"))
    return [
        Door("/healthz", healthz),
        Door("/readyz", readyz),
        Door(f"{API}/openapi.json", spec),
        Mount("/static", static),
    ]


@cache
def _document() -> bytes:
    return orjson.dumps(openapi.document(ROUTES))


async def _not_routed(request: Request, problem: Exception) -> Response:
    """What the router itself refuses: an unknown address, a wrong method."""
    assert isinstance(problem, HTTPException)
    told = Problem("method-not-allowed" if problem.status_code == 405 else "not-found")
    if request.url.path.startswith("/api") or request.method not in ("GET", "HEAD"):
        lang = pipeline.language_of(request)
        return problems.response(told, lang=lang, request=secrets.token_hex(8), headers=problem.headers)
    return page.problem_page(request, told, name=secrets.token_hex(8))
