"""The store of drafts keeps its contract on the real server."""

import secrets
from collections.abc import Iterator

import pytest

from deploy import engines
from services.submission.draft_store import Drafts
from shared.errors import Unreachable
from shared.mongo_ledger import connect
from tests.contract.draft_contract import DraftContract

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def uri() -> str:
    return engines.up().mongo


class TestMongoDrafts(DraftContract):
    @pytest.fixture
    def store(self, uri: str) -> Iterator[Drafts]:
        with connect(uri) as client:
            database = client.get_database(f"contract_{secrets.token_hex(4)}")
            try:
                yield Drafts(database)
            finally:
                client.drop_database(database.name)


def test_an_absent_server_is_said_to_be_unreachable() -> None:
    absent = connect("mongodb://127.0.0.1:9/?directConnection=true", timeout_ms=200)
    with absent as client, pytest.raises(Unreachable):
        Drafts(client["none"]).find("U1", "U1-1")
