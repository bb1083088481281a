"""The judge: a pure function from the evidence to a verdict for each invariant.

Promises: an invariant that does not hold gives one line for each violation; an invariant whose evidence is missing
gives None. Does not promise a meaningful verdict while work is still in progress;
`running_campaign.wait_until_idle` waits until there is none.
"""

from collections.abc import Callable, Iterable

from tests.faults import like_invariants, record_invariants, rule_invariants
from tests.faults.evidence import Case, Evidence
from tests.faults.history import (
    CommandSeen,
    LikeSeen,
    ListSeen,
    Seen,
    TicketSeen,
)

Verdict = dict[str, list[str] | None]

Check = Callable[[Case], Iterable[str]]


def _always(_: Evidence) -> bool:
    return True


def _has(name: str) -> Callable[[Evidence], bool]:
    return lambda evidence: getattr(evidence, name) is not None


def _has_seen(kind: type[Seen]) -> Callable[[Evidence], bool]:
    return lambda evidence: any(isinstance(each, kind) for each in evidence.seen)


#: Column of the table → its description, the function that yields violations, and whether its evidence is present.
INVARIANTS: dict[str, tuple[str, Check, Callable[[Evidence], bool]]] = {
    "acked": ("an acknowledged like is in the ledger exactly once", like_invariants.acknowledged, _has_seen(LikeSeen)),
    "refused": ("a refused like is not in the ledger", like_invariants.refused, _has_seen(LikeSeen)),
    "unknown": (
        "an unanswered like is stored at most once, and no like is invented",
        like_invariants.unanswered,
        _always,
    ),
    "limits": ("no voter exceeds the limit of a day or of a type", rule_invariants.limits, _always),
    "window": (
        "no like is stored outside the window in force, none is refused inside it",
        rule_invariants.window,
        _always,
    ),
    "ranking": (
        "stored ranking, rebuilds and pages equal the fold of the ledger",
        record_invariants.ranking,
        _has("table"),
    ),
    "receipts": ("a receipt resolves to the like it was given for", like_invariants.receipts, _has_seen(LikeSeen)),
    "tickets": ("a ticket leads to one final answer", like_invariants.tickets, _has_seen(TicketSeen)),
    "shown": ("a voter is shown the outcome of their last order", like_invariants.current_likes, _has_seen(ListSeen)),
    "commands": (
        "an accepted command is stored once, with one answer",
        record_invariants.commands,
        _has_seen(CommandSeen),
    ),
    "chain": ("commit numbers are dense, hashes match, times never go back", record_invariants.chain, _always),
    "lag": ("every reader catches up with its log", record_invariants.lag, _has("behind")),
    "privacy": ("no personal data is in logs or metrics", record_invariants.privacy, _has("output")),
}


def judge(evidence: Evidence) -> Verdict:
    """Return the violations of each invariant; None where the evidence does not contain what it needs."""
    case = Case.of(evidence)
    return {
        name: list(check(case)) if is_present(evidence) else None for name, (_, check, is_present) in INVARIANTS.items()
    }


def lines(verdict: Verdict) -> list[str]:
    """Return all violations, each line prefixed with its invariant."""
    return [f"{name}: {line}" for name, found in verdict.items() for line in found or ()]
