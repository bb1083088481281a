"""A MongoDB collection in memory, for tests of stores of plain documents: the methods and operators that they use.

`tests/integration` runs the same stores on the real engine.
"""

import copy
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pymongo.errors import DuplicateKeyError
from pymongo.results import DeleteResult, UpdateResult

Document = dict[str, Any]
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$in": lambda value, among: value in list(among),
    "$lt": lambda value, other: value is not None and value < other,
    "$lte": lambda value, other: value is not None and value <= other,
    "$gt": lambda value, other: value is not None and value > other,
    "$ne": lambda value, other: value != other,
    "$exists": lambda value, there: (value is not None) == there,
}


class MemoryDatabase:
    """A database whose collections exist as soon as they are asked for."""

    def __init__(self) -> None:
        self.collections: dict[str, MemoryDocuments] = {}

    def get_collection(self, name: str, **_concerns: Any) -> "MemoryDocuments":
        return self.collections.setdefault(name, MemoryDocuments())

    __getitem__ = get_collection


class MemoryDocuments:
    """A collection by `_id`. Each method is atomic, as the engine's are for one document."""

    def __init__(self) -> None:
        self.kept: dict[str, Document] = {}
        self._lock = threading.RLock()

    def create_index(self, keys: Sequence[tuple[str, int]]) -> None:
        assert keys

    def find(self, wanted: Mapping[str, Any]) -> Iterator[Document]:
        with self._lock:
            return iter([copy.deepcopy(each) for each in self.kept.values() if _matches(each, wanted)])

    def find_one(self, wanted: Mapping[str, Any], sort: Sequence[tuple[str, int]] = ()) -> Document | None:
        return next(iter(_sorted(list(self.find(wanted)), sort)), None)

    def count_documents(self, wanted: Mapping[str, Any]) -> int:
        return len(list(self.find(wanted)))

    def insert_one(self, document: Document) -> None:
        with self._lock:
            if document["_id"] in self.kept:
                raise DuplicateKeyError("E11000")
            self.kept[document["_id"]] = copy.deepcopy(document)

    def replace_one(self, wanted: Mapping[str, Any], document: Document, *, upsert: bool = False) -> UpdateResult:
        with self._lock:
            found = self.find_one(wanted)
            if found is not None or upsert:
                self.kept[document["_id"]] = copy.deepcopy(document)
            return UpdateResult({"n": int(found is not None)}, acknowledged=True)

    def update_one(self, wanted: Mapping[str, Any], change: Mapping[str, Document], *, upsert: bool = False) -> Any:
        with self._lock:
            found = self.find_one(wanted)
            if found is not None:
                _change(self.kept[found["_id"]], change)
            elif upsert:
                self.kept[wanted["_id"]] = {"_id": wanted["_id"], **change.get("$setOnInsert", {})}
                _change(self.kept[wanted["_id"]], change)
            return UpdateResult({"n": int(found is not None)}, acknowledged=True)

    def update_many(self, wanted: Mapping[str, Any], change: Mapping[str, Document]) -> None:
        with self._lock:
            for each in self.find(wanted):
                _change(self.kept[each["_id"]], change)

    def find_one_and_update(
        self,
        wanted: Mapping[str, Any],
        change: Mapping[str, Document],
        *,
        sort: Sequence[tuple[str, int]],
        return_document: bool,
    ) -> Document | None:
        assert return_document
        with self._lock:
            found = self.find_one(wanted, sort)
            if found is None:
                return None
            _change(self.kept[found["_id"]], change)
            return copy.deepcopy(self.kept[found["_id"]])

    def delete_one(self, wanted: Mapping[str, Any]) -> DeleteResult:
        with self._lock:
            found = self.find_one(wanted)
            if found is not None:
                del self.kept[found["_id"]]
            return DeleteResult({"n": int(found is not None)}, acknowledged=True)

    def delete_many(self, wanted: Mapping[str, Any]) -> DeleteResult:
        with self._lock:
            found = list(self.find(wanted))
            for each in found:
                del self.kept[each["_id"]]
            return DeleteResult({"n": len(found)}, acknowledged=True)


def _matches(document: Document, wanted: Mapping[str, Any]) -> bool:
    return all(
        _TESTS[test](document.get(name), argument)
        for name, condition in wanted.items()
        for test, argument in (condition if isinstance(condition, dict) else {"$in": [condition]}).items()
    )


def _sorted(documents: list[Document], sort: Sequence[tuple[str, int]]) -> list[Document]:
    for name, direction in reversed(sort):
        documents.sort(key=lambda each, by=name: each[by], reverse=direction < 0)  # type: ignore[misc]
    return documents


def _change(document: Document, change: Mapping[str, Document]) -> None:
    document.update(copy.deepcopy(change.get("$set", {})))
    for name, by in change.get("$inc", {}).items():
        document[name] = document.get(name, 0) + by
    for name in change.get("$unset", {}):
        document.pop(name, None)
