"""Gaps of a rule set: cases that can happen and that its rules do not settle.

Promises: `campaign_file.check` reports each gap as an error with its line, and rules with a gap are neither locked nor
amended, whichever version of the check a campaign was opened with.
Does not promise that rules without a gap are wise: only that they have an answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from services.moderation.campaign import WHOLE_BP, Campaign

_FULL = 100  # points, and marks, at most


@dataclass(frozen=True, slots=True)
class Gap:
    """A case without a rule: a stable code, where in the campaign file it lies, and the case in Chinese and English."""

    code: str
    path: tuple[str | int, ...]
    zh: str
    en: str


def gaps(campaign: Campaign) -> tuple[Gap, ...]:
    """Return the gaps of a rule set: ties that remain, places without points, seats that nobody can ever win."""
    return (*_ties(campaign), *_places(campaign), *_seats(campaign), *_minimum(campaign))


def _ties(campaign: Campaign) -> Iterator[Gap]:
    if campaign.tie_order[-1:] != ("lot",):
        words = "tie_order 的最后一项必须是 'lot'", "tie_order must end with 'lot', or ties may remain"
        yield Gap("tie-order", ("tie_order",), *words)
    if "content_mark" in campaign.tie_order and "content" not in [each.code for each in campaign.judging.criteria]:
        words = (
            "tie_order 用到 content_mark，但评分标准没有 content",
            "tie_order uses content_mark, but the rubric has no criterion content",
        )
        yield Gap("tie-order", ("judging", "criteria"), *words)


def _places(campaign: Campaign) -> Iterator[Gap]:
    bands = campaign.conversion.bands
    if campaign.conversion.name == "bands" and bands and Fraction(bands[-1].share) != 1:
        words = (
            f"末档的 share 是 {bands[-1].share}，应为 1，否则有的名次没有积分",
            f"the share of the last band is {bands[-1].share}, not 1: some places would get no points",
        )
        yield Gap("bands-end", ("conversion", "bands", len(bands) - 1, "share"), *words)


def _seats(campaign: Campaign) -> Iterator[Gap]:
    """Yield the types that have more seats than entries that can win them, where no rule gives the seats to others."""
    rules = {"cohort": campaign.cohort.top_n, "shortlist": campaign.shortlist.top_n}
    if campaign.quota.refill != "none":
        return
    for table, most in rules.items():
        short = [each for each in campaign.unit_types if most is not None and each.quota > most]
        if short:
            names = "、".join(each.code for each in short), ", ".join(each.code for each in short)
            zh = f'{table} 每类只取 {most} 项，少于 {names[0]} 的名额，而 refill = "none"：这些名额永远空缺'
            en = (
                f'{table} takes {most} entries of a type, fewer than the seats of {names[1]}, and refill = "none":'
                " nobody can ever win these seats"
            )
            yield Gap("seats-nobody-can-win", (table, "top_n"), zh, en)
            return


def _minimum(campaign: Campaign) -> Iterator[Gap]:
    """Yield a minimum score above every final score that the rules can give: all seats would stay empty for ever."""
    least, most = campaign.quota.min_score, _highest_score(campaign)
    if least is None or most is None or Fraction(least) <= most:
        return
    zh = f"min_score 是 {least}，而综合得分最高只能到 {float(most):g}：所有名额永远空缺"
    en = f"min_score is {least}, but no final score can be above {float(most):g}: nobody can ever win a seat"
    yield Gap("score-nobody-can-reach", ("quota", "min_score"), zh, en)


def _highest_score(campaign: Campaign) -> Fraction | None:
    """Return the highest final score that the rules can give, or None if they set no bound: judge_effect has none."""
    weights, conversion = campaign.weights, campaign.conversion
    if weights.expert_bp and campaign.judging.method == "judge_effect":
        return None
    points = Fraction(_FULL)
    if conversion.name == "rank_step":
        points = Fraction(conversion.param("start"))
    elif conversion.name == "bands":
        points = max((Fraction(each.points) for each in conversion.bands), default=Fraction(0))
    elif conversion.name == "none":
        points = Fraction(0)
    return (weights.like_bp * points + weights.expert_bp * _FULL) / WHOLE_BP
