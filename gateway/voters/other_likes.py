"""A like that comes by another way than `POST …/like`: by text message, or by a plain form.

Promises: the same admission, order, positions and refusals as on the hot path (`voter.py`); a form needs its ticket, a
message needs none, since WeChat's servers brought it. Neither can solve a challenge: where one would be asked the like
is taken as pending. Raises Problem.
"""

from starlette.requests import Request

from gateway.admission.devices import device_of
from gateway.admission.turnstile import UNSOLVED, Passed, Presented
from gateway.backends.ports import LikeAnswer
from gateway.http.problems import Problem
from gateway.http.sessions import Session
from gateway.routing.context import AppContext
from gateway.voters.likes import answered, undone
from gateway.wechat.signature import WINDOW_S

CHAT = b"MicroMessenger chat"


async def by_text(app: AppContext, session: Session, number: str, *, created_s: int) -> LikeAnswer:
    """The writer's answer to a like by a message of this CreateTime."""
    entry = _entry(app, number)
    rehearsal = app.views.data("campaign").get("rehearsal")
    at = app.views.moment() if rehearsal else said_at(created_s, now_ms=app.wall())
    passed = app.turnstile.weigh(session, "like", Presented(solution=UNSOLVED, agent=CHAT))
    return answered(await _ordered(app, session, entry, "like", at=at, passed=passed))


async def by_form(
    app: AppContext, session: Session, number: str, action: str, *, at: int, request: Request, ticket: str
) -> LikeAnswer:
    """The writer's answer to a form's like or unlike."""
    entry = _entry(app, number)
    headers = dict(request.scope["headers"])
    presented = Presented(
        ticket,
        UNSOLVED,
        request.client.host if request.client else "",
        headers.get(b"user-agent", b""),
        headers.get(b"sec-fetch-site", b"").decode("latin-1"),
        device_of(headers, request.url.scheme),
    )
    passed = app.turnstile.let_in(session, entry, action, presented)
    answer: LikeAnswer = {"status": "away"}
    try:
        answer = await _ordered(app, session, entry, action, at=at, passed=passed)
    finally:
        if undone(answer):
            app.turnstile.give_back(passed)
    return answered(answer)


async def shown(app: AppContext, session: Session, *, at: int) -> LikeAnswer:
    """Today's likes of a voter."""
    app.asking.refuse_if_often("likes", session.sub)
    seen = app.views.positions(app.folded_logs.followed_by_writers)
    return answered(await app.likes.order(session.sub, "", "show", at=at, door=session.door, signals={}, seen=seen))


def ticket_for(app: AppContext, session: Session, number: str) -> str:
    """A ticket for one form of this voter; empty for an entry that is not shown."""
    entry = app.views.entry(number)
    return "" if entry is None else app.turnstile.tickets.issue(session.sub, count=1, entry=entry)[0]


def _entry(app: AppContext, number: str) -> str:
    entry = app.views.entry(number)
    if entry is None:
        raise Problem("entry-unknown", field="entry")
    return entry


async def _ordered(
    app: AppContext, session: Session, entry: str, action: str, *, at: int, passed: Passed
) -> LikeAnswer:
    return await app.likes.order(
        session.sub, entry, action, at=at, door=session.door, signals=passed.signals,
        seen=app.views.positions(app.folded_logs.followed_by_writers), held=passed.held,
    )  # fmt: skip


def said_at(created_s: int, *, now_ms: int) -> int:
    """Return the instant in ms of a like that came by message: when the person sent it, not when we received it.

    WeChat may push one message more than once, and whoever has seen the request may send it again to another gateway,
    which remembers nothing of it (`wechat_pushes.py`). Voting ignores an order that is not newer than the last change
    of its (voter, entry, day). So the order's instant is the message's own CreateTime, and a like that was taken back
    since stays taken back, however often and wherever the push comes again.

    Whole seconds: CreateTime has no more, and the beginning of its second is meant, since the same push must always
    give the same instant. Within one second, a like by text that follows an unlike by web is answered as taken back,
    and counts when it is sent again; the other way about nothing is lost, since the unlike is the newer one. The
    second's end would let a replay undo an unlike of that second.

    Not after now: a message is not newer than what happens now, whatever its clock says; otherwise nobody could unlike
    before that time. While WeChat's clock is d seconds ahead of ours, a replay may undo an unlike that came within d
    seconds of the like.

    Not before `WINDOW_S` ago: an older message counts as of then. That instant moves with each delivery, and does no
    harm: a request is accepted for `WINDOW_S` after its signed timestamp, so it never passes that timestamp, which was
    over before anybody could take the like back.

    Like week begins and ends by this instant: a message sent in its last second counts though it arrives in the first
    second after it, as long as the partition is open (five seconds by default); one sent before it began does not
    count. The same holds for days.

    A rehearsal has a clock of its own, which stands still and does not follow messages: its likes are of the clock's
    instant, and a replay after the clock has moved is a new like.

    Does not promise anything of an account in plain mode, where WeChat signs no CreateTime: whoever can replay such a
    push can write one. Safe mode is the cure.
    """
    return max(now_ms - WINDOW_S * 1000, min(created_s * 1000, now_ms))
