"""The store of rehearsals keeps its contract on the real server."""

import secrets
from collections.abc import Iterator

import pytest

from deploy import engines
from services.moderation.rehearsal_store import RehearsalStore
from shared.errors import Unreachable
from shared.mongo_ledger import connect
from tests.contract.rehearsal_contract import RehearsalContract

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def uri() -> str:
    return engines.up().mongo


class TestMongoRehearsals(RehearsalContract):
    @pytest.fixture
    def store(self, uri: str) -> Iterator[RehearsalStore]:
        with connect(uri) as client:
            database = client.get_database(f"contract_{secrets.token_hex(4)}")
            try:
                yield RehearsalStore(database)
            finally:
                client.drop_database(database.name)


def test_an_absent_server_is_said_to_be_unreachable() -> None:
    absent = connect("mongodb://127.0.0.1:9/?directConnection=true", timeout_ms=200)
    with absent as client, pytest.raises(Unreachable):
        RehearsalStore(client["none"]).find("a")
