"""Invariants of each like order and the answers to it. Pure functions for `judge.py`, which yield one line for each
violation.
"""

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.evidence import Case, attempts
from tests.faults.history import (
    STORED,
    UNKNOWN,
    LikeSeen,
    ListSeen,
    TicketSeen,
)

NO_ANSWER = {(word, "") for word in ("accepted", "busy", "like-away")}


def acknowledged(case: Case) -> Iterator[str]:
    """Check that an order that was answered as stored is stored exactly once, and that "nothing to do" was true."""
    for change, sendings in attempts(case.evidence).items():
        times = case.stored[change]
        if any(each.status in STORED for each in sendings) and times != 1:
            yield f"{change} was acknowledged and is stored {times} times"
    yield from _changed_nothing(case)


def _is_its_own(case: Case, seen: LikeSeen) -> bool:
    """Return whether the like that was found stored comes from this same order.

    That happens when the order is delivered again because its writer died after it stored the like and before it
    answered.
    """
    like = case.like_of_receipt(seen.receipt)
    if like is None or (like.voter, like.entry) != (seen.voter, seen.entry):
        return False
    return case.live or like.at == seen.at


def _changed_nothing(case: Case) -> Iterator[str]:
    """Yield the answers that say there was nothing to do, where there was.

    Only pairs of a voter and an entry whose every answer so far was certain are checked: an order with an unknown
    outcome may still take effect later.
    """
    liked: dict[tuple[str, str], bool] = defaultdict(bool)
    uncertain: set[tuple[str, str]] = set()
    for each in case.evidence.of(LikeSeen):
        pair = each.voter, each.entry
        if each.status == UNKNOWN:
            uncertain.add(pair)
        if pair in uncertain or each.status == "refused":
            continue
        if each.status == "already" and not liked[pair] and not _is_its_own(case, each):
            yield f"{each} was answered `already`, but no like was stored"
        if each.status == "gone" and liked[pair] and case.stored[each.do, each.voter, each.entry, each.at] != 1:
            yield f"{each} was answered `gone`, but the like still stands"
        liked[pair] = each.do == "like"


def refused(case: Case) -> Iterator[str]:
    """Check that an order whose every answer was a refusal is not stored."""
    for change, sendings in attempts(case.evidence).items():
        if {each.status for each in sendings} == {"refused"} and case.stored[change]:
            yield f"{change} was refused, but is stored"


def unanswered(case: Case) -> Iterator[str]:
    """Check that nothing is stored more than once, whatever was answered, and that somebody sent each stored order."""
    sent = attempts(case.evidence)
    for change, times in case.stored.items():
        if change not in sent:
            yield f"{change} is stored, but nobody sent it"
        elif times > 1 and not any(each.status in STORED for each in sent[change]):
            yield f"{change} is stored {times} times"


def receipts(case: Case) -> Iterator[str]:
    """Check that each receipt names the like it was given for, and that the gateway resolves it to the same like."""
    for each in case.evidence.of(LikeSeen):
        if not each.receipt:
            continue
        like = case.like_of_receipt(each.receipt)
        if like is None or (like.voter, like.entry) != (each.voter, each.entry):
            yield f"the receipt of {each} names {like}"
        elif each.status in STORED and not case.live and like.at != each.at:
            yield f"the receipt of {each} names the like of another order, {like}"
    for receipt, answer in (case.evidence.receipts or {}).items():
        like = case.like_of_receipt(receipt)
        told = None if like is None else {"entry": like.entry, "day": like.day, "at": like.at}
        if told is None or answer is None or {name: answer.get(name) for name in told} != told:
            yield f"the receipt {receipt} was answered {answer}, but names {told}"


def tickets(case: Case) -> Iterator[str]:
    """Check that a ticket, asked about twice at the end, gives one final answer, and that its receipt is right."""
    for each in case.evidence.of(TicketSeen):
        # `counted` if asking stored the like just now, `already` from then on: it is the same like.
        answers = {("counted" if status == "already" else status, receipt) for status, receipt in each.answers}
        if len(answers) != 1 or answers & NO_ANSWER:
            yield f"the ticket of {each.voter} for {each.entry} was answered {each.answers}"
            continue
        ((_, receipt),) = answers
        like = case.like_of_receipt(receipt) if receipt else None
        if receipt and (like is None or (like.voter, like.entry) != (each.voter, each.entry)):
            yield f"the ticket of {each.voter} for {each.entry} names {like}"


def current_likes(case: Case) -> Iterator[str]:
    """Check that a voter is shown what the voter did last.

    Only where the last order about an entry had a certain answer: otherwise both outcomes are right.
    """
    last: dict[str, dict[str, LikeSeen]] = defaultdict(dict)
    for each in case.evidence.seen:
        match each:
            case LikeSeen() if each.status != "refused":
                last[each.voter][each.entry] = each
            case TicketSeen():
                # Asking about a ticket sends the order again: one that a limit refused is accepted if there is room
                # now.
                last[each.voter][each.entry] = LikeSeen(each.voter, each.entry, "like", 0, UNKNOWN)
            case ListSeen():
                for entry, order in last[each.voter].items():
                    if order.status != UNKNOWN and (order.do == "like") != (entry in each.entries):
                        yield f"after {order}, {each.voter} is shown {each.entries}"
