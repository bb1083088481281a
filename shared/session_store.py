"""Sessions of staff and units as plain documents (not events: they say nothing about the competition).

The gateway holds a session as a signed token; this store says whether the session still stands.
Promises: a session that was ended, or was not used for `IDLE_MS`, never stands again; so does one that began under
other credentials (a password or an access code) than its person has now. Sessions are dropped when their time is over.
Does not store: addresses, or anything from which a token could be made.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from shared.commit import Document
from shared.errors import Unreachable
from shared.stamps import wall_ms

IDLE_MS = 2 * 3_600_000
_BYTES = 12
IsPresent = Callable[[str, str], bool]  # whether a mark is a present one of a person


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session that stands: its name, its person, and when it began, was last used, and ends at the latest.

    Times are wall times in ms. `agent` is the family of the browser.
    """

    session: str
    person: str
    agent: str
    began: int
    seen: int
    expires: int


class SessionStore:
    """Store of the sessions of one service's people in the campaign's database.

    Methods raise Unreachable if the database does not answer.
    """

    def __init__(self, database: Database[Document], people: str, *, now: Callable[[], int] = wall_ms) -> None:
        self._sessions, self._people, self._now = database.get_collection("sessions"), people, now

    def begin(self, person: str, *, credentials: str, agent: str, life_ms: int) -> str:
        """Store a new session of a person and return its name. `credentials` is a mark of the present password."""
        now, name = self._now(), secrets.token_urlsafe(_BYTES)
        document = {
            "_id": name, "people": self._people, "person": person, "credentials": credentials, "agent": agent,
            "began": now, "seen": now, "expires": now + life_ms,
        }  # fmt: skip
        try:
            self._sessions.delete_many({"expires": {"$lte": now}})
            self._sessions.insert_one(document)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return name

    def use(self, session: str, is_present: IsPresent) -> StoredSession | None:
        """Note that a session is in use, and return it; or None if it does not stand any more.

        `is_present` says whether a mark is one of the present marks of a person.
        """
        try:
            found = self._sessions.find_one({"_id": session, "people": self._people})
            if found is None:
                return None
            if not self._stands(found) or not is_present(found["person"], found["credentials"]):
                self._sessions.delete_one({"_id": session})
                return None
            found["seen"] = self._now()
            self._sessions.update_one({"_id": session}, {"$set": {"seen": found["seen"]}})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return _stored(found)

    def mark_of(self, session: str, person: str) -> str | None:
        """Return the mark under which a session of this person began, or None if there is no such session."""
        try:
            found = self._sessions.find_one({"_id": session, "people": self._people, "person": person})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        return str(found["credentials"]) if found is not None else None

    def of(self, person: str, is_present: IsPresent) -> list[StoredSession]:
        """Return the standing sessions of a person, the latest first."""
        try:
            found = list(self._sessions.find({"people": self._people, "person": person}))
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem
        standing = (_stored(each) for each in found if self._stands(each) and is_present(person, each["credentials"]))
        return sorted(standing, key=lambda each: -each.began)

    def move(self, session: str, person: str, *, credentials: str) -> None:
        """Let a session go on under new credentials of its person: all other sessions end by them."""
        wanted = {"_id": session, "people": self._people, "person": person}
        try:
            self._sessions.update_one(wanted, {"$set": {"credentials": credentials}})
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def end(self, session: str, person: str) -> None:
        """End a session of this person. Ending it again, or one that is not the person's, changes nothing."""
        self._delete({"_id": session, "people": self._people, "person": person})

    def end_others(self, session: str, person: str) -> None:
        """End all sessions of a person but this one."""
        self._delete({"_id": {"$ne": session}, "people": self._people, "person": person})

    def _stands(self, found: Document) -> bool:
        now = self._now()
        return bool(now < found["expires"] and now - found["seen"] <= IDLE_MS)

    def _delete(self, wanted: dict[str, Any]) -> None:
        try:
            self._sessions.delete_many(wanted)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem


class EndedSessions:
    """Store of the sessions that ended before their time, for people whose sessions are not stored: voters.

    Methods raise Unreachable if the database does not answer.
    """

    def __init__(self, database: Database[Document], *, now: Callable[[], int] = wall_ms) -> None:
        self._ended, self._now = database.get_collection("ended_sessions"), now

    def end(self, session: str, *, expires: int) -> None:
        """Store that a session has ended, until it would have expired."""
        try:
            self._ended.delete_many({"expires": {"$lte": self._now()}})
            self._ended.replace_one({"_id": session}, {"_id": session, "expires": expires}, upsert=True)
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def all(self) -> dict[str, int]:
        """Return the sessions that ended and have not expired, with the time at which they expire."""
        try:
            return {each["_id"]: each["expires"] for each in self._ended.find({"expires": {"$gt": self._now()}})}
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem


def _stored(found: Document) -> StoredSession:
    return StoredSession(found["_id"], found["person"], found["agent"], found["began"], found["seen"], found["expires"])
