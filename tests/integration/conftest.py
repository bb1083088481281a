"""Fixtures of the integration tests: the engines, and a campaign on them for a test or for a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import engines as running
from deploy.local.engine_uris import Engines
from tests.integration.temporary_campaign import Place, temporary_campaign


@pytest.fixture(scope="session")
def engines() -> Engines:
    """Return the addresses of MongoDB and RabbitMQ: the engines that the environment names, or else the local ones,
    started.
    """
    return running.up()


@pytest.fixture
def place(engines: Engines, tmp_path: Path) -> Iterator[Place]:
    """Yield a campaign that only this test uses."""
    with temporary_campaign(engines, tmp_path) as place:
        yield place


@pytest.fixture(scope="module")
def module_place(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Yield one campaign for all tests of a module; for tests that change nothing in it."""
    with temporary_campaign(engines, tmp_path_factory.mktemp("module")) as place:
        yield place
