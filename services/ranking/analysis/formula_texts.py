"""The rules as sentences with the numbers put in: Chinese and English, for people who check them by hand.

Promises: each sentence has the numbers that the formula was worked out with, and ends in its result as it is shown.
"""

from collections.abc import Sequence
from fractions import Fraction

from services.moderation.campaign import WHOLE_BP, Campaign, Conversion, UnitType
from services.ranking.analysis import conversion_texts, rule_texts
from services.ranking.analysis.conversion_texts import plain
from services.ranking.calculation.final_ranking import Merit, shown
from services.ranking.calculation.marks import Score
from services.ranking.calculation.quota import Seat

Words = dict[str, str]


def points_words(conversion: Conversion, likes: Sequence[int], own: int, place: Fraction, points: Fraction) -> Words:
    """From likes to points. `likes` are those of the whole population, `place` the mid-rank in it."""
    zh, en = conversion_texts.TEXTS[conversion.name].worked(conversion, likes, own, plain(place))
    return {"zh": f"{zh} = {shown(points)}", "en": f"{en} = {shown(points)}"}


def expert_words(score: Score, marks: Sequence[Fraction]) -> Words:
    if not marks:
        return {"zh": "没有评分", "en": "no marks"}
    zh, en = rule_texts.METHODS[score.method].name
    listed_zh, listed_en = "、".join(map(shown, marks)), ", ".join(map(shown, marks))
    short = rule_texts.FELL_BACK if score.fell_back else ("", "")
    return {
        "zh": f"{listed_zh} 的{zh}{short[0]} = {shown(score.value)}",
        "en": f"{en} of {listed_en}{short[1]} = {shown(score.value)}",
    }


def final_words(merit: Merit, campaign: Campaign) -> Words:
    like, expert = (plain(Fraction(each, WHOLE_BP)) for each in (campaign.weights.like_bp, campaign.weights.expert_bp))
    sum_ = f"{like} × {shown(merit.like_points)} + {expert} × {shown(merit.expert.value)} = {shown(merit.final)}"
    return {"zh": sum_, "en": sum_}


def tie_words(rule: str) -> Words:
    zh, en = rule_texts.PLACE_REASONS[rule]
    return {"zh": zh, "en": en}


def seat_words(seat: Seat, owner: UnitType) -> Words:
    zh, en = rule_texts.SEAT_REASONS[seat.why]
    return {"zh": zh.format(type=owner.zh), "en": en.format(type=owner.en)}
