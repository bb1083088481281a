"""Texts of each conversion from likes to points: as a rule, and as a formula with an entry's own numbers.

Promises: `TEXTS` holds both forms of a conversion together; the numbers in a formula are the numbers that the points
were computed with, rounded to at most 4 places.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.moderation.campaign import Conversion
from services.ranking.analysis.rule_texts import Pair
from services.ranking.calculation.conversions import cap_of


@dataclass(frozen=True, slots=True)
class ConversionTexts:
    """The texts of one conversion. `rule` returns its rule; `worked` returns the formula with an entry's numbers.

    `worked` takes the conversion, the like counts of all compared entries, the entry's own likes, and its mid-rank.
    """

    rule: Callable[[Conversion], Pair]
    worked: Callable[[Conversion, Sequence[int], int, str], Pair]


def plain(value: Fraction) -> str:
    """Return a fraction as a decimal with at most 4 places and without trailing zeros."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def percent(share: str) -> str:
    """Return a share, a decimal string such as "0.05", in per cent and without trailing zeros: "5"."""
    return format((Decimal(share) * 100).normalize(), "f")


def _percentile_rule(_: Conversion) -> Pair:
    return (
        "100 ×（成果数 − 名次）÷（成果数 − 1），并列取平均名次；只有一个成果时为 100。",
        "100 × (entries − rank) ÷ (entries − 1), where tied entries share their mean rank; a single entry gets 100.",
    )


def _percentile_worked(_: Conversion, likes: Sequence[int], _own: int, place: str) -> Pair:
    field = len(likes)
    if field == 1:
        return "只有一项成果，积分", "the only entry; points"
    both = f"100 × ({field} − {place}) ÷ ({field} − 1)"
    return both, both


def _step_rule(conversion: Conversion) -> Pair:
    start, step, floor = (conversion.param(name) for name in ("start", "step", "floor"))
    return (
        f"第一名 {start} 分，每低一名减 {step} 分，最低 {floor} 分，并列取平均名次。",
        f"{start} for first place and {step} less for each place below, but never less than {floor}; tied entries share"
        " their mean rank.",
    )


def _step_worked(conversion: Conversion, _likes: Sequence[int], _own: int, place: str) -> Pair:
    start, step, floor = (conversion.param(each) for each in ("start", "step", "floor"))
    both = f"{start} − {step} × ({place} − 1)"
    return f"{both}，最低 {floor}", f"{both}, at least {floor}"


def _share_worked(_: Conversion, likes: Sequence[int], own: int, _place: str) -> Pair:
    most = max(likes)
    return (f"100 × {own} ÷ {most}",) * 2 if most else ("全部没有点赞，积分", "no entry has a like; points")


def _capped_rule(conversion: Conversion) -> Pair:
    percentile = conversion.param("percentile")
    return (
        f"以点赞数的第 {percentile} 百分位为满分 100，按比例折算，超过的同为 100。",
        f"in proportion to likes, with percentile {percentile} of the like counts worth 100; anything above it is also"
        " 100.",
    )


def _capped_worked(conversion: Conversion, likes: Sequence[int], own: int, _place: str) -> Pair:
    percentile = conversion.param("percentile")
    cap = cap_of(conversion, likes)
    if not cap:
        return "封顶值为 0，积分", "the cap is 0; points"
    both = f"100 × min({own}, {cap}) ÷ {cap}"
    return f"第 {percentile} 百分位 {cap} 封顶，{both}", f"capped at {cap}, percentile {percentile}: {both}"


def _log_worked(_: Conversion, likes: Sequence[int], own: int, _place: str) -> Pair:
    most = max(likes)
    return (
        (f"100 × ln(1 + {own}) ÷ ln(1 + {most})",) * 2
        if most
        else ("全部没有点赞，积分", "no entry has a like; points")
    )


def _bands_rule(conversion: Conversion) -> Pair:
    steps = [(percent(each.share), each.points) for each in conversion.bands]
    return (
        "；".join(f"名次在前 {share}% 得 {points} 分" for share, points in steps) + "。",
        "; ".join(f"{points} points within the top {share}%" for share, points in steps) + ".",
    )


def _bands_worked(conversion: Conversion, likes: Sequence[int], _own: int, place: str) -> Pair:
    reach = Fraction(place) / len(likes)
    band = next(each for each in conversion.bands if reach <= Fraction(each.share))
    share = plain(Fraction(band.share) * 100)
    return (
        f"第 {place} 名在 {len(likes)} 项的前 {share}% 之内，积分",
        f"rank {place} of {len(likes)} is within the top {share}%; points",
    )


def _none_worked(_: Conversion, _likes: Sequence[int], _own: int, _place: str) -> Pair:
    return "点赞不计分，积分", "likes earn no points; points"


TEXTS = {
    "rank_percentile": ConversionTexts(_percentile_rule, _percentile_worked),
    "rank_step": ConversionTexts(_step_rule, _step_worked),
    "prop_max": ConversionTexts(lambda _: ("100 × 点赞数 ÷ 最高点赞数。", "100 × likes ÷ most likes."), _share_worked),
    "prop_max_capped": ConversionTexts(_capped_rule, _capped_worked),
    "log_prop": ConversionTexts(
        lambda _: (
            "100 × ln（1 + 点赞数）÷ ln（1 + 最高点赞数），取 12 位有效数字。",
            "100 × ln(1 + likes) ÷ ln(1 + most likes), to 12 significant digits.",
        ),
        _log_worked,
    ),
    "bands": ConversionTexts(_bands_rule, _bands_worked),
    "none": ConversionTexts(lambda _: ("点赞不计入结果。", "Likes do not count toward the result."), _none_worked),
}
