"""The seed of a run, the engines, and the table that is printed at its end."""

import os
import secrets
import time

import orjson
import pytest

from deploy import engines as running
from deploy.local.engine_uris import Engines
from tests.faults.table import FaultTable, Rows
from tests.files import ROOT

REPORT = ROOT / "build" / "faults.json"
TABLE = pytest.StashKey[FaultTable]()
BEGAN = pytest.StashKey[float]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = FaultTable(int(os.environ.get("BAIJIA_SEED") or secrets.randbelow(10**9)))
    config.stash[BEGAN] = time.monotonic()


@pytest.fixture(scope="session")
def engines() -> Engines:
    """MongoDB's protocol and RabbitMQ, up: those that the environment names, else the machine's own."""
    return running.up()


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Of all that is drawn in this run. `BAIJIA_SEED` gives it again."""
    return pytestconfig.stash[TABLE].seed


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Rows:
    return Rows(request.config.stash[TABLE], request.node.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    table = config.stash[TABLE]
    judged = {row.test for row in table.rows}
    reports = [*terminalreporter.stats.get("failed", ()), *terminalreporter.stats.get("error", ())]
    silent = sorted({each.nodeid for each in reports if "/faults/" in each.nodeid} - judged)
    if not table.rows and not silent:
        return
    took_s = time.monotonic() - config.stash[BEGAN]
    terminalreporter.section("faults × invariants")
    for line in table.printed(silent):
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"{len(table.rows)} rows in {took_s / 60:.1f} min; again with BAIJIA_SEED={table.seed}")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(table.data(silent, took_s), option=orjson.OPT_INDENT_2))
