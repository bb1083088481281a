"""In-memory database with the parts of pymongo that a ProjectionStore uses."""

from collections.abc import Iterator
from typing import Any

import bson
from pymongo.errors import DuplicateKeyError
from pymongo.results import UpdateResult

from services.ranking import queries
from shared.projection import ProjectionStore

Document = dict[str, Any]


class MemoryCollection:
    """A collection that holds its documents in memory."""

    def __init__(self) -> None:
        self._stored: dict[str, bytes] = {}

    def find_one(self, query: Document, fields: Document | None = None) -> Document | None:
        found = self._stored.get(query["_id"])
        if found is None:
            return None
        document = bson.decode(found)
        return {name: document[name] for name in document if fields is None or name in fields or name == "_id"}

    def find(self, query: Document, fields: Document, *, sort: list[tuple[str, int]]) -> Iterator[Document]:
        """Return the documents within a range of `_id`, the greatest first."""
        assert sort == [("_id", -1)]
        span = query["_id"]
        for name in sorted(self._stored, reverse=True):
            if span["$gt"] < name <= span["$lte"]:
                found = self.find_one({"_id": name}, fields)
                assert found is not None
                yield found

    def insert_one(self, document: Document) -> None:
        if document["_id"] in self._stored:
            raise DuplicateKeyError("E11000")
        self._stored[document["_id"]] = bson.encode(document)

    def replace_one(self, query: Document, document: Document) -> UpdateResult:
        """Replace the document that has all values of the query."""
        stored = self.find_one({"_id": query["_id"]})
        if stored is None or any(stored.get(name) != value for name, value in query.items()):
            return UpdateResult({"n": 0}, acknowledged=True)
        self._stored[query["_id"]] = bson.encode({"_id": query["_id"], **document})
        return UpdateResult({"n": 1}, acknowledged=True)


class MemoryDatabase:
    """A database of such collections."""

    def __init__(self) -> None:
        self._collections: dict[str, MemoryCollection] = {}

    def get_collection(self, name: str, **_: Any) -> MemoryCollection:
        return self._collections.setdefault(name, MemoryCollection())


def store_table(log: Any) -> None:
    """Store the table that public views are made of, as the projector does; `log` is the ranking service's."""
    store = ProjectionStore(log.database)
    store.keep(queries.current(log.ledger, store))
