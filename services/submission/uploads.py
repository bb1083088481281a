"""Store uploads: files that a unit has sent but not submitted with an entry yet. They are plain documents, not events.

Promises: what is stored about a file is what probing found; a unit finds only its own uploads; an upload is kept until
the campaign's data are deleted.
Does not store: the bytes. The gateway stores them under `media/<campaign>/<ab>/<sha256>`.
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
    """Store of uploaded files' facts in the campaign's database, keyed by unit and SHA-256."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._uploads = database.get_collection(
            "uploads", write_concern=WriteConcern(w="majority", j=True), read_concern=ReadConcern("majority")
        )

    def save(self, unit: str, file: File) -> None:
        """Store the facts of a file that the unit has uploaded. Storing it again replaces them.

        Raise Unreachable if the database does not answer.
        """
        key = _key(unit, file.sha256)
        document = {"_id": key, "unit": unit, "facts": asdict(file)}
        try:
            self._uploads.replace_one({"_id": key}, document, upsert=True)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def find(self, unit: str, hashes: Iterable[str]) -> dict[str, File]:
        """Return which of these files, named by SHA-256, the unit has uploaded, with their facts, by hash.

        Raise Unreachable if the database does not answer.
        """
        wanted = [_key(unit, each) for each in hashes]
        try:
            found = list(self._uploads.find({"_id": {"$in": wanted}})) if wanted else []
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return {each["facts"]["sha256"]: File(**each["facts"]) for each in found}


def _key(unit: str, sha256: str) -> str:
    return f"{unit}/{sha256}"
