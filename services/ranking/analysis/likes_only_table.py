"""The tables of likes alone, as of any moment: what there is to see before experts have marked.

Promises: ranks and points are those that the result would take from these likes. For staff, as the ranking itself.
"""

from collections.abc import Sequence
from typing import Any

from services.moderation.campaign import Campaign
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.conversions import mid_ranks
from services.ranking.calculation.final_ranking import e4, points_of, populations


def by_likes(rows: Sequence[Candidate], campaign: Campaign) -> list[dict[str, Any]]:
    """By type code, then the most likes first, then by entry; `rank` is the mid-rank in the population, exactly."""
    points = points_of(rows, campaign)
    ranks: dict[str, str] = {}
    for field in populations(rows, campaign):
        places = mid_ranks([each.likes for each in field])
        ranks |= {each.entry: str(place) for each, place in zip(field, places, strict=True)}
    return [
        {
            "entry": each.entry,
            "type": each.type,
            "likes": each.likes,
            "rank": ranks[each.entry],
            "like_points": str(points[each.entry]),
            "like_points_e4": e4(points[each.entry]),
        }
        for each in sorted(rows, key=lambda each: (each.type, -each.likes, each.entry))
    ]
