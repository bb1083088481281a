"""Hand a session over (扫码登录): a phone that is signed in through WeChat vouches for a browser that shows a QR code.

A handoff begins as a name that the gateway signs. Nothing is stored until a voter confirms the handoff, so merely
opening a page writes nothing. A confirmed handoff is a plain document (not an event: it says nothing about the
competition) that can be taken once and expires after five minutes.
Promises: of all callers who take a handoff exactly one gets the voter; a handoff that was taken cannot be used again
before it expires.
Does not check that the taker is the browser that showed the code. The gateway compares its cookie.
"""

from collections.abc import Callable

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.commit import Document
from shared.errors import Unreachable
from shared.mongo_ledger import error_text
from shared.stamps import wall_ms

LIFE_MS = 300_000
WAITING, CONFIRMED, TAKEN = "waiting", "confirmed", "taken"


class Handoffs:
    """Store of the confirmed handoffs in the campaign's database, by name; each expires LIFE_MS after it is confirmed.

    Methods raise Unreachable if the database does not answer.
    """

    def __init__(self, database: Database[Document], *, now: Callable[[], int] = wall_ms) -> None:
        self._handoffs, self._now = database.get_collection("handoffs"), now

    def state(self, handoff: str) -> str:
        """Return the state of a handoff: WAITING, CONFIRMED or TAKEN. If it is not stored or has expired, WAITING."""
        try:
            found = self._handoffs.find_one({"_id": handoff, "expires": {"$gt": self._now()}})
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
        return WAITING if found is None else str(found["state"])

    def confirm(self, handoff: str, voter: str) -> bool:
        """Store that a voter confirms a handoff, and return True. Confirming it again returns True too.

        Return False if another voter has confirmed it, or it was taken.
        """
        now = self._now()
        document = {"_id": handoff, "voter": voter, "state": CONFIRMED, "expires": now + LIFE_MS}
        try:
            self._handoffs.delete_many({"expires": {"$lte": now}})
            self._handoffs.insert_one(document)
        except DuplicateKeyError:
            return self._is_confirmed_by(handoff, voter)
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
        return True

    def _is_confirmed_by(self, handoff: str, voter: str) -> bool:
        try:
            return self._handoffs.find_one({"_id": handoff, "voter": voter, "state": CONFIRMED}) is not None
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem

    def take(self, handoff: str) -> str | None:
        """Take a confirmed handoff: return the voter who confirmed it to the first caller, and None to every other."""
        query = {"_id": handoff, "state": CONFIRMED, "expires": {"$gt": self._now()}}
        try:
            found = self._handoffs.find_one_and_update(
                query, {"$set": {"state": TAKEN, "voter": ""}}, return_document=ReturnDocument.BEFORE
            )
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
        return None if found is None else str(found["voter"])
