"""Projections: folds over many logs, kept with their cut in one atomic write.

A projection is defined by `apply(table, event, address)`; an optional `apply_run(table, run, address)` takes a whole
run of like events at once and must give the same table (a property test says so). It depends on no interleaving of
logs. Its table mutates: nobody else holds it.

A rebuild folds from commit 1 beside the live one, stops at the live cut, and is compared by canonical bytes.
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
from shared.mongo_ledger import said

T = TypeVar("T")


class Projection(Protocol[T]):
    """A fold with a name and a version. A changed fold is a new version, built beside the old."""

    name: str
    version: int

    def initial(self) -> T: ...

    def apply(self, table: T, event: Any, address: str) -> None: ...

    def apply_run(self, table: T, run: Run, commit: str) -> bool:
        """Take a whole run, `commit` being `<log>/<n>`; False: not this type, apply its events one by one."""

    def dump(self, table: T) -> Any:
        """The table as plain data, fit for canonical bytes."""

    def load(self, data: Any) -> T: ...


class Projector(Generic[T]):
    """A table and the cut that it stands at."""

    def __init__(self, projection: Projection[T], *, table: T | None = None, cut: Cut | None = None) -> None:
        self.projection = projection
        self.table: T = projection.initial() if table is None else table
        self.cut = cut or Cut()

    def take_in(self, commit: Commit) -> None:
        """Apply the next commit of its log. Raises FollowerStopped; the caller sees to the order."""
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
        """The canonical bytes of the table: two folds of the same cut give the same."""
        return canonical(self.projection.dump(self.table))


class ProjectionStore:
    """Tables with their cuts, one document each: one write carries both, and positions never go back."""

    def __init__(self, database: Database[Document]) -> None:
        self._tables = database.get_collection("projections", write_concern=WriteConcern(w="majority", j=True))

    def keep(self, projector: Projector[Any]) -> bool:
        """Store table and cut; False where the stored cut is further in any log. Raises Unreachable."""
        key = _key(projector.projection)
        data = orjson.dumps(projector.projection.dump(projector.table))
        fresh = {
            "commits": projector.cut.commits,
            "cut": projector.cut.to_data(),
            "table": zlib.compress(data, 1),
            "write": secrets.token_hex(8),
        }
        try:
            # Two cuts are not ordered by any one number, so no single condition says "not further than mine":
            # look, compare, and replace only what was looked at.
            while True:
                stored = self._tables.find_one({"_id": key}, {"cut": 1, "write": 1})
                if stored is not None and not projector.cut.covers(stored["cut"]):
                    return False
                if self._put(key, fresh, over=stored):
                    return True
        except PyMongoError as problem:
            raise Unreachable(said(problem)) from problem

    def _put(self, key: str, fresh: Document, *, over: Document | None) -> bool:
        """One write; False where another came first."""
        if over is not None:
            return self._tables.replace_one({"_id": key, "write": over.get("write")}, fresh).matched_count == 1
        try:
            self._tables.insert_one({"_id": key, **fresh})
        except DuplicateKeyError:
            return False
        return True

    def load(self, projection: Projection[T]) -> Projector[T]:
        """The stored table and its cut; a fresh one where nothing, or another version, is stored."""
        try:
            found = self._tables.find_one({"_id": _key(projection)})
        except PyMongoError as problem:
            raise Unreachable(said(problem)) from problem
        if found is None:
            return Projector(projection)
        table = projection.load(orjson.loads(zlib.decompress(found["table"])))
        return Projector(projection, table=table, cut=Cut(found["cut"]))


def _key(projection: Projection[Any]) -> str:
    return f"{projection.name}/v{projection.version}"


def advance(
    projector: Projector[T], ledger: Ledger, upto: Mapping[str, int], *, overdue: Callable[[], bool] = lambda: False
) -> Projector[T]:
    """Fold on to a cut; a fresh projector begins at commit 1. Returns the same projector.

    Raises Overdue, Unreachable (also where the ledger ends before the cut), FollowerStopped.
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
