"""The wire format of like batches: what gateways send to a partition's queue, and the answers they get.

    batch   {"v": 1, "seen": {"moderation": 12, "submission": 90},
             "orders": {"id": […], "voter": […], "entry": […], "do": […], "at": […], "door": […], "held": […],
                        "signals": […], "receipt": […]}}
    answers {"v": 1, "answers": [{"status", …}, …]}, in the order of the batch

It is BSON, like commits. The orders are columns, like their events: reading rows takes three times as long.
`do` is like, unlike or show; `held` is a text or null; `receipt` is that of the like that an unlike names, or null, and
a batch of an older gateway lacks the column; `seen` has the positions, in the logs that voting follows, that the
gateway's judgement was based on; positions of other logs are ignored.
`status` is counted, pending, already, gone, shown or refused (with `code` and `detail`).

Promises: an order that cannot be read is refused as `order-unreadable`, and the other orders of its batch are decided.
A message without the other columns or without positions is not a batch: its orders cannot be told apart.
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
from shared.decider import CommandEnvelope, Outcome
from shared.events import Sealed

DESK_LOG = "moderation"
COLUMNS = ("id", "voter", "entry", "do", "at", "door", "held", "signals", "receipt")
#: The priority of every message on a like queue. RabbitMQ takes a message without one for 4, which would overtake the
#: likes: all that wait must wait in one sequence.
PRIORITY = 0
LAST_MS = 32_503_680_000_000  # the year 3000
#: The answer to an order from a gateway whose clock runs far ahead of the writer's. Nothing is decided.
CLOCK_AHEAD = {"status": "refused", "code": "clock-ahead", "detail": {}}
#: The answer to an order that cannot be read: a gateway of another version, or a broken one. Nothing is decided.
UNREADABLE = {"status": "refused", "code": "order-unreadable", "detail": {}}

_TEXT = frozenset({str})
_TEXT_OR_NONE = frozenset({str, type(None)})
_INTEGER = frozenset({int, Int64})
_UNREAD = (ValueError, KeyError)


def queue_name(campaign: str, partition: int) -> str:
    """Return the name of the queue of like batches of a partition, `<campaign>.vote.<partition>`."""
    return f"{campaign}.vote.{partition}"


def dead_name(campaign: str) -> str:
    """Return the name of the dead-letter queue, `<campaign>.vote.dead`: it gets the messages that are not batches."""
    return f"{campaign}.vote.dead"


def read_batch(body: bytes) -> list[CommandEnvelope | None]:
    """Return the orders of a batch in their envelopes, in order, with None for each order that cannot be read.

    Raise ValueError if the message is not a batch.
    """
    try:
        batch = bson.decode(body)
        seen = tuple((log, _position(batch["seen"], log)) for log in FOLLOWED_BY_WRITERS)
        columns = [batch["orders"][name] for name in COLUMNS[:-1]]
        columns.append(batch["orders"].get(COLUMNS[-1], [None] * len(columns[0])))
        if {list} != set(map(type, columns)) or len(set(map(len, columns))) != 1:
            raise ValueError("the orders are not columns of equal length")
    except (BSONError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(repr(problem)) from problem
    try:
        return list(_read(columns, seen))
    except _UNREAD:  # only now one by one, which takes several times as long
        return [_read_one(row, seen) for row in zip(*columns, strict=True)]


def _read(columns: Sequence[list[Any]], seen: tuple[tuple[str, int], ...]) -> list[CommandEnvelope]:
    """Return the orders in these columns. Raise one of _UNREAD if one of them cannot be read."""
    ids, voters, entries, deeds, times, doors, held, signals, receipts = columns
    _require_types(_TEXT, ids, voters, entries, deeds, doors, signals)
    _require_types(_TEXT_OR_NONE, held, receipts)
    rows = zip(deeds, voters, entries, _instants(times), doors, held, signals, receipts, strict=True)
    commands = [_COMMANDS[do](*rest) for do, *rest in rows]
    return [CommandEnvelope(*each, seen=seen) for each in zip(ids, voters, commands, strict=True)]


def _read_one(row: Sequence[Any], seen: tuple[tuple[str, int], ...]) -> CommandEnvelope | None:
    try:
        return _read([[value] for value in row], seen)[0]
    except _UNREAD:
        return None


def _cast(voter: str, entry: str, at: int, door: str, held: str | None, signals: str, _: str | None) -> Command:
    return CastLike(voter, entry, at, door, held, Sealed(signals))


def _retract(voter: str, entry: str, at: int, *rest: Any) -> Command:
    return RetractLike(voter, entry, at, rest[-1] or "")


def _show(voter: str, entry: str, at: int, *_: Any) -> Command:  # noqa: ARG001
    return ShowLikes(voter, at)


_COMMANDS: dict[str, Callable[..., Command]] = {"like": _cast, "unlike": _retract, "show": _show}


def _require_types(kinds: frozenset[type], *columns: Any) -> None:
    for column in columns:
        if not kinds.issuperset(map(type, column)):
            raise ValueError("a column holds a value of a wrong type")


def _instants(column: Any) -> list[int]:
    """Return plain integers: BSON's own integers are of another class, and a column of those is encoded value
    by value.
    """
    _require_types(_INTEGER, column)
    if column and not 0 <= min(column) <= max(column) <= LAST_MS:
        raise ValueError("an instant is out of range")
    return list(map(int, column))


def _position(seen: dict[str, Any], log: str) -> int:
    n = seen.get(log, 0)
    if type(n) not in _INTEGER or n < 0:
        raise ValueError(f"{log}: {n!r} is not a position")
    return int(n)


def write_answers(answers: Sequence[dict[str, Any]]) -> bytes:
    """Encode the answers to the orders of a batch as the BSON message that the gateway gets."""
    return bson.encode({"v": 1, "answers": list(answers)})


def tally(answers: Sequence[dict[str, Any]]) -> Counter[str]:
    """Count the answers by status, and refusals by their code, for the metrics."""
    counts = Counter(map(itemgetter("status"), answers))
    if counts.pop("refused", 0):
        counts.update(each["code"] for each in answers if each["status"] == "refused")
    return counts


def answer(command: Command, outcome: Outcome, state: VotingState, key: bytes) -> dict[str, Any]:
    """Return the answer to an order as plain data, from its outcome and the state after the batch.

    `key` signs the receipt of a like.
    """
    if outcome.refused is not None:
        return {"status": "refused", "code": outcome.refused.code, "detail": outcome.refused.detail}
    match command:
        case CastLike():
            return _like_answer(command, outcome, state, key)
        case RetractLike():
            return {"status": "gone", "remaining": state.remaining(command.voter, command.at)}
        case ShowLikes():
            return _likes_answer(command, state, key)
        case ClosePoll():
            return {"status": "closed"}


def _like_answer(command: CastLike, outcome: Outcome, state: VotingState, key: bytes) -> dict[str, Any]:
    remaining = state.remaining(command.voter, command.at)
    if outcome.events:
        status = "pending" if command.held is not None else "counted"
        return {"status": status, "receipt": receipt(key, outcome.address), "remaining": remaining}
    last = state.last_change(command.voter, command.entry, _day(state, command.at))
    if last is None or last.like is None:
        return {"status": "gone", "remaining": remaining}  # a later unlike was handled first
    return {"status": "already", "receipt": receipt(key, last.like), "remaining": remaining}


def _likes_answer(command: ShowLikes, state: VotingState, key: bytes) -> dict[str, Any]:
    standing = state.standing_likes(command.voter, _day(state, command.at))
    likes = [
        {
            "entry": each.entry,
            "at": each.at,
            "status": "pending" if each.held else "counted",
            "receipt": receipt(key, each.like or ""),
        }
        for each in standing
    ]
    return {"status": "shown", "likes": likes, "remaining": state.remaining(command.voter, command.at)}


def _day(state: VotingState, at: int) -> str:
    return "" if state.campaign is None else state.campaign.day_of(at)
