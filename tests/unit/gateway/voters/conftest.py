"""Fixtures for tests of voters who come through WeChat."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.gateway.voters.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Open a gateway in like week that is connected to WeChat."""
    made = Office(tmp_path)
    yield made
    made.close()
