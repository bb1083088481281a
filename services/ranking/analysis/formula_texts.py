"""The rules as Chinese and English sentences with an entry's numbers put in, for people who check them by hand.

Promises: each sentence holds the numbers that the formula was computed with, and ends in its result as it is displayed.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from services.moderation.campaign import WHOLE_BP, Campaign, Conversion, UnitType
from services.ranking.calculation.final_ranking import Merit, format_score
from services.ranking.calculation.marks import Score
from services.ranking.calculation.quota import NEXT_BEST, PROPORTIONAL, TYPE_QUOTA, Seat

Bilingual = dict[str, str]

_TIES: dict[str, tuple[str, str]] = {
    "first": ("首位", "first in its type"),
    "final_score": ("综合得分不同", "different final scores"),
    "expert_score": ("综合得分相同，专家评分高者在前", "equal final scores; the higher expert score ranks first"),
    "content_mark": ("仍相同，内容分高者在前", "still tied; the higher content score ranks first"),
    "valid_likes": ("仍相同，有效点赞多者在前", "still tied; more valid likes rank first"),
    "earlier_hand_in": (
        "仍相同，评审所用版本提交早者在前",
        "still tied; the earlier submission of the judged version ranks first",
    ),
    "lot": ("仍相同，由抽签决定", "still tied; decided by lot"),
}
_METHODS: dict[str, tuple[str, str]] = {
    "mean": ("平均", "mean"),
    "median": ("中位数", "median"),
    "trimmed": ("去掉一个最高分和一个最低分后平均", "mean without the highest and the lowest mark"),
    "zscore": (
        "按每位专家的宽严标准化（z 分）后还原",
        "mean of each judge's z-scores, scaled back to the range of the marks,",
    ),
    "judge_effect": ("扣除每位专家的宽严偏差后平均", "mean, adjusted for how strict each judge is,"),
}


def points_formula(
    conversion: Conversion, likes: Sequence[int], own: int, place: Fraction, points: Fraction
) -> Bilingual:
    """Return the sentence from likes to points; `likes` are the whole population's, `place` the mid-rank in it."""
    zh, en = _POINTS[conversion.name](conversion, likes, own, _plain(place))
    return {"zh": f"{zh} = {format_score(points)}", "en": f"{en} = {format_score(points)}"}


def expert_formula(score: Score, marks: Sequence[Fraction]) -> Bilingual:
    """Return the sentence from the judges' marks to the expert score."""
    if not marks:
        return {"zh": "没有评分", "en": "no marks"}
    zh, en = _METHODS[score.method]
    listed_zh, listed_en = "、".join(map(format_score, marks)), ", ".join(map(format_score, marks))
    short = (
        ("（评分不足 5 个，按平均计）", " (plain mean, since there are fewer than 5 marks)")
        if score.fell_back
        else ("", "")
    )
    return {
        "zh": f"{listed_zh} 的{zh}{short[0]} = {format_score(score.value)}",
        "en": f"{en} of {listed_en}{short[1]} = {format_score(score.value)}",
    }


def final_formula(merit: Merit, campaign: Campaign) -> Bilingual:
    """Return the weighted sum that gives the final score."""
    like, expert = (_plain(Fraction(each, WHOLE_BP)) for each in (campaign.weights.like_bp, campaign.weights.expert_bp))
    points, score, final = (format_score(each) for each in (merit.like_points, merit.expert.value, merit.final))
    formula = f"{like} × {points} + {expert} × {score} = {final}"
    return {"zh": formula, "en": formula}


def tie_text(rule: str) -> Bilingual:
    """Return the sentence for the rule that decided between two entries."""
    zh, en = _TIES[rule]
    return {"zh": zh, "en": en}


def seat_text(seat: Seat, owner: UnitType) -> Bilingual:
    """Return the sentence for why the entry has this seat; `owner` is the unit type that the seat belongs to."""
    if seat.why == TYPE_QUOTA:
        return {"zh": f"{owner.zh}类自有名额", "en": f"a seat of its own type, {owner.en}"}
    return {
        NEXT_BEST: {
            "zh": f"{owner.zh}类空出的名额，补给其余成果中综合得分最高者",
            "en": f"a seat that {owner.en} could not fill; it goes to the best remaining entry overall",
        },
        PROPORTIONAL: {
            "zh": f"{owner.zh}类空出的名额，按各类参评数的比例分配",
            "en": f"a seat that {owner.en} could not fill; allocated in proportion to each type's judged entries",
        },
    }[seat.why]


def _plain(value: Fraction) -> str:
    """Return a decimal with at most 4 places and no trailing zeros."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def _percentile(_: Conversion, likes: Sequence[int], _own: int, place: str) -> tuple[str, str]:
    field = len(likes)
    if field == 1:
        return "只有一项成果，积分", "the only entry; points"
    both = f"100 × ({field} − {place}) ÷ ({field} − 1)"
    return both, both


def _step(conversion: Conversion, _likes: Sequence[int], _own: int, place: str) -> tuple[str, str]:
    start, step, floor = (conversion.param(each) for each in ("start", "step", "floor"))
    both = f"{start} − {step} × ({place} − 1)"
    return f"{both}，最低 {floor}", f"{both}, at least {floor}"


def _share(_: Conversion, likes: Sequence[int], own: int, _place: str) -> tuple[str, str]:
    most = max(likes)
    return (f"100 × {own} ÷ {most}",) * 2 if most else ("全部没有点赞，积分", "no entry has a like; points")


def _capped(conversion: Conversion, likes: Sequence[int], own: int, _place: str) -> tuple[str, str]:
    percentile = conversion.param("percentile")
    cap = sorted(likes)[max(1, ceil(Fraction(percentile) * len(likes) / 100)) - 1]
    if not cap:
        return "封顶值为 0，积分", "the cap is 0; points"
    both = f"100 × min({own}, {cap}) ÷ {cap}"
    return f"第 {percentile} 百分位 {cap} 封顶，{both}", f"capped at {cap}, percentile {percentile}: {both}"


def _log(_: Conversion, likes: Sequence[int], own: int, _place: str) -> tuple[str, str]:
    most = max(likes)
    return (
        (f"100 × ln(1 + {own}) ÷ ln(1 + {most})",) * 2
        if most
        else ("全部没有点赞，积分", "no entry has a like; points")
    )


def _bands(conversion: Conversion, likes: Sequence[int], _own: int, place: str) -> tuple[str, str]:
    reach = Fraction(place) / len(likes)
    band = next(each for each in conversion.bands if reach <= Fraction(each.share))
    share = _plain(Fraction(band.share) * 100)
    return (
        f"第 {place} 名在 {len(likes)} 项的前 {share}% 之内，积分",
        f"rank {place} of {len(likes)} is within the top {share}%; points",
    )


def _none(_: Conversion, _likes: Sequence[int], _own: int, _place: str) -> tuple[str, str]:
    return "点赞不计分，积分", "likes earn no points; points"


_POINTS: dict[str, Callable[[Conversion, Sequence[int], int, str], tuple[str, str]]] = {
    "rank_percentile": _percentile,
    "rank_step": _step,
    "prop_max": _share,
    "prop_max_capped": _capped,
    "log_prop": _log,
    "bands": _bands,
    "none": _none,
}
