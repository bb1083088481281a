from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import engines as running
from deploy.local.engine_uris import Engines
from tests.integration import places
from tests.integration.places import Place


@pytest.fixture(scope="session")
def engines() -> Engines:
    """MongoDB's protocol and RabbitMQ, up: those that the environment names, else the machine's own."""
    return running.up()


@pytest.fixture
def place(engines: Engines, tmp_path: Path) -> Iterator[Place]:
    with places.made(engines, tmp_path) as place:
        yield place


@pytest.fixture(scope="module")
def module_place(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One place for all tests of a module that leave it as it is."""
    with places.made(engines, tmp_path_factory.mktemp("module")) as place:
        yield place
