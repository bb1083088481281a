"""Like batches on the wire: what gateways send to a partition's queue, and what comes back.

    batch   {"v": 1, "seen": {"moderation": 12, "submission": 90},
             "orders": [{"id", "voter", "entry", "do", "at", "door", "signals"}, …]}
    answers {"v": 1, "answers": [{"status", …}, …]}, in the order of the batch

BSON, like commits. `do` is like, unlike or show; `seen` are the positions, in the logs that voting
follows, that the gateway judged by; others are passed over.
`status` is counted, pending, already, gone, shown or refused (with `code` and `detail`).
"""

from collections.abc import Sequence
from typing import Any

import bson
from bson.errors import BSONError

from services.voting.domain import CastLike, ClosePoll, Command, Polls, RetractLike, ShowLikes
from services.voting.receipts import receipt
from shared.decider import Order, Outcome
from shared.events import Sealed

DESK_LOG = "moderation"
FOLLOWED = (DESK_LOG, "submission")
LAST_MS = 32_503_680_000_000  # the year 3000
#: The answer to an order whose gateway has a clock that runs far ahead of the writer's. Nothing is decided.
CLOCK_AHEAD = {"status": "refused", "code": "clock-ahead", "detail": {}}


def queue_name(campaign: str, partition: int) -> str:
    return f"{campaign}.vote.{partition}"


def read_batch(body: bytes) -> list[Order]:
    """The orders of a batch. Raises ValueError where it is not one: nothing in it is decided then."""
    try:
        batch = bson.decode(body)
        seen = tuple((log, _position(batch["seen"], log)) for log in FOLLOWED)
        return [Order(str(each["id"]), _text(each, "voter"), _command(each), seen=seen) for each in batch["orders"]]
    except (BSONError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(repr(problem)) from problem


def _command(order: dict[str, Any]) -> Command:
    voter, at = order["voter"], order["at"]
    if not isinstance(at, int) or not 0 <= at <= LAST_MS:
        raise ValueError(f"{at!r} is no instant")
    at = int(
        at
    )  # BSON's own integer is another class, and a column of those is spelled value by value: six times the time
    match order["do"]:
        case "like":
            held = order.get("held")
            if held is not None and not isinstance(held, str):
                raise ValueError(f"held: {held!r} is no reason")
            sealed = Sealed(_text(order, "signals"))
            return CastLike(voter, _text(order, "entry"), at, _text(order, "door"), held, sealed)
        case "unlike":
            return RetractLike(voter, _text(order, "entry"), at)
        case "show":
            return ShowLikes(voter, at)
        case other:
            raise ValueError(f"{other!r} is no like order")


def _position(seen: dict[str, Any], log: str) -> int:
    n = seen.get(log, 0)
    if not isinstance(n, int) or n < 0:
        raise ValueError(f"{log}: {n!r} is no position")
    return n


def _text(order: dict[str, Any], name: str) -> str:
    value = order[name]
    if not isinstance(value, str):
        raise ValueError(f"{name}: {value!r} is no text")
    return value


def write_answers(answers: Sequence[dict[str, Any]]) -> bytes:
    return bson.encode({"v": 1, "answers": list(answers)})


def answer(command: Command, outcome: Outcome, polls: Polls, key: bytes) -> dict[str, Any]:
    """What the voter is told, read off the outcome and the state that it left."""
    if outcome.refused is not None:
        return {"status": "refused", "code": outcome.refused.code, "detail": outcome.refused.detail}
    match command:
        case CastLike():
            return _of_like(command, outcome, polls, key)
        case RetractLike():
            return {"status": "gone", "remaining": _remaining(polls, command.voter, command.at)}
        case ShowLikes():
            return _shown(command, polls, key)
        case ClosePoll():
            return {"status": "closed"}


def _of_like(command: CastLike, outcome: Outcome, polls: Polls, key: bytes) -> dict[str, Any]:
    remaining = _remaining(polls, command.voter, command.at)
    if outcome.events:
        status = "pending" if command.held is not None else "counted"
        return {"status": status, "receipt": receipt(key, outcome.addresses[0]), "remaining": remaining}
    last = polls.last_change(command.voter, command.entry, _day(polls, command.at))
    if last is None or last.like is None:
        return {"status": "gone", "remaining": remaining}  # overtaken by a later unlike
    return {"status": "already", "receipt": receipt(key, last.like), "remaining": remaining}


def _shown(command: ShowLikes, polls: Polls, key: bytes) -> dict[str, Any]:
    standing = polls.standing(command.voter, _day(polls, command.at))
    likes = [
        {
            "entry": each.entry,
            "at": each.at,
            "status": "pending" if each.held else "counted",
            "receipt": receipt(key, each.like or ""),
        }
        for each in standing
    ]
    return {"status": "shown", "likes": likes, "remaining": _remaining(polls, command.voter, command.at)}


def _remaining(polls: Polls, voter: str, at: int) -> int:
    if polls.campaign is None:
        return 0
    return max(0, polls.campaign.likes.per_day - len(polls.standing(voter, _day(polls, at))))


def _day(polls: Polls, at: int) -> str:
    return "" if polls.campaign is None else polls.campaign.day_of(at)
