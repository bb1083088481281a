"""The vault on the real server, with its key file, keeps the same contract."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import engines
from shared.commit import Document
from shared.errors import Unreachable
from shared.mongo_ledger import connect
from shared.mongo_vault import MongoVaultStore
from shared.testing.vault_contract import Place, VaultContract
from shared.vault import Vault
from shared.wrapping import KeyFile
from tests.contract.test_memory_vault import remnants

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def uri() -> str:
    return engines.up().mongo


class TestMongoVault(VaultContract):
    @pytest.fixture
    def place(self, uri: str, tmp_path: Path) -> Iterator[Place]:
        with connect(uri) as client:
            database = client.get_database(f"contract_{secrets.token_hex(4)}")
            try:
                yield Place(MongoVaultStore(database), lambda: KeyFile(tmp_path, "one"), lambda: remnants(tmp_path))
            finally:
                client.drop_database(database.name)


def test_more_keys_than_a_page_holds_are_copied_each_once(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.mongo_vault.PAGE", 10)
    with connect(uri) as client:
        database = client.get_database(f"contract_{secrets.token_hex(4)}")
        vault = Vault(MongoVaultStore(database), KeyFile(tmp_path, "one"))
        keys = [vault.key_of(f"voter.{k:03}") for k in range(35)]

        vault.forget(["voter.000", "voter.019", "voter.034"])

        try:
            kept = {key.id: key.clear for k, key in enumerate(keys) if k not in (0, 19, 34)}
            assert vault.find([key.id for key in keys]) == kept
        finally:
            client.drop_database(database.name)


def test_an_absent_server_is_said_to_be_unreachable(tmp_path: Path) -> None:
    client: object
    with connect("mongodb://127.0.0.1:9/?directConnection=true", timeout_ms=200) as client:
        vault = Vault(MongoVaultStore(client["none"]), KeyFile(tmp_path, "one"))

        with pytest.raises(Unreachable):
            vault.key_of("staff.olga")
        with pytest.raises(Unreachable):
            vault.forget(["staff.olga"])


def test_documents_name_the_person_and_hold_the_wrapped_key_alone(uri: str, tmp_path: Path) -> None:
    with connect(uri) as client:
        database = client.get_database(f"contract_{secrets.token_hex(4)}")
        key = Vault(MongoVaultStore(database), KeyFile(tmp_path, "one")).key_of("staff.olga")
        try:
            found: Document | None = database["vault.1"].find_one()
            assert found is not None
            assert (found["_id"], set(found), found["key"].startswith(f"{key.id}.")) == (
                "staff.olga",
                {"_id", "key"},
                True,
            )
        finally:
            client.drop_database(database.name)
