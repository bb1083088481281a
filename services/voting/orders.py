"""Like batches on the wire: what gateways send to a partition's queue, and what comes back.

    batch   {"v": 1, "seen": {"moderation": 12, "submission": 90},
             "orders": {"id": […], "voter": […], "entry": […], "do": […], "at": […], "door": […], "held": […],
                        "signals": […]}}
    answers {"v": 1, "answers": [{"status", …}, …]}, in the order of the batch

BSON, like commits, and the orders as columns, like their events: rows take three times as long to read.
`do` is like, unlike or show; `held` is a text or null; `seen` are the positions, in the logs that voting follows, that
the gateway judged by; others are passed over.
`status` is counted, pending, already, gone, shown or refused (with `code` and `detail`).

Promises: an order that cannot be read takes none of its batch with it: the others are decided, and it is refused as
`order-unreadable`. What has no such columns at all, or no positions, is no batch: nothing in it can be told apart.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import bson
from bson.errors import BSONError
from bson.int64 import Int64

from services.voting.domain import (
    CastLike,
    ClosePoll,
    Command,
    RetractLike,
    ShowLikes,
)
from services.voting.followed_logs import FOLLOWED_BY_WRITERS
from services.voting.receipts import receipt
from services.voting.state import VotingState
from shared.decider import Order, Outcome
from shared.events import Sealed

DESK_LOG = "moderation"
COLUMNS = ("id", "voter", "entry", "do", "at", "door", "held", "signals")
LAST_MS = 32_503_680_000_000  # the year 3000
#: The answer to an order whose gateway has a clock that runs far ahead of the writer's. Nothing is decided.
CLOCK_AHEAD = {"status": "refused", "code": "clock-ahead", "detail": {}}
#: The answer to an order that cannot be read: a gateway of another version, or a broken one. Nothing is decided.
UNREADABLE = {"status": "refused", "code": "order-unreadable", "detail": {}}

_TEXT = frozenset({str})
_TEXT_OR_NONE = frozenset({str, type(None)})
_INTEGER = frozenset({int, Int64})
_UNREAD = (ValueError, KeyError)


def queue_name(campaign: str, partition: int) -> str:
    return f"{campaign}.vote.{partition}"


def dead_name(campaign: str) -> str:
    """The queue of what was no batch."""
    return f"{campaign}.vote.dead"


def read_batch(body: bytes) -> list[Order | None]:
    """The orders of a batch, None for each that cannot be read. Raises ValueError where it is no batch."""
    try:
        batch = bson.decode(body)
        seen = tuple((log, _position(batch["seen"], log)) for log in FOLLOWED_BY_WRITERS)
        columns = [batch["orders"][name] for name in COLUMNS]
        if {list} != set(map(type, columns)) or len(set(map(len, columns))) != 1:
            raise ValueError("the orders are no columns of one length")
    except (BSONError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(repr(problem)) from problem
    try:
        return list(_read(columns, seen))
    except _UNREAD:  # which is asked only now: one by one takes several times as long
        return [_alone(row, seen) for row in zip(*columns, strict=True)]


def _read(columns: Sequence[list[Any]], seen: tuple[tuple[str, int], ...]) -> list[Order]:
    """The orders in these columns. Raises one of _UNREAD where one of them is none."""
    ids, voters, entries, deeds, times, doors, held, signals = columns
    _insist(_TEXT, ids, voters, entries, deeds, doors, signals)
    _insist(_TEXT_OR_NONE, held)
    rows = zip(deeds, voters, entries, _instants(times), doors, held, signals, strict=True)
    commands = [_COMMANDS[do](*rest) for do, *rest in rows]
    return [Order(*each, seen=seen) for each in zip(ids, voters, commands, strict=True)]


def _alone(row: Sequence[Any], seen: tuple[tuple[str, int], ...]) -> Order | None:
    try:
        return _read([[value] for value in row], seen)[0]
    except _UNREAD:
        return None


def _cast(voter: str, entry: str, at: int, door: str, held: str | None, signals: str) -> Command:
    return CastLike(voter, entry, at, door, held, Sealed(signals))


def _retract(voter: str, entry: str, at: int, *_: Any) -> Command:
    return RetractLike(voter, entry, at)


def _show(voter: str, entry: str, at: int, *_: Any) -> Command:  # noqa: ARG001
    return ShowLikes(voter, at)


_COMMANDS: dict[str, Callable[..., Command]] = {"like": _cast, "unlike": _retract, "show": _show}


def _insist(kinds: frozenset[type], *columns: Any) -> None:
    for column in columns:
        if not kinds.issuperset(map(type, column)):
            raise ValueError("a column holds what it should not")


def _instants(column: Any) -> list[int]:
    """Plain integers: BSON's own are of another class, and a column of those is spelled value by value."""
    _insist(_INTEGER, column)
    if column and not 0 <= min(column) <= max(column) <= LAST_MS:
        raise ValueError("an instant is none")
    return list(map(int, column))


def _position(seen: dict[str, Any], log: str) -> int:
    n = seen.get(log, 0)
    if type(n) not in _INTEGER or n < 0:
        raise ValueError(f"{log}: {n!r} is no position")
    return int(n)


def write_answers(answers: Sequence[dict[str, Any]]) -> bytes:
    return bson.encode({"v": 1, "answers": list(answers)})


def tally(answers: Sequence[dict[str, Any]]) -> Counter[str]:
    """How often each was said: the status, or the code of a refusal."""
    said = Counter(map(itemgetter("status"), answers))
    if said.pop("refused", 0):
        said.update(each["code"] for each in answers if each["status"] == "refused")
    return said


def answer(command: Command, outcome: Outcome, polls: VotingState, key: bytes) -> dict[str, Any]:
    """What the voter is told, read off the outcome and the state that it left."""
    if outcome.refused is not None:
        return {"status": "refused", "code": outcome.refused.code, "detail": outcome.refused.detail}
    match command:
        case CastLike():
            return _of_like(command, outcome, polls, key)
        case RetractLike():
            return {"status": "gone", "remaining": polls.remaining(command.voter, command.at)}
        case ShowLikes():
            return _shown(command, polls, key)
        case ClosePoll():
            return {"status": "closed"}


def _of_like(command: CastLike, outcome: Outcome, polls: VotingState, key: bytes) -> dict[str, Any]:
    remaining = polls.remaining(command.voter, command.at)
    if outcome.events:
        status = "pending" if command.held is not None else "counted"
        return {"status": status, "receipt": receipt(key, outcome.address), "remaining": remaining}
    last = polls.last_change(command.voter, command.entry, _day(polls, command.at))
    if last is None or last.like is None:
        return {"status": "gone", "remaining": remaining}  # overtaken by a later unlike
    return {"status": "already", "receipt": receipt(key, last.like), "remaining": remaining}


def _shown(command: ShowLikes, polls: VotingState, key: bytes) -> dict[str, Any]:
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
    return {"status": "shown", "likes": likes, "remaining": polls.remaining(command.voter, command.at)}


def _day(polls: VotingState, at: int) -> str:
    return "" if polls.campaign is None else polls.campaign.day_of(at)
