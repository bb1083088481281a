"""Store WeChat's access tokens and JS tickets, each renewed by one owner at a time.

A token is a document that contains a lease. A process that finds a token due for renewal claims the lease by
compare-and-set, which raises the fencing number; only the holder of that number may store WeChat's answer. So of any
number of services only one asks WeChat, a service that slept through its lease overwrites nothing, and a service that
loses the race reads what the other stored.
A token is renewed five minutes before it expires, give or take half a minute: WeChat keeps the old one valid meanwhile.
Promises: `token` returns a token that, as far as we know, WeChat has not revoked, or raises TokenUnavailable in time.
Does not promise: to notice by itself that a token was revoked early. Its user reports that (`stale`).
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
FORCED_APART_MS = 35_000  # WeChat allows a forced renewal every 30 s, and at most 20 a day
COOL_MS = 3_000  # pause of all processes after a failure
AGAIN_S = 0.1
log_ = logger(__name__)


class TokenUnavailable(BaijiaError):
    """There is no valid token of WeChat, and no new token could be fetched in the time left."""


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A stored access token or JS ticket, with the lease of the process that renews it. Times are ms since the epoch.

    `fence` rises with every write, and every write compares it, so that a process with an old lease writes nothing.
    """

    fence: int = 0
    holder: str = ""
    leased_until: int = 0
    token: str = ""
    renew_at: int = 0
    expires: int = 0
    forced_at: int = 0

    def is_valid(self, now: int, stale: str) -> bool:
        """Return whether there is a token that is valid at `now` (ms) and is not `stale`, the refused token."""
        return bool(self.token) and self.token != stale and now < self.expires


@dataclass(frozen=True, slots=True)
class Fetched:
    """A token as WeChat returned it, with its lifetime in seconds."""

    token: str
    lasts_s: int


class TokenStore(Protocol):
    """Store of tokens by name, with compare-and-set. MongoTokenStore implements it."""

    def load(self, name: str) -> StoredToken:
        """Return the token that is stored under a name, or an empty StoredToken if there is none.

        Raise Unreachable if the store does not answer.
        """
        ...

    def swap(self, name: str, fresh: StoredToken, *, fence: int) -> bool:
        """Store the token if the stored fence is still `fence`, and return whether it was stored.

        `fence` 0 means that no token is stored yet. Raise Unreachable if the store does not answer.
        """
        ...


#: Fetches a token from WeChat by its name; `force` asks for a new one although the old one is valid.
#: Raises TokenUnavailable.
Fetch = Callable[[str, bool], Fetched]


class TokenSource:
    """Returns WeChat's tokens from the store, and renews them when they are due. `me` is the name of this process.

    Several processes may run one on the same store: only one of them renews a token at a time.
    """

    def __init__(
        self,
        store: TokenStore,
        fetch: Fetch,
        *,
        me: str,
        now: Callable[[], int] = wall_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store, self._fetch, self._me, self._now, self._sleep = store, fetch, me, now, sleep

    def token(self, name: str, *, stale: str = "", within_s: float = 2.5) -> StoredToken:
        """Return a valid token by its name (`<account>/access` or `<account>/ticket`), renewed if it is due.

        `stale` is the token that WeChat has refused, if any. Raise TokenUnavailable if there is none within `within_s`,
        or Unreachable.
        """
        until = self._now() + int(within_s * 1000)
        while True:
            stored, now = self._store.load(name), self._now()
            if stored.is_valid(now, stale) and now < stored.renew_at:
                return stored
            if stored.leased_until <= now:
                renewed = self._renew(name, stored, now, stale)
                if renewed is not None:
                    return renewed
            elif stored.is_valid(now, stale):
                return stored  # another process renews it, and WeChat keeps this one valid
            elif now >= until:
                raise TokenUnavailable(f"{name}: no process renewed it within {within_s} s")
            self._sleep(AGAIN_S)

    def _renew(self, name: str, stored: StoredToken, now: int, stale: str) -> StoredToken | None:
        """Return the renewed token, or None if another process was faster. Raise TokenUnavailable if WeChat returned
        none.
        """
        force = bool(stale) and stored.token == stale
        if force and now - stored.forced_at < FORCED_APART_MS:
            raise TokenUnavailable(f"{name}: it was force-renewed a moment ago")
        claim = replace(stored, fence=stored.fence + 1, holder=self._me, leased_until=now + LEASE_MS)
        if force:
            claim = replace(claim, forced_at=now)
        if not self._store.swap(name, claim, fence=stored.fence):
            return None
        try:
            fetched = self._fetch(name, force)
        except TokenUnavailable:
            # A short lease without a holder, so that other processes do not at once repeat what just failed.
            cooling = replace(claim, fence=claim.fence + 1, holder="", leased_until=self._now() + COOL_MS)
            self._store.swap(name, cooling, fence=claim.fence)
            if stored.is_valid(self._now(), stale):
                log_.warning("a token was not renewed, the old one stays in use", token_name=name)
                return stored
            raise
        return self._store_fetched(name, claim, fetched)

    def _store_fetched(self, name: str, claim: StoredToken, fetched: Fetched) -> StoredToken | None:
        expires = self._now() + fetched.lasts_s * 1000
        early = EARLY_MS + random.randint(-JITTER_MS, JITTER_MS)
        fresh = replace(
            claim,
            fence=claim.fence + 1,
            holder="",
            leased_until=0,
            token=fetched.token,
            expires=expires,
            # A token with a shorter lifetime is renewed when half of it has passed.
            renew_at=expires - min(early, fetched.lasts_s * 500),
        )
        return fresh if self._store.swap(name, fresh, fence=claim.fence) else None


class MongoTokenStore:
    """Implements TokenStore in the campaign's database: one document per token, and each write is one compare-and-set
    by its `_id` (the token's name) and fence.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._tokens = database.get_collection("wechat_tokens")

    def load(self, name: str) -> StoredToken:
        try:
            found = self._tokens.find_one({"_id": name}, {"_id": 0})
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
        return StoredToken() if found is None else StoredToken(**{each: found[each] for each in StoredToken.__slots__})

    def swap(self, name: str, fresh: StoredToken, *, fence: int) -> bool:
        document: dict[str, Any] = {each: getattr(fresh, each) for each in StoredToken.__slots__}
        try:
            if fence == 0:
                self._tokens.insert_one({"_id": name, **document})
                return True
            return self._tokens.replace_one({"_id": name, "fence": fence}, document).matched_count == 1
        except DuplicateKeyError:
            return False
        except PyMongoError as problem:
            raise Unreachable(error_text(problem)) from problem
