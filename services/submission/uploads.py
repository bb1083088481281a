"""Store uploads: files that a unit has sent but not submitted with an entry yet. They are plain documents, not events.

Promises: what is stored about a file is what probing found; a unit finds only its own uploads; an upload that is in no
version of its unit's entries is dropped by `drop_abandoned`, and by nothing else; an upload that was touched in the
meantime is not dropped.
Does not store: the bytes. The gateway stores them under `media/<campaign>/<ab>/<sha256>`.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.submission.events import File
from shared.errors import Unreachable


class Uploads:
    """Store of uploaded files' facts in the campaign's database, keyed by unit and SHA-256.

    Times are wall times in ms. Each method raises Unreachable if the database does not answer.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._uploads = database.get_collection(
            "uploads", write_concern=WriteConcern(w="majority", j=True), read_concern=ReadConcern("majority")
        )

    def save(self, unit: str, file: File, *, at: int) -> None:
        """Store the facts of a file that the unit has uploaded. Storing it again replaces them."""
        key = _key(unit, file.sha256)
        document = {"_id": key, "unit": unit, "facts": asdict(file), "at": at}
        try:
            self._uploads.replace_one({"_id": key}, document, upsert=True)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def find(self, unit: str, hashes: Iterable[str]) -> dict[str, File]:
        """Return which of these files, named by SHA-256, the unit has uploaded, with their facts, by hash."""
        wanted = [_key(unit, each) for each in hashes]
        found = self._read({"_id": {"$in": wanted}}) if wanted else []
        return {each["facts"]["sha256"]: _file(each["facts"]) for each in found}

    def sizes(self, unit: str) -> dict[str, int]:
        """Return the size in bytes of every file that the unit has uploaded, by hash."""
        # By a range of the key, which has an index; "0" is the character after "/".
        found = self._read({"_id": {"$gt": f"{unit}/", "$lt": f"{unit}0"}})
        return {each["facts"]["sha256"]: each["facts"]["bytes"] for each in found if each["unit"] == unit}

    def hashes(self) -> set[str]:
        """Return the SHA-256 of every file that any unit has uploaded."""
        return {each["facts"]["sha256"] for each in self._read({})}

    def kinds(self, *, since: int = 0) -> dict[str, str]:
        """Return the kind of every file that was uploaded or used since this time, by SHA-256."""
        return {each["facts"]["sha256"]: each["facts"]["kind"] for each in self._read({"at": {"$gt": since - 1}})}

    def touch(self, unit: str, hashes: Iterable[str], *, at: int) -> None:
        """Note that the unit uses these uploads now, so that they do not pass for abandoned."""
        self._update({"_id": {"$in": [_key(unit, each) for each in hashes]}}, at)

    def date_undated(self, *, at: int) -> None:
        """Give uploads that were stored before they had a time this one."""
        self._update({"at": {"$exists": False}}, at)

    def drop_abandoned(self, *, before: int, is_held: Callable[[str, str], bool]) -> int:
        """Delete the uploads that were last stored or touched before this time, and return their number.

        `is_held` says of a unit and a SHA-256 whether the unit's entries hold the file; those stay.
        """
        dropped = 0
        for each in self._read({"at": {"$lt": before}}):
            if not is_held(each["unit"], each["facts"]["sha256"]):
                try:
                    dropped += self._uploads.delete_one({"_id": each["_id"], "at": {"$lt": before}}).deleted_count
                except PyMongoError as problem:
                    raise Unreachable(str(problem)) from problem
        return dropped

    def _read(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        try:
            return list(self._uploads.find(wanted))
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def _update(self, wanted: dict[str, Any], at: int) -> None:
        try:
            self._uploads.update_many(wanted, {"$set": {"at": at}})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem


def _file(facts: dict[str, Any]) -> File:
    """Return a file by its stored facts; those of earlier versions have fewer."""
    return File(**{**facts, "ai_labels": tuple(facts.get("ai_labels", ()))})


def _key(unit: str, sha256: str) -> str:
    return f"{unit}/{sha256}"
