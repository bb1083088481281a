"""Fixtures for tests of the gateway with its ports in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.gateway.ownership import OwnershipCounts
from tests.unit.gateway.town import Visitor


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """A client of a gateway in like week."""
    made = Visitor(tmp_path)
    yield made
    made.close()


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Any]:
    """A function that makes a client of a gateway with given views."""
    made: list[Visitor] = []

    def make(**how: Any) -> Visitor:
        made.append(Visitor(tmp_path, **how))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def ownership() -> Iterator[OwnershipCounts]:
    """Count the requests of the matrix of own and other, and print the counts at the end of the run."""
    counts = OwnershipCounts()
    yield counts
    print(f"\n{counts}")
