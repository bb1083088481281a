"""Likes by text message and by plain form: every like that does not come through the API `POST …/like`.

Promises: the same admission, order, log positions and refusals as on the hot path (`likes.py`). A form needs its like
ticket; a message needs none, since WeChat's servers delivered it. Neither can solve a challenge: where one would be
demanded, the like is taken as pending. The functions raise Problem.
"""

from collections.abc import Mapping

from starlette.requests import Request

from gateway.admission.devices import device_of
from gateway.admission.turnstile import UNSOLVED, AdmittedOrder, Evidence
from gateway.backends.ports import LikeAnswer
from gateway.http.sessions import Session
from gateway.routing.context import AppContext
from gateway.voters.likes import check_answer, is_undecided, ordered_entry
from gateway.wechat.signature import WINDOW_S

CHAT_AGENT = b"MicroMessenger chat"


async def like_by_text(app: AppContext, session: Session, number: str, *, created_s: int) -> LikeAnswer:
    """Send the like of a text message for the entry with this poster number, and return the writer's answer.

    `created_s` is the CreateTime that WeChat gives the message, in seconds. Raises Problem.
    """
    entry = ordered_entry(app, number, None)
    rehearsal = app.views.data("campaign").get("rehearsal")
    at = app.views.campaign_time() if rehearsal else message_instant(created_s, now_ms=app.wall())
    passed = app.turnstile.admit_without_ticket(session, "like", Evidence(solution=UNSOLVED, agent=CHAT_AGENT))
    return check_answer(await send_order(app, session, entry, "like", at=at, passed=passed))


async def order_by_form(
    app: AppContext, session: Session, number: str, form: Mapping[str, str], *, at: int, request: Request
) -> LikeAnswer:
    """Send the like or unlike that the fields of a plain form say for this entry, and return the writer's answer.

    The fields are `do`, `ticket` and, of an unlike, `receipt`.

    The like ticket can be used again if the order was not decided.
    """
    action = action_of(form)
    receipt = form.get("receipt") or None if action == "unlike" else None
    entry = ordered_entry(app, number, receipt)
    headers = dict(request.scope["headers"])
    presented = Evidence(
        form.get("ticket", ""),
        UNSOLVED,
        request.client.host if request.client else "",
        headers.get(b"user-agent", b""),
        headers.get(b"sec-fetch-site", b"").decode("latin-1"),
        device_of(headers, request.scope["scheme"]),
    )
    passed = app.turnstile.admit(session, entry, action, presented)
    answer: LikeAnswer = {"status": "away"}
    try:
        answer = await send_order(app, session, entry, action, at=at, passed=passed, receipt=receipt)
    finally:
        if is_undecided(answer):
            app.turnstile.release(passed)
    return check_answer(answer)


async def like_after_sign_in(
    app: AppContext, session: Session, number: str, *, at: int, request: Request
) -> LikeAnswer:
    """Send the like of a person who tapped a like button and was signed in on the way; return the writer's answer.

    The tap was on a page of ours (`wechat/tap.py`), and stands for the like ticket. Raise Problem, also
    `challenge-needed`: then the page of the entry, whose script can solve the challenge, sends the like.
    """
    entry = ordered_entry(app, number, None)
    headers = dict(request.scope["headers"])
    evidence = Evidence(
        client=request.client.host if request.client else "",
        agent=headers.get(b"user-agent", b""),
        site="same-origin",
        device=device_of(headers, request.scope["scheme"]),
    )
    passed = app.turnstile.admit_without_ticket(session, "like", evidence)
    return check_answer(await send_order(app, session, entry, "like", at=at, passed=passed))


def action_of(form: Mapping[str, str]) -> str:
    """Return the order that the fields of a form say: like or unlike."""
    return "unlike" if form.get("do") == "unlike" else "like"


async def todays_likes(app: AppContext, session: Session, *, at: int) -> LikeAnswer:
    """Return the voter's likes of today, which are read in sequence with the voter's orders. Raises Problem."""
    app.rate_limits.refuse_if_often("likes", session.sub)
    seen = app.views.positions(app.folded_logs.followed_by_writers)
    return check_answer(await app.likes.order(session.sub, "", "show", at=at, door=session.door, signals={}, seen=seen))


def issue_like_ticket(app: AppContext, session: Session, number: str) -> str:
    """Return a like ticket for a form by which this voter can like or unlike an entry, by id or poster number."""
    return app.turnstile.tickets.issue(session.sub, count=1, entry=app.views.entry(number) or number)[0]


async def send_order(
    app: AppContext,
    session: Session,
    entry: str,
    action: str,
    *,
    at: int,
    passed: AdmittedOrder,
    receipt: str | None = None,
) -> LikeAnswer:
    """Send an order that was admitted, and return the writer's answer."""
    return await app.likes.order(
        session.sub, entry, action, at=at, door=session.door, signals=passed.signals,
        seen=app.views.positions(app.folded_logs.followed_by_writers), held=passed.held,
        receipt=receipt,
    )  # fmt: skip


def message_instant(created_s: int, *, now_ms: int) -> int:
    """Return the instant in ms of a like that came by message: when the person sent it, not when we received it.

    WeChat may push one message more than once, and anyone who has seen the request may send it again to another
    gateway, which does not remember it (`wechat_pushes.py`). Voting ignores an order that is not newer than the last
    change of its (voter, entry, day). So the order's instant is the message's own CreateTime, and a like that was taken
    back since stays taken back, however often and wherever the push arrives again.

    The instant is the beginning of the second: CreateTime has whole seconds only, and the same push must always give
    the same instant. Within one second, a like by text that follows an unlike on the web is answered as taken back, and
    counts when it is sent again; in the opposite order nothing is lost, since the unlike is the newer one. The end of
    the second would let a replay undo an unlike of that second.

    The instant is never after now, whatever WeChat's clock says; otherwise nobody could unlike before that time. While
    WeChat's clock is d seconds ahead of ours, a replay may undo an unlike that came within d seconds of the like.

    The instant is never more than `WINDOW_S` ago: an older message counts as of then. That bound moves with each
    delivery, which does no harm: a request is accepted for `WINDOW_S` after its signed timestamp, so the bound never
    passes that timestamp, which was over before anybody could take the like back.

    Like week begins and ends by this instant: a message sent in its last second counts though it arrives in the first
    second after it, as long as the partition is open (five seconds by default); one sent before like week began does
    not count. The same holds for days.

    A rehearsal has a clock of its own, which stands still and does not follow messages: its likes have the clock's
    instant, and a replay after the clock has moved is a new like.

    Does not promise anything for an account in plain mode, where WeChat does not sign CreateTime: anyone who can replay
    such a push can also forge one. Safe mode prevents this.
    """
    return max(now_ms - WINDOW_S * 1000, min(created_s * 1000, now_ms))
