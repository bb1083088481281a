"""Rehearsals of whole campaigns that pages asked for: jobs in the database, one for each set of rules.

Whoever writes a campaign file asks for one; the clock process plays it (`deploy/clock/rehearsals.py`) and stores what
was found. It is no event: it says nothing about the competition.
Promises: the same rules are one job however often it is asked for; a job whose worker ended without a word is taken by
the next after LEASE_MS, MOST_TRIES times at most, and has failed then; only the worker that holds a job stores its end.
Does not promise to keep more than KEPT of them.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.errors import Unreachable

COLLECTION = "campaign_rehearsals"
LEASE_MS = 360_000  # longer than a rehearsal may last (`deploy/rehearsal/child.py`)
MOST_TRIES = 2
KEPT = 20
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal of the rules with this hash: who asked, where it stands, and what was found once it is done.

    `why` says why it failed: late, memory or broken. Instants are wall time in ms.
    """

    rule_hash: str
    rules: Mapping[str, Any]
    by: str
    asked_at: int
    state: str = WAITING
    ended_at: int | None = None
    why: str = ""
    report: Mapping[str, Any] | None = None
    holder: str = ""


class RehearsalStore:
    """The rehearsals of one campaign's database. Methods raise Unreachable if it does not answer."""

    def __init__(self, database: Any) -> None:
        self._documents = database.get_collection(COLLECTION)

    def request(self, rule_hash: str, rules: Mapping[str, Any], *, by: str, at: int) -> None:
        """Ask for a rehearsal. One that waits, runs or is done stays as it is; one that failed is tried anew."""
        document = {"_id": rule_hash, "rules": rules, "by": by, "at": at, "state": WAITING, "tries": 0, "until": 0}
        try:
            try:
                self._documents.insert_one(document)
            except DuplicateKeyError:
                self._documents.replace_one({"_id": rule_hash, "state": FAILED}, document)
            for _ in range(self._documents.count_documents({}) - KEPT):
                oldest = self._documents.find_one({}, sort=[("at", 1)])
                self._documents.delete_one({"_id": oldest["_id"]})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def claim(self, *, now: int) -> Rehearsal | None:
        """Take the job that waits for the longest time, or one whose worker ended; None if there is none."""
        free = {"state": {"$in": [WAITING, RUNNING]}, "until": {"$lte": now}}
        try:
            self._documents.update_many(
                {**free, "tries": {"$gt": MOST_TRIES - 1}}, {"$set": {"state": FAILED, "why": "broken", "ended": now}}
            )
            change = {
                "$set": {"state": RUNNING, "until": now + LEASE_MS, "holder": secrets.token_hex(8)},
                "$inc": {"tries": 1},
            }
            found = self._documents.find_one_and_update(
                free, change, sort=[("at", 1)], return_document=ReturnDocument.AFTER
            )
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return None if found is None else _rehearsal(found)

    def end(self, job: Rehearsal, *, at: int, report: Mapping[str, Any] | None = None, why: str = "") -> bool:
        """Store what became of a job: its report, or why there is none. False if another worker holds it by now."""
        state = FAILED if report is None else DONE
        change = {"$set": {"state": state, "report": report, "why": why, "ended": at}}
        try:
            stored = self._documents.update_one({"_id": job.rule_hash, "state": RUNNING, "holder": job.holder}, change)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return bool(stored.matched_count)

    def newest(self) -> list[Rehearsal]:
        """Return the rehearsals that are kept, the one first that was asked for last."""
        try:
            found = list(self._documents.find({}))
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        found.sort(key=lambda each: (each["at"], each["_id"]), reverse=True)
        return [_rehearsal(each) for each in found]

    def find(self, rule_hash: str) -> Rehearsal | None:
        """Return the rehearsal of the rules with this hash, or None if nobody asked for one."""
        try:
            found = self._documents.find_one({"_id": rule_hash})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return None if found is None else _rehearsal(found)


def _rehearsal(found: Mapping[str, Any]) -> Rehearsal:
    return Rehearsal(
        found["_id"],
        found["rules"],
        found["by"],
        found["at"],
        found["state"],
        found.get("ended"),
        found.get("why", ""),
        found.get("report"),
        found.get("holder", ""),
    )
