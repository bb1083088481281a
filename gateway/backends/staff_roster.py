"""Current roles and names of the staff: a dismissal takes effect before the session's token expires, and pages say who
did something.

A token names the roles that a person had at sign-in; moderation's list of staff names the present ones.

Promises: dismissed staff lose their roles within `FRESH_S`. While moderation is away the last list counts, or the
token's roles if no list was ever read: moderation accepts no command then anyway.
"""

import time
from collections.abc import Callable

from gateway.backends.ports import ServiceAway, ServiceBroken, ServiceLate, Services
from gateway.http.sessions import Session
from shared.logs import logger
from shared.stamps import wall_ms

FRESH_S = 15.0
UNKNOWN_FRESH_S = 1.0  # how soon to refresh for a name that is not in the list, which may be new
DEADLINE_MS = 3_000
log_ = logger(__name__)


class Roster:
    """Moderation's list of staff with their roles, cached for `FRESH_S`, or shorter for a name that is not in it."""

    def __init__(self, services: Services, *, now: Callable[[], float] = time.monotonic) -> None:
        self._services, self._now = services, now
        self._roles: dict[str, frozenset[str]] | None = None
        self._names: dict[str, str] = {}
        self._without_second_factor: frozenset[str] = frozenset()
        self._judges: frozenset[str] = frozenset()
        self._refreshed_s = float("-inf")

    async def current_roles(self, session: Session) -> frozenset[str]:
        """Return the session's roles without those that moderation no longer lists for the person.

        So a dismissal takes effect although the token still names the roles. The roles of voters and units never
        change. If the list was never read, the session's own roles are returned.
        """
        if session.kind != "staff":
            return session.roles
        is_listed = self._roles is not None and session.sub in self._roles
        if self._now() - self._refreshed_s > (FRESH_S if is_listed else UNKNOWN_FRESH_S):
            await self._refresh()
        return session.roles if self._roles is None else session.roles & self._roles.get(session.sub, frozenset())

    def update(self, staff: str, roles: frozenset[str]) -> None:
        """Set the roles of one person in the cached list, because a command has just changed them."""
        if self._roles is not None:
            self._roles[staff] = roles

    def must_add_authenticator(self, session: Session) -> bool:
        """Return whether the campaign asks for an authenticator that this member of staff does not have yet."""
        return session.kind == "staff" and session.sub in self._without_second_factor

    def name_of(self, staff: str) -> str:
        """Return the name of a member of staff by account, or the account itself if the last list did not name it."""
        return self._names.get(staff) or staff

    def was_judge(self, session: Session) -> bool:
        """Return whether a member of staff is or was a judge, by the list as it was last read."""
        return session.kind == "staff" and session.sub in self._judges

    def read_again(self) -> None:
        """Read the list anew at the next request, because a command has just changed it."""
        self._refreshed_s = float("-inf")

    async def _refresh(self) -> None:
        self._refreshed_s = self._now()
        now = wall_ms()
        call = {
            "id": f"roster-{now}",
            "actor": "gateway",
            "roles": ["operator"],
            "correlation": "roster",
            "causation": "",
            "deadline": now + DEADLINE_MS,
            "at": now,
            "seen": {},
            "at_least": {},
            "body": {},
        }
        try:
            answer = await self._services.call("moderation", "staff", call)
            people = answer["ok"]["staff"]
            self._roles = {each["staff"]: frozenset(each["roles"]) for each in people}
            self._names = {each["staff"]: str(each.get("name") or "") for each in people}
            self._judges = frozenset(each["staff"] for each in people if each.get("was_judge"))
            self._without_second_factor = frozenset(
                each["staff"] for each in people if each.get("must_add_authenticator")
            )
        except (ServiceAway, ServiceLate, ServiceBroken, KeyError) as problem:
            log_.warning("the list of staff could not be read", problem=repr(problem))
