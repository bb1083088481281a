"""Vault store in MongoDB: persons' wrapped keys, in one collection for each generation of the wrapping key.

Each document has a person's key; its `_id` is the person.

Each generation has its own collection rather than a field: copied keys are inserted, never updated, and the old
collection is dropped as a whole, so that the server frees its files.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import TypeVar

from pymongo.collection import Collection as Documents
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.commit import Document
from shared.errors import Unreachable
from shared.events import Sealed
from shared.mongo_ledger import error_text
from shared.settings import Settings
from shared.vault import Vault
from shared.wrapping import KeyFile

PAGE = 1_000
_IDS = 100_000
_NAME = "vault."
T = TypeVar("T")


def vault_of(settings: Settings, database: Database[Document]) -> Vault:
    """Return the vault of a campaign: keys in its database, wrapped by the key file below the data folder."""
    return Vault(MongoVaultStore(database), KeyFile(settings.data, settings.campaign))


class MongoVaultStore:
    """Implements `shared.vault.VaultStore` in a campaign's database. Writes wait for a majority and the journal."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    def put(self, generation: int, person: str, wrapped: Sealed) -> Sealed:
        rows = self._rows(generation)
        try:
            _query(lambda: rows.insert_one({"_id": person, "key": wrapped}))
        except DuplicateKeyError:
            return self.get(generation, [person])[person]
        return wrapped

    def get(self, generation: int, persons: Collection[str]) -> dict[str, Sealed]:
        if not persons:
            return {}
        rows = self._rows(generation)
        return _keys(_query(lambda: list(rows.find({"_id": {"$in": list(persons)}}))))

    def persons(self, generation: int) -> set[str]:
        rows = self._rows(generation)
        return {each["_id"] for each in _query(lambda: list(rows.find({}, {"_id": 1}, batch_size=_IDS)))}

    def pages(self, generation: int) -> Iterator[Mapping[str, Sealed]]:
        rows, after = self._rows(generation), ""
        while page := _query(partial(_page, rows, after)):
            yield _keys(page)
            after = page[-1]["_id"]

    def fill(self, generation: int, wrapped: Mapping[str, Sealed]) -> None:
        rows = self._rows(generation)
        # Sorted for the reason that `MongoLedger.insert_all` gives.
        documents = [{"_id": person, "key": wrapped[person]} for person in sorted(wrapped)]
        if documents:
            _query(lambda: rows.insert_many(documents))

    def generations(self) -> set[int]:
        names = _query(self._database.list_collection_names)
        return {int(name.removeprefix(_NAME)) for name in names if name.startswith(_NAME)}

    def drop(self, generation: int) -> None:
        _query(lambda: self._database.drop_collection(f"{_NAME}{generation}"))

    def _rows(self, generation: int) -> Documents[Document]:
        return self._database.get_collection(
            f"{_NAME}{generation}",
            write_concern=WriteConcern(w="majority", j=True),
            read_concern=ReadConcern("majority"),
        )


def _page(rows: Documents[Document], after: str) -> list[Document]:
    """Return the next `PAGE` documents in the order of `_id`."""
    return list(rows.find({"_id": {"$gt": after}}, sort=[("_id", 1)], limit=PAGE, batch_size=PAGE + 1))


def _keys(rows: list[Document]) -> dict[str, Sealed]:
    """Return the wrapped keys by person."""
    return {each["_id"]: each["key"] for each in rows}


def _query(query: Callable[[], T]) -> T:
    """Run a query. Raises DuplicateKeyError as it is, and Unreachable for every other failure of pymongo."""
    try:
        return query()
    except DuplicateKeyError:
        raise
    except PyMongoError as problem:
        raise Unreachable(error_text(problem)) from problem
