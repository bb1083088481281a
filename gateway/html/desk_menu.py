"""The side bar of the desks: one table of menu lines, with the roles who see each and how much waits there.

Promises: a line is shown to those alone whom its page admits. A count that cannot be read in time is left out, and its
line stays. Does not promise that a count is the newest: counts are read at most every few seconds for all.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, JUDGE, MODERATOR, OPERATOR, ORGANISER, STAFF, RequestContext
from gateway.routing.service_calls import call_service

COUNT_S = 5.0  # for so long a count is shown again
WITHIN_S = 1.0
Count = Callable[[AppContext, RequestContext], Awaitable[int | None]]


@dataclass(frozen=True, slots=True)
class MenuLine:
    """One line of the side bar. `text` is the part of its text's key after `menu.`.

    `waiting` returns how much waits at its page. With `personal`, that is the count of the person who is signed in,
    else it is the same for all.
    """

    path: str
    text: str
    roles: frozenset[str]
    waiting: Count | None = None
    personal: bool = False


async def pending_entries(app: AppContext, context: RequestContext) -> int:
    """Return how many entries wait for a decision of the moderators."""
    return int((await call_service(app, context, "moderation", "queue", {"limit": 1}))["pending"])


async def open_complaints(app: AppContext, context: RequestContext) -> int:
    """Return how many complaints and suggestions wait for an answer."""
    return int((await call_service(app, context, "moderation", "complaints", {"limit": 1}))["open"])


async def other_work(app: AppContext, context: RequestContext) -> int:
    """Return how much waits beside the queue and the complaints."""
    counts = (await call_service(app, context, "moderation", "work", {"limit": 1}))["counts"]
    return sum(int(count) for kind, count in counts.items() if kind != "complaint")


async def entries_to_mark(app: AppContext, context: RequestContext) -> int:
    """Return how many entries the judge who is signed in still has to mark."""
    return int((await call_service(app, context, "scoring", "my_assignments", {}))["left"])


async def open_letters(app: AppContext, context: RequestContext) -> int:
    """Return how many letters wait for an organiser: to be approved, or to be mended."""
    counts = await call_service(app, context, "moderation", "message_counts", {})
    return sum(int(counts[name]) for name in ("proposed", "failed", "unsure", "unaddressed"))


async def open_questions(app: AppContext, context: RequestContext) -> int:
    """Return how many questions of units wait for an answer."""
    return int((await call_service(app, context, "moderation", "open_questions", {}))["open"])


REVIEWERS = frozenset({MODERATOR, ORGANISER})
#: Every desk registers its line here, in the order in which they are shown.
MENU: tuple[MenuLine, ...] = (
    MenuLine("/desk", "overview", STAFF),
    MenuLine("/judge", "judge", frozenset({JUDGE}), entries_to_mark, personal=True),
    MenuLine("/organiser", "organiser", frozenset({ORGANISER, AUDITOR})),
    MenuLine("/organiser/campaign", "campaign", frozenset({ORGANISER})),
    MenuLine("/organiser/roll", "roll", frozenset({ORGANISER, OPERATOR, AUDITOR})),
    MenuLine("/organiser/roll/invitations", "invitations", frozenset({ORGANISER, OPERATOR})),
    MenuLine("/ops", "ops", frozenset({ORGANISER, OPERATOR, AUDITOR})),
    MenuLine("/analysis", "analysis", frozenset({ORGANISER, OPERATOR, AUDITOR})),
    MenuLine("/organiser/changes", "changes", frozenset({ORGANISER, OPERATOR, AUDITOR})),
    MenuLine("/organiser/outage", "outage", frozenset({ORGANISER, OPERATOR, AUDITOR})),
    MenuLine("/desk/moderation", "moderation", REVIEWERS, pending_entries),
    MenuLine("/desk/moderation/work", "work", REVIEWERS, other_work),
    MenuLine("/desk/moderation/complaints", "complaints", REVIEWERS, open_complaints),
    MenuLine("/organiser/questions", "questions", frozenset({ORGANISER}), open_questions),
    MenuLine("/organiser/judging", "judging", frozenset({ORGANISER, AUDITOR})),
    MenuLine("/organiser/messages", "messages", frozenset({ORGANISER, AUDITOR}), open_letters),
    MenuLine("/desk/security", "security", STAFF),
)

#: The lines of a unit's own pages: path and text, as in `MenuLine`.
UNIT_MENU: tuple[tuple[str, str], ...] = (
    ("/unit", "unit"),
    ("/unit/cadres", "cadres"),
    ("/unit/questions", "ask"),
    ("/unit/contact", "contact"),
)


def unit_rows(path: str) -> list[dict[str, Any]]:
    """Return the lines of a unit's menu; `path` is the current page."""
    here = max((each for each, _ in UNIT_MENU if _is_within(path, each)), key=len, default="")
    return [{"path": each, "text": text, "is_current": each == here} for each, text in UNIT_MENU]


async def menu_rows(app: AppContext, context: RequestContext, *, path: str) -> list[dict[str, Any]]:
    """Return the lines that the person who is signed in may see, each with its count; `path` is the current page."""
    roles = context.session.roles if context.session is not None else frozenset[str]()
    lines = [line for line in MENU if line.roles & roles]
    counts = await asyncio.gather(*(_count(app, context, line) for line in lines))
    here = max((line.path for line in lines if _is_within(path, line.path)), key=len, default="")
    return [
        {"path": line.path, "text": line.text, "count": count, "is_current": line.path == here}
        for line, count in zip(lines, counts, strict=True)
    ]


def _is_within(path: str, page: str) -> bool:
    plain = path.partition("?")[0]
    return plain == page or plain.startswith(f"{page}/")


async def _count(app: AppContext, context: RequestContext, line: MenuLine) -> int | None:
    if line.waiting is None:
        return None
    key, now = (line.path, context.actor if line.personal else ""), time.monotonic()
    known = app.desk_counts.get(key)
    if known is not None and now - known[0] < COUNT_S:
        return known[1]
    try:
        async with asyncio.timeout(WITHIN_S):
            count = await line.waiting(app, context)
    except (Problem, TimeoutError):
        count = None
    app.desk_counts[key] = (now, count)
    return count
