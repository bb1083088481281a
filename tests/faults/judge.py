"""The judge: a pure function from the evidence to a verdict for each invariant.

Promises: an invariant that does not hold gives one line for each violation; an invariant whose evidence is missing
gives None. Does not promise a meaningful verdict while work is still in progress: `towns.settle` waits until there
is none.
"""

from collections.abc import Callable, Iterable

from tests.faults import on_likes, on_record, on_rules
from tests.faults.evidence import Case, Evidence
from tests.faults.history import CommandSeen, LikeSeen, ListSeen, Seen, TicketSeen

Verdict = dict[str, list[str] | None]

Ask = Callable[[Case], Iterable[str]]


def _always(_: Evidence) -> bool:
    return True


def _given(name: str) -> Callable[[Evidence], bool]:
    return lambda evidence: getattr(evidence, name) is not None


def _seen(kind: type[Seen]) -> Callable[[Evidence], bool]:
    return lambda evidence: any(isinstance(each, kind) for each in evidence.seen)


#: Column of the table → its description, the function that yields violations, and whether its evidence is present.
INVARIANTS: dict[str, tuple[str, Ask, Callable[[Evidence], bool]]] = {
    "acked": ("an acknowledged like is in the ledger exactly once", on_likes.acknowledged, _seen(LikeSeen)),
    "refused": ("a refused like is not in the ledger", on_likes.refused, _seen(LikeSeen)),
    "unknown": ("an unanswered like is stored at most once, and no like is invented", on_likes.unanswered, _always),
    "limits": ("no voter exceeds the limit of a day or of a type", on_rules.limits, _always),
    "window": ("no like is stored outside the window in force, none is refused inside it", on_rules.window, _always),
    "ranking": ("stored ranking, rebuilds and pages equal the fold of the ledger", on_record.ranking, _given("table")),
    "receipts": ("a receipt resolves to the like it was given for", on_likes.receipts, _seen(LikeSeen)),
    "tickets": ("a ticket leads to one final answer", on_likes.tickets, _seen(TicketSeen)),
    "shown": ("a voter is shown the outcome of their last order", on_likes.shown, _seen(ListSeen)),
    "commands": ("an accepted command is stored once, with one answer", on_record.commands, _seen(CommandSeen)),
    "chain": ("commit numbers are dense, hashes match, times never go back", on_record.chain, _always),
    "lag": ("every reader catches up with its log", on_record.lag, _given("behind")),
    "privacy": ("no personal data is in logs or metrics", on_record.privacy, _given("said")),
}  # fmt: skip


def judge(evidence: Evidence) -> Verdict:
    """Return the violations of each invariant; None where the evidence does not contain what it needs."""
    case = Case.of(evidence)
    return {name: list(ask(case)) if there(evidence) else None for name, (_, ask, there) in INVARIANTS.items()}


def lines(verdict: Verdict) -> list[str]:
    """Return all violations, each line prefixed with its invariant."""
    return [f"{name}: {line}" for name, found in verdict.items() for line in found or ()]
