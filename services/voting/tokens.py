"""WeChat's access tokens and JS tickets, each kept by one owner at a time.

A token is a document with a lease in it. Whoever finds a token to be renewed claims the lease by compare-and-set, which
raises the fencing number; only the holder of that number may store what WeChat answers. So of any number of services
one asks, a service that slept through its lease overwrites nothing, and who loses the race reads what the other stored.
A token is renewed five minutes before its end, give or take half a minute: WeChat keeps the old one good meanwhile.
Promises: `token` returns a token that WeChat has not taken back as far as we know, or raises TokenAway in time.
Does not promise to find out by itself that a token died early: its user says so (`stale`).
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.commit import Document
from shared.errors import BaijiaError, Unreachable
from shared.logs import logger
from shared.mongo_ledger import error_text
from shared.stamps import wall_ms

LEASE_MS = 15_000
EARLY_MS, JITTER_MS = 300_000, 30_000
FORCED_APART_MS = 35_000  # WeChat: two forced renewals are 30 s apart, at most 20 a day
COOL_MS = 3_000  # after a failure nobody asks for so long
AGAIN_S = 0.1
log_ = logger(__name__)


class TokenAway(BaijiaError):
    """There is no good token, and none was to be had in the time left."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One token as it is stored. `fence` rises with every write, and is what a write compares."""

    fence: int = 0
    holder: str = ""
    leased_until: int = 0
    token: str = ""
    renew_at: int = 0
    expires: int = 0
    forced_at: int = 0

    def good(self, now: int, stale: str) -> bool:
        return bool(self.token) and self.token != stale and now < self.expires


@dataclass(frozen=True, slots=True)
class Fetched:
    token: str
    lasts_s: int


class Shelf(Protocol):
    """Where the documents are."""

    def load(self, name: str) -> Kept:
        """What is kept under a name; an empty one where nothing is. Raises Unreachable."""
        ...

    def swap(self, name: str, fresh: Kept, *, fence: int) -> bool:
        """Store, if the fence is still this one. False: it is not. Raises Unreachable."""
        ...


#: Asks WeChat for one token by its name; `force`: a new one, though the old one has not ended. Raises TokenAway.
Fetch = Callable[[str, bool], Fetched]


class TokenKeeper:
    """One of several that may run. `me` tells them apart."""

    def __init__(
        self,
        shelf: Shelf,
        fetch: Fetch,
        *,
        me: str,
        now: Callable[[], int] = wall_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._shelf, self._fetch, self._me, self._now, self._sleep = shelf, fetch, me, now, sleep

    def token(self, name: str, *, stale: str = "", within_s: float = 2.5) -> Kept:
        """A good token. `stale` is one that WeChat has refused. Raises TokenAway, Unreachable."""
        until = self._now() + int(within_s * 1000)
        while True:
            kept, now = self._shelf.load(name), self._now()
            if kept.good(now, stale) and now < kept.renew_at:
                return kept
            if kept.leased_until <= now:
                renewed = self._renew(name, kept, now, stale)
                if renewed is not None:
                    return renewed
            elif kept.good(now, stale):
                return kept  # somebody renews it, and WeChat keeps this one good
            elif now >= until:
                raise TokenAway(f"{name}: nobody has renewed it in {within_s} s")
            self._sleep(AGAIN_S)

    def _renew(self, name: str, kept: Kept, now: int, stale: str) -> Kept | None:
        """The renewed token; None where another was quicker. Raises TokenAway where WeChat gave none."""
        force = bool(stale) and kept.token == stale
        if force and now - kept.forced_at < FORCED_APART_MS:
            raise TokenAway(f"{name}: it was renewed by force a moment ago")
        claim = replace(kept, fence=kept.fence + 1, holder=self._me, leased_until=now + LEASE_MS)
        if force:
            claim = replace(claim, forced_at=now)
        if not self._shelf.swap(name, claim, fence=kept.fence):
            return None
        try:
            fetched = self._fetch(name, force)
        except TokenAway:
            # A short lease that nobody holds: others do not all ask at once what has just failed.
            cooling = replace(claim, fence=claim.fence + 1, holder="", leased_until=self._now() + COOL_MS)
            self._shelf.swap(name, cooling, fence=claim.fence)
            if kept.good(self._now(), stale):
                log_.warning("a token was not renewed, the old one serves on", token_name=name)
                return kept
            raise
        return self._store(name, claim, fetched)

    def _store(self, name: str, claim: Kept, fetched: Fetched) -> Kept | None:
        expires = self._now() + fetched.lasts_s * 1000
        early = EARLY_MS + random.randint(-JITTER_MS, JITTER_MS)
        fresh = replace(
            claim,
            fence=claim.fence + 1,
            holder="",
            leased_until=0,
            token=fetched.token,
            expires=expires,
            # A token that lasts no longer than that is renewed at half of its time.
            renew_at=expires - min(early, fetched.lasts_s * 500),
        )
        return fresh if self._shelf.swap(name, fresh, fence=claim.fence) else None


class MongoShelf:
    """See `Shelf`. One document a token, in the campaign's database; a write is one compare-and-set by its `_id`."""

    def __init__(self, database: Database[Document]) -> None:
        self._tokens = database.get_collection("wechat_tokens")

    def load(self, name: str) -> Kept:
        try:
            found = self._tokens.find_one({"_id": name}, {"_id": 0})
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
        return Kept() if found is None else Kept(**{each: found[each] for each in Kept.__slots__})

    def swap(self, name: str, fresh: Kept, *, fence: int) -> bool:
        document: dict[str, Any] = {each: getattr(fresh, each) for each in Kept.__slots__}
        try:
            if fence == 0:
                self._tokens.insert_one({"_id": name, **document})
                return True
            return self._tokens.replace_one({"_id": name, "fence": fence}, document).matched_count == 1
        except DuplicateKeyError:
            return False
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
