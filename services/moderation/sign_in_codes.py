"""One-time codes by short message, with which judges sign in instead of with a password.

A request for a code is a document with a random name, which only the browser that asked knows; the code is computed
from the name with a secret of the campaign, so no code is stored. A request for an account that gets no code is stored
like any other and never sent, so that nobody learns which accounts there are.
Promises: a code counts once, for LIFE_MS, and for MOST_TRIES tries; it is handed to the sender once; an account has at
most MOST_AN_HOUR codes an hour, WAIT_MS apart, and the campaign at most MOST_OF_ALL_AN_HOUR.
Does not promise that a message arrives.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from shared.decider import Refused
from shared.errors import Unreachable

COLLECTION = "sign_in_codes"
DIGITS, MOST_TRIES = 6, 5
MINUTE_MS = 60_000
LIFE_MS, WAIT_MS, HOUR_MS = 5 * MINUTE_MS, MINUTE_MS, 60 * MINUTE_MS
MOST_AN_HOUR, MOST_OF_ALL_AN_HOUR = 5, 120
WAITING, TAKEN, USED = "waiting", "taken", "used"
_BYTES = 24


@dataclass(frozen=True, slots=True)
class DueCode:
    """A code that is to be sent: to whom, by account, and the code."""

    staff: str
    code: str


class SignInCodes:
    """The requests for codes in one campaign's database. Methods raise Unreachable if it does not answer.

    `key` is a secret of the campaign. Instants are wall time in ms.
    """

    def __init__(self, database: Any, key: bytes) -> None:
        self._documents, self._key = database.get_collection(COLLECTION), key

    def request(self, account: str, staff: str, *, now: int) -> str | Refused:
        """Store a request by somebody who typed `account`, and return its name.

        `staff` is the account that gets the code, or empty if nobody does. Refuses too many for the same typed account,
        or for all.
        """
        try:
            self._documents.delete_many({"at": {"$lt": now - HOUR_MS}})
            mine = {"account": self._mark(account)}
            if self._documents.count_documents({**mine, "at": {"$gt": now - WAIT_MS}}):
                return Refused("sign-in-codes-many", "staff")
            if (
                self._documents.count_documents(mine) >= MOST_AN_HOUR
                or self._documents.count_documents({}) >= MOST_OF_ALL_AN_HOUR
            ):
                return Refused("sign-in-codes-many", "staff")
            name = secrets.token_urlsafe(_BYTES)
            self._documents.insert_one(
                {**mine, "_id": name, "staff": staff, "at": now, "until": now + LIFE_MS, "tries": 0,
                 "state": WAITING}
            )  # fmt: skip
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return name

    def take_due(self, *, now: int) -> DueCode | None:
        """Return the code that waits for the longest time to be sent, once; None if there is none."""
        due = {"state": WAITING, "staff": {"$gt": ""}, "until": {"$gt": now}}
        try:
            found = self._documents.find_one_and_update(
                due, {"$set": {"state": TAKEN}}, sort=[("at", 1)], return_document=ReturnDocument.AFTER
            )
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return None if found is None else DueCode(found["staff"], self._code(found["_id"]))

    def use(self, name: str, code: str, *, now: int) -> str | None:
        """Return the account that a code signs in, and use the code up; None for a wrong, late or used one.

        Every call is a try, and is counted before the code is compared.
        """
        standing = {"_id": name, "state": TAKEN, "until": {"$gt": now}, "tries": {"$lt": MOST_TRIES}}
        try:
            found = self._documents.find_one_and_update(
                standing, {"$inc": {"tries": 1}}, sort=[("at", 1)], return_document=ReturnDocument.AFTER
            )
            if found is None or not hmac.compare_digest(self._code(name).encode(), code.encode()):
                return None
            spent = self._documents.update_one({"_id": name, "state": TAKEN}, {"$set": {"state": USED}})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return str(found["staff"]) if spent.matched_count else None

    def _mark(self, account: str) -> str:
        """Return a keyed hash of what was typed, which may be anything: people type their number, or a password."""
        return hmac.digest(self._key, f"account {account}".encode(), "sha256").hex()

    def _code(self, name: str) -> str:
        number = int.from_bytes(hmac.digest(self._key, f"sign-in code {name}".encode(), "sha256")[:8], "big")
        return f"{number % 10**DIGITS:0{DIGITS}}"
