"""The gateway as a Starlette application: the one place where its parts are wired.

`create_app(settings, folded_logs=…)` connects to the engines at start, and keeps trying while they are absent:
`/healthz` reports that the process lives, `/readyz` what it still waits for, by the checks in `app.state.checks`. Tests
pass `Ports` of their own.
"""

import contextlib
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.admission.letters import Letters
from gateway.admission.rate_limits import RateLimits
from gateway.admission.settings import Admission
from gateway.admission.turnstile import Turnstile
from gateway.backends.broker import Broker
from gateway.backends.like_batches import Likes
from gateway.backends.media_store import Store
from gateway.backends.nameko_rpc import NamekoServices
from gateway.backends.ports import FoldedLogs, LikeOrders, Services
from gateway.backends.process_metrics import ProcessMetrics
from gateway.backends.public_copies import PreparedCopies
from gateway.backends.session_watch import SessionWatch
from gateway.backends.staff_roster import Roster
from gateway.backends.step_up import StepUp
from gateway.backends.wechat_accounts import WeChatAccounts
from gateway.backends.wechat_tokens import ServiceTokens
from gateway.html import page
from gateway.html.static_files import STATIC, StaticFilesByHash
from gateway.http import client_signals, problems, responses
from gateway.http.compression import Compression
from gateway.http.idempotency import CommandIds
from gateway.http.known_devices import KnownDevices
from gateway.http.position_tokens import PositionTokens
from gateway.http.problems import Problem
from gateway.http.sessions import Sessions
from gateway.http.strict_transport import StrictTransport
from gateway.load.load_meter import LoadMeter, log_level
from gateway.load.shedding import Shedding
from gateway.read_models.cache import Views
from gateway.read_models.lag_metrics import LagMetrics
from gateway.read_models.page_frame import frame_at
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
from shared import health, security_log
from shared.call_signing import GATEWAY, CallSigner
from shared.health import Checks
from shared.keys import Keys
from shared.logs import logger
from shared.media.open_storage import open_storage
from shared.settings import Settings
from shared.stamps import wall_ms
from shared.step_up_proofs import StepUpProofs

DEFAULT_PARTITIONS, DEFAULT_LIMIT_S = 8, 30.0  # used until the campaign is read; no like is accepted before
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Ports:
    """The services and views that the gateway works with: real ones in a process, others in tests."""

    services: Services
    likes: LikeOrders
    views: Views
    wechat: WeChatAccounts | None = None  # the WeChat accounts, if any are configured


def create_app(
    settings: Settings, ports: Ports | None = None, *, folded_logs: FoldedLogs, admission: Admission | None = None
) -> Starlette:
    """Return the gateway as an ASGI application that connects to the engines when it starts.

    With `ports`, it uses those and connects to nothing. `folded_logs` names the logs that each service folds: `deploy`
    passes it, since the gateway may not import services. `admission` replaces the default settings.
    """
    keys, rules = Keys.of(settings.data, settings.campaign), admission or Admission()
    if ports is None:
        engines = Engines(settings, keys)
        app_context = _app_context(settings, keys, rules, folded_logs, ports=engines.ports, shedding=engines.shedding)
        return _application(app_context, engines.checks(), engines.run)
    app_context = _app_context(settings, keys, rules, folded_logs, ports=ports, shedding=Shedding())
    return _application(app_context, {"views": lambda: ports.views.loaded}, _nothing_to_run)


class Engines:
    """The real ports of a gateway process, over RabbitMQ and WeChat's API. Opens and closes their connections."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._settings = settings
        signer = CallSigner(settings.data, settings.campaign, GATEWAY)
        views, services = Views(), NamekoServices(settings.campaign, signer)
        self._reader = ViewReader(settings.campaign, services, views)
        self.shedding = Shedding(on_change=log_level)
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
            on_measure=LagMetrics(views).update,
        )
        self._wechat = connect(settings.wechat_api)
        self.ports = Ports(services, self._likes, views, self._wechat_accounts(services))

    def _wechat_accounts(self, services: Services) -> WeChatAccounts | None:
        """Return the configured WeChat accounts with an API client, or None without a secrets file.

        Raise BadAccount if the secrets file is invalid, so that the gateway does not start.
        """
        if self._settings.wechat_file is None:
            return None
        accounts = account.read(self._settings.wechat_file)
        tokens = ServiceTokens(services, accounts)
        return WeChatAccounts(accounts, WeChat(Caller(self._wechat), tokens), tokens)

    def checks(self) -> Checks:
        """Return a function for each part that the gateway waits for, by name; it returns whether the part is ready."""
        return {
            "broker": lambda: self._broker.connected,
            "views": lambda: self.ports.views.loaded,
            "likes": lambda: self._likes.connected,
        }

    @contextlib.asynccontextmanager
    async def run(self, app: Starlette) -> AsyncIterator[None]:
        """Connect to RabbitMQ and measure the load while the context is entered. The lifespan of the application."""
        self._broker.start()
        self._reader.start()
        try:
            async with self._load.running(), app.state.app_context.session_watch.running():
                yield
        finally:
            await self._likes.stop()
            await self._reader.stop()
            await self._broker.stop()
            await self._wechat.aclose()
            wechat = self.ports.wechat
            if wechat is not None and wechat.pending_deletions:
                left = len(wechat.pending_deletions)
                log_.error(
                    "data of persons who unsubscribed is not deleted, and this process will not try again", count=left
                )

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


def _app_context(
    settings: Settings, keys: Keys, rules: Admission, folded_logs: FoldedLogs, *, ports: Ports, shedding: Shedding
) -> AppContext:
    sessions = Sessions(keys.session, settings.campaign)
    files = open_storage(settings)
    turnstile = Turnstile(keys, rules, gateways=settings.gateways, zone=lambda: ports.views.zone)
    return AppContext(
        settings=settings,
        keys=keys,
        services=ports.services,
        process_metrics=ProcessMetrics(settings.metrics_targets),
        likes=ports.likes,
        views=ports.views,
        folded_logs=folded_logs,
        sessions=sessions,
        session_watch=SessionWatch(ports.services, sessions),
        step_up=StepUp(StepUpProofs(keys.session)),
        command_ids=CommandIds(keys.receipt),
        known_devices=KnownDevices(keys.session, settings.campaign),
        store=Store(files),
        copies=PreparedCopies(files),
        roster=Roster(ports.services),
        wechat=ports.wechat,
        turnstile=turnstile,
        letters=Letters(turnstile.challenges, gateways=settings.gateways),
        rate_limits=RateLimits(gateways=settings.gateways),
        position_tokens=PositionTokens(keys.session),
        security_log=security_log.SecurityLog(
            security_log.folder_of(settings), keys.campaign, process=settings.process, wall=wall_ms
        ),
        shedding=shedding,
    )


class Application(Starlette):
    """Starlette application with the fast paths of likes and reads in front of Starlette's own layers."""

    hot: Mapping[tuple[str, str], ASGIApp]
    app_context: AppContext

    def build_middleware_stack(self) -> ASGIApp:
        app_context = self.app_context
        reads = ReadFastPath(
            super().build_middleware_stack(),
            app_context.recorded_responses,
            views=app_context.views,
            shedding=app_context.shedding,
        )
        return LikeFastPath(StrictTransport(Compression(reads)), self.hot)


def _application(app_context: AppContext, checks: Checks, lifespan: Callable[..., object]) -> Starlette:
    app_context.store.sweep()
    warnings = client_signals.warnings(app_context.settings)
    for warning in warnings:
        log_.warning(warning, public_url=app_context.settings.public_url, setting="BAIJIA_TRUSTED_PROXIES")
    app = Application(
        routes=[*_starlette_routes(app_context, ROUTES), *_system_routes(checks, warnings)],
        exception_handlers={HTTPException: _refuse_unrouted},
        lifespan=lifespan,  # type: ignore[arg-type]
    )
    app.router.redirect_slashes = False
    app.hot = {(route.method, route.base + route.path): pipeline.endpoint(app_context, route) for route in LIKES}
    app.app_context = app.state.app_context = app_context
    app.state.checks = checks
    return app


def _starlette_routes(app_context: AppContext, routes: Iterable[Route]) -> list[BaseRoute]:
    """Return one Starlette route per path, so that the answer to a wrong method lists all allowed ones."""
    by_path: dict[str, dict[str, ASGIApp]] = defaultdict(dict)
    for route in routes:
        by_path[route.base + route.path][route.method] = pipeline.endpoint(app_context, route)
    return [StarletteRoute(path, Methods(apps), methods=list(apps)) for path, apps in by_path.items()]


class Methods:
    """ASGI application of one path, which dispatches each request to the application of its method.

    HEAD is served as GET.

    It is a class because Starlette takes a function for a handler, and anything else for an ASGI application.
    """

    def __init__(self, apps: dict[str, ASGIApp]) -> None:
        self._apps = apps
        if "GET" in apps:
            self._apps = {**apps, "HEAD": apps["GET"]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._apps[scope["method"]](scope, receive, send)


def _system_routes(checks: Checks, warnings: list[str]) -> list[BaseRoute]:
    """Return the routes that need no session and no campaign. `/readyz` lists `warnings` without becoming unready.

    Metrics are not among them: they count likes, which the embargo may hide from the public. They are served on a port
    of their own, as in every process (`shared/health.py`).
    """
    document = _document()
    etag = responses.etag_of(document)

    async def healthz(request: Request) -> Response:  # noqa: ARG001 -- Starlette's signature
        return Response(orjson.dumps({"healthy": True}), media_type=responses.JSON)

    async def readyz(request: Request) -> Response:  # noqa: ARG001 -- Starlette's signature
        ready, report = health.readiness(checks)
        report |= {"warnings": warnings} if warnings else {}
        return Response(orjson.dumps(report), status_code=200 if ready else 503, media_type=responses.JSON)

    async def spec(request: Request) -> Response:
        return responses.conditional(request, document, etag, public=True)

    return [
        StarletteRoute("/healthz", healthz),
        StarletteRoute("/readyz", readyz),
        StarletteRoute(f"{API}/openapi.json", spec),
        Mount(STATIC, StaticFilesByHash()),
    ]


@cache
def _document() -> bytes:
    return orjson.dumps(openapi.document(ROUTES))


async def _refuse_unrouted(request: Request, problem: Exception) -> Response:
    """Answer requests that the router refuses: unknown paths and wrong methods."""
    assert isinstance(problem, HTTPException)
    refusal = Problem("method-not-allowed" if problem.status_code == 405 else "not-found")
    headers = {"Allow": ", ".join(_allowed_methods(request))} if problem.status_code == 405 else {}
    if request.url.path.startswith("/api") or request.method not in ("GET", "HEAD"):
        lang = pipeline.language_of(request)
        return problems.response(refusal, lang=lang, request=secrets.token_hex(8), headers=headers)
    app_context = request.app.state.app_context
    views = app_context.views
    frame = frame_at(views, views.campaign_time() if views.loaded else app_context.wall())
    response = page.problem_page(request, refusal, name=secrets.token_hex(8), zone=views.zone, frame=frame)
    response.headers.update(headers)
    return response


def _allowed_methods(request: Request) -> list[str]:
    """Return the methods of all routes that match the path of a request; several may, by a name and by a parameter."""
    if request.url.path.startswith(f"{STATIC}/"):
        return ["GET", "HEAD"]  # its own application has refused, which the router no longer matches
    routes = [each for each in request.app.router.routes if each.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for each in routes if isinstance(each, StarletteRoute) for method in each.methods or ()})
