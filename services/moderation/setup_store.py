"""What is needed before there is a campaign, in the database: the draft of the campaign file, and who may set it up.

The set-up secret is a link that the operator hands to whoever sets the campaign up. It is no event: it says nothing
about the competition.
Promises: a secret works once, until `SECRET_MS`, and a newer one ends it and the set-up that it began; only hashes are
stored. A draft that somebody else has saved meanwhile is not overwritten.
Does not promise that a draft passes the check.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.errors import Unreachable

COLLECTION, DRAFT, SECRET = "campaign_setup", "draft", "secret"
HOUR_MS = 3_600_000
SECRET_MS, SETUP_MS = 72 * HOUR_MS, 12 * HOUR_MS
_BYTES = 16


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of the campaign file. `revision` counts its savings from 1; 0 says that there is none."""

    text: str = ""
    revision: int = 0
    by: str = ""
    at: int = 0


class SetupStore:
    """The draft and the set-up secret of one campaign's database. Methods raise Unreachable if it does not answer.

    Instants are wall time in ms.
    """

    def __init__(self, database: Any) -> None:
        self._documents = database.get_collection(COLLECTION)

    def draft(self) -> Draft:
        """Return the draft that is stored."""
        found = self._find(DRAFT)
        return Draft() if found is None else Draft(found["text"], found["revision"], found["by"], found["at"])

    def save(self, text: str, *, revision: int, by: str, at: int) -> Draft | None:
        """Store a draft in place of `revision` and return it; None if another revision is stored by now."""
        after = Draft(text, revision + 1, by, at)
        document = {"_id": DRAFT, "text": text, "revision": after.revision, "by": by, "at": at}
        try:
            if not revision:
                self._documents.insert_one(document)
                return after
            replaced = self._documents.replace_one({"_id": DRAFT, "revision": revision}, document)
        except DuplicateKeyError:
            return None
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return after if replaced.matched_count else None

    def issue_secret(self, *, now: int) -> tuple[str, int]:
        """Return a new secret, and when it expires. It ends the one before."""
        secret, until = secrets.token_hex(_BYTES), now + SECRET_MS
        document = {"_id": SECRET, "hash": _hash(secret), "until": until, "session": "", "session_until": 0}
        try:
            self._documents.replace_one({"_id": SECRET}, document, upsert=True)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return secret, until

    def is_valid(self, secret: str, *, now: int) -> bool:
        """Return whether a secret would begin a set-up."""
        found = self._find(SECRET)
        return found is not None and found["hash"] == _hash(secret) and now < found["until"]

    def begin(self, secret: str, *, now: int) -> tuple[str, int] | None:
        """Spend a secret, and return the name of the set-up that it begins and when that ends; None if it is no use."""
        session, until = secrets.token_hex(_BYTES), now + SETUP_MS
        wanted = {"_id": SECRET, "hash": _hash(secret), "until": {"$gt": now}}
        change = {"$set": {"hash": "", "session": _hash(session), "session_until": until}}
        try:
            spent = self._documents.update_one(wanted, change)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return (session, until) if spent.matched_count else None

    def stands(self, session: str, *, now: int) -> bool:
        """Return whether a set-up with this name has begun and is not over."""
        found = self._find(SECRET)
        return found is not None and found["session"] == _hash(session) and now < found["session_until"]

    def end(self) -> None:
        """End the set-up, and the secret."""
        try:
            self._documents.delete_one({"_id": SECRET})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def _find(self, which: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] | None = self._documents.find_one({"_id": which})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return found


def _hash(text: str) -> str:
    """Return the SHA-256 of a secret; it has 128 random bits, so that it cannot be guessed from its hash."""
    return hashlib.sha256(text.encode()).hexdigest() if text else "-"
