"""Fixtures of the benchmarks (`make bench`). Each benchmark creates its own campaign and drops it; the table is
printed at the end.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import engines as running
from deploy.local.engine_uris import Engines
from tests.bench import report as reports
from tests.bench.report import Report
from tests.integration.temporary_campaign import Place, temporary_campaign

REPORT = pytest.StashKey[Report]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = Report()


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    return request.config.stash[REPORT]


@pytest.fixture(scope="session")
def engines() -> Engines:
    """Return the addresses of the engines that the environment names, or else of the local ones, started."""
    return running.up()


@pytest.fixture
def place(engines: Engines, tmp_path: Path) -> Iterator[Place]:
    with temporary_campaign(engines, tmp_path) as place:
        yield place


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report = config.stash[REPORT]
    if not report.rows:
        return
    report.write()
    terminalreporter.section("benchmarks")
    for line in report.lines():
        terminalreporter.line(line)
    terminalreporter.line(reports.machine())
