"""Snapshots: a projection's tables at earlier cuts (positions in the logs), stored to answer for an earlier instant.

An as-of read loads the newest snapshot before its cut, and folds only the commits since then. Promises: a snapshot
equals a fold from commit 1 to its cut. A missing snapshot makes a read slower, not wrong, so nothing is lost if the
whole collection is dropped. Does not promise when a snapshot is taken: the caller decides.
"""

import zlib
from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.commit import Document
from shared.cut import Cut
from shared.errors import Unreachable
from shared.mongo_ledger import error_text
from shared.projection import Projection, Projector

T = TypeVar("T")


class Snapshots:
    """Store of snapshots in MongoDB, keyed by projection, version and the number of commits that the cut includes.

    This number orders the snapshots of a projection by age.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._snapshots = database.get_collection("snapshots")

    def keep(self, projector: Projector[Any]) -> None:
        """Store a projection's table with its cut. Does nothing where a snapshot with as many commits exists.

        Raises Unreachable.
        """
        data = orjson.dumps(projector.projection.dump(projector.table))
        document = {
            "_id": _id(projector.projection, projector.cut.commits),
            "cut": projector.cut.to_data(),
            "table": zlib.compress(data, 1),
        }
        try:
            self._snapshots.insert_one(document)
        except DuplicateKeyError:
            return
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem

    def newest_within(self, projection: Projection[T], cut: Mapping[str, int]) -> Projector[T]:
        """Return the newest snapshot that goes beyond `cut` in no log, or an empty projector where there is none.

        Raises Unreachable.
        """
        wanted = Cut(cut)
        span = {"$gt": _id(projection, 0), "$lte": _id(projection, wanted.commits)}
        try:
            found = self._snapshots.find({"_id": span}, {"cut": 1}, sort=[("_id", -1)])
            fitting = next((each for each in found if wanted.covers(each["cut"])), None)
            stored = None if fitting is None else self._snapshots.find_one({"_id": fitting["_id"]})
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
        if stored is None:
            return Projector(projection)
        table = projection.load(orjson.loads(zlib.decompress(stored["table"])))
        return Projector(projection, table=table, cut=Cut(stored["cut"]))


def _id(projection: Projection[Any], commits: int) -> str:
    return f"{projection.name}/v{projection.version}/{commits:012d}"
