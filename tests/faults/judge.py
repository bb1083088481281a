"""The judge: from the evidence a verdict for each invariant. Pure.

Promises: an invariant that does not hold gives a line for each place where it does not; one that cannot be asked gives
None. Does not promise to judge while anything is still on its way: `towns.settle` waits for that.
"""

from collections.abc import Callable, Iterable

from tests.faults import on_likes, on_record, on_rules
from tests.faults.evidence import Case, Evidence
from tests.faults.history import (
    CommandSeen,
    LikeSeen,
    ListSeen,
    Seen,
    TicketSeen,
)

Verdict = dict[str, list[str] | None]

Ask = Callable[[Case], Iterable[str]]


def _always(_: Evidence) -> bool:
    return True


def _given(name: str) -> Callable[[Evidence], bool]:
    return lambda evidence: getattr(evidence, name) is not None


def _seen(kind: type[Seen]) -> Callable[[Evidence], bool]:
    return lambda evidence: any(isinstance(each, kind) for each in evidence.seen)


#: Column: what it asks, who answers, and whether the evidence is there.
INVARIANTS: dict[str, tuple[str, Ask, Callable[[Evidence], bool]]] = {
    "acked": ("what was acknowledged is in the ledger exactly once", on_likes.acknowledged, _seen(LikeSeen)),
    "refused": ("a refused like is not in the ledger", on_likes.refused, _seen(LikeSeen)),
    "unknown": ("an unanswered like is there at most once, and nothing that nobody sent", on_likes.unanswered, _always),
    "limits": ("no voter is over a limit of the day or of a type", on_rules.limits, _always),
    "window": ("no like outside of the window that was in force, none refused inside of it", on_rules.window, _always),
    "ranking": ("the stored ranking, its rebuilds and the pages equal the fold", on_record.ranking, _given("table")),
    "receipts": ("a receipt resolves to what was answered", on_likes.receipts, _seen(LikeSeen)),
    "tickets": ("a ticket ends in one answer", on_likes.tickets, _seen(TicketSeen)),
    "shown": ("a voter is shown what the voter last did", on_likes.shown, _seen(ListSeen)),
    "commands": ("an accepted command is stored once, with one answer", on_record.commands, _seen(CommandSeen)),
    "chain": ("numbers are dense, hashes hold, times never go back", on_record.chain, _always),
    "lag": ("lag returns to zero", on_record.lag, _given("behind")),
    "privacy": ("no personal data in logs or metrics", on_record.privacy, _given("said")),
}  # fmt: skip


def judge(evidence: Evidence) -> Verdict:
    case = Case.of(evidence)
    return {name: list(ask(case)) if there(evidence) else None for name, (_, ask, there) in INVARIANTS.items()}


def lines(verdict: Verdict) -> list[str]:
    """What is broken, each line with its invariant."""
    return [f"{name}: {line}" for name, found in verdict.items() for line in found or ()]
