"""What if: the ranking without some judges, entries or likes, or by other weights, conversion or method.

Promises: no change gives the official ranking, byte for byte; everything else is as it was, so what differs is the
change's doing. Plain rows and rules in, so a list of last year's numbers will do. Never touches the record.
Where a judge is left out, an entry that keeps fewer marks than the minimum is ranked by those that it has, and one that
keeps none is left out: `dropped` names it. Does not promise that a scenario would have been a lawful result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from services.moderation.campaign import Campaign, Conversion, Weights
from services.ranking.analysis.rule_syntax import conversion_of, method_of, spelled, weights_of
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.final_ranking import Ranking, Standing, rank, shown
from shared.decider import Refused
from shared.decimals import two_decimals

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What is other than in the record. Likes are named by their addresses; days are campaign days."""

    without_judges: tuple[str, ...] = ()
    without_entries: tuple[str, ...] = ()
    without_days: tuple[str, ...] = ()
    without_likes: tuple[str, ...] = ()
    weights: Weights | None = None
    conversion: Conversion | None = None
    method: str | None = None

    @property
    def names_likes(self) -> bool:
        return bool(self.without_days or self.without_likes)


@dataclass(frozen=True, slots=True)
class Recount:
    """The ranking of the record and the changed one, at one cut. `dropped` are entries that lost all their marks."""

    official: Ranking
    changed: Ranking
    dropped: tuple[str, ...]

    @property
    def enters(self) -> tuple[str, ...]:
        return tuple(sorted(self.changed.winning() - self.official.winning()))

    @property
    def leaves(self) -> tuple[str, ...]:
        return tuple(sorted(self.official.winning() - self.changed.winning()))


def recount(
    rows: Sequence[Candidate],
    campaign: Campaign,
    change: Change,
    *,
    draw: tuple[bytes, bytes],
    fallen: Mapping[str, int] | None = None,
) -> Recount | Refused:
    """`draw`: the lot's seed and root. `fallen`: how many valid likes of each entry the change takes away.

    Refused: what `rank` refuses, `judge-unknown`, `entry-not-ranked` where the change names nobody, `rule-unreadable`
    where it leaves likes a weight and no points: no campaign can be run by that.
    """
    seed, root = draw
    if refused := _unknown(rows, change):
        return refused
    official = rank(rows, campaign, seed=seed, root=root)
    if isinstance(official, Refused):
        return official
    left, rules = changed(rows, campaign, change, fallen=fallen or {})
    if rules.conversion.name == "none" and rules.weights.like_bp:
        words = "点赞不折算时，点赞权重必须为 0（0/1） / the like weight must be 0 where likes are not converted (0/1)"
        return Refused("rule-unreadable", field="weights", detail={"words": words})
    again = rank(left, rules, seed=seed, root=root)
    if isinstance(again, Refused):
        return again
    kept = {each.entry for each in left} | set(change.without_entries)
    return Recount(official, again, tuple(sorted(each.entry for each in rows if each.entry not in kept)))


def changed(
    rows: Sequence[Candidate], campaign: Campaign, change: Change, *, fallen: Mapping[str, int]
) -> tuple[list[Candidate], Campaign]:
    """Rows and rules as the change has them."""
    gone = set(change.without_judges)
    left = [
        replace(
            each,
            likes=each.likes - fallen.get(each.entry, 0),
            marks=tuple(mark for mark in each.marks if mark.judge not in gone),
        )
        for each in rows
        if each.entry not in change.without_entries
    ]
    if gone and campaign.weights.expert_bp:
        left = [each for each in left if each.marks]
    return left, _rules(campaign, change, least_marks=min((len(each.marks) for each in left), default=0))


def _rules(campaign: Campaign, change: Change, *, least_marks: int) -> Campaign:
    judging = campaign.judging
    if change.without_judges:
        judging = replace(judging, min_marks=min(judging.min_marks, least_marks))
    if change.method is not None:
        judging = replace(judging, method=change.method)
    return replace(
        campaign,
        weights=change.weights or campaign.weights,
        conversion=change.conversion or campaign.conversion,
        judging=judging,
    )


def _unknown(rows: Sequence[Candidate], change: Change) -> Refused | None:
    judges = {mark.judge for each in rows for mark in each.marks}
    if strangers := sorted(set(change.without_judges) - judges):
        return Refused("judge-unknown", field="without_judges", detail={"judges": strangers})
    if strangers := sorted(set(change.without_entries) - {each.entry for each in rows}):
        return Refused("entry-not-ranked", field="without_entries", detail={"entries": strangers})
    return None


def to_data(change: Change) -> Plain:
    """Plain data, rules as they are typed; what is not changed is left out."""
    data: Plain = {
        each.name: list(getattr(change, each.name))
        for each in fields(change)
        if each.name.startswith("without_") and getattr(change, each.name)
    }
    if change.weights is not None:
        data["weights"] = _decimals(change.weights)
    if change.conversion is not None:
        data["conversion"] = spelled(change.conversion)
    if change.method is not None:
        data["method"] = change.method
    return data


def from_data(data: Mapping[str, Any]) -> Change:
    """The inverse of `to_data`, whatever the order of names. Raises ValueError where a rule cannot be read."""
    weights, conversion, method = (data.get(each) for each in ("weights", "conversion", "method"))
    named = {
        each.name: tuple(sorted(set(data.get(each.name) or ())))
        for each in fields(Change)
        if each.name.startswith("without_")
    }
    return Change(
        **named,
        weights=None if weights is None else weights_of(weights),
        conversion=None if conversion is None else conversion_of(conversion),
        method=None if method is None else method_of(method),
    )


def plain(found: Recount) -> Plain:
    """For staff. Always says that it is unofficial."""
    before, after = _by_entry(found.official), _by_entry(found.changed)
    return {
        "unofficial": True,
        "official_digest": found.official.digest(),
        "digest": found.changed.digest(),
        "winners": len(found.changed.winners()),
        "enters": [_moved(entry, before, after) for entry in found.enters],
        "leaves": [_moved(entry, before, after) for entry in found.leaves],
        "dropped": list(found.dropped),
        "places_changed": sum(entry in before and before[entry].place != each.place for entry, each in after.items()),
    }


def _moved(entry: str, before: Mapping[str, Standing], after: Mapping[str, Standing]) -> Plain:
    known = after.get(entry) or before[entry]
    return {"entry": entry, "type": known.merit.candidate.type} | {
        f"{name}_{when}": None if entry not in table else value(table[entry])
        for when, table in (("before", before), ("after", after))
        for name, value in (("place", lambda each: each.place), ("final", lambda each: shown(each.merit.final)))
    }


def _by_entry(ranking: Ranking) -> dict[str, Standing]:
    return {each.merit.candidate.entry: each for each in ranking.standings}


def _decimals(weights: Weights) -> str:
    """Shares of a hundred: `30/70`, `33.33/66.67`."""
    return "/".join(two_decimals(bp).rstrip("0").rstrip(".") for bp in (weights.like_bp, weights.expert_bp))
