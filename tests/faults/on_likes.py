"""What must hold of each order and its answers. Pure; see `judge.py`."""

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
    for change, sendings in attempts(case.evidence).items():
        times = case.stored[change]
        if any(each.status in STORED for each in sendings) and times != 1:
            yield f"{change} was counted and is stored {times} times"
    yield from _changed_nothing(case)


def _is_its_own(case: Case, seen: LikeSeen) -> bool:
    """Whether the like that was there is this order's: delivered again, since its writer died before it answered."""
    like = case.of_receipt(seen.receipt)
    if like is None or (like.voter, like.entry) != (seen.voter, seen.entry):
        return False
    return case.live or like.at == seen.at


def _changed_nothing(case: Case) -> Iterator[str]:
    """Answers that say that there was nothing to do, where there was.

    Asked only of a voter and an entry whose every answer so far was certain: what nobody knows of may come late.
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
            yield f"{each} was liked by nothing"
        if each.status == "gone" and liked[pair] and case.stored[each.do, each.voter, each.entry, each.at] != 1:
            yield f"{each} is not stored, and the like stood"
        liked[pair] = each.do == "like"


def refused(case: Case) -> Iterator[str]:
    for change, sendings in attempts(case.evidence).items():
        if {each.status for each in sendings} == {"refused"} and case.stored[change]:
            yield f"{change} was refused and is stored"


def unanswered(case: Case) -> Iterator[str]:
    """Nothing more than once, whatever was heard, and nothing that nobody sent."""
    sent = attempts(case.evidence)
    for change, times in case.stored.items():
        if change not in sent:
            yield f"{change} is stored and nobody sent it"
        elif times > 1 and not any(each.status in STORED for each in sent[change]):
            yield f"{change} is stored {times} times"


def receipts(case: Case) -> Iterator[str]:
    for each in case.evidence.of(LikeSeen):
        if not each.receipt:
            continue
        like = case.of_receipt(each.receipt)
        if like is None or (like.voter, like.entry) != (each.voter, each.entry):
            yield f"the receipt of {each} names {like}"
        elif each.status in STORED and not case.live and like.at != each.at:
            yield f"the receipt of {each} names another order, {like}"
    for receipt, answer in (case.evidence.receipts or {}).items():
        like = case.of_receipt(receipt)
        told = None if like is None else {"entry": like.entry, "day": like.day, "at": like.at}
        if told is None or answer is None or {name: answer.get(name) for name in told} != told:
            yield f"the receipt {receipt} was answered {answer}, and names {told}"


def tickets(case: Case) -> Iterator[str]:
    """Asked once more when all is quiet, a ticket says again what it said, and what it says is so."""
    for each in case.evidence.of(TicketSeen):
        # `counted` where the order stored the like just now, `already` ever after: the same like.
        answers = {("counted" if status == "already" else status, receipt) for status, receipt in each.answers}
        if len(answers) != 1 or answers & NO_ANSWER:
            yield f"the ticket of {each.voter} for {each.entry} was answered {each.answers}"
            continue
        ((_, receipt),) = answers
        like = case.of_receipt(receipt) if receipt else None
        if receipt and (like is None or (like.voter, like.entry) != (each.voter, each.entry)):
            yield f"the ticket of {each.voter} for {each.entry} names {like}"


def shown(case: Case) -> Iterator[str]:
    """What a voter is shown at the end is what the voter last did.

    Only where all orders about an entry had a certain answer: otherwise both are right.
    """
    last: dict[str, dict[str, LikeSeen]] = defaultdict(dict)
    for each in case.evidence.seen:
        match each:
            case LikeSeen() if each.status != "refused":
                last[each.voter][each.entry] = each
            case TicketSeen():
                # Asking is sending again: what was refused for a limit is taken if there is room now.
                last[each.voter][each.entry] = LikeSeen(each.voter, each.entry, "like", 0, UNKNOWN)
            case ListSeen():
                for entry, order in last[each.voter].items():
                    if order.status != UNKNOWN and (order.do == "like") != (entry in each.entries):
                        yield f"{order} and then {each.voter} is shown {each.entries}"
