"""A like that comes by another way than `POST …/like`: by text message, or by a plain form.

Promises: the same order, positions and refusals as on the hot path (`voter.py`). Raises Problem.
"""

from typing import Any

from gateway.calls import FOLDS
from gateway.gate import Gate
from gateway.ports import LikeAnswer
from gateway.problems import Problem
from gateway.sessions import Session
from shared import metrics


async def order(
    gate: Gate, session: Session, number: str, action: str, *, at: int, signals: dict[str, Any]
) -> LikeAnswer:
    """The writer's answer to a like or an unlike of an entry, by its number or id."""
    entry = gate.views.entry(number)
    if entry is None:
        raise Problem("entry-unknown", field="entry")
    seen = gate.views.positions(FOLDS["voting"])
    return said(
        await gate.likes.order(session.sub, entry, action, at=at, door=session.door, signals=signals, seen=seen)
    )


async def shown(gate: Gate, session: Session, *, at: int) -> LikeAnswer:
    """Today's likes of a voter."""
    seen = gate.views.positions(FOLDS["voting"])
    return said(await gate.likes.order(session.sub, "", "show", at=at, door=session.door, signals={}, seen=seen))


def said(answer: LikeAnswer) -> LikeAnswer:
    """The answer, or its Problem."""
    metrics.LIKES.labels(answer["status"]).inc()
    match answer["status"]:
        case "refused":
            raise Problem(answer["code"], facts=answer.get("detail"))
        case "busy":
            raise Problem("busy")
        case "away":
            raise Problem("like-away")
    return answer
