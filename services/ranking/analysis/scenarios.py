"""Recount the ranking without some judges, entries or likes, or with other weights, conversion or method.

A scenario is a "what if": the official record with such a change. Promises: without a change, the ranking is the
official ranking byte for byte; everything that is not changed stays as it was, so every difference comes from the
change. Takes plain candidates and rules, so a list of last year's numbers works too. Changes no log.
If a judge is left out, an entry that then has fewer marks than the minimum is ranked by the marks that it still has,
and an entry without any mark is left out: `dropped` names it. Does not promise that a scenario would have been a lawful
result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from services.moderation.campaign import Campaign, Conversion, Weights
from services.ranking.analysis.rule_syntax import format_conversion, parse_conversion, parse_method, parse_weights
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.final_ranking import RankedEntry, Ranking, format_score, rank
from shared.decider import Refused
from shared.decimals import two_decimals

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What a scenario changes in the official record: what it leaves out, and which rules it replaces.

    Likes are named by their addresses (`<log>/<n>/<i>`, the ids of their events), and days are campaign days.
    """

    without_judges: tuple[str, ...] = ()
    without_entries: tuple[str, ...] = ()
    without_days: tuple[str, ...] = ()
    without_likes: tuple[str, ...] = ()
    weights: Weights | None = None
    conversion: Conversion | None = None
    method: str | None = None

    @property
    def names_likes(self) -> bool:
        """Whether the change excludes likes, by day or by address."""
        return bool(self.without_days or self.without_likes)


@dataclass(frozen=True, slots=True)
class Recount:
    """The result of a recount: the official ranking and the changed ranking, from the same events.

    `dropped` are the entries that are left out because they lost all their marks.
    """

    official: Ranking
    changed: Ranking
    dropped: tuple[str, ...]

    @property
    def enters(self) -> tuple[str, ...]:
        """The entries that win in the changed ranking but not in the official ranking, sorted by id."""
        return tuple(sorted(self.changed.winning() - self.official.winning()))

    @property
    def leaves(self) -> tuple[str, ...]:
        """The entries that win in the official ranking but not in the changed ranking, sorted by id."""
        return tuple(sorted(self.official.winning() - self.changed.winning()))


def recount(
    candidates: Sequence[Candidate],
    campaign: Campaign,
    change: Change,
    *,
    draw: tuple[bytes, bytes],
    excluded: Mapping[str, int] | None = None,
) -> Recount | Refused:
    """Rank the candidates officially and with a change, and return both rankings.

    `draw` is the seed and the root of the lot. `excluded` says by entry how many valid likes the change excludes.
    Refuses as `rank` does, with `judge-unknown` or `entry-not-ranked` if the change names an unknown judge or entry,
    and with `rule-unreadable` if likes have a weight and no points: no campaign can run by such rules.
    """
    seed, root = draw
    if refused := _unknown(candidates, change):
        return refused
    official = rank(candidates, campaign, seed=seed, root=root)
    if isinstance(official, Refused):
        return official
    left, rules = apply_change(candidates, campaign, change, excluded=excluded or {})
    if rules.conversion.name == "none" and rules.weights.like_bp:
        words = "点赞不折算时，点赞权重必须为 0（0/1） / the like weight must be 0 where likes are not converted (0/1)"
        return Refused("rule-unreadable", field="weights", detail={"words": words})
    again = rank(left, rules, seed=seed, root=root)
    if isinstance(again, Refused):
        return again
    accounted_for = {each.entry for each in left} | set(change.without_entries)
    return Recount(official, again, tuple(sorted(each.entry for each in candidates if each.entry not in accounted_for)))


def apply_change(
    candidates: Sequence[Candidate], campaign: Campaign, change: Change, *, excluded: Mapping[str, int]
) -> tuple[list[Candidate], Campaign]:
    """Return new candidates and rules with the change applied; `excluded` is as in `recount`."""
    left_out = set(change.without_judges)
    left = [
        replace(
            each,
            likes=each.likes - excluded.get(each.entry, 0),
            marks=tuple(mark for mark in each.marks if mark.judge not in left_out),
        )
        for each in candidates
        if each.entry not in change.without_entries
    ]
    if left_out and campaign.weights.expert_bp:
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


def _unknown(candidates: Sequence[Candidate], change: Change) -> Refused | None:
    judges = {mark.judge for each in candidates for mark in each.marks}
    if strangers := sorted(set(change.without_judges) - judges):
        return Refused("judge-unknown", field="without_judges", detail={"judges": strangers})
    if strangers := sorted(set(change.without_entries) - {each.entry for each in candidates}):
        return Refused("entry-not-ranked", field="without_entries", detail={"entries": strangers})
    return None


def to_data(change: Change) -> Plain:
    """Return the change as plain data, with rules in the text form of `rule_syntax`. What it leaves alone is absent."""
    data: Plain = {
        each.name: list(getattr(change, each.name))
        for each in fields(change)
        if each.name.startswith("without_") and getattr(change, each.name)
    }
    if change.weights is not None:
        data["weights"] = _decimals(change.weights)
    if change.conversion is not None:
        data["conversion"] = format_conversion(change.conversion)
    if change.method is not None:
        data["method"] = change.method
    return data


def from_data(data: Mapping[str, Any]) -> Change:
    """Return a change from plain data as `to_data` gives it. Names are sorted, and repeats dropped.

    Raises ValueError if a rule cannot be read.
    """
    weights, conversion, method = (data.get(each) for each in ("weights", "conversion", "method"))
    named = {
        each.name: tuple(sorted(set(data.get(each.name) or ())))
        for each in fields(Change)
        if each.name.startswith("without_")
    }
    return Change(
        **named,
        weights=None if weights is None else parse_weights(weights),
        conversion=None if conversion is None else parse_conversion(conversion),
        method=None if method is None else parse_method(method),
    )


def plain(found: Recount) -> Plain:
    """Return the recount as plain data for staff: digests, and entries that enter or leave the winners.

    It is always marked unofficial.
    """
    before, after = _by_entry(found.official), _by_entry(found.changed)
    return {
        "unofficial": True,
        "official_digest": found.official.digest(),
        "digest": found.changed.digest(),
        "winners": len(found.changed.winners()),
        "enters": [_movement(entry, before, after) for entry in found.enters],
        "leaves": [_movement(entry, before, after) for entry in found.leaves],
        "dropped": list(found.dropped),
        "places_changed": sum(entry in before and before[entry].place != each.place for entry, each in after.items()),
    }


def _movement(entry: str, before: Mapping[str, RankedEntry], after: Mapping[str, RankedEntry]) -> Plain:
    known = after.get(entry) or before[entry]
    return {"entry": entry, "type": known.merit.candidate.type} | {
        f"{name}_{when}": None if entry not in table else value(table[entry])
        for when, table in (("before", before), ("after", after))
        for name, value in (("place", lambda each: each.place), ("final", lambda each: format_score(each.merit.final)))
    }


def _by_entry(ranking: Ranking) -> dict[str, RankedEntry]:
    return {each.merit.candidate.entry: each for each in ranking.entries}


def _decimals(weights: Weights) -> str:
    """Return the weights as shares of a hundred: `30/70`, `33.33/66.67`."""
    return "/".join(two_decimals(bp).rstrip("0").rstrip(".") for bp in (weights.like_bp, weights.expert_bp))
