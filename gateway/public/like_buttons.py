"""Like buttons that know their state: how this visitor can like, what was liked today, and what is left.

The state comes from the vote writers, in sequence with the voter's own orders, so a page that is loaded right after a
like is right. Pages of many entries are cached for all visitors alike with marks in them, and `fill` puts one voter's
state and like ticket in their place.

Promises: nothing of one visitor is ever in a cached page. Without an answer in time the page says that the state is not
known, and the buttons work all the same.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response

from gateway.admission import devices
from gateway.http import cookies
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.view_responses import likes_per_type
from gateway.wechat import tap

STATE_S = 1.0  # the longest that a page waits for its visitor's state
FORM, WECHAT, CODE, PHONE, NOWHERE = "form", "wechat", "code", "phone", "nowhere"
#: Marks in a cached page: the like ticket, the proof of a tap, and, for each entry, the place of its state.
TICKET_MARK, TAP_MARK = b"-like-ticket-", b"-like-tap-"
_STATE_MARK = re.compile(rb' data-number="([^"]{1,80})"')
_MOBILE = re.compile(r"Mobile|Android|iPhone|HarmonyOS", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LikeState:
    """A voter's likes of today by entry, each with `receipt`, `status` and `at`, and how many are left."""

    likes: Mapping[str, Mapping[str, Any]]
    remaining: int


def visitor_method(app: AppContext, context: RequestContext) -> str:
    """Return how this visitor can like while likes are open.

    `form` is for a signed-in voter, `wechat` for a link to WeChat sign-in, `code` for a QR code to scan with a phone,
    `phone` for a phone that is not inside WeChat and must get there, `nowhere` where no WeChat accounts are configured.
    """
    if context.is_voter:
        return FORM
    if app.wechat is None:
        return NOWHERE
    agent = context.request.headers.get("user-agent", "")
    if "MicroMessenger" in agent:
        return WECHAT
    return PHONE if _MOBILE.search(agent) else CODE


async def like_state(app: AppContext, context: RequestContext) -> LikeState | None:
    """Return what the signed-in voter has liked today and what is left; None if it cannot be known in time.

    While likes themselves are queued without waiting for their outcome, the writers are not asked.
    """
    assert context.session is not None  # only of voters
    if app.shedding.queue_only:
        return None
    seen = app.views.positions(app.folded_logs.followed_by_writers)
    voter = context.session.sub
    try:
        app.rate_limits.refuse_if_often("like-state", voter)
        asked = app.likes.order(voter, "", "show", at=context.at, door=context.session.door, signals={}, seen=seen)
        answer = await asyncio.wait_for(asked, STATE_S)
    except (Problem, TimeoutError):
        return None
    if answer["status"] != "shown":
        return None
    return LikeState({each["entry"]: each for each in answer["likes"]}, answer["remaining"])


def left_of_type(app: AppContext, state: LikeState, kind: str) -> int | None:
    """Return how many more entries of a unit type the voter may like today; None if types have no limit."""
    limit, visible = likes_per_type(app), app.views.data("entries").get("entries", {})
    if not limit:
        return None
    used = Counter(visible[entry]["type"] for entry in state.likes if entry in visible)
    return max(0, min(limit - used[kind], state.remaining))


def own_url(app: AppContext, context: RequestContext, path: str) -> str:
    """Return the URL of a page for this visitor to copy: at the public address, else where the visitor is now."""
    return (app.settings.public_url or str(context.request.base_url).rstrip("/")) + path


def issue_tap(app: AppContext, context: RequestContext) -> tuple[str, str]:
    """Return the proof that a tap comes from this browser's own page, and the value of the cookie that it needs."""
    browser = cookies.value_of(context.request, cookies.OAUTH) or cookies.new_value()
    return tap.make_tap(app.keys.session, browser, now_s=app.wall() // 1000), browser


async def filler(app: AppContext, context: RequestContext, method: str) -> tuple[Callable[[bytes], bytes] | None, str]:
    """Return what puts this visitor's state into a cached page of many entries, and the value of the cookie for a tap.

    Return None for a visitor whose page is like everybody's.
    """
    if method == WECHAT:
        proof, browser = issue_tap(app, context)
        return partial(fill, proof=proof), browser
    if method != FORM:
        return None, ""
    state, visible = await like_state(app, context), app.views.data("entries").get("entries", {})
    ticket = app.turnstile.tickets.issue(context.actor)[0]
    numbers = {visible[entry]["number"] for entry in state.likes if entry in visible} if state else set()
    return partial(fill, ticket=ticket, liked=numbers), ""


def set_cookies(context: RequestContext, response: Response, method: str, browser: str) -> None:
    """Set the cookies that the like buttons of a page need: of a tap (`browser`, from `filler`), and of the device."""
    if browser:
        cookies.set_cookie(context.request, response, cookies.OAUTH, browser, life_s=None)
    if method == FORM:
        devices.set_device_cookie(context.request, response)


def fill(body: bytes, *, ticket: str = "", proof: str = "", liked: Collection[str] = ()) -> bytes:
    """Put one visitor's like ticket, proof of a tap, and the numbers of the liked entries into a cached page."""
    body = body.replace(TICKET_MARK, ticket.encode()).replace(TAP_MARK, proof.encode())
    if not liked:
        return body
    return _STATE_MARK.sub(lambda found: found[0] + (b" data-liked" if found[1].decode() in liked else b""), body)
