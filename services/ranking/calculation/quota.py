"""Allocate seats to entries in order of merit.

Promises: each seat of each type appears once, with an entry or explicitly empty, and with its reason; no entry has two
seats; the same entries give the same seats.
Does not promise an order of entries: the caller passes them best first, with ties broken.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from services.moderation.campaign import Campaign

# Why a seat has its entry, or is empty.
TYPE_QUOTA = "type-quota"
NEXT_BEST = "refill-next-best-overall"
PROPORTIONAL = "refill-proportional"
NO_REFILL = "empty-no-refill"
BELOW_MINIMUM = "empty-below-minimum-score"
NO_ENTRY_LEFT = "empty-no-entry-left"


@dataclass(frozen=True, slots=True)
class ScoredEntry:
    """An entry with its unit type and its final score, as the seats need them."""

    entry: str
    type: str
    final: Fraction


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat of the result: the unit type whose quota it belongs to (`from_type`), the entry that wins it with its
    type (both None for an empty seat), and why.
    """

    seat: str
    from_type: str
    to_type: str | None
    entry: str | None
    why: str


Refill = Callable[[int, Sequence[ScoredEntry], Mapping[str, int]], Iterator[ScoredEntry]]


def allocate(ordered: Sequence[ScoredEntry], campaign: Campaign) -> tuple[Seat, ...]:
    """Give the seats of all unit types to the entries, and return every seat: by type in the campaign's order, then by
    number. `ordered` are all entries, the best first over all types.
    """
    good = [each for each in ordered if reaches_minimum(each.final, campaign)]
    own = {each.code: iter([one for one in good if one.type == each.code]) for each in campaign.unit_types}
    plan = [
        (f"{unit_type.code}-{number:02}", unit_type.code, next(own[unit_type.code], None))
        for unit_type in campaign.unit_types
        for number in range(1, unit_type.quota + 1)
    ]
    seated = {taker.entry for _, _, taker in plan if taker}
    left = [each for each in good if each.entry not in seated]
    judged = {each.code: sum(one.type == each.code for one in ordered) for each in campaign.unit_types}
    refill, why = _BY_NAME[campaign.quota.refill]
    takers = refill(len(plan) - len(seated), left, judged)
    return tuple(
        Seat(name, code, code, taker.entry, TYPE_QUOTA)
        if taker
        else _refilled(Seat(name, code, None, None, _why_empty(campaign, good, ordered)), next(takers, None), why)
        for name, code, taker in plan
    )


def reaches_minimum(final: Fraction, campaign: Campaign) -> bool:
    """Return whether a final score reaches the campaign's minimum for a seat. Without a minimum every score does, even
    a score below 0, which `judge_effect` can give.
    """
    least = campaign.quota.min_score
    return least is None or final >= Fraction(least)


def _refilled(empty: Seat, taker: ScoredEntry | None, why: str) -> Seat:
    return replace(empty, to_type=taker.type, entry=taker.entry, why=why) if taker else empty


def _why_empty(campaign: Campaign, good: Sequence[ScoredEntry], ordered: Sequence[ScoredEntry]) -> str:
    if campaign.quota.refill == "none":
        return NO_REFILL
    return BELOW_MINIMUM if len(good) < len(ordered) else NO_ENTRY_LEFT


def moves(seats: Sequence[Seat]) -> tuple[Seat, ...]:
    """Return the seats that did not go to an entry by the quota of its own type: they are empty or were refilled."""
    return tuple(seat for seat in seats if seat.why != TYPE_QUOTA)


def _nobody(_seats: int, _left: Sequence[ScoredEntry], _judged: Mapping[str, int]) -> Iterator[ScoredEntry]:
    return iter(())


def _next_best(seats: int, left: Sequence[ScoredEntry], _judged: Mapping[str, int]) -> Iterator[ScoredEntry]:
    return iter(left[:seats])


def _proportional(seats: int, left: Sequence[ScoredEntry], judged: Mapping[str, int]) -> Iterator[ScoredEntry]:
    shares = shares_of(seats, left, judged)
    for code, share in shares.items():
        yield from [each for each in left if each.type == code][:share]


def shares_of(seats: int, left: Sequence[ScoredEntry], judged: Mapping[str, int]) -> dict[str, int]:
    """Return how many of `seats` each type gets in proportion to its judged entries, at most as many as it has entries
    left.

    `left` are the entries without a seat, and `judged` is the number of judged entries of each type, in the campaign's
    order. Fractions are settled by largest remainder. If a type cannot take its whole share, the other types share the
    rest by the same rule. Equal remainders go to the type with more judged entries, then by the campaign's order.
    """
    stock = {code: sum(each.type == code for each in left) for code in judged}
    taken = dict.fromkeys(judged, 0)
    while open_seats := min(seats, sum(stock.values())) - sum(taken.values()):
        takers = [code for code in judged if taken[code] < stock[code]]
        whole = sum(judged[code] for code in takers)
        exact = {code: Fraction(open_seats * judged[code], whole) for code in takers}
        share = {code: int(exact[code]) for code in takers}
        by_remainder = sorted(takers, key=lambda code: (share[code] - exact[code], -judged[code]))
        for code in by_remainder[: open_seats - sum(share.values())]:
            share[code] += 1
        for code in takers:
            taken[code] = min(stock[code], taken[code] + share[code])
    return taken


_BY_NAME: dict[str, tuple[Refill, str]] = {
    "next_best_overall": (_next_best, NEXT_BEST),
    "none": (_nobody, NO_REFILL),
    "proportional": (_proportional, PROPORTIONAL),
}
