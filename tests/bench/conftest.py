"""Benchmarks: `make bench`. Each takes a campaign of its own and drops it; the table comes at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import engines as running
from deploy.local.engine_uris import Engines
from tests.bench import report as reports
from tests.bench.report import Report
from tests.integration import places
from tests.integration.places import Place

REPORT = pytest.StashKey[Report]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = Report()


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    return request.config.stash[REPORT]


@pytest.fixture(scope="session")
def engines() -> Engines:
    """The engines that the environment names, else the machine's own, up."""
    return running.up()


@pytest.fixture
def place(engines: Engines, tmp_path: Path) -> Iterator[Place]:
    with places.made(engines, tmp_path) as place:
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
