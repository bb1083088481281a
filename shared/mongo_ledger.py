"""Ledger on MongoDB: one collection, one document for each commit, no index but `_id`.

Written for a replica set (`w=majority, j=true`, primary reads with read concern majority). A standalone server and
FerretDB answer the same commands. Needs no transaction and no change stream. `retryWrites` is off: the writer itself
repeats an insert of unknown outcome, with the identical document, and must see every duplicate.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, ReadPreference
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError, WriteError
from pymongo.read_concern import ReadConcern

from shared.commit import Commit, Document, commit_id
from shared.errors import LedgerError, NumberTaken, OutcomeUnknown, Unreachable
from shared.ledger import PAGE, contiguous

COLLECTION = "commits"
_LAST = 10**12 - 1  # the greatest number that fits the 12 digits of an _id


def connect(uri: str, *, timeout_ms: int = 5_000) -> MongoClient[Document]:
    """Return a MongoDB client with the options that the ledger needs. It connects on first use.

    `timeout_ms` limits each search for a server, each connect and each answer.
    """
    return MongoClient(
        uri,
        retryWrites=False,
        serverSelectionTimeoutMS=timeout_ms,
        connectTimeoutMS=timeout_ms,
        socketTimeoutMS=timeout_ms,
        tz_aware=True,
    )


class MongoLedger:
    """Implements `shared.ledger.Ledger` for one campaign, in the collection `commits` of its database.

    With `raw`, the commits that are read stay BSON, for code that passes them on unchanged. Their events cannot be
    read.
    """

    def __init__(self, database: Database[Document], *, raw: bool = False) -> None:
        self._database = database
        options: CodecOptions[Any] = database.codec_options
        self._commits = database.get_collection(
            COLLECTION,
            codec_options=options.with_options(document_class=RawBSONDocument) if raw else options,
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )

    def insert(self, document: Document) -> None:
        (problem,) = self._insert([document])
        if problem is not None:
            raise problem

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        # In the order of `_id`: FerretDB inserts the documents of one request in one transaction, and two writers that
        # claim the same numbers in different orders, as at a handover, would wait for each other until the server
        # breaks the deadlock after a second or more.
        order = sorted(range(len(documents)), key=lambda i: str(documents[i]["_id"]))
        problems = self._insert([documents[i] for i in order])
        by_index = dict(zip(order, problems, strict=True))
        return [by_index[i] for i in range(len(documents))]

    def _insert(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        # The bare command: `insert_one` sends the same and takes 40 µs more, a twentieth of an append.
        command = {
            "insert": COLLECTION,
            "documents": documents,
            "ordered": False,
            "writeConcern": {"w": "majority", "j": True},
        }
        try:
            reply = self._database.command(command)
        except OperationFailure as problem:
            if problem.code in _NEVER:
                raise
            return [_unknown(problem) for _ in documents]
        except PyMongoError as problem:
            return [_unknown(problem) for _ in documents]
        if "writeConcernError" in reply:
            concern = reply["writeConcernError"]["errmsg"]
            outcomes: list[LedgerError | None] = [OutcomeUnknown(concern) for _ in documents]
        else:
            outcomes = [None] * len(documents)
        for error in reply.get("writeErrors", ()):
            if error["code"] in _NEVER:
                raise WriteError(error["errmsg"], error["code"], error)
            of = documents[error["index"]]
            outcomes[error["index"]] = (
                NumberTaken(of["_id"]) if error["code"] == _DUPLICATE else OutcomeUnknown(error["errmsg"])
            )
        return outcomes

    def get(self, log: str, n: int) -> Commit | None:
        found = self._query(lambda: self._commits.find_one({"_id": commit_id(log, n)}))
        return None if found is None else Commit(found)

    def read(self, log: str, after: int, *, limit: int = PAGE, commands: bool = True) -> list[Commit]:
        span = {"_id": {"$gt": commit_id(log, after), "$lte": commit_id(log, _LAST)}}
        # One batch, so one round trip; a second only where the page exceeds the size limit of a reply.
        fields = None if commands else {"commands": 0}
        found = self._query(
            lambda: list(self._commits.find(span, fields, sort=[("_id", 1)], limit=limit, batch_size=limit + 1))
        )
        return contiguous(map(Commit, found), after)

    def head(self, log: str) -> int:
        span = {"_id": {"$gt": commit_id(log, 0), "$lte": commit_id(log, _LAST)}}
        found = self._query(lambda: list(self._commits.find(span, {"n": 1}, sort=[("_id", -1)], limit=1)))
        return int(found[0]["n"]) if found else 0

    def logs_with_new_commits(self, positions: Mapping[str, int]) -> set[str]:
        wanted = [commit_id(log, n + 1) for log, n in positions.items()]
        found = self._query(lambda: list(self._commits.find({"_id": {"$in": wanted}}, {"_id": 1})))
        return {each["_id"].rpartition("/")[0] for each in found}

    def read_many(self, positions: Mapping[str, int], *, each: int) -> dict[str, list[Commit]]:
        wanted = [commit_id(log, n + k) for log, n in positions.items() for k in range(1, each + 1)]
        found = self._query(lambda: list(self._commits.find({"_id": {"$in": wanted}}, batch_size=len(wanted) + 1)))
        commits = sorted(map(Commit, found), key=lambda commit: (commit.log, commit.n))
        prefixes = {
            log: contiguous(of_log, positions[log]) for log, of_log in groupby(commits, key=lambda commit: commit.log)
        }
        return {log: prefix for log, prefix in prefixes.items() if prefix}

    def _query(self, query: Any) -> Any:
        try:
            return query()
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem


def _unknown(cause: PyMongoError) -> OutcomeUnknown:
    unknown = OutcomeUnknown(error_text(cause))
    unknown.__cause__ = cause
    return unknown


def error_text(problem: PyMongoError) -> str:
    """Return the message of a pymongo error without the timeouts and the topology that pymongo appends."""
    return str(problem).partition(" (configured timeouts")[0].partition(", Timeout: ")[0]


_DUPLICATE = 11000
# Codes for a request that is wrong in itself: repeating it for ever would hang the log instead of naming the fault.
_NEVER = frozenset({2, 9, 13, 14, 18, 26, 59, 72})
