"""What the parts of a rule set say about one another, once each has been read.

Promises: a part that is broken already is not judged again, so that one slip gives one problem.
Does not promise: that dates agree with the notice. Gaps are reported, since the time between two windows may be meant.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil

from .campaign import PHASES, WHOLE_BP, Campaign
from .problems import ERROR, WARNING, Report

# Only these may be declared with `overlaps_allowed`. Any other overlap has no meaning: likes that are still coming in
# while experts mark would leave no moment at which the cohort is fixed.
_DECLARABLE = {("submission", "likes"), ("judging", "exhibition")}
_TRIMMED_MARKS = 5


@dataclass(frozen=True, slots=True)
class Declared:
    """Traps that the file says it means."""

    overlaps: bool
    zero: bool


def cross_check(campaign: Campaign, declared: Declared, report: Report) -> None:
    _windows(campaign, declared, report)
    _lists(campaign, report)
    _conversion(campaign, declared, report)
    _weights(campaign, report)
    _judging(campaign, report)
    _limits(campaign, report)
    if not report.broken("quota") and not report.broken("unit_types"):
        _quota(campaign, report)


def _windows(campaign: Campaign, declared: Declared, report: Report) -> None:
    sound = [name for name in PHASES if not report.broken("windows", name) and not report.broken("zone")]
    for earlier, later in combinations(sound, 2):
        first, then, place = campaign.window(earlier), campaign.window(later), ("windows", later, "start")
        if then.start < first.start:
            words = f"{later} 比 {earlier} 先开始", f"{later} starts before {earlier} does"
            report.error(place, "window-order", *words)
        elif then.start < first.end:
            declarable = (earlier, later) in _DECLARABLE
            level = WARNING if declarable and declared.overlaps else ERROR
            hint = (
                ("；若有意如此，写 overlaps_allowed = true", "; if that is meant, say overlaps_allowed = true")
                if declarable and not declared.overlaps
                else ("", "")
            )
            zh, en = f"{later} 与 {earlier} 重叠{hint[0]}", f"{later} overlaps {earlier}{hint[1]}"
            report.either(level=level, path=place, code="overlap", words=(zh, en))
    for earlier, later in pairwise(PHASES):
        if earlier in sound and later in sound:
            _gap(campaign, earlier, later, report)


def _gap(campaign: Campaign, earlier: str, later: str, report: Report) -> None:
    seconds = (campaign.window(later).start - campaign.window(earlier).end) // 1000
    if seconds > 0:
        days, rest = divmod(seconds, 86_400)
        clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
        zh = f"{earlier} 结束到 {later} 开始之间空 {days} 天 {clock}"
        en = f"{days} days {clock} between the end of {earlier} and the start of {later}"
        report.warning(("windows", later, "start"), "gap", zh, en)


def _lists(campaign: Campaign, report: Report) -> None:
    for name in ("themes", "unit_types", "eligible_levels"):
        if not getattr(campaign, name) and not report.broken(name):
            report.error((name,), "empty-list", f"{name} 是空的", f"{name} is empty")
    for index, level in enumerate(campaign.excluded_levels):
        if level in campaign.eligible_levels:
            words = f"{level!r} 既可参加又被排除", f"{level!r} is both eligible and excluded"
            report.error(("excluded_levels", index), "duplicate-code", *words)
    if not report.broken("tie_order") and campaign.tie_order[-1:] != ("lot",):
        words = "tie_order 的最后一项必须是 'lot'", "tie_order must end in 'lot', or a tie may stay"
        report.error(("tie_order",), "tie-order", *words)


def _conversion(campaign: Campaign, declared: Declared, report: Report) -> None:
    if report.broken("conversion"):
        return
    path, conversion = ("conversion", "name"), campaign.conversion
    if conversion.name == "prop_max":
        zh = "prop_max：榜首作废一票，所有成果的分数都会变"
        report.warning(path, "one-void-moves-all", zh, "prop_max: one void at the top moves every score")
    if conversion.name == "rank_step":
        _rank_step(campaign, declared, report)
    if conversion.name == "none" and campaign.weights.like_bp and not report.broken("weights"):
        words = "点赞不折算时，点赞权重必须为 0", "the like weight must be 0 where likes are not converted"
        report.error(("weights", "like"), "weight-without-points", *words)


def _rank_step(campaign: Campaign, declared: Declared, report: Report) -> None:
    start, step, floor = (Fraction(campaign.conversion.param(name)) for name in ("start", "step", "floor"))
    if floor > start:
        words = "floor 高于 start", "floor is above start"
        report.error(("conversion", "floor"), "floor-above-start", *words)
    if floor > 0 or (step == 0 and start > 0):
        return
    place = ceil(start / step) + 1 if step else 1
    # Without a bound on a type's field any place is possible: an entry more and it is reached.
    bounds = [each for each in (campaign.shortlist.top_n, campaign.cohort.top_n) if each is not None]
    if bounds and place > min(bounds) and not report.broken("cohort") and not report.broken("shortlist"):
        return
    hint_zh, hint_en = (
        ("", "")
        if declared.zero
        else ("；若有意如此，写 zero_allowed = true", "; if that is meant, say zero_allowed = true")
    )
    zh = f"从第 {place} 名起点赞积分为 0{hint_zh}"
    en = f"like points are 0 from place {place} on{hint_en}"
    level = WARNING if declared.zero else ERROR
    report.either(level=level, path=("conversion", "step"), code="step-reaches-zero", words=(zh, en))


def _weights(campaign: Campaign, report: Report) -> None:
    if report.broken("weights"):
        return
    total = campaign.weights.like_bp + campaign.weights.expert_bp
    if total != WHOLE_BP:
        shown = f"{total / WHOLE_BP:g}"
        report.error(("weights",), "weights-sum", f"权重之和是 {shown}，应为 1", f"weights sum to {shown}, not to 1")
    if not campaign.weights.like_bp and campaign.cohort.rule == "top_n_by_likes_per_type":
        words = "点赞权重为 0，但点赞仍决定谁进入评审", "the like weight is 0, yet likes decide who is judged"
        report.warning(("cohort", "rule"), "likes-still-gate", *words)


def _judging(campaign: Campaign, report: Report) -> None:
    if report.broken("judging"):
        return
    judging = campaign.judging
    total = sum(each.weight for each in judging.criteria)
    if total != 100:
        words = f"评分标准权重之和是 {total}，应为 100", f"rubric weights sum to {total}, not to 100"
        report.error(("judging", "criteria"), "rubric-sum", *words)
    if "content_mark" in campaign.tie_order and "content" not in [each.code for each in judging.criteria]:
        words = (
            "tie_order 用到 content_mark，但评分标准没有 content",
            "tie_order asks for content_mark without criterion content",
        )
        report.error(("judging", "criteria"), "tie-order", *words)
    if judging.method == "trimmed" and judging.min_marks < _TRIMMED_MARKS:
        zh = f"trimmed 需要至少 {_TRIMMED_MARKS} 个评分，不足时按 mean 计算"
        en = f"trimmed needs {_TRIMMED_MARKS} marks; with fewer the mean is taken"
        report.warning(("judging", "method"), "trimmed-falls-back", zh, en)


def _limits(campaign: Campaign, report: Report) -> None:
    if not report.broken("entry") and campaign.entry.pictures_min > campaign.entry.pictures_max:
        words = "pictures_min 大于 pictures_max", "pictures_min is above pictures_max"
        report.error(("entry", "pictures_min"), "out-of-range", *words)
    if not report.broken("likes") and campaign.likes.per_type > campaign.likes.per_day:
        words = "per_type 大于 per_day，永远用不到", "per_type is above per_day and never bites"
        report.warning(("likes", "per_type"), "limit-never-bites", *words)


def _quota(campaign: Campaign, report: Report) -> None:
    total = sum(each.quota for each in campaign.unit_types)
    if total != campaign.quota.total:
        zh = f"各类名额之和是 {total}，total 是 {campaign.quota.total}"
        en = f"the quotas of the unit types sum to {total}, total is {campaign.quota.total}"
        report.error(("quota", "total"), "quota-sum", zh, en)
