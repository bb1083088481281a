"""The store of codes for signing in keeps its contract on the real server."""

import secrets
from collections.abc import Iterator

import pytest

from deploy import engines
from services.moderation.sign_in_codes import SignInCodes
from shared.errors import Unreachable
from shared.mongo_ledger import connect
from tests.contract.sign_in_code_contract import SignInCodeContract

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def uri() -> str:
    return engines.up().mongo


class TestMongoSignInCodes(SignInCodeContract):
    @pytest.fixture
    def codes(self, uri: str) -> Iterator[SignInCodes]:
        with connect(uri) as client:
            database = client.get_database(f"contract_{secrets.token_hex(4)}")
            try:
                yield SignInCodes(database, b"k" * 32)
            finally:
                client.drop_database(database.name)


def test_an_absent_server_is_said_to_be_unreachable() -> None:
    absent = connect("mongodb://127.0.0.1:9/?directConnection=true", timeout_ms=200)
    with absent as client, pytest.raises(Unreachable):
        SignInCodes(client["none"], b"k" * 32).take_due(now=1)
