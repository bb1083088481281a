"""Relay cursors in MongoDB: the number of the last commit of each log that the relay has published.

A lost cursor only causes repeats, so the cursors are written with the server's default write concern.
"""

from pymongo.database import Database
from pymongo.errors import PyMongoError

from shared.commit import Document
from shared.errors import Unreachable
from shared.mongo_ledger import error_text


class MongoCursors:
    """Implements `shared.relay.Cursors` with one document for each owner and log. `owner` keeps the cursors of two
    relays apart.
    """

    def __init__(self, database: Database[Document], *, owner: str = "relay") -> None:
        self._cursors, self._owner = database.get_collection("cursors"), owner

    def load(self) -> dict[str, int]:
        try:
            return {each["log"]: each["n"] for each in self._cursors.find({"owner": self._owner})}
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem

    def keep(self, log: str, n: int) -> None:
        fresh = {"owner": self._owner, "log": log, "n": n}
        try:
            self._cursors.replace_one({"_id": f"{self._owner}/{log}"}, fresh, upsert=True)
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
