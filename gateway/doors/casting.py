"""A like that comes by another way than `POST …/like`: by text message, or by a plain form.

Promises: the same admission, order, positions and refusals as on the hot path (`voter.py`); a form needs its ticket, a
message needs none, since WeChat's servers brought it. Neither can solve a challenge: where one would be asked the like
is taken as pending. Raises Problem.
"""

from starlette.requests import Request

from gateway.admission.devices import device_of
from gateway.admission.turnstile import UNSOLVED, Passed, Presented
from gateway.doors.said_at import said_at
from gateway.gate import Gate
from gateway.ports import LikeAnswer
from gateway.problems import Problem
from gateway.sessions import Session
from gateway.voter import answered, undone

CHAT = b"MicroMessenger chat"


async def by_text(gate: Gate, session: Session, number: str, *, created_s: int) -> LikeAnswer:
    """The writer's answer to a like by a message of this CreateTime."""
    entry = _entry(gate, number)
    rehearsal = gate.views.data("campaign").get("rehearsal")
    at = gate.views.moment() if rehearsal else said_at(created_s, now_ms=gate.wall())
    passed = gate.turnstile.weigh(session, "like", Presented(solution=UNSOLVED, agent=CHAT))
    return answered(await _ordered(gate, session, entry, "like", at=at, passed=passed))


async def by_form(
    gate: Gate, session: Session, number: str, action: str, *, at: int, request: Request, ticket: str
) -> LikeAnswer:
    """The writer's answer to a form's like or unlike."""
    entry = _entry(gate, number)
    headers = dict(request.scope["headers"])
    presented = Presented(
        ticket,
        UNSOLVED,
        request.client.host if request.client else "",
        headers.get(b"user-agent", b""),
        headers.get(b"sec-fetch-site", b"").decode("latin-1"),
        device_of(headers, request.url.scheme),
    )
    passed = gate.turnstile.let_in(session, entry, action, presented)
    answer: LikeAnswer = {"status": "away"}
    try:
        answer = await _ordered(gate, session, entry, action, at=at, passed=passed)
    finally:
        if undone(answer):
            gate.turnstile.give_back(passed)
    return answered(answer)


async def shown(gate: Gate, session: Session, *, at: int) -> LikeAnswer:
    """Today's likes of a voter."""
    gate.asking.refuse_if_often("likes", session.sub)
    seen = gate.views.positions(gate.folded.followed_by_writers)
    return answered(await gate.likes.order(session.sub, "", "show", at=at, door=session.door, signals={}, seen=seen))


def ticket_for(gate: Gate, session: Session, number: str) -> str:
    """A ticket for one form of this voter; empty for an entry that is not shown."""
    entry = gate.views.entry(number)
    return "" if entry is None else gate.turnstile.tickets.issue(session.sub, count=1, entry=entry)[0]


def _entry(gate: Gate, number: str) -> str:
    entry = gate.views.entry(number)
    if entry is None:
        raise Problem("entry-unknown", field="entry")
    return entry


async def _ordered(gate: Gate, session: Session, entry: str, action: str, *, at: int, passed: Passed) -> LikeAnswer:
    return await gate.likes.order(
        session.sub, entry, action, at=at, door=session.door, signals=passed.signals,
        seen=gate.views.positions(gate.folded.followed_by_writers), held=passed.held,
    )  # fmt: skip
