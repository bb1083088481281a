"""Explain one entry's result, from its likes day by day to its seat, with every number put into its formula.

Promises: every figure is the figure that the ranking computed, exact and rounded. What the next better place or a seat
would need is found by ranking again with more likes or a higher score, since conversions are relative. Judges are
numbered in an order that is drawn for each entry with a secret, so that no number identifies a judge, in this
explanation or across entries.
Takes candidates and rules, and returns plain data. Does not check who may read an explanation: the callers do.
"""

import hmac
from collections.abc import Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from services.moderation.campaign import WHOLE_BP, Campaign, Conversion, Weights
from services.ranking.analysis.excluded_likes import DayOfLikes
from services.ranking.analysis.formula_texts import (
    Bilingual,
    expert_formula,
    final_formula,
    points_formula,
    seat_text,
    tie_text,
)
from services.ranking.analysis.margins import margins
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.conversions import mid_ranks
from services.ranking.calculation.final_ranking import (
    FIRST,
    RankedEntry,
    Ranking,
    exactly,
    format_score,
    rank,
)
from services.ranking.calculation.marks import judge_mark
from services.ranking.calculation.quota import TYPE_QUOTA, Seat
from shared.decider import Refused

Plain = dict[str, Any]


def likes_alone(campaign: Campaign) -> Campaign:
    """Return the rules for a ranking by likes alone, before there are marks: likes have the whole weight.

    Where the rules do not convert likes to points, likes are converted by rank.
    """
    conversion = campaign.conversion if campaign.conversion.name != "none" else Conversion("rank_percentile")
    return replace(campaign, conversion=conversion, weights=Weights(WHOLE_BP, 0))


def explain(
    candidates: Sequence[Candidate],
    campaign: Campaign,
    entry: str,
    *,
    draw: tuple[bytes, bytes],
    blind: bytes,
    days: Sequence[DayOfLikes] = (),
) -> Plain | Refused:
    """Return the explanation of one entry's result as plain data.

    `draw` is the seed and root of the lot (the drawn tie-break). `blind` is the secret that numbers the judges: never
    pass the seed, which is revealed later. `days` are the entry's likes by day. Refuses as `rank` does, and with
    `entry-not-ranked`.
    """
    ranking = rank(candidates, campaign, seed=draw[0], root=draw[1])
    if isinstance(ranking, Refused):
        return ranking
    own = next((each for each in ranking.entries if each.merit.candidate.entry == entry), None)
    if own is None:
        return Refused("entry-not-ranked", field="entry")
    merit, unit_type = own.merit, campaign.unit_type(own.merit.candidate.type)
    return {
        "entry": entry,
        "type": {"code": unit_type.code, "zh": unit_type.zh, "en": unit_type.en},
        "digest": ranking.digest(),
        "rule_hash": ranking.rule_hash,
        "likes": _likes(candidates, campaign, own, days),
        "experts": _experts(campaign, own, blind),
        "final": {
            **_number(merit.final),
            "like_weight": format_score(Fraction(campaign.weights.like_bp, WHOLE_BP)),
            "expert_weight": format_score(Fraction(campaign.weights.expert_bp, WHOLE_BP)),
            "formula": final_formula(merit, campaign),
        },
        "place": _place(ranking, own),
        "ties": _ties(ranking, own),
        "seat": _seat(own.seat, campaign),
        "more": margins(candidates, campaign, entry, draw=draw[0] + draw[1]),
    }


def _likes(candidates: Sequence[Candidate], campaign: Campaign, own: RankedEntry, days: Sequence[DayOfLikes]) -> Plain:
    mine = own.merit.candidate
    whole = campaign.conversion.population != "type"
    field = [each for each in candidates if whole or each.type == mine.type]
    counts = [each.likes for each in field]
    place = next(place for each, place in zip(field, mid_ranks(counts), strict=True) if each.entry == mine.entry)
    return {
        "days": [{**asdict(each), "valid": each.valid} for each in days],
        "valid": mine.likes,
        "population": "all" if whole else "type",
        "field": len(field),
        "most": max(counts),
        "rank": decimal(place),
        "points": _number(own.merit.like_points),
        "formula": points_formula(campaign.conversion, counts, mine.likes, place, own.merit.like_points),
    }


def _experts(campaign: Campaign, own: RankedEntry, blind: bytes) -> Plain:
    criteria, merit = campaign.judging.criteria, own.merit
    entry = merit.candidate.entry

    def drawn(judge: str) -> bytes:
        return hmac.digest(blind, f"{entry}\0{judge}".encode(), "sha256")

    judges = []
    marks = sorted(merit.candidate.marks, key=lambda each: drawn(each.judge))
    for number, mark in enumerate(marks, start=1):
        points = dict(mark.scores)
        judges.append(
            {
                "judge": {"zh": f"专家 {number}", "en": f"Judge {number}"},
                "criteria": [
                    {
                        "code": each.code,
                        "zh": each.zh,
                        "en": each.en,
                        "weight": each.weight,
                        "points": points[each.code],
                    }
                    for each in criteria
                ],
                "mark": _number(judge_mark(mark, criteria)),
            }
        )
    return {
        "judges": judges,
        "asked_method": campaign.judging.method,
        "method": merit.expert.method,
        "fell_back": merit.expert.fell_back,
        "score": _number(merit.expert.value),
        "formula": expert_formula(merit.expert, [judge_mark(each, criteria) for each in marks]),
    }


def _place(ranking: Ranking, own: RankedEntry) -> Plain:
    of_type = sum(each.merit.candidate.type == own.merit.candidate.type for each in ranking.entries)
    return {"in_type": own.place, "of_type": of_type, "overall": own.overall, "of_all": len(ranking.entries)}


def _ties(ranking: Ranking, own: RankedEntry) -> Plain:
    """Return what decided between the entry and the ones directly above and below it in its type."""
    near = {each.place: each for each in ranking.entries if each.merit.candidate.type == own.merit.candidate.type}
    above, below = near.get(own.place - 1), near.get(own.place + 1)
    return {
        "above": None if above is None or own.decided_by == FIRST else _neighbour(above, own.decided_by),
        "below": None if below is None else _neighbour(below, below.decided_by),
    }


def _neighbour(other: RankedEntry, rule: str) -> Plain:
    return {
        "entry": other.merit.candidate.entry,
        "place": other.place,
        "final": format_score(other.merit.final),
        "decided_by": rule,
        "words": tie_text(rule),
    }


def _seat(seat: Seat | None, campaign: Campaign) -> Plain | None:
    if seat is None:
        return None
    types = {each.code: each for each in campaign.unit_types}
    return {
        "seat": seat.seat,
        "from": seat.from_type,
        "to": seat.to_type,
        "why": seat.why,
        "moved": seat.why != TYPE_QUOTA,
        "words": seat_text(seat, types[seat.from_type]),
    }


def decimal(value: Fraction) -> str:
    """Return a mid-rank (the mean of the ranks that tied entries share) as text: "3" or "3.5"."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def _number(value: Fraction) -> Plain:
    return {"exact": exactly(value), "shown": format_score(value)}


def compare_explanations(before: Plain, after: Plain) -> list[Plain]:
    """Return each figure that differs between two explanations of one entry, with its name and the values before and
    after. The figure `seat` is None without a seat.
    """
    figures: tuple[tuple[str, Bilingual, Any], ...] = (
        ("valid_likes", {"zh": "有效点赞", "en": "Valid likes"}, lambda one: one["likes"]["valid"]),
        ("like_rank", {"zh": "点赞名次", "en": "Rank by likes"}, lambda one: one["likes"]["rank"]),
        ("field", {"zh": "参比成果数", "en": "Entries compared with"}, lambda one: one["likes"]["field"]),
        ("like_points", {"zh": "点赞积分", "en": "Like points"}, lambda one: one["likes"]["points"]["shown"]),
        ("marks", {"zh": "评分数", "en": "Marks"}, lambda one: len(one["experts"]["judges"])),
        ("expert", {"zh": "专家评分", "en": "Expert score"}, lambda one: one["experts"]["score"]["shown"]),
        ("final", {"zh": "综合得分", "en": "Final score"}, lambda one: one["final"]["shown"]),
        ("place", {"zh": "类内名次", "en": "Place in the type"}, lambda one: one["place"]["in_type"]),
        ("overall", {"zh": "总名次", "en": "Place overall"}, lambda one: one["place"]["overall"]),
        ("seat", {"zh": "名额", "en": "Seat"}, lambda one: None if one["seat"] is None else one["seat"]["seat"]),
        ("rules", {"zh": "规则", "en": "Rules"}, lambda one: one["rule_hash"]),
    )
    return [
        {"figure": name, "words": words, "before": value(before), "after": value(after)}
        for name, words, value in figures
        if value(before) != value(after)
    ]
