"""The page of the leaderboards and the page to like on over HTTP, against a bare Starlette template page of as many
bytes; and what a big screen costs with two thousand open clients.

Each side is a process under uvicorn, without engines. The page to like on is made anew for each voter: it has a ticket,
and what the voter has liked.
"""

import os
import subprocess
import time
from itertools import cycle, islice, repeat
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from gateway.public.screen import SECONDS
from tests.bench.bare_app import READY
from tests.bench.crowd import crowd, request_with
from tests.bench.page_app import PAGE, TOKEN
from tests.bench.paired import paired
from tests.bench.report import Report
from tests.bench.test_leaderboard import running_app

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ROUNDS, READS, CONNECTIONS = 5, 1_500, 32
AT_LEAST = 0.6
CLIENTS = int(os.environ.get("BAIJIA_BENCH_SCREENS", "2000"))
LOOKS = 5  # of each screen


@pytest.mark.parametrize(("path", "is_voter"), [("/boards", False), ("/entries/A000", True)], ids=["boards", "like"])
def test_page_over_http_against_a_bare_template(report: Report, path: str, is_voter: bool) -> None:
    with running_app("ours", ready="/readyz", module="tests.bench.page_app") as gateway:
        headers = {"Authorization": f"Bearer {_token(gateway)}"} if is_voter else {}
        body = _body(gateway + path, headers)
        assert not is_voter or b"data-like" in body
        with (
            running_app("bare", ready=READY, body=body, module="tests.bench.page_app") as peer,
            crowd(gateway, CONNECTIONS) as ours,
            crowd(peer, CONNECTIONS) as theirs,
        ):
            assert len(_body(peer + PAGE, {})) == len(body)
            wanted, bare = request_with(path, headers), request_with(PAGE, {})
            pair = paired(
                lambda: ours.send(repeat(wanted), READS), lambda: theirs.send(repeat(bare), READS), rounds=ROUNDS
            )

    report.compare(
        f"page {path} over HTTP, {len(body) // 1024} KiB",
        pair,
        reference="bare Starlette template, as many bytes",
        unit="pages/s",
        at_least=AT_LEAST,
    )


def test_big_screens_cost_little_memory_and_time(report: Report) -> None:
    with running_app("ours", ready="/readyz", module="tests.bench.page_app") as gateway:
        with urlopen(f"{gateway}/screen") as answer:
            etag = answer.headers["etag"]
        process = _process_at(gateway)
        before_mb, before_s = _memory_mb(process), _processor_s(process)
        look = request_with("/screen", {"If-None-Match": etag})
        started = time.perf_counter()
        with crowd(gateway, CLIENTS) as screens:
            looked = screens.send(islice(cycle([look]), CLIENTS * LOOKS), CLIENTS * LOOKS)
        took_s = time.perf_counter() - started

        spent_s = _processor_s(process) - before_s
        report.state(f"big screen, {CLIENTS} open clients: memory more", _memory_mb(process) - before_mb, unit="MB")
        report.state("big screen: processor a look", 1e6 * spent_s / looked, unit="µs")
        report.state("big screen: looks", looked / took_s, unit="looks/s")
        report.state(
            "big screen: processor of so many screens", 100 * spent_s / looked * CLIENTS / SECONDS, unit="% of a core"
        )
    assert looked == CLIENTS * LOOKS


def _token(gateway: str) -> str:
    with urlopen(gateway + TOKEN) as answer:
        return str(answer.read().decode())


def _body(url: str, headers: dict[str, str]) -> bytes:
    with urlopen(Request(url, headers=headers)) as answer:
        return bytes(answer.read())


def _process_at(gateway: str) -> int:
    """Return the id of the process that serves this port, which is a child of ours."""
    port = gateway.rpartition(":")[2]
    found = subprocess.run(["pgrep", "-f", f"tests.bench.page_app ours {port}$"], capture_output=True, check=True)
    return int(found.stdout.split()[0])


def _memory_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1_024


def _processor_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
