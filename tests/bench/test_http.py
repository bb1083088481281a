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

from deploy.ports import assign
from deploy.stack import Stack
from deploy.uris import Engines
from gateway.sessions import Sessions
from tests.bench.bare_app import READY
from tests.bench.crowd import CONNECTIONS, crowd, request
from tests.bench.paired import paired
from tests.bench.report import Report
from tests.files import ROOT
from tests.integration.booth import open_doors
from tests.integration.places import Place
from tests.integration.threads import wait

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ROUNDS, BLOCKS, LIKES = 5, 2, 3_000
ENTRIES = ("a", "b", "c")


def test_likes_over_http_are_stated(place: Place, engines: Engines, report: Report) -> None:
    open_doors(place)
    total = LIKES * (ROUNDS * BLOCKS + 1)
    requests = list(likes(place, total))

    with stack(place, engines) as ours, bare() as reference, crowd(ours) as voters, crowd(reference) as others:
        mine, theirs = iter(requests), iter(requests)
        pair = paired(lambda: voters.ask(mine, LIKES), lambda: others.ask(theirs, LIKES), rounds=ROUNDS, blocks=BLOCKS)

    name = f"likes over HTTP, {CONNECTIONS} connections"
    report.compare(name, pair, reference="bare Starlette, JSON POST", unit="likes/s")


def likes(place: Place, count: int) -> Iterator[bytes]:
    """Each voter likes each entry."""
    sessions = Sessions(place.keys.session, place.campaign)
    for n in range(-(-count // len(ENTRIES))):
        token, _ = sessions.issue(place.keys.voter(f"voter-{n}"), frozenset({"voter"}))
        for entry in ENTRIES:
            yield request(f"/api/v1/entries/{entry}/like", token=token)


@contextmanager
def stack(place: Place, engines: Engines) -> Iterator[str]:
    """All processes, ready; the gateway's address."""
    # Not below the data folder, whose depth leaves no room for a socket.
    with tempfile.TemporaryDirectory(prefix="baijia-") as home:
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
