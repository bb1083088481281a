"""Check the conversion of likes to points against the rest of a rule set: traps, and parameters that make no sense.

Promises: a conversion that passes gives points to every place, however many entries there are.
Does not promise: that the conversion is fair. `prop_max` only gets a warning.
"""

from fractions import Fraction
from math import ceil

from services.moderation.campaign import Campaign, Conversion
from services.moderation.campaign_file.problems import ERROR, WARNING, Report


def check_conversion(campaign: Campaign, report: Report, *, zero_declared: bool) -> None:
    """Report the problems of the conversion from likes to points.

    `zero_declared` says that the file accepts that points may reach zero; that is then a warning, not an error.
    """
    if report.broken("conversion"):
        return
    path, conversion = ("conversion", "name"), campaign.conversion
    if conversion.name == "prop_max":
        zh = "prop_max：榜首作废一票，所有成果的分数都会变"
        report.warning(
            path,
            "one-void-moves-all",
            zh,
            "prop_max: voiding one like of the leading entry changes the score of every entry",
        )
    if conversion.name == "rank_step":
        _rank_step(campaign, report, zero_declared=zero_declared)
    if conversion.name == "bands":
        _bands(conversion, report)
    if conversion.name == "prop_max_capped" and not Fraction(conversion.param("percentile")):
        words = "percentile 必须大于 0", "percentile must be above 0"
        report.error(("conversion", "percentile"), "out-of-range", *words)
    if conversion.name == "none" and campaign.weights.like_bp and not report.broken("weights"):
        words = "点赞不折算时，点赞权重必须为 0", "the like weight must be 0 if likes are not converted"
        report.error(("weights", "like"), "weight-without-points", *words)


def _rank_step(campaign: Campaign, report: Report, *, zero_declared: bool) -> None:
    start, step, floor = (Fraction(campaign.conversion.param(name)) for name in ("start", "step", "floor"))
    if floor > start:
        words = "floor 高于 start", "floor is above start"
        report.error(("conversion", "floor"), "floor-above-start", *words)
    if floor > 0 or (step == 0 and start > 0):
        return
    place = ceil(start / step) + 1 if step else 1
    # If the number of entries of a type is not limited, any place may be reached.
    bounds = [each for each in (campaign.shortlist.top_n, campaign.cohort.top_n) if each is not None]
    if bounds and place > min(bounds) and not report.broken("cohort") and not report.broken("shortlist"):
        return
    hint_zh, hint_en = (
        ("", "")
        if zero_declared
        else ("；若有意如此，写 zero_allowed = true", "; if this is intended, set zero_allowed = true")
    )
    zh = f"从第 {place} 名起点赞积分为 0{hint_zh}"
    en = f"like points are 0 from place {place} onwards{hint_en}"
    level = WARNING if zero_declared else ERROR
    report.either(level=level, path=("conversion", "step"), code="step-reaches-zero", words=(zh, en))


def _bands(conversion: Conversion, report: Report) -> None:
    """Report places that lie in no band, and bands in which more likes earn fewer points."""
    path = ("conversion", "bands")
    if not conversion.bands:
        report.error(path, "empty-list", "bands 是空的", "bands is empty")
        return
    shares = [Fraction(each.share) for each in conversion.bands]
    points = [Fraction(each.points) for each in conversion.bands]
    for index in range(1, len(shares)):
        if shares[index] <= shares[index - 1]:
            words = (
                f"第 {index + 1} 档的 share 不大于前一档",
                f"the share of band {index + 1} is not above that of the band before",
            )
            report.error((*path, index, "share"), "bands-order", *words)
        if points[index] > points[index - 1]:
            words = f"第 {index + 1} 档的积分高于前一档", f"band {index + 1} has more points than the band before"
            report.error((*path, index, "points"), "bands-order", *words)
    if not shares[0]:
        report.error((*path, 0, "share"), "out-of-range", "share 必须大于 0", "share must be above 0")
