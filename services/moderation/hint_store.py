"""What is computed beside the logs for moderators, in the database: near-duplicates, and results of machine checks.

The hint worker writes them (`hint_worker.py`). Near-duplicates are read as they are: they follow from the hand-ins, and
can be computed anew. Results of checks are taken into moderation's log, which keeps them: another look may find another
result.
Promises: a result is taken into the log at least once; the decision on it drops what is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pymongo.errors import PyMongoError

from services.moderation.decisions.desk_work import NoteCheck
from services.moderation.events import Hit, ItemCheck
from shared.canonical import digest
from shared.errors import Unreachable

DUPLICATES, CHECKS = "near_duplicates", "machine_checks"
REVISION = "revision"
AT_ONCE = 50
NEVER_MS = 1 << 50


class HintStore:
    """The collections of one campaign's database. Methods raise Unreachable if it does not answer."""

    def __init__(self, database: Any) -> None:
        self._duplicates, self._checks = database.get_collection(DUPLICATES), database.get_collection(CHECKS)
        self._revision, self._flagged = "", frozenset[str]()

    def put_duplicates(self, found: Mapping[str, Sequence[Mapping[str, Any]]], *, revision: str) -> None:
        """Store the near-duplicates of these entries; `revision` says by which hand-ins they were found."""
        try:
            for entry, each in found.items():
                document = {"_id": f"e.{entry}", "entry": entry, "is_flagged": bool(each), "found": list(each)}
                self._duplicates.replace_one({"_id": document["_id"]}, document, upsert=True)
            mark = {"_id": REVISION, "entry": "", "is_flagged": False, "found": [], "revision": revision}
            self._duplicates.replace_one({"_id": REVISION}, mark, upsert=True)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def entries(self) -> set[str]:
        """Return the entries whose near-duplicates are stored, be they none."""
        try:
            return {each["entry"] for each in self._duplicates.find({})} - {""}
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def duplicates_of(self, entry: str) -> list[dict[str, Any]]:
        """Return the near-duplicates of an entry, the closest first."""
        try:
            document = self._duplicates.find_one({"_id": f"e.{entry}"})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        found: list[dict[str, Any]] = [] if document is None else document["found"]
        return found

    def flagged(self) -> frozenset[str]:
        """Return the entries that have a near-duplicate. The list is read again only when it has changed."""
        try:
            mark = self._duplicates.find_one({"_id": REVISION})
            revision = "" if mark is None else mark["revision"]
            if revision != self._revision:
                rows = list(self._duplicates.find({"is_flagged": True}))
                self._flagged = frozenset(each["entry"] for each in rows)
                self._revision = revision
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return self._flagged

    def has_check(self, entry: str, version: int, source: str, edition: str, *, now_ms: int = 0) -> bool:
        """Return whether a version was looked at by this edition of a check, and need not be looked at again yet."""
        try:
            found = self._checks.find_one({"_id": f"{entry}/{version}/{source}"})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return found is not None and bool(found["edition"] == edition and now_ms < found["again_ms"])

    def put_check(
        self,
        entry: str,
        version: int,
        source: str,
        items: Sequence[ItemCheck],
        *,
        edition: str,
        again_ms: int = NEVER_MS,
    ) -> None:
        """Store a result, to be taken into the log. From `again_ms` (wall time) on it should be looked for again."""
        document: dict[str, Any] = {"again_ms": again_ms}
        document |= {"entry": entry, "version": version, "source": source, "edition": edition, "is_noted": False}
        plain = [_plain(each) for each in items]
        document |= {"_id": f"{entry}/{version}/{source}", "items": plain, "digest": digest(plain)}
        try:
            self._checks.replace_one({"_id": document["_id"]}, document, upsert=True)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def waiting_checks(self) -> list[NoteCheck]:
        """Return results that are not in the log yet, AT_ONCE at most."""
        try:
            rows = list(self._checks.find({"is_noted": False}))[:AT_ONCE]
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return [
            NoteCheck(row["entry"], row["version"], row["source"], tuple(_item(each) for each in row["items"]), 0)
            for row in rows
        ]

    def mark_noted(self, noted: Sequence[NoteCheck]) -> None:
        """Note that these results are in the log, unless there is a newer one by now."""
        try:
            for each in noted:
                key = f"{each.entry}/{each.version}/{each.source}"
                same = {"_id": key, "digest": digest([_plain(item) for item in each.items])}
                self._checks.update_one(same, {"$set": {"is_noted": True}})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem


def _plain(item: ItemCheck) -> dict[str, Any]:
    return asdict(item) | {"hits": [asdict(hit) for hit in item.hits]}


def _item(data: Mapping[str, Any]) -> ItemCheck:
    return ItemCheck(data["item"], data["state"], data["why"], tuple(Hit(**each) for each in data["hits"]))
