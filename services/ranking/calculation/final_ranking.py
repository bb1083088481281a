"""Compute the result from the candidates: final scores, places, seats, and the reason of each.

Promises: the same candidates, rules, seed and root give the same bytes, in whatever order the candidates come; exact
values are compared, and rounded values are only displayed; the result holds nothing about when or from which events the
candidates were made.
Does not promise that the result may be proposed: the caller checks that polls are closed and no likes are held.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from services.moderation.campaign import WHOLE_BP, Campaign, commitment, rule_hash, stored_hash
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.conversions import like_points
from services.ranking.calculation.expert_scores import Scores, field_scores
from services.ranking.calculation.marks import Score, criterion_points, judge_mark
from services.ranking.calculation.quota import ScoredEntry, Seat, allocate
from shared.canonical import digest
from shared.decider import Refused
from shared.decimals import two_decimals

FIRST = "first"
FINAL_SCORE = "final_score"
HAND_IN = "earlier_hand_in"
CONTENT = "content"  # the criterion that can decide a tie
BY_MARKS = ("expert_score", "content_mark")  # tie rules that compare marks
UNMARKED = Score(Fraction(0), "none", fell_back=False)  # of an entry without marks, allowed where marks have no weight


@dataclass(frozen=True, slots=True)
class Merit:
    """A candidate's scores, before the candidate is compared with others: like points, expert score and final score.

    `lot` is the candidate's value in the drawn tie-break: a SHA-256 in hex, of which the lower wins.
    """

    candidate: Candidate
    like_points: Fraction
    expert: Score
    content: (
        Fraction | None
    )  # the content criterion alone, by the same method; None if the rubric has no such criterion
    final: Fraction
    lot: str


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """One line of the result: an entry with its places and its seat. `place` counts within the unit type, from 1, and
    `overall` over all entries.
    """

    merit: Merit
    place: int
    overall: int
    decided_by: str  # what put it below the entry above it in its type: FIRST, FINAL_SCORE or a tie rule
    seat: Seat | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The result of a ranking under one rule set: all entries in order, and all seats with their reasons."""

    campaign: str
    rule_hash: str  # as people know the rules
    stored_hash: str  # which the digest covers
    entries: tuple[RankedEntry, ...]  # by type code, then place
    seats: tuple[Seat, ...]
    # Entries in ties that skipped the hand-in or the marks, since one of them has none.
    without_hand_in: frozenset[str] = frozenset()
    without_marks: frozenset[str] = frozenset()

    def canonical_rows(self) -> dict[str, Any]:
        """Return the result as plain data with exact values. This is what is hashed, published and compared."""
        return {
            "campaign": self.campaign,
            "rule_hash": self.stored_hash,
            "rows": [_row(each) for each in self.entries],
            "seats": [
                {"seat": each.seat, "from": each.from_type, "to": each.to_type, "entry": each.entry, "why": each.why}
                for each in self.seats
            ],
        }

    def digest(self) -> str:
        """Return the SHA-256, in hex, of the canonical bytes of the result."""
        return digest(self.canonical_rows())

    def winners(self) -> tuple[RankedEntry, ...]:
        """Return the lines of the result that have a seat."""
        return tuple(each for each in self.entries if each.seat)

    def winning(self) -> frozenset[str]:
        """Return the ids of the entries that have a seat."""
        return frozenset(each.merit.candidate.entry for each in self.winners())


def rank(candidates: Sequence[Candidate], campaign: Campaign, *, seed: bytes, root: bytes) -> Ranking | Refused:
    """Rank the candidates by the locked rules of `campaign`, and return the result.

    `seed` (revealed) and `root` (`ranking_input.lot_root`) decide the lot, the drawn tie-break. Refuses with
    `too-few-marks` and the entries concerned, or with `seed-mismatch` if the seed is not the committed seed. Raises
    ValueError for candidates that no service can produce (an entry twice, an unknown type).
    """
    _expect_sound(candidates, campaign)
    if campaign.seed_commitment not in ("", commitment(seed)):
        return Refused("seed-mismatch", field="seed")
    if is_unmarked(candidates, campaign):
        short = sorted(each.entry for each in candidates if len(each.marks) < campaign.judging.min_marks)
        return Refused("too-few-marks", detail={"entries": short, "min_marks": campaign.judging.min_marks})
    merits = _merits(candidates, campaign, seed + root)
    skipped = {
        name: frozenset(merits[i].candidate.entry for i in tied)
        for name, tied in rules_skipped(
            [each.candidate for each in merits],
            [each.final for each in merits],
            campaign.tie_order,
            value=lambda name, i: _TIE_VALUES[name](merits[i]),
        ).items()
    }
    key = _merit_key(campaign, skipped)
    ordered = sorted(merits, key=key)
    seats = allocate([ScoredEntry(each.candidate.entry, each.candidate.type, each.final) for each in ordered], campaign)
    entries = _ranked_entries(ordered, campaign, seats, key)
    return Ranking(
        campaign.id,
        rule_hash(campaign),
        stored_hash(campaign),
        entries,
        seats,
        without_hand_in=skipped.get(HAND_IN, frozenset()),
        without_marks=frozenset().union(*(skipped.get(name, ()) for name in BY_MARKS)),
    )


def is_unmarked(candidates: Sequence[Candidate], campaign: Campaign) -> bool:
    """Return whether any entry has fewer marks than the rules require. If marks have no weight, none are required."""
    least = campaign.judging.min_marks if campaign.weights.expert_bp else 0
    return any(len(each.marks) < least for each in candidates)


def e4(value: Fraction) -> int:
    """Return a score in whole ten-thousandths, rounded half to even: 1.5 points are 15000."""
    return round(value * 10_000)


def exactly(value: Fraction) -> str:
    """Return a score as `numerator/denominator`, the form in which it is stored without rounding."""
    return f"{value.numerator}/{value.denominator}"


def format_score(value: Fraction) -> str:
    """Return a score with two decimals, rounded half to even, the form in which people see it: "87.50"."""
    return two_decimals(round(value * 100))


def _expect_sound(candidates: Sequence[Candidate], campaign: Campaign) -> None:
    types = {each.code for each in campaign.unit_types}
    if len({each.entry for each in candidates}) != len(candidates):
        raise ValueError("an entry appears twice among the candidates")
    for each in candidates:
        if each.type not in types:
            raise ValueError(f"{each.entry} has the unknown unit type {each.type!r}")
        if len({mark.judge for mark in each.marks}) != len(each.marks):
            raise ValueError(f"{each.entry} has two marks by one judge")


def _merits(candidates: Sequence[Candidate], campaign: Campaign, draw: bytes) -> list[Merit]:
    points, (experts, contents) = points_of(candidates, campaign), experts_of(candidates, campaign)
    return [
        Merit(
            candidate=each,
            like_points=points[each.entry],
            expert=experts.get(each.entry, UNMARKED),
            content=contents.get(each.entry, UNMARKED).value if contents else None,
            final=final_score(points[each.entry], experts.get(each.entry, UNMARKED).value, campaign),
            lot=hashlib.sha256(draw + each.entry.encode()).hexdigest(),
        )
        for each in candidates
    ]


def populations(candidates: Sequence[Candidate], campaign: Campaign) -> list[list[Candidate]]:
    """Return the candidates in the groups within which their likes are compared: by unit type, or all together."""
    if campaign.conversion.population != "type":
        return [list(candidates)]
    return [[each for each in candidates if each.type == one.code] for one in campaign.unit_types]


def points_of(candidates: Sequence[Candidate], campaign: Campaign) -> dict[str, Fraction]:
    """Return the like points of all candidates by entry. Each is compared within its group (`populations`)."""
    points: dict[str, Fraction] = {}
    for field in populations(candidates, campaign):
        earned = like_points(campaign.conversion, [each.likes for each in field])
        points |= {each.entry: one for each, one in zip(field, earned, strict=True)}
    return points


def experts_of(candidates: Sequence[Candidate], campaign: Campaign) -> tuple[Scores, Scores]:
    """Return the expert scores by entry, and the scores in the content criterion alone, which can decide a tie.

    The content scores are empty if the rubric has no such criterion. All unit types are scored together, because a
    judge has one scale for all types.
    """
    judging = campaign.judging
    experts = field_scores(judging.method, candidates, lambda mark: judge_mark(mark, judging.criteria))
    if all(each.code != CONTENT for each in judging.criteria):
        return experts, {}
    return experts, field_scores(judging.method, candidates, lambda mark: criterion_points(mark, CONTENT))


def final_score(points: Fraction, expert: Fraction, campaign: Campaign) -> Fraction:
    """Return the final score: the sum of like points and expert score, each with its weight in the rules."""
    weights = campaign.weights
    return (weights.like_bp * points + weights.expert_bp * expert) / WHOLE_BP


# The value that each tie rule compares; the lower value wins.
_TIE_VALUES: dict[str, Callable[[Merit], Fraction | int | str]] = {
    "expert_score": lambda merit: -merit.expert.value,
    "content_mark": lambda merit: -(merit.content or Fraction(0)),
    "valid_likes": lambda merit: -merit.candidate.likes,
    HAND_IN: lambda merit: merit.candidate.handed_in or 0,  # see `rules_skipped`
    "lot": lambda merit: merit.lot,
}


def _merit_key(
    campaign: Campaign, skipped: Mapping[str, frozenset[str]]
) -> Callable[[Merit], tuple[Fraction | int | str, ...]]:
    """Return the sort key: the final score, then the tie rules. `skipped` has, by rule, the entries whose tie does not
    compare it.
    """

    def value(name: str, merit: Merit) -> Fraction | int | str:
        return 0 if merit.candidate.entry in skipped.get(name, ()) else _TIE_VALUES[name](merit)

    return lambda merit: (-merit.final, *(value(name, merit) for name in campaign.tie_order))


def rules_skipped(
    candidates: Sequence[Candidate],
    finals: Sequence[Hashable],
    tie_order: Sequence[str],
    *,
    value: Callable[[str, int], Hashable],
) -> dict[str, frozenset[int]]:
    """Return, by tie rule, the candidates (by index) in ties that the rule cannot break, because one of them lacks what
    it compares: the marks, where they have no weight, or the time of the hand-in.

    The whole tie goes to the next rule: comparing some of its entries and not others would give no order. `finals` are
    the final scores, and `value` returns what a rule compares of a candidate.
    """
    lacking = {name: _lacking(candidates, name) for name in tie_order}
    if not any(lacking.values()):
        return {}
    skipped: dict[str, frozenset[int]] = {}
    ties = _ties(range(len(finals)), finals.__getitem__)
    for name in tie_order:
        unbroken = [tie for tie in ties if not lacking[name].isdisjoint(tie)]
        skipped[name] = frozenset(i for tie in unbroken for i in tie)
        broken = (tie for tie in ties if lacking[name].isdisjoint(tie))
        ties = [*unbroken, *(part for tie in broken for part in _ties(tie, partial(value, name)))]
    return skipped


def _lacking(candidates: Sequence[Candidate], name: str) -> frozenset[int]:
    """Return the candidates (by index) that lack what a tie rule compares."""
    if name in BY_MARKS:
        return frozenset(i for i, each in enumerate(candidates) if not each.marks)
    if name == HAND_IN:
        return frozenset(i for i, each in enumerate(candidates) if each.handed_in is None)
    return frozenset()


def _ties(indexes: Iterable[int], value: Callable[[int], Hashable]) -> list[list[int]]:
    """Return the groups of two or more indexes with equal values."""
    groups: dict[Hashable, list[int]] = {}
    for i in indexes:
        groups.setdefault(value(i), []).append(i)
    return [group for group in groups.values() if len(group) > 1]


def _ranked_entries(
    ordered: Sequence[Merit], campaign: Campaign, seats: Sequence[Seat], key: Callable[[Merit], tuple[Any, ...]]
) -> tuple[RankedEntry, ...]:
    seat_of = {each.entry: each for each in seats if each.entry is not None}
    last: dict[str, RankedEntry] = {}
    entries: list[RankedEntry] = []
    for overall, merit in enumerate(ordered, start=1):
        above = last.get(merit.candidate.type)
        why = _decided_by(key(above.merit), key(merit), campaign) if above else FIRST
        place = above.place + 1 if above else 1
        ranked = RankedEntry(merit, place, overall, why, seat_of.get(merit.candidate.entry))
        last[merit.candidate.type] = ranked
        entries.append(ranked)
    return tuple(sorted(entries, key=lambda each: (each.merit.candidate.type, each.place)))


def _decided_by(above: tuple[Any, ...], below: tuple[Any, ...], campaign: Campaign) -> str:
    names = (FINAL_SCORE, *campaign.tie_order)
    return next(name for name, high, low in zip(names, above, below, strict=True) if high != low)


def _row(ranked: RankedEntry) -> dict[str, Any]:
    merit, seat = ranked.merit, ranked.seat
    return {
        "entry": merit.candidate.entry,
        "type": merit.candidate.type,
        "place": ranked.place,
        "overall": ranked.overall,
        "likes": merit.candidate.likes,
        "like_points": exactly(merit.like_points),
        "like_points_e4": e4(merit.like_points),
        "expert": exactly(merit.expert.value),
        "expert_e4": e4(merit.expert.value),
        "expert_method": merit.expert.method,
        "final": exactly(merit.final),
        "final_e4": e4(merit.final),
        "decided_by": ranked.decided_by,
        "winner": seat is not None,
        "seat": seat.seat if seat else None,
        "seat_reason": seat.why if seat else None,
    }
