"""Uploads: files that a unit has sent but not handed in yet. Plain documents, not facts.

Promises: what is kept of a file is what was probed; a unit finds its own uploads only. An upload is kept until the
campaign's data go. Does not keep the bytes: the gateway stored them under `media/<campaign>/<ab>/<sha256>`.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.submission.events import File
from shared.errors import Unreachable


class Uploads:
    """The collection `uploads` of a campaign's database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._kept = database.get_collection(
            "uploads", write_concern=WriteConcern(w="majority", j=True), read_concern=ReadConcern("majority")
        )

    def keep(self, unit: str, file: File) -> None:
        """Remember a probed file; again is harmless. Raises Unreachable."""
        key = _key(unit, file.sha256)
        document = {"_id": key, "unit": unit, "facts": asdict(file)}
        try:
            self._kept.replace_one({"_id": key}, document, upsert=True)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def find(self, unit: str, hashes: Iterable[str]) -> dict[str, File]:
        """The unit's uploads among these. Raises Unreachable."""
        wanted = [_key(unit, each) for each in hashes]
        try:
            found = list(self._kept.find({"_id": {"$in": wanted}})) if wanted else []
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return {each["facts"]["sha256"]: File(**each["facts"]) for each in found}


def _key(unit: str, sha256: str) -> str:
    return f"{unit}/{sha256}"
