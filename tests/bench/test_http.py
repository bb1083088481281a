"""Likes over HTTP, all of it real: gateway under uvicorn, broker, vote writers, ledger; against bare Starlette.

Both answer a JSON POST of the same crowd, which runs beside them on the same machine. Each like is a new one: a voter
likes each entry once, so that every answer but the first of a session costs what it costs on the day. No bar.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from deploy.admission import rehearse
from deploy.ports import assign
from deploy.stack import Stack
from deploy.uris import Engines
from gateway.admission.tickets import LikeTickets
from gateway.sessions import Sessions
from tests.bench.bare_app import READY
from tests.bench.crowd import Crowd, crowd, request
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.files import ROOT
from tests.integration.booth import open_doors
from tests.integration.places import Place
from tests.integration.threads import wait

pytestmark = [pytest.mark.bench, pytest.mark.slow]
CONNECTIONS = (64, 256)
ROUNDS, LIKES = 5, 4_000
ENTRIES = ("a", "b", "c")


def test_likes_over_http_are_stated(place: Place, engines: Engines, report: Report) -> None:
    open_doors(place)
    mine = likes(place, LIKES * (ROUNDS + 1) * len(CONNECTIONS))
    theirs = likes(place, LIKES * (ROUNDS + 1) * len(CONNECTIONS))

    with stack(place, engines) as ours, bare() as reference:
        for connections in CONNECTIONS:
            with crowd(ours, connections) as voters, crowd(reference, connections) as others:
                pair = paired(_asking(voters, mine), _asking(others, theirs), rounds=ROUNDS)
            name = f"likes over HTTP, {connections} connections"
            report.compare(name, pair, reference="bare Starlette, JSON POST", unit="likes/s")


def _asking(crowd: Crowd, requests: list[bytes]) -> Block:
    """A block is so many likes; they are taken off the end."""

    def ask() -> int:
        asked = [requests.pop() for _ in range(LIKES)]
        return crowd.ask(iter(asked), LIKES)

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
def stack(place: Place, engines: Engines) -> Iterator[str]:
    """All processes, ready; the gateway's address."""
    # Not below the data folder, whose depth leaves no room for a socket.
    with tempfile.TemporaryDirectory(prefix="baijia-") as home:
        rehearse(place.settings)
        made = Stack(place.campaign, home=Path(home))
        try:
            made.start(engines, data=place.settings.data)
            made.wait_ready(120)
            url = made.gateway_url()
            wait(lambda: _answers(url + "/readyz"), what="the gateway has its views")
            yield url
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


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2):
            return True
    except OSError:
        return False
