"""Convert likes to like points.

A conversion takes a whole population at once (the entries that are compared with each other), because every formula but
a constant depends on all like counts of the population.
Promises: arithmetic is exact, except that `log_prop` is rounded to 12 significant digits; the points depend on the like
counts alone, not on their order; within a population, an entry with more likes never gets fewer points than one with
fewer likes.
Does not promise who is in the population: the caller must leave out disqualified entries, so that the ranks close up.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from services.moderation.campaign import Conversion
from services.ranking.calculation.exact import log1p, to_significant_digits

FULL = Fraction(100)
Points = list[Fraction]


def like_points(conversion: Conversion, likes: Sequence[int]) -> Points:
    """Return the like points of each entry of one population, in the order of `likes`, its like counts.

    Raises KeyError for an unknown conversion.
    """
    return _BY_NAME[conversion.name](conversion, likes)


def mid_ranks(likes: Sequence[int]) -> list[Fraction]:
    """Return the rank of each like count, in the order of `likes`; the most likes have rank 1.

    Entries that tie share the mean of the places that they take: two on places 1 and 2 both have rank 3/2.
    """
    place, by_count = 1, {}
    for count, ties in sorted(Counter(likes).items(), reverse=True):
        by_count[count] = place + Fraction(ties - 1, 2)
        place += ties
    return [by_count[count] for count in likes]


def rank_percentile(_: Conversion, likes: Sequence[int]) -> Points:
    """Return 100·(N−r)/(N−1) points for mid-rank r among N entries, and 100 for a single entry."""
    field = len(likes)
    if field == 1:
        return [FULL]
    return [FULL * (field - rank) / (field - 1) for rank in mid_ranks(likes)]


def rank_step(conversion: Conversion, likes: Sequence[int]) -> Points:
    """Return `start` points for rank 1 and `step` less for each rank below it, but at least `floor`."""
    start, step, floor = (Fraction(conversion.param(name)) for name in ("start", "step", "floor"))
    return [max(floor, start - step * (rank - 1)) for rank in mid_ranks(likes)]


def prop_max(_: Conversion, likes: Sequence[int]) -> Points:
    """Return 100 points for the most likes, and points in proportion to likes for the other entries.

    All get 0 if no entry has a like.
    """
    most = max(likes, default=0)
    return [FULL * count / most if most else Fraction(0) for count in likes]


def prop_max_capped(conversion: Conversion, likes: Sequence[int]) -> Points:
    """Return points in proportion to likes, where `cap_of` many likes or more give 100. All get 0 if the cap is 0."""
    if not likes:
        return []
    cap = cap_of(conversion, likes)
    return [FULL * min(count, cap) / cap if cap else Fraction(0) for count in likes]


def cap_of(conversion: Conversion, likes: Sequence[int]) -> int:
    """Return the cap of `prop_max_capped`, the number of likes that is worth 100 points: the percentile of the like
    counts by nearest rank. `likes` must not be empty.
    """
    place = max(1, ceil(Fraction(conversion.param("percentile")) * len(likes) / 100))
    return sorted(likes)[place - 1]


def log_prop(_: Conversion, likes: Sequence[int]) -> Points:
    """Return 100·ln(1+v)/ln(1+max v) points for v likes, rounded to 12 significant digits; all get 0 without likes."""
    most = log1p(max(likes, default=0))
    return [to_significant_digits(FULL * log1p(count) / most) if most else Fraction(0) for count in likes]


def bands(conversion: Conversion, likes: Sequence[int]) -> Points:
    """Return for each entry the points of the first band that its mid-rank lies in: rank ≤ share × entries.

    Raises StopIteration for a rank in no band; a checked campaign file has none.
    """
    steps = [(Fraction(each.share) * len(likes), Fraction(each.points)) for each in conversion.bands]
    return [next(points for reach, points in steps if rank <= reach) for rank in mid_ranks(likes)]


def no_points(_: Conversion, likes: Sequence[int]) -> Points:
    """Return 0 points for every entry: the conversion `none`, by which likes do not count toward the result."""
    return [Fraction(0)] * len(likes)


_BY_NAME: dict[str, Callable[[Conversion, Sequence[int]], Points]] = {
    "rank_percentile": rank_percentile,
    "rank_step": rank_step,
    "prop_max": prop_max,
    "prop_max_capped": prop_max_capped,
    "log_prop": log_prop,
    "bands": bands,
    "none": no_points,
}
