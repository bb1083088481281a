"""Fixtures of the fault tests: the seed of a run, the engines, and the table that is printed when the run ends."""

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from deploy import engines as running
from deploy.local.box import Box
from deploy.local.engine_uris import Engines
from tests.faults.fault_table import FaultTable, RowWriter
from tests.files import ROOT

REPORT = ROOT / "build" / "faults.json"
TABLE = pytest.StashKey[FaultTable]()
BEGAN = pytest.StashKey[float]()


def pytest_configure(config: pytest.Config) -> None:
    """Create the table of this run, with the seed from `BAIJIA_SEED` or a random one."""
    config.stash[TABLE] = FaultTable(int(os.environ.get("BAIJIA_SEED") or secrets.randbelow(10**9)))
    config.stash[BEGAN] = time.monotonic()


@pytest.fixture(scope="session")
def engines() -> Engines:
    """Return the addresses of MongoDB and RabbitMQ: the engines that the environment names, or else the local ones,
    started.
    """
    return running.up()


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A box of engines of the module's own, for tests that disturb the engines themselves. It is gone afterwards."""
    if running.kind() != "box":
        pytest.skip("only the engines of a local box may be disturbed; these are external or run in Docker")
    # Not below pytest's own folder: its path is too long for a Unix socket.
    with tempfile.TemporaryDirectory(prefix="baijia-box-") as home:
        made = Box(Path(home))
        try:
            made.up()
            yield made
        finally:
            made.down()


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Return the seed of everything that is random in this run. Set `BAIJIA_SEED` to repeat a run."""
    return pytestconfig.stash[TABLE].seed


@pytest.fixture
def table(request: pytest.FixtureRequest) -> RowWriter:
    """Return the view of the fault table through which this test adds its rows."""
    return RowWriter(request.config.stash[TABLE], request.node.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of faults × invariants, and write it to `build/faults.json`."""
    table = config.stash[TABLE]
    judged = {row.test for row in table.rows}
    reports = [*terminalreporter.stats.get("failed", ()), *terminalreporter.stats.get("error", ())]
    silent = sorted({each.nodeid for each in reports if "/faults/" in each.nodeid} - judged)
    if not table.rows and not silent:
        return
    took_s = time.monotonic() - config.stash[BEGAN]
    terminalreporter.section("faults × invariants")
    for line in table.text_lines(silent):
        terminalreporter.write_line(line)
    terminalreporter.write_line(
        f"{len(table.rows)} rows in {took_s / 60:.1f} min; repeat with BAIJIA_SEED={table.seed}"
    )
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(table.data(silent, took_s), option=orjson.OPT_INDENT_2))
