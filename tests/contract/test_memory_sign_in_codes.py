"""The store of codes for signing in keeps its contract over the collection that tests use in memory."""

from typing import Any

import pytest

from services.moderation.sign_in_codes import SignInCodes
from tests.contract.sign_in_code_contract import SignInCodeContract
from tests.memory_documents import MemoryDatabase


class TestMemorySignInCodes(SignInCodeContract):
    @pytest.fixture
    def codes(self) -> SignInCodes:
        database: Any = MemoryDatabase()
        return SignInCodes(database, b"k" * 32)
