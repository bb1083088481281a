"""Invent entries, voters and judges for any rule set, to rehearse what the rules would do with them.

Promises: the same rule set, numbers and seed give the same entries. Each voter keeps the limits of a day and of a type;
each entry that is judged has the least number of marks that the rules ask for.
Does not promise that real voters behave so: the first entries of a type are merely liked more than the last.
"""

import random
from collections.abc import Sequence
from typing import Any

from services.moderation.campaign import Campaign

DAY_MS = 86_400_000
MOST_DAYS = 31
MOST_ENTRIES, MOST_VOTERS = 2_000, 20_000
_LEAST_POINTS, _MOST_POINTS = 55, 98


def invent(campaign: Campaign, *, entries: int, voters: int, seed: int) -> list[dict[str, Any]]:
    """Return `entries` invented entries that the rules let judges mark, in the form that `tryout` reads.

    The entries are spread over the unit types by their seats; entries that the rules do not shortlist or judge are left
    out.
    """
    chance = random.Random(seed)
    types = [each.code for each in campaign.unit_types]
    weights = [max(1, each.quota) for each in campaign.unit_types]
    drawn = [*types[:entries], *chance.choices(types, weights, k=max(0, entries - len(types)))]
    rows = [{"id": f"S{n:04}", "type": code, "likes": 0} for n, code in enumerate(drawn, start=1)]
    if campaign.shortlist.top_n is not None:
        rows = _first_of_each_type(rows, campaign.shortlist.top_n)
    _give_likes(rows, campaign, voters, chance)
    if campaign.cohort.top_n is not None:
        rows = _first_of_each_type(sorted(rows, key=lambda row: (-row["likes"], row["id"])), campaign.cohort.top_n)
    submission = campaign.window("submission")
    for row in sorted(rows, key=lambda row: str(row["id"])):
        row["handed_in"] = chance.randrange(submission.start, submission.end)
        quality = chance.randint(_LEAST_POINTS, _MOST_POINTS)
        row["marks"] = [
            [min(100, max(0, quality + chance.randint(-8, 8))) for _ in campaign.judging.criteria]
            for _ in range(campaign.judging.min_marks)
        ]
    return sorted(rows, key=lambda row: str(row["id"]))


def _first_of_each_type(rows: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["type"]] = counts.get(row["type"], 0) + 1
        if counts[row["type"]] <= most:
            kept.append(row)
    return kept


def _give_likes(rows: list[dict[str, Any]], campaign: Campaign, voters: int, chance: random.Random) -> None:
    if not rows:
        return
    window, limits = campaign.window("likes"), campaign.likes
    days = min(MOST_DAYS, max(1, -(-(window.end - window.start) // DAY_MS)))
    cumulative: list[float] = []
    for place in range(1, len(rows) + 1):
        cumulative.append((cumulative[-1] if cumulative else 0) + 1 / place**0.5)
    popular = list(rows)
    chance.shuffle(popular)
    for _ in range(voters):
        for _ in range(chance.randint(1, days)):
            wanted = chance.choices(popular, cum_weights=cumulative, k=chance.randint(1, min(limits.per_day, 8)))
            given: dict[str, int] = {}
            for row in {row["id"]: row for row in wanted}.values():
                if given.get(row["type"], 0) < limits.per_type:
                    given[row["type"]] = given.get(row["type"], 0) + 1
                    row["likes"] += 1
