"""The store of rehearsals keeps its contract over the collection that tests use in memory."""

from typing import Any

import pytest

from services.moderation.rehearsal_store import RehearsalStore
from tests.contract.rehearsal_contract import RehearsalContract
from tests.memory_documents import MemoryDatabase


class TestMemoryRehearsals(RehearsalContract):
    @pytest.fixture
    def store(self) -> RehearsalStore:
        database: Any = MemoryDatabase()
        return RehearsalStore(database)
