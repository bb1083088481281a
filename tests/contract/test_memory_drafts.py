"""The store of drafts keeps its contract over the collection that tests use in memory."""

from typing import Any

import pytest

from services.submission.draft_store import Drafts
from tests.contract.draft_contract import DraftContract
from tests.memory_documents import MemoryDatabase


class TestMemoryDrafts(DraftContract):
    @pytest.fixture
    def store(self) -> Drafts:
        database: Any = MemoryDatabase()
        return Drafts(database)
