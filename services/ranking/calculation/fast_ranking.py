"""Winners under many slightly different facts or rules, fast enough to compute a thousand rankings.

`final_ranking.rank` computes the result with its reasons and bytes. This module computes only the order and the seats,
and computes once what variants share: the expert scores while only likes or weights change, and the points of every
possible mid-rank.
Promises: exactly the order and the winners of `final_ranking.rank`, as a property test checks: fractions are only
brought to one denominator, so that whole numbers are compared.
Does not promise to refuse what cannot be ranked: the caller has ranked the unchanged candidates before.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

from services.moderation.campaign import WHOLE_BP, Campaign, Conversion
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.conversions import like_points, mid_ranks
from services.ranking.calculation.final_ranking import UNMARKED, experts_of, rules_skipped
from services.ranking.calculation.quota import ScoredEntry, allocate

# Conversions whose points depend only on the size of the population and the mid-rank in it.
_BY_RANK = ("rank_percentile", "rank_step", "bands", "none")
# Methods by which an entry's score depends on its own marks alone.
_BY_ENTRY = ("mean", "median", "trimmed")


@dataclass(frozen=True, slots=True)
class Experts:
    """The candidates' expert scores, and their scores in the content criterion alone, in the order of the candidates.

    Contents are 0 if the rubric has no such criterion.
    """

    scores: tuple[Fraction, ...]
    contents: tuple[Fraction, ...]


class FastRanking:
    """Ranks one list of candidates under one rule set, again and again with changed likes or scores.

    `draw` is the seed of the lot followed by its root. `experts` may pass in scores that are computed already.
    """

    def __init__(
        self, candidates: Sequence[Candidate], campaign: Campaign, *, draw: bytes, experts: Experts | None = None
    ) -> None:
        self.candidates, self.campaign, self.draw = tuple(candidates), campaign, draw
        self.likes = [each.likes for each in candidates]
        self.experts = experts or _experts(self.candidates, campaign)
        self._scaled_experts = _scaled(self.experts.scores)
        self._fields = _fields(self.candidates, campaign)
        self._is_marked = all(each.marks for each in self.candidates)
        self._lots = [hashlib.sha256(draw + each.entry.encode()).digest() for each in candidates]

    # Variants

    def by_rules(self, campaign: Campaign) -> "FastRanking":
        """Return a ranking of the same candidates under other rules."""
        same = campaign.judging == self.campaign.judging
        return FastRanking(self.candidates, campaign, draw=self.draw, experts=self.experts if same else None)

    def without_judge(self, judge: str) -> "FastRanking":
        """Return a ranking without one judge's marks. An entry that has no other marks is left out, if marks have a
        weight.
        """
        weighs = self.campaign.weights.expert_bp > 0
        remaining, indexes, rescored = [], [], []
        for i, candidate in enumerate(self.candidates):
            marks = [mark for mark in candidate.marks if mark.judge != judge]
            if not marks and weighs:
                continue
            if len(marks) != len(candidate.marks):
                rescored.append(len(remaining))
                candidate = replace(candidate, marks=tuple(marks))
            remaining.append(candidate)
            indexes.append(i)
        if self.campaign.judging.method not in _BY_ENTRY:
            return FastRanking(remaining, self.campaign, draw=self.draw)
        new_experts = _experts([remaining[i] for i in rescored], self.campaign)
        scores, contents = ([each[i] for i in indexes] for each in (self.experts.scores, self.experts.contents))
        for i, score, content in zip(rescored, new_experts.scores, new_experts.contents, strict=True):
            scores[i], contents[i] = score, content
        return FastRanking(remaining, self.campaign, draw=self.draw, experts=Experts(tuple(scores), tuple(contents)))

    # Queries

    def merit_order(
        self, likes: Sequence[int] | None = None, scores: Mapping[int, Fraction] | None = None
    ) -> list[ScoredEntry]:
        """Return the entries over all types, the best first.

        `likes` replaces the like counts of all candidates, and `scores` the expert scores of some, by index.
        """
        places, finals, scale = self._ranked(self.likes if likes is None else likes, scores or {})
        candidates = self.candidates
        return [ScoredEntry(candidates[i].entry, candidates[i].type, Fraction(finals[i], scale)) for i in places]

    def winners(self, likes: Sequence[int] | None = None) -> frozenset[str]:
        """Return the ids of the entries that win a seat. `likes` replaces the like counts of all candidates."""
        places, finals, scale = self._ranked(self.likes if likes is None else likes, {})
        candidates = self.candidates
        ordered = [
            ScoredEntry(candidates[i].entry, candidates[i].type, Fraction(finals[i], scale))
            for i in self._in_reach(places)
        ]
        return frozenset(each.entry for each in allocate(ordered, self.campaign) if each.entry is not None)

    # Internals

    def _in_reach(self, places: Sequence[int]) -> Sequence[int]:
        """Return the best candidates of each type, as many as could win if all seats were free.

        Returns all candidates if the numbers of judged entries decide who gets empty seats.
        """
        quota = self.campaign.quota
        if quota.refill == "proportional":
            return places
        seats = sum(each.quota for each in self.campaign.unit_types)
        counted: dict[str, int] = {}
        near = []
        for i in places:
            kind = self.candidates[i].type
            if (taken := counted.get(kind, 0)) < seats:
                counted[kind] = taken + 1
                near.append(i)
        return near

    def _ranked(self, likes: Sequence[int], scores: Mapping[int, Fraction]) -> tuple[list[int], list[int], int]:
        """Return the candidates' indexes best first, their scaled final scores, and the divisor of these."""
        experts = self.experts.scores
        if scores:
            experts = tuple(scores.get(i, each) for i, each in enumerate(experts))
        finals, scale = self._finals(likes, _scaled(experts) if scores else self._scaled_experts)
        keys = self._keys(finals, experts, likes)
        return sorted(range(len(keys)), key=keys.__getitem__), finals, scale

    def _finals(self, likes: Sequence[int], experts: tuple[list[int], int]) -> tuple[list[int], int]:
        """Return the final scores as whole numbers, and the divisor of these."""
        weights, (marks, marks_scale) = self.campaign.weights, experts
        earned = [_scaled_points(self.campaign.conversion, [likes[i] for i in field]) for field in self._fields]
        scale = lcm(marks_scale, *(each for _, each in earned))
        by_mark = weights.expert_bp * (scale // marks_scale)
        finals = [by_mark * each for each in marks]
        for field, (points, points_scale) in zip(self._fields, earned, strict=True):
            by_point = weights.like_bp * (scale // points_scale)
            for i, each in zip(field, points, strict=True):
                finals[i] += by_point * each
        return finals, scale * WHOLE_BP

    def _keys(
        self, finals: Sequence[int], experts: Sequence[Fraction], likes: Sequence[int]
    ) -> list[tuple[int | Fraction | bytes, ...]]:
        """Return the sort key of each candidate: the final score, then the tie rules; the lower key has the better
        place.
        """
        rules: dict[str, Sequence[int | Fraction | bytes]] = {
            "expert_score": _Negative(experts),
            "content_mark": _Negative(self.experts.contents),
            "valid_likes": [-each for each in likes],
            "earlier_hand_in": [_hand_in(each) for each in self.candidates],
            "lot": self._lots,
        }
        order = self.campaign.tie_order
        skipped: dict[str, frozenset[int]] = {}
        if not self._is_marked:
            skipped = rules_skipped(self.candidates, finals, order, value=lambda name, i: rules[name][i])
        columns = [_Without(rules[name], skipped[name]) if skipped.get(name) else rules[name] for name in order]
        tied = {final for final, count in Counter(finals).items() if count > 1}
        return [
            (-final, *(column[i] for column in columns)) if final in tied else (-final,)
            for i, final in enumerate(finals)
        ]


def _hand_in(candidate: Candidate) -> int:
    """Return the time of the hand-in. Every entry of a campaign has one; a list that is tried is not ranked here."""
    if candidate.handed_in is None:
        raise ValueError(f"{candidate.entry} has no hand-in time")
    return candidate.handed_in


class _Negative(Sequence[Fraction]):  # type: ignore[type-arg]
    """The values with the opposite sign, computed only when they are read, because ties are few."""

    def __init__(self, values: Sequence[Fraction]) -> None:
        self._values = values

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        return -self._values[i]

    def __len__(self) -> int:
        return len(self._values)


class _Without(Sequence[Fraction]):  # type: ignore[type-arg]
    """The values, with 0 for the entries whose tie does not compare them."""

    def __init__(self, values: Sequence[Any], skipped: frozenset[int]) -> None:
        self._values, self._skipped = values, skipped

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        return 0 if i in self._skipped else self._values[i]

    def __len__(self) -> int:
        return len(self._values)


def _experts(candidates: Sequence[Candidate], campaign: Campaign) -> Experts:
    scores, contents = experts_of(candidates, campaign)
    return Experts(
        tuple(scores.get(each.entry, UNMARKED).value for each in candidates),
        tuple(contents.get(each.entry, UNMARKED).value if contents else Fraction(0) for each in candidates),
    )


def _fields(candidates: Sequence[Candidate], campaign: Campaign) -> list[list[int]]:
    """Return the candidates' indexes by population."""
    if campaign.conversion.population != "type":
        return [list(range(len(candidates)))]
    by_type: dict[str, list[int]] = {}
    for i, candidate in enumerate(candidates):
        by_type.setdefault(candidate.type, []).append(i)
    return list(by_type.values())


def _scaled(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Return the values as whole numbers over one common denominator, and this denominator."""
    scale = lcm(*{each.denominator for each in values})
    return [each.numerator * (scale // each.denominator) for each in values], scale


def _scaled_points(conversion: Conversion, likes: Sequence[int]) -> tuple[list[int], int]:
    """Return `like_points`, scaled; conversions by rank are looked up in a table."""
    if conversion.name not in _BY_RANK:
        return _scaled(like_points(conversion, likes))
    points, scale = _scaled_points_by_rank(conversion, len(likes))
    place, earned = 1, {}
    for count, ties in sorted(Counter(likes).items(), reverse=True):
        earned[count] = points[2 * place + ties - 1]
        place += ties
    return [earned[each] for each in likes], scale


@lru_cache(maxsize=256)
def _scaled_points_by_rank(conversion: Conversion, field: int) -> tuple[dict[int, int], int]:
    """Return `points_by_rank`, scaled."""
    table = points_by_rank(conversion, field)
    points, scale = _scaled(list(table.values()))
    return dict(zip(table, points, strict=True)), scale


def points_by_rank(conversion: Conversion, field: int) -> dict[int, Fraction]:
    """Return the points of every mid-rank that is possible among `field` entries. The keys are twice the mid-rank,
    because a mid-rank is a whole number or ends in a half.

    The conversion itself computes them: once for likes that all differ, and twice for likes that tie in pairs, from the
    first and from the second place on.
    """
    table: dict[int, Fraction] = {}
    for likes in (
        range(field, 0, -1),
        [(field - i) // 2 for i in range(field)],
        [(field + 1 - i) // 2 for i in range(field)],
    ):
        counts = list(likes)
        ranks, points = mid_ranks(counts), like_points(conversion, counts)
        table |= {int(2 * rank): each for rank, each in zip(ranks, points, strict=True)}
    return table
