"""Likes over HTTP, all of it real: gateway under uvicorn, broker, vote writers, ledger, projector.

Against bare Starlette, which answers a JSON POST of the same crowd on the same machine; against the usual nameko way
(`nameko_peer`); and, at half of the greatest rate, how long a voter waits and how far the ranking is behind. Each like
is a new one: a voter likes each entry once, so that every answer but the first of a session costs what it costs on the
day.
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
from deploy.topology.admission_settings import rehearse
from gateway.admission.tickets import LikeTickets
from gateway.http.sessions import Sessions
from tests.bench.bare_app import READY
from tests.bench.crowd import Crowd, crowd, request
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.bench.steady import steadily
from tests.files import ROOT
from tests.integration.booth import open_doors
from tests.integration.places import Place
from tests.integration.threads import wait

pytestmark = [pytest.mark.bench, pytest.mark.slow]
CONNECTIONS = {64: None, 256: 0.25}
ROUNDS, LIKES = 5, 4_000
PEER_ROUNDS, PEER_LIKES = 3, 1_000
STEADY_S = 15
ENTRIES = ("a", "b", "c")


def test_likes_over_http_against_bare_starlette(place: Place, engines: Engines, report: Report) -> None:
    open_doors(place)
    mine = likes(place, LIKES * (ROUNDS + 1) * len(CONNECTIONS))
    theirs = likes(place, LIKES * (ROUNDS + 1) * len(CONNECTIONS))

    with stack(place, engines) as (ours, _), bare() as reference:
        for connections, at_least in CONNECTIONS.items():
            with crowd(ours, connections) as voters, crowd(reference, connections) as others:
                pair = paired(_asking(voters, mine), _asking(others, theirs), rounds=ROUNDS)
            name = f"likes over HTTP, {connections} connections"
            report.compare(name, pair, reference="bare Starlette, JSON POST", unit="likes/s", at_least=at_least)


@pytest.mark.parametrize(("connections", "at_least"), [(64, None), (512, 15)])
def test_likes_over_http_against_the_usual_nameko_way(
    place: Place, engines: Engines, report: Report, *, connections: int, at_least: float | None
) -> None:
    """The same load for both. The peer is at its best with 64 connections, we are when a province comes at once."""
    open_doors(place)
    mine = likes(place, LIKES * (PEER_ROUNDS + 1))
    theirs = likes(place, PEER_LIKES * (PEER_ROUNDS + 1))

    with (
        stack(place, engines) as (ours, _),
        nameko(place) as reference,
        crowd(ours, connections) as voters,
        crowd(reference, connections) as others,
    ):
        pair = paired(_asking(voters, mine), _asking(others, theirs, PEER_LIKES), rounds=PEER_ROUNDS)

    name = f"likes over HTTP, {connections} connections"
    report.compare(name, pair, reference="the usual nameko way", unit="likes/s", at_least=at_least)


def test_waits_at_half_of_the_greatest_rate(place: Place, engines: Engines, report: Report) -> None:
    """Closed loop for the greatest rate, then half of it at a constant rate; the ranking's lag is sampled meanwhile."""
    open_doors(place)
    mine = likes(place, LIKES * 4 + STEADY_S * 5_000)

    with stack(place, engines) as (ours, projector):
        with crowd(ours, 256) as voters:
            ask = _asking(voters, mine)
            ask()
            greatest = max(_rate(ask) for _ in range(2))
        rate = greatest / 2
        with sampling(lambda: _lag_s(projector)) as lags:
            waits = steadily(ours, iter(mine), rate=rate, count=int(rate * STEADY_S))

    p99, lag = waits.percentile(0.99), sorted(lags)[int(len(lags) * 0.99)]
    report.state("rate of the likes that were waited for", rate, unit="likes/s")
    report.state("wait for an acknowledged like, p50", waits.percentile(0.5), unit="ms")
    report.within("wait for an acknowledged like, p99", p99, limit=150, unit="ms")
    report.within("ranking's lag, p99", lag * 1000, limit=1000, unit="ms")


def _rate(ask: Block) -> float:
    started = time.perf_counter()
    return ask() / (time.perf_counter() - started)


def _lag_s(metrics_url: str) -> float:
    """The greatest age of a vote when the projector applied it, of the partitions' last."""
    with urlopen(metrics_url, timeout=5) as page:
        lines = page.read().decode().splitlines()
    return max((float(line.rpartition(" ")[2]) for line in lines if _LAG.match(line)), default=0.0)


_LAG = re.compile(r'baijia_lag_seconds\{.*log="vote\.')


@contextmanager
def sampling(look: Callable[[], float]) -> Iterator[list[float]]:
    """What `look` sees, four times a second, until the block ends."""
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


def _asking(crowd: Crowd, requests: list[bytes], count: int = LIKES) -> Block:
    """A block is so many likes; they are taken off the end."""

    def ask() -> int:
        asked = [requests.pop() for _ in range(count)]
        return crowd.ask(iter(asked), count)

    return ask


def likes(place: Place, count: int) -> list[bytes]:
    """Each voter likes each entry; as many as `count` at least."""
    sessions, tickets = Sessions(place.keys.session, place.campaign), LikeTickets(place.keys.session)
    made: list[bytes] = []
    while len(made) < count:
        token, session = sessions.issue(place.keys.voter(f"voter-{len(made)}"), frozenset({"voter"}))
        own = zip(ENTRIES, tickets.issue(session.sub, count=len(ENTRIES)), strict=True)
        made += [request(f"/api/v1/entries/{entry}/like", token=token, ticket=ticket) for entry, ticket in own]
    return made


@contextmanager
def stack(place: Place, engines: Engines) -> Iterator[tuple[str, str]]:
    """All processes, ready; the gateway's address, and that of the projector's metrics."""
    # Not below the data folder, whose depth leaves no room for a socket.
    with tempfile.TemporaryDirectory(prefix="baijia-") as home:
        rehearse(place.settings)
        made = Stack(place.campaign, home=Path(home))
        try:
            made.start(engines, data=place.settings.data)
            made.wait_ready(120)
            url = made.gateway_url()
            wait(lambda: _answers(url + "/readyz"), what="the gateway has its views")
            yield url, made.metrics_url("projector")
        finally:
            made.stop()


@contextmanager
def bare() -> Iterator[str]:
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
def nameko(place: Place) -> Iterator[str]:
    """The peer: its door and its service, a process each."""
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
        for each in ("Votes", "Door")
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
