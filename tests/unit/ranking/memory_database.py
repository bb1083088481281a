"""What a ProjectionStore asks of pymongo, kept in memory."""

from typing import Any

import bson
from pymongo.errors import DuplicateKeyError

Document = dict[str, Any]


class MemoryCollection:
    def __init__(self) -> None:
        self._stored: dict[str, bytes] = {}

    def find_one(self, query: Document) -> Document | None:
        found = self._stored.get(query["_id"])
        return None if found is None else bson.decode(found)

    def replace_one(self, query: Document, document: Document, *, upsert: bool) -> None:
        """An upsert whose condition the stored document does not fulfil is a duplicate `_id`, as on a server."""
        assert upsert
        key, most = query["_id"], query["commits"]["$lte"]
        if key in self._stored and bson.decode(self._stored[key])["commits"] > most:
            raise DuplicateKeyError("E11000")
        self._stored[key] = bson.encode({"_id": key, **document})


class MemoryDatabase:
    def __init__(self) -> None:
        self._collections: dict[str, MemoryCollection] = {}

    def get_collection(self, name: str, **_: Any) -> MemoryCollection:
        return self._collections.setdefault(name, MemoryCollection())
