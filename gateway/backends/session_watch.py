"""Whether a session that a token proves still stands: sign-out, a new password and two idle hours end it early.

The services store the sessions of staff and units; of voters they store only the sessions that ended.

Promises: a session that this process ended is refused at once, and one that ended elsewhere within `FRESH_S`. While
the service is away, the last answer counts; a session that was never asked about counts as standing, since such a
service accepts no command either.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from gateway.backends.ports import ServiceAway, ServiceBroken, ServiceLate, Services
from gateway.http.problems import Problem
from gateway.http.sessions import Session, Sessions
from shared.logs import logger
from shared.stamps import wall_ms

FRESH_S = 15.0
DEADLINE_MS = 3_000
KNOWN = 20_000  # sessions of staff and units whose state is cached
SERVICE = {"staff": "moderation", "unit": "submission", "voter": "voting"}  # which stores the sessions of whom
log_ = logger(__name__)


class SessionWatch:
    """Ask the services whether sessions stand, and remember the answers for `FRESH_S`."""

    def __init__(self, services: Services, sessions: Sessions, *, now: Callable[[], float] = time.monotonic) -> None:
        self._services, self._sessions, self._now = services, sessions, now
        self._asked: OrderedDict[str, float] = OrderedDict()  # sessions that stood when a service was last asked

    async def refuse_if_ended(self, session: Session) -> None:
        """Raise Problem `session-ended` if the session of a member of staff or a unit does not stand any more."""
        if session.kind == "voter":  # refused by `Sessions.read` already
            return
        if self._now() - self._asked.get(session.id, float("-inf")) <= FRESH_S:
            return
        answer = await self._call(SERVICE[session.kind], "use_session", {"session": session.id})
        if answer is not None and answer.get("refused", {}).get("code") == "session-ended":
            self._sessions.end(session)
            raise Problem("session-ended")
        self._asked[session.id] = self._now()
        self._asked.move_to_end(session.id)
        while len(self._asked) > KNOWN:
            self._asked.popitem(last=False)

    def ask_again(self) -> None:
        """Ask about every session anew at its next request, because credentials have just changed."""
        self._asked.clear()

    async def end(self, session: Session) -> None:
        """End a session: at once in this process, and in the others within `FRESH_S`.

        Raise Problem `service-away` if the service does not answer: then the session has ended in this process alone.
        """
        self._sessions.end(session)
        service = SERVICE[session.kind]
        facts = {"expires": session.expires} if session.kind == "voter" else {}
        actor = None if session.kind == "voter" else session
        if await self._call(service, "end_session", {"session": session.id, **facts}, actor) is None:
            raise Problem("service-away", facts={"service": service})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Read every `FRESH_S`, while the context is entered, which voters' sessions have ended."""
        task = asyncio.create_task(self._run(), name="ended sessions")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            await self.read_ended()
            await asyncio.sleep(FRESH_S)

    async def read_ended(self) -> None:
        """Read which voters' sessions have ended, and refuse them from now on."""
        answer = await self._call(SERVICE["voter"], "ended_sessions", {})
        for name, expires in (answer or {}).get("ok", {}).get("sessions", {}).items():
            self._sessions.end_by_id(name, expires=expires)

    async def _call(
        self, service: str, method: str, body: Mapping[str, Any], actor: Session | None = None
    ) -> dict[str, Any] | None:
        """Call a service as the gateway or as `actor`, and return its answer, or None if there is none."""
        now = wall_ms()
        call = {
            "id": f"session-{now}",
            "actor": "gateway" if actor is None else actor.sub,
            "roles": ["operator"] if actor is None else sorted(actor.roles),
            "correlation": "session",
            "causation": "",
            "deadline": now + DEADLINE_MS,
            "at": now,
            "seen": {},
            "at_least": {},
            "body": body,
        }
        try:
            answer: dict[str, Any] = await self._services.call(service, method, call)
        except (ServiceAway, ServiceLate, ServiceBroken) as problem:
            log_.warning("the state of sessions could not be read", service=service, problem=repr(problem))
            return None
        return None if answer.get("refused", {}).get("code") in ("overdue", "stopped") else answer
