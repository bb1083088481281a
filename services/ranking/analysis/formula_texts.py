"""The rules as Chinese and English sentences with an entry's numbers put in, for people who check them by hand.

Promises: each sentence holds the numbers that the formula was computed with, and ends in its result as it is displayed.
"""

from collections.abc import Sequence
from fractions import Fraction

from services.moderation.campaign import WHOLE_BP, Campaign, Conversion, UnitType
from services.ranking.analysis import conversion_texts, rule_texts
from services.ranking.analysis.conversion_texts import plain
from services.ranking.calculation.final_ranking import Merit, format_score
from services.ranking.calculation.marks import Score
from services.ranking.calculation.quota import Seat

Bilingual = dict[str, str]


def points_formula(
    conversion: Conversion, likes: Sequence[int], own: int, place: Fraction, points: Fraction
) -> Bilingual:
    """Return the formula from an entry's likes to its like points.

    `likes` are the like counts of all compared entries, `own` is the entry's count, and `place` its mid-rank.
    """
    zh, en = conversion_texts.TEXTS[conversion.name].worked(conversion, likes, own, plain(place))
    return {"zh": f"{zh} = {format_score(points)}", "en": f"{en} = {format_score(points)}"}


def expert_formula(score: Score, marks: Sequence[Fraction]) -> Bilingual:
    """Return the formula from the judges' marks of an entry to its expert score."""
    if not marks:
        return {"zh": "没有评分", "en": "no marks"}
    zh, en = rule_texts.METHODS[score.method].name
    listed_zh, listed_en = "、".join(map(format_score, marks)), ", ".join(map(format_score, marks))
    short = rule_texts.FELL_BACK if score.fell_back else ("", "")
    return {
        "zh": f"{listed_zh} 的{zh}{short[0]} = {format_score(score.value)}",
        "en": f"{en} of {listed_en}{short[1]} = {format_score(score.value)}",
    }


def final_formula(merit: Merit, campaign: Campaign) -> Bilingual:
    """Return the formula of an entry's final score: the weighted sum of its like points and its expert score."""
    like, expert = (plain(Fraction(each, WHOLE_BP)) for each in (campaign.weights.like_bp, campaign.weights.expert_bp))
    points, score, final = (format_score(each) for each in (merit.like_points, merit.expert.value, merit.final))
    formula = f"{like} × {points} + {expert} × {score} = {final}"
    return {"zh": formula, "en": formula}


def tie_text(rule: str) -> Bilingual:
    """Return the sentence that says what decided between two neighbours: the score, or a rule of the tie order."""
    zh, en = rule_texts.PLACE_REASONS[rule]
    return {"zh": zh, "en": en}


def seat_text(seat: Seat, owner: UnitType) -> Bilingual:
    """Return the sentence that says why an entry has its seat. `owner` is the unit type whose quota has the seat."""
    zh, en = rule_texts.SEAT_REASONS[seat.why]
    return {"zh": zh.format(type=owner.zh), "en": en.format(type=owner.en)}
