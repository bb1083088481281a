"""Projections: folds over many logs, stored together with their cut in one atomic write.

A projection is defined by `apply(table, event, address)`. An optional `apply_run(table, run, commit)` takes a whole
run of events of one type at once and must give the same table, which a property test checks. The result does not depend
on how the logs are interleaved. `apply` changes the table in place: nobody else holds it.

A rebuild folds from commit 1 beside the live projection, stops at the live cut, and is compared by canonical bytes.
"""

import secrets
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import orjson
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.write_concern import WriteConcern

from shared.canonical import canonical
from shared.commit import Commit, Document, Run
from shared.cut import Cut
from shared.errors import FollowerStopped, Overdue, Unreachable
from shared.ledger import Ledger, read_pages
from shared.mongo_ledger import error_text

T = TypeVar("T")


class Projection(Protocol[T]):
    """A fold of events to a table, with a name and a version. A changed fold gets a new version, whose table is built
    beside the old one.
    """

    name: str
    version: int

    def initial(self) -> T:
        """Return an empty table."""

    def apply(self, table: T, event: Any, address: str) -> None:
        """Apply one event to the table, in place. `address` is `<log>/<n>/<i>`."""

    def apply_run(self, table: T, run: Run, commit: str) -> bool:
        """Apply a run of events at once; `commit` is `<log>/<n>`. Returns False, and changes nothing, where the events
        must be applied one by one.
        """

    def dump(self, table: T) -> Any:
        """Return the table as plain data that has canonical bytes."""

    def load(self, data: Any) -> T:
        """Return the table from plain data; the inverse of `dump`."""


class Projector(Generic[T]):
    """Runs one projection: holds its table, and the cut (one position for each log) of the commits that it has applied.

    Without a table and a cut, it starts with an empty table before the first commit.
    """

    def __init__(self, projection: Projection[T], *, table: T | None = None, cut: Cut | None = None) -> None:
        self.projection = projection
        self.table: T = projection.initial() if table is None else table
        self.cut = cut or Cut()

    def take_in(self, commit: Commit) -> None:
        """Apply a commit to the table, and move the cut. The caller passes each log's commits once, in order.

        Raises FollowerStopped, with the address of the event that failed. The table is then half changed.
        """
        where = f"{commit.log}/{commit.n}"
        address = where
        try:
            for run in commit.runs:
                address = f"{where}/{run.first}"
                if self.projection.apply_run(self.table, run, where):
                    continue
                events = run.events()
                for i in range(run.first, run.first + run.count):
                    address = f"{where}/{i}"
                    self.projection.apply(self.table, next(events), address)
        except Exception as cause:
            raise FollowerStopped(address, cause) from cause
        self.cut = self.cut.at(commit.log, commit.n)

    def canonical(self) -> bytes:
        """Return the canonical bytes of the table: two folds to the same cut give the same bytes."""
        return canonical(self.projection.dump(self.table))


class ProjectionStore:
    """Store of projections in MongoDB: one document for each projection and version, with its table and cut.

    Promises: table and cut are written together, and no position in the stored cut ever goes back.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._tables = database.get_collection("projections", write_concern=WriteConcern(w="majority", j=True))

    def keep(self, projector: Projector[Any]) -> bool:
        """Store a projection's table and cut, and return True. Raises Unreachable.

        Returns False, and stores nothing, where the stored cut is ahead of this cut in any log.
        """
        key = _key(projector.projection)
        data = orjson.dumps(projector.projection.dump(projector.table))
        fresh = {
            "commits": projector.cut.commits,
            "cut": projector.cut.to_data(),
            "table": zlib.compress(data, 1),
            "write": secrets.token_hex(8),
        }
        try:
            # Two cuts are not ordered by any one number, so no query condition can say "not further than mine":
            # read, compare, and replace only the document that was read.
            while True:
                stored = self._tables.find_one({"_id": key}, {"cut": 1, "write": 1})
                if stored is not None and not projector.cut.covers(stored["cut"]):
                    return False
                if self._put(key, fresh, over=stored):
                    return True
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem

    def _put(self, key: str, fresh: Document, *, over: Document | None) -> bool:
        """Insert or replace one document. Returns False where another process wrote first."""
        if over is not None:
            return self._tables.replace_one({"_id": key, "write": over.get("write")}, fresh).matched_count == 1
        try:
            self._tables.insert_one({"_id": key, **fresh})
        except DuplicateKeyError:
            return False
        return True

    def load(self, projection: Projection[T]) -> Projector[T]:
        """Return the stored table with its cut, or an empty projector where this version is not stored.

        Raises Unreachable.
        """
        try:
            found = self._tables.find_one({"_id": _key(projection)})
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
        if found is None:
            return Projector(projection)
        table = projection.load(orjson.loads(zlib.decompress(found["table"])))
        return Projector(projection, table=table, cut=Cut(found["cut"]))

    def cut(self, projection: Projection[Any]) -> Cut:
        """Return the cut of the stored table without reading the table; empty where this version is not stored.

        Raises Unreachable.
        """
        try:
            found = self._tables.find_one({"_id": _key(projection)}, {"cut": 1})
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
        return Cut() if found is None else Cut(found["cut"])


def _key(projection: Projection[Any]) -> str:
    return f"{projection.name}/v{projection.version}"


def advance(
    projector: Projector[T], ledger: Ledger, upto: Mapping[str, int], *, overdue: Callable[[], bool] = lambda: False
) -> Projector[T]:
    """Read the ledger up to the cut `upto`, apply the commits to the projector, and return the projector.

    Raises Overdue as soon as `overdue` returns True, Unreachable (also where the ledger ends before the cut), and
    FollowerStopped.
    """
    for log, n in upto.items():
        for commits in read_pages(ledger, log, projector.cut[log], upto=n, commands=False):
            if overdue():
                raise Overdue(f"{log} is read to {projector.cut[log]} of {n}")
            for commit in commits:
                projector.take_in(commit)
        if projector.cut[log] < n:
            raise Unreachable(f"{log} ends at {projector.cut[log]}, the cut names {n}")
    return projector
