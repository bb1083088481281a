"""The leaderboard over HTTP, against bare Starlette that answers the same bytes.

Each is a process under uvicorn. No engine runs, as a gateway asks none for a leaderboard either. The peer has its
bytes at hand and only sends them, so the result is the cost of everything between a gateway's socket and its
cached response.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from urllib.request import urlopen

import pytest

from deploy.local.ports import assign
from tests.bench.bare_app import READY
from tests.bench.crowd import Crowd, crowd, read
from tests.bench.leaderboard_app import BOARD
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.files import ROOT
from tests.integration.threads import wait

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ROUNDS, READS, CONNECTIONS = 7, 4_000, 64
AT_LEAST = 0.6


@pytest.mark.parametrize(
    ("query", "name"),
    [pytest.param("", "all boards", id="all"), pytest.param("?type=state", "one board", id="one")],
)
def test_leaderboard_over_http_against_bare_starlette(report: Report, query: str, name: str) -> None:
    path = BOARD + query
    with running_app("ours", ready="/readyz") as gateway:
        with urlopen(gateway + path) as answer:
            body = answer.read()
        with (
            running_app("bare", ready=READY, body=body) as peer,
            crowd(gateway, CONNECTIONS) as ours,
            crowd(peer, CONNECTIONS) as theirs,
        ):
            pair = paired(_read_block(ours, path), _read_block(theirs, BOARD), rounds=ROUNDS)

    report.compare(
        f"leaderboard over HTTP, {name}, {len(body) // 1024} KiB",
        pair,
        reference="bare Starlette, the same bytes",
        unit="reads/s",
        at_least=AT_LEAST,
    )


def _read_block(crowd: Crowd, path: str) -> Block:
    return lambda: crowd.send(repeat(read(path)), READS)


@contextmanager
def running_app(
    which: str, *, ready: str, body: bytes = b"", module: str = "tests.bench.leaderboard_app"
) -> Iterator[str]:
    """Start the application `which` of a module with `body` on its standard input; yield its URL."""
    port = assign({which: None})[which]
    url = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", module, which, str(port)]
    process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(body)
    process.stdin.close()
    try:
        wait(lambda: _answers(url + ready), what=f"{which} answers")
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
