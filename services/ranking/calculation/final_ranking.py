"""From candidates to a result: final scores, places, seats, and why (rules, section 3).

Promises: the same candidates, rules, seed and root give the same bytes, in whatever order the rows come; exact values
decide, rounded ones are only shown; nothing about when or from which events the rows were made is in the result.
Does not promise: that the result may be proposed. Closed polls and held likes are the caller's questions.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from services.moderation.campaign import WHOLE_BP, Campaign, commitment, rule_hash
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.conversions import like_points
from services.ranking.calculation.expert_scores import Scores, field_scores
from services.ranking.calculation.marks import Score, criterion_points, judge_mark
from services.ranking.calculation.quota import Contender, Seat, allocate
from shared.canonical import digest
from shared.decider import Refused
from shared.decimals import two_decimals

FIRST = "first"
FINAL_SCORE = "final_score"
CONTENT = "content"  # the criterion that a tie may be decided by
UNMARKED = Score(Fraction(0), "none", fell_back=False)  # where marks have no weight, an entry may have none


@dataclass(frozen=True, slots=True)
class Merit:
    """What one candidate has earned, before it is compared with others."""

    candidate: Candidate
    like_points: Fraction
    expert: Score
    content: Fraction | None  # the content criterion alone, by the same method; None where the rubric has none
    final: Fraction
    lot: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the result. `place` is within the unit type, `overall` among all."""

    merit: Merit
    place: int
    overall: int
    decided_by: str  # what put it below the one above it in its type: FIRST, FINAL_SCORE or a tie rule
    seat: Seat | None


@dataclass(frozen=True, slots=True)
class Ranking:
    campaign: str
    rule_hash: str
    standings: tuple[Standing, ...]  # by type code, then place
    seats: tuple[Seat, ...]

    def canonical_rows(self) -> dict[str, Any]:
        """The result as plain data: what is hashed, published and compared after a rebuild."""
        return {
            "campaign": self.campaign,
            "rule_hash": self.rule_hash,
            "rows": [_row(each) for each in self.standings],
            "seats": [
                {"seat": each.seat, "from": each.from_type, "to": each.to_type, "entry": each.entry, "why": each.why}
                for each in self.seats
            ],
        }

    def digest(self) -> str:
        """SHA-256, in hex, of the canonical bytes of the rows."""
        return digest(self.canonical_rows())

    def winners(self) -> tuple[Standing, ...]:
        return tuple(each for each in self.standings if each.seat)

    def winning(self) -> frozenset[str]:
        """The entries of the winners."""
        return frozenset(each.merit.candidate.entry for each in self.winners())


def rank(rows: Sequence[Candidate], campaign: Campaign, *, seed: bytes, root: bytes) -> Ranking | Refused:
    """The result under `campaign` as it was locked; `root` is that of the closing vote checkpoint.

    Refused: `too-few-marks` with the entries, `seed-mismatch` where the seed is not the one that was committed.
    Rows that no service can hand over (an entry twice, an unknown type) are a ValueError.
    """
    _expect_sound(rows, campaign)
    if campaign.seed_commitment not in ("", commitment(seed)):
        return Refused("seed-mismatch", field="seed")
    if is_unmarked(rows, campaign):
        short = sorted(each.entry for each in rows if len(each.marks) < campaign.judging.min_marks)
        return Refused("too-few-marks", detail={"entries": short, "min_marks": campaign.judging.min_marks})
    ordered = sorted(_merits(rows, campaign, seed + root), key=_order(campaign))
    seats = allocate([Contender(each.candidate.entry, each.candidate.type, each.final) for each in ordered], campaign)
    standings = _standings(ordered, campaign, seats)
    return Ranking(campaign.id, rule_hash(campaign), standings, seats)


def is_unmarked(rows: Sequence[Candidate], campaign: Campaign) -> bool:
    """Whether an entry has fewer marks than the result needs; none are needed where marks have no weight."""
    least = campaign.judging.min_marks if campaign.weights.expert_bp else 0
    return any(len(each.marks) < least for each in rows)


def e4(value: Fraction) -> int:
    """In ten-thousandths, half to even: how a value is stored."""
    return round(value * 10_000)


def exactly(value: Fraction) -> str:
    """As numerator/denominator: how a value is stored without rounding it."""
    return f"{value.numerator}/{value.denominator}"


def shown(value: Fraction) -> str:
    """With two decimals, half to even, from the exact value: how a value is shown."""
    return two_decimals(round(value * 100))


def _expect_sound(rows: Sequence[Candidate], campaign: Campaign) -> None:
    types = {each.code for each in campaign.unit_types}
    if len({each.entry for each in rows}) != len(rows):
        raise ValueError("an entry stands twice among the candidates")
    for each in rows:
        if each.type not in types:
            raise ValueError(f"{each.entry} has the unknown unit type {each.type!r}")
        if len({mark.judge for mark in each.marks}) != len(each.marks):
            raise ValueError(f"{each.entry} has two marks by one judge")


def _merits(rows: Sequence[Candidate], campaign: Campaign, draw: bytes) -> list[Merit]:
    points, (experts, contents) = points_of(rows, campaign), experts_of(rows, campaign)
    return [
        Merit(
            candidate=each,
            like_points=points[each.entry],
            expert=experts.get(each.entry, UNMARKED),
            content=contents.get(each.entry, UNMARKED).value if contents else None,
            final=final_score(points[each.entry], experts.get(each.entry, UNMARKED).value, campaign),
            lot=hashlib.sha256(draw + each.entry.encode()).hexdigest(),
        )
        for each in rows
    ]


def populations(rows: Sequence[Candidate], campaign: Campaign) -> list[list[Candidate]]:
    """Whom an entry's likes are compared with: those of its type, or all."""
    if campaign.conversion.population != "type":
        return [list(rows)]
    return [[each for each in rows if each.type == one.code] for one in campaign.unit_types]


def points_of(rows: Sequence[Candidate], campaign: Campaign) -> dict[str, Fraction]:
    """Like points by entry, each compared with its population."""
    points: dict[str, Fraction] = {}
    for field in populations(rows, campaign):
        earned = like_points(campaign.conversion, [each.likes for each in field])
        points |= {each.entry: one for each, one in zip(field, earned, strict=True)}
    return points


def experts_of(rows: Sequence[Candidate], campaign: Campaign) -> tuple[Scores, Scores]:
    """Expert scores, and those of the content criterion alone: none where the rubric has none. All types together:
    a judge's scale is one."""
    judging = campaign.judging
    experts = field_scores(judging.method, rows, lambda mark: judge_mark(mark, judging.criteria))
    if all(each.code != CONTENT for each in judging.criteria):
        return experts, {}
    return experts, field_scores(judging.method, rows, lambda mark: criterion_points(mark, CONTENT))


def final_score(points: Fraction, expert: Fraction, campaign: Campaign) -> Fraction:
    weights = campaign.weights
    return (weights.like_bp * points + weights.expert_bp * expert) / WHOLE_BP


# Each rule as a value of which the lower one wins.
_TIE_VALUES: dict[str, Callable[[Merit], Fraction | int | str]] = {
    "expert_score": lambda merit: -merit.expert.value,
    "content_mark": lambda merit: -(merit.content or Fraction(0)),
    "valid_likes": lambda merit: -merit.candidate.likes,
    "earlier_hand_in": lambda merit: merit.candidate.handed_in,
    "lot": lambda merit: merit.lot,
}


def _order(campaign: Campaign) -> Callable[[Merit], tuple[Any, ...]]:
    rules = [_TIE_VALUES[name] for name in campaign.tie_order]
    return lambda merit: (-merit.final, *(rule(merit) for rule in rules))


def _standings(ordered: Sequence[Merit], campaign: Campaign, seats: Sequence[Seat]) -> tuple[Standing, ...]:
    seat_of = {each.entry: each for each in seats if each.entry is not None}
    last: dict[str, Standing] = {}
    standings: list[Standing] = []
    for overall, merit in enumerate(ordered, start=1):
        above = last.get(merit.candidate.type)
        why = _decided_by(above.merit, merit, campaign) if above else FIRST
        place = above.place + 1 if above else 1
        standing = Standing(merit, place, overall, why, seat_of.get(merit.candidate.entry))
        last[merit.candidate.type] = standing
        standings.append(standing)
    return tuple(sorted(standings, key=lambda each: (each.merit.candidate.type, each.place)))


def _decided_by(above: Merit, below: Merit, campaign: Campaign) -> str:
    names = (FINAL_SCORE, *campaign.tie_order)
    key = _order(campaign)
    return next(name for name, high, low in zip(names, key(above), key(below), strict=True) if high != low)


def _row(standing: Standing) -> dict[str, Any]:
    merit, seat = standing.merit, standing.seat
    return {
        "entry": merit.candidate.entry,
        "type": merit.candidate.type,
        "place": standing.place,
        "overall": standing.overall,
        "likes": merit.candidate.likes,
        "like_points": exactly(merit.like_points),
        "like_points_e4": e4(merit.like_points),
        "expert": exactly(merit.expert.value),
        "expert_e4": e4(merit.expert.value),
        "expert_method": merit.expert.method,
        "final": exactly(merit.final),
        "final_e4": e4(merit.final),
        "decided_by": standing.decided_by,
        "winner": seat is not None,
        "seat": seat.seat if seat else None,
        "seat_reason": seat.why if seat else None,
    }
