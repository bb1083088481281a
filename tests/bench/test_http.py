"""Likes over HTTP through the real system: gateway under uvicorn, broker, vote writers, ledger, projector.

They are compared with bare Starlette, which answers a JSON POST of the same crowd on the same machine, and with
the usual nameko way (`nameko_peer`). At half of the greatest rate, the wait of a voter and the ranking's lag are
measured. Each like is new: a voter likes each entry once, so that all answers but the first of a session cost what
they will cost in use.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.ports import assign
from deploy.local.stack import Stack
from deploy.topology.admission_settings import use_rehearsal_limits
from gateway.admission.tickets import LikeTickets
from gateway.http.sessions import Sessions
from tests.bench.bare_app import READY
from tests.bench.constant_rate import send_at_rate
from tests.bench.crowd import Crowd, crowd, request
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.files import ROOT
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.integration.voting import open_to_gateway

pytestmark = [pytest.mark.bench, pytest.mark.slow]
CONNECTIONS = {64: None, 256: 0.25}
ROUNDS, LIKES = 5, 4_000
PEER_ROUNDS, PEER_LIKES = 3, 1_000
STEADY_S = 15
ENTRIES = ("a", "b", "c")


def test_likes_over_http_against_bare_starlette(place: Place, engines: Engines, report: Report) -> None:
    open_to_gateway(place)
    mine = likes(place, LIKES * (ROUNDS + 1) * len(CONNECTIONS))
    theirs = likes(place, LIKES * (ROUNDS + 1) * len(CONNECTIONS))

    with running_stack(place, engines) as (ours, _), bare_starlette() as reference:
        for connections, at_least in CONNECTIONS.items():
            with crowd(ours, connections) as voters, crowd(reference, connections) as others:
                pair = paired(_like_block(voters, mine), _like_block(others, theirs), rounds=ROUNDS)
            name = f"likes over HTTP, {connections} connections"
            report.compare(name, pair, reference="bare Starlette, JSON POST", unit="likes/s", at_least=at_least)


@pytest.mark.parametrize(("connections", "at_least"), [(64, None), (512, 15)])
def test_likes_over_http_against_the_usual_nameko_way(
    place: Place, engines: Engines, report: Report, *, connections: int, at_least: float | None
) -> None:
    """The load is the same for both: the peer is best with 64 connections, ours when a whole province comes at once."""
    open_to_gateway(place)
    mine = likes(place, LIKES * (PEER_ROUNDS + 1))
    theirs = likes(place, PEER_LIKES * (PEER_ROUNDS + 1))

    with (
        running_stack(place, engines) as (ours, _),
        nameko_peer(place) as reference,
        crowd(ours, connections) as voters,
        crowd(reference, connections) as others,
    ):
        pair = paired(_like_block(voters, mine), _like_block(others, theirs, PEER_LIKES), rounds=PEER_ROUNDS)

    name = f"likes over HTTP, {connections} connections"
    report.compare(name, pair, reference="the usual nameko way", unit="likes/s", at_least=at_least)


def test_waits_at_half_of_the_greatest_rate(place: Place, engines: Engines, report: Report) -> None:
    """A closed loop finds the greatest rate; then half of it is sent at a constant rate, while the ranking's lag is
    sampled.
    """
    open_to_gateway(place)
    mine = likes(place, LIKES * 4 + STEADY_S * 5_000)

    with running_stack(place, engines) as (ours, projector):
        with crowd(ours, 256) as voters:
            ask = _like_block(voters, mine)
            ask()
            greatest = max(_rate(ask) for _ in range(2))
        rate = greatest / 2
        with sample(lambda: _lag_s(projector)) as lags:
            waits = send_at_rate(ours, iter(mine), rate=rate, count=int(rate * STEADY_S))

    p99, lag = waits.percentile(0.99), sorted(lags)[int(len(lags) * 0.99)]
    report.state("rate of likes at which waits were measured", rate, unit="likes/s")
    report.state("wait for an acknowledged like, p50", waits.percentile(0.5), unit="ms")
    report.within("wait for an acknowledged like, p99", p99, limit=150, unit="ms")
    report.within("ranking's lag, p99", lag * 1000, limit=1000, unit="ms")


def _rate(ask: Block) -> float:
    started = time.perf_counter()
    return ask() / (time.perf_counter() - started)


def _lag_s(metrics_url: str) -> float:
    """Return the greatest age in seconds of the last vote that the projector applied, over all partitions."""
    with urlopen(metrics_url, timeout=5) as page:
        lines = page.read().decode().splitlines()
    return max((float(line.rpartition(" ")[2]) for line in lines if _LAG.match(line)), default=0.0)


_LAG = re.compile(r'baijia_lag_seconds\{.*log="vote\.')


@contextmanager
def sample(look: Callable[[], float]) -> Iterator[list[float]]:
    """Call `look` four times a second while the block runs; yields the list of results."""
    seen, over = list[float](), threading.Event()

    def watch() -> None:
        while not over.wait(0.25):
            seen.append(look())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _like_block(crowd: Crowd, requests: list[bytes], count: int = LIKES) -> Block:
    """Return a block that sends `count` likes, taken from the end of the list."""

    def send_block() -> int:
        asked = [requests.pop() for _ in range(count)]
        return crowd.send(iter(asked), count)

    return send_block


def likes(place: Place, count: int) -> list[bytes]:
    """Return at least `count` requests, in which each voter likes each entry."""
    sessions, tickets = Sessions(place.keys.session, place.campaign), LikeTickets(place.keys.session)
    made: list[bytes] = []
    while len(made) < count:
        token, session = sessions.issue(place.keys.voter(f"voter-{len(made)}"), frozenset({"voter"}))
        own = zip(ENTRIES, tickets.issue(session.sub, count=len(ENTRIES)), strict=True)
        made += [request(f"/api/v1/entries/{entry}/like", token=token, ticket=ticket) for entry, ticket in own]
    return made


@contextmanager
def running_stack(place: Place, engines: Engines) -> Iterator[tuple[str, str]]:
    """Start all processes; yield the URL of the gateway, and that of the projector's metrics."""
    # Not below the data folder: its path is too long for a Unix socket.
    with tempfile.TemporaryDirectory(prefix="baijia-") as home:
        use_rehearsal_limits(place.settings)
        made = Stack(place.campaign, home=Path(home))
        try:
            made.start(engines, data=place.settings.data)
            made.wait_ready(120)
            url = made.gateway_url()
            wait(lambda: _answers(url + "/readyz"), what="the gateway is ready")
            yield url, made.metrics_url("projector")
        finally:
            made.stop()


@contextmanager
def bare_starlette() -> Iterator[str]:
    """Start bare Starlette; yield its URL."""
    port = assign({"bare": None})["bare"]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare_app", str(port)], cwd=ROOT)
    try:
        wait(lambda: _answers(url + READY), what="bare Starlette answers")
        yield url
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def nameko_peer(place: Place) -> Iterator[str]:
    """Start the peer's HTTP entrypoint and its service, a process each; yield the URL."""
    port = assign({"peer": None})["peer"]
    url = f"http://127.0.0.1:{port}"
    settings = place.settings
    environment = os.environ | {
        "BAIJIA_CAMPAIGN": place.campaign,
        "BAIJIA_MONGO_URI": settings.mongo_uri,
        "BAIJIA_AMQP_URI": settings.amqp_uri,
        "BAIJIA_DATA": str(settings.data),
        "PEER_PORT": str(port),
    }
    script = Path(sys.executable).with_name("nameko")
    words = [script, "run", "--config", "tests/bench/nameko_peer.yaml"]
    peers = [
        subprocess.Popen([*words, f"tests.bench.nameko_peer:{each}"], cwd=ROOT, env=environment)
        for each in ("Votes", "HttpEndpoint")
    ]
    try:
        wait(lambda: _answers(url + READY), what="the peer answers")
        yield url
    finally:
        for each in peers:
            each.terminate()
        for each in peers:
            each.wait(20)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2):
            return True
    except OSError:
        return False
