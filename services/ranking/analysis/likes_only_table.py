"""Table of entries by likes alone, for the time before experts have marked.

Promises: the result would have the same ranks and like points if these likes were final. Only staff may read the table,
as they alone may read the ranking.
"""

from collections.abc import Sequence
from typing import Any

from services.moderation.campaign import Campaign
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.conversions import mid_ranks
from services.ranking.calculation.final_ranking import e4, points_of, populations


def likes_table(candidates: Sequence[Candidate], campaign: Campaign) -> list[dict[str, Any]]:
    """Return the entries with likes, rank and like points, by type code, then most likes first, then by id.

    `rank` is the exact mid-rank among the compared entries (of the type, or all, as the rules say).
    """
    points = points_of(candidates, campaign)
    ranks: dict[str, str] = {}
    for field in populations(candidates, campaign):
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
        for each in sorted(candidates, key=lambda each: (each.type, -each.likes, each.entry))
    ]
