"""Margins: how many more likes, or how much more expert score, would win the next better place or a seat.

Promises: with the margin, and nothing else changed, the entry would get the place or the seat, and with one like (or a
hundredth of a point) less it would not. More likes or points never lower an entry's own place, so a binary search that
ranks again each time finds the least amount.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from services.moderation.campaign import Campaign
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.fast_ranking import FastRanking
from services.ranking.calculation.quota import ScoredEntry, allocate
from shared.decimals import two_decimals

Plain = dict[str, Any]
Reached = Callable[[Sequence[ScoredEntry]], bool]
_FULL_CENTS = 10_000  # an expert score of 100, in hundredths of a point
_TIMES_THE_MOST = 10  # the search ends at so many times the most likes of any entry


def margins(candidates: Sequence[Candidate], campaign: Campaign, entry: str, *, draw: bytes) -> Plain:
    """Return how many more `likes`, or how much more `expert` score, an entry needs for the next better `place` in its
    type and for a `seat`. An amount is None if no amount is enough; `place` and `seat` are None if there is no better.

    `draw` is the seed followed by the root of the lot, the drawn tie-break.
    """
    fast = FastRanking(candidates, campaign, draw=draw)
    i = next(i for i, candidate in enumerate(fast.candidates) if candidate.entry == entry)
    place, wins = _place(fast, entry, fast.merit_order()), _wins(fast, entry, fast.merit_order())

    def higher(order: Sequence[ScoredEntry]) -> bool:
        return _place(fast, entry, order) < place

    def seated(order: Sequence[ScoredEntry]) -> bool:
        return _wins(fast, entry, order)

    return {
        "place": None if place == 1 else {"likes": _likes(fast, i, higher), "expert": _cents(fast, i, higher)},
        "seat": None if wins else {"likes": _likes(fast, i, seated), "expert": _cents(fast, i, seated)},
    }


def _likes(fast: FastRanking, i: int, reached: Reached) -> int | None:
    """Return how many more likes are enough."""

    def is_enough(more: int) -> bool:
        likes = list(fast.likes)
        likes[i] += more
        return reached(fast.merit_order(likes))

    return _least_sufficient(is_enough, most=_TIMES_THE_MOST * (max(fast.likes) + 1))


def _cents(fast: FastRanking, i: int, reached: Reached) -> str | None:
    """Return how much more expert score is enough, in points with two decimals."""
    own = fast.experts.scores[i]

    def is_enough(more: int) -> bool:
        return reached(fast.merit_order(scores={i: own + Fraction(more, 100)}))

    most = int(_FULL_CENTS - own * 100)
    cents = _least_sufficient(is_enough, most=most) if most > 0 else None
    return None if cents is None else two_decimals(cents)


def _least_sufficient(is_enough: Callable[[int], bool], *, most: int) -> int | None:
    """Return the least number from 1 to `most` that is enough, or None. Every number above one that is enough must be
    too.
    """
    if not is_enough(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _place(fast: FastRanking, entry: str, order: Sequence[ScoredEntry]) -> int:
    kind = next(candidate.type for candidate in fast.candidates if candidate.entry == entry)
    return [each.entry for each in order if each.type == kind].index(entry) + 1


def _wins(fast: FastRanking, entry: str, order: Sequence[ScoredEntry]) -> bool:
    return any(seat.entry == entry for seat in allocate(order, fast.campaign))
