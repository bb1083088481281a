"""From likes to like points (rules, section 1).

A conversion looks at a whole population at once, since every formula but a constant does.
Promises: exact arithmetic, but for `log_prop`, which is cut to 12 significant digits; the points depend on the like
counts alone, not on their order; more likes never earn an entry fewer points than another of the same population has
with less.
Does not promise: who is in the population. A disqualified entry must be left out before, so that ranks close up.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from services.moderation.campaign import Conversion
from services.ranking.calculation.exact import log1p, significant

FULL = Fraction(100)
Points = list[Fraction]


def like_points(conversion: Conversion, likes: Sequence[int]) -> Points:
    """The points of each entry of one population, in the order of `likes`. A conversion nobody wrote is a KeyError."""
    return _BY_NAME[conversion.name](conversion, likes)


def mid_ranks(likes: Sequence[int]) -> list[Fraction]:
    """The rank of each, 1 for the most likes; those that tie share the mean of the places that they take."""
    place, by_count = 1, {}
    for count, ties in sorted(Counter(likes).items(), reverse=True):
        by_count[count] = place + Fraction(ties - 1, 2)
        place += ties
    return [by_count[count] for count in likes]


def rank_percentile(_: Conversion, likes: Sequence[int]) -> Points:
    field = len(likes)
    if field == 1:
        return [FULL]
    return [FULL * (field - rank) / (field - 1) for rank in mid_ranks(likes)]


def rank_step(conversion: Conversion, likes: Sequence[int]) -> Points:
    start, step, floor = (Fraction(conversion.param(name)) for name in ("start", "step", "floor"))
    return [max(floor, start - step * (rank - 1)) for rank in mid_ranks(likes)]


def prop_max(_: Conversion, likes: Sequence[int]) -> Points:
    most = max(likes, default=0)
    return [FULL * count / most if most else Fraction(0) for count in likes]


def prop_max_capped(conversion: Conversion, likes: Sequence[int]) -> Points:
    """As `prop_max`, but the cap is the percentile by nearest rank; whoever has more has 100 too."""
    if not likes:
        return []
    cap = cap_of(conversion, likes)
    return [FULL * min(count, cap) / cap if cap else Fraction(0) for count in likes]


def cap_of(conversion: Conversion, likes: Sequence[int]) -> int:
    """The likes that are worth 100 points by `prop_max_capped`, for a population that is not empty."""
    place = max(1, ceil(Fraction(conversion.param("percentile")) * len(likes) / 100))
    return sorted(likes)[place - 1]


def log_prop(_: Conversion, likes: Sequence[int]) -> Points:
    most = log1p(max(likes, default=0))
    return [significant(FULL * log1p(count) / most) if most else Fraction(0) for count in likes]


def bands(conversion: Conversion, likes: Sequence[int]) -> Points:
    """The points of the first band whose share of the field covers the mid-rank."""
    steps = [(Fraction(each.share) * len(likes), Fraction(each.points)) for each in conversion.bands]
    return [next(points for reach, points in steps if rank <= reach) for rank in mid_ranks(likes)]


def no_points(_: Conversion, likes: Sequence[int]) -> Points:
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
