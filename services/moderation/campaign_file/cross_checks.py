"""Check the parts of a rule set against one another, after each part has been read.

Promises: a part that already has an error is not checked again, so that a mistake gives one problem only.
Does not promise: that the dates agree with the organiser's notice. Gaps between windows get a warning only, because
they may be intended.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise

from services.moderation.campaign import PHASES, WHOLE_BP, Campaign, Judging
from services.moderation.campaign_file.calendar_checks import check_calendar
from services.moderation.campaign_file.conversion_checks import check_conversion
from services.moderation.campaign_file.problems import ERROR, PHASE_ZH, WARNING, Report
from services.moderation.rule_gaps import gaps
from shared.names import comparable_name

# Only these overlaps may be declared with `overlaps_allowed`. No other overlap makes sense: if likes still arrived
# while experts mark, there would be no moment at which the cohort is fixed.
_DECLARABLE = {("submission", "likes"), ("judging", "exhibition")}
_TRIMMED_MARKS = 5
_SCALE_MARKS = 10  # a judge with fewer marks gets no scale of their own
_COMPARED_MARKS = 2  # marks that an entry needs for its judges to be comparable
_MOST_POINTS = 100
_REVIEW_S = 86_400  # the least time between submission and likes, without a warning


@dataclass(frozen=True, slots=True)
class DeclaredTraps:
    """Traps that the campaign file declares as intended, so that they are warnings: windows that overlap
    (`overlaps_allowed`), and places that earn no like points (`zero_allowed`).
    """

    overlaps: bool
    zero: bool


def cross_check(campaign: Campaign, declared: DeclaredTraps, report: Report) -> None:
    """Report every contradiction between parts of the rule set, and warn of allowed rules that surprise people."""
    unread = {name for name in ("tie_order", "judging", "conversion", "cohort", "shortlist") if report.broken(name)}
    # A part that could not be read has a value of its own here, which says nothing of the file.
    of_scores = any(report.broken(name) for name in ("conversion", "weights", "judging", "quota"))
    open_cases = [
        gap
        for gap in gaps(campaign)
        if gap.path[0] not in unread
        and (gap.code != "tie-order" or "tie_order" not in unread)
        and (gap.code != "score-nobody-can-reach" or not of_scores)
    ]
    _windows(campaign, declared, report)
    check_calendar(campaign, report)
    _lists(campaign, report)
    if not report.broken("unit_types"):
        _unit_types(campaign, report)
    check_conversion(campaign, report, zero_declared=declared.zero)
    _weights(campaign, report)
    _judging(campaign, report)
    _limits(campaign, report)
    for gap in open_cases:
        report.error(gap.path, gap.code, gap.zh, gap.en)
    if not report.broken("quota") and not report.broken("unit_types"):
        _quota(campaign, report)


def _windows(campaign: Campaign, declared: DeclaredTraps, report: Report) -> None:
    sound = [name for name in PHASES if not report.broken("windows", name) and not report.broken("zone")]
    for earlier, later in combinations(sound, 2):
        first, then, place = campaign.window(earlier), campaign.window(later), ("windows", later, "start")
        if then.start < first.start:
            words = f"{PHASE_ZH[later]}比{PHASE_ZH[earlier]}先开始", f"{later} starts before {earlier}"
            report.error(place, "window-order", *words)
        elif then.start < first.end:
            declarable = (earlier, later) in _DECLARABLE
            level = WARNING if declarable and declared.overlaps else ERROR
            hint = (
                ("；若有意如此，写 overlaps_allowed = true", "; if this is intended, set overlaps_allowed = true")
                if declarable and not declared.overlaps
                else ("", "")
            )
            zh, en = f"{PHASE_ZH[later]}与{PHASE_ZH[earlier]}重叠{hint[0]}", f"{later} overlaps {earlier}{hint[1]}"
            report.either(level=level, path=place, code="overlap", words=(zh, en))
    for earlier, later in pairwise(PHASES):
        if earlier in sound and later in sound:
            _gap(campaign, earlier, later, report)


def _gap(campaign: Campaign, earlier: str, later: str, report: Report) -> None:
    """Warn of time that belongs to no phase, but between submission and likes of none: entries are reviewed then, and
    the shortlist is confirmed before the first like.
    """
    seconds = (campaign.window(later).start - campaign.window(earlier).end) // 1000
    place = ("windows", later, "start")
    if (earlier, later) == ("submission", "likes"):
        if 0 <= seconds < _REVIEW_S:
            zh = "报送结束到点赞开始之间不到一天：最后报送的成果要在点赞开始前审核，并确认入围名单"
            en = (
                "less than a day between the end of submission and the start of likes: the last entries must be "
                "reviewed, and the shortlist confirmed, before likes start"
            )
            report.warning(place, "no-time-for-review", zh, en)
    elif seconds > 0:
        days, rest = divmod(seconds, 86_400)
        clock = f" {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}" if rest else ""
        zh = f"{PHASE_ZH[earlier]}结束到{PHASE_ZH[later]}开始之间空 {days} 天{clock}"
        en = f"{days} days{clock} between the end of {earlier} and the start of {later}"
        report.warning(place, "gap", zh, en)


def _lists(campaign: Campaign, report: Report) -> None:
    for name in ("themes", "unit_types", "eligible_levels"):
        if not getattr(campaign, name) and not report.broken(name):
            report.error((name,), "empty-list", f"{name} 是空的", f"{name} is empty")
    for index, level in enumerate(campaign.excluded_levels):
        if level in campaign.eligible_levels:
            words = f"{level!r} 既可参加又被排除", f"{level!r} is both eligible and excluded"
            report.error(("excluded_levels", index), "duplicate-code", *words)


def _unit_types(campaign: Campaign, report: Report) -> None:
    """Report each name that two unit types share as people read it: a roll may give a type by its code or its title."""
    owners: dict[str, str] = {}
    for index, each in enumerate(campaign.unit_types):
        for key, name in (("code", each.code), ("zh", each.zh), ("en", each.en)):
            owner = owners.setdefault(comparable_name(name), each.code)
            if owner != each.code and name:
                zh = f"{name!r} 也指单位类型 {owner!r}，名册里会分不清"
                en = f"{name!r} also means the unit type {owner!r}, so a roll could not tell them apart"
                report.error(("unit_types", index, key), "duplicate-title", zh, en)


def _weights(campaign: Campaign, report: Report) -> None:
    if report.broken("weights"):
        return
    total = campaign.weights.like_bp + campaign.weights.expert_bp
    if total != WHOLE_BP:
        shown = f"{total / WHOLE_BP:g}"
        report.error(
            ("weights",), "weights-sum", f"权重之和是 {shown}，应为 1", f"the weights add up to {shown}, not 1"
        )
    if not campaign.weights.like_bp and campaign.cohort.rule == "top_n_by_likes_per_type":
        words = (
            "点赞权重为 0，但点赞仍决定谁进入评审",
            "the like weight is 0, but likes still decide which entries are judged",
        )
        report.warning(("cohort", "rule"), "likes-still-gate", *words)
    # Also for the default order: an organiser who must not count likes has to know.
    if not campaign.weights.like_bp and "valid_likes" in campaign.tie_order:
        words = "点赞权重为 0，但同分时点赞仍决定名次", "the like weight is 0, but likes still break ties"
        report.warning(("tie_order",), "likes-still-part-ties", *words)


def _judging(campaign: Campaign, report: Report) -> None:
    if report.broken("judging"):
        return
    judging = campaign.judging
    total = sum(each.weight for each in judging.criteria)
    if total != 100:
        words = f"评分标准权重之和是 {total}，应为 100", f"the rubric weights add up to {total}, not 100"
        report.error(("judging", "criteria"), "rubric-sum", *words)
    if judging.method == "trimmed" and judging.min_marks < _TRIMMED_MARKS:
        zh = f"trimmed 需要至少 {_TRIMMED_MARKS} 个评分，不足时按 mean 计算"
        en = f"trimmed needs at least {_TRIMMED_MARKS} marks; with fewer, the mean is used"
        report.warning(("judging", "method"), "trimmed-falls-back", zh, en)
    if judging.method == "zscore" and judging.max_entries_per_judge < _SCALE_MARKS:
        zh = f"zscore：评分少于 {_SCALE_MARKS} 个的专家按全体的尺度计算，这里每位专家都是"
        en = (
            f"zscore: judges with fewer than {_SCALE_MARKS} marks get the scale of all judges; here that is every judge"
        )
        report.warning(("judging", "method"), "zscore-pools-all", zh, en)
    if judging.method == "judge_effect" and judging.min_marks < _COMPARED_MARKS and not judging.anchor_entries:
        zh = "judge_effect：每项成果只有一个评分、又没有定标成果时，专家之间无法比较，按 mean 计算"
        en = "judge_effect: with one mark per entry and no anchor entries, judges cannot be compared; the mean is used"
        report.warning(("judging", "method"), "judges-not-compared", zh, en)
    _limits_of_judging(judging, report)


def _limits_of_judging(judging: Judging, report: Report) -> None:
    if judging.anchor_entries > judging.max_entries_per_judge:
        words = (
            f"定标成果 {judging.anchor_entries} 项，多于每位专家最多 {judging.max_entries_per_judge} 项",
            f"{judging.anchor_entries} anchor entries exceed the limit of {judging.max_entries_per_judge} per judge",
        )
        report.error(("judging", "anchor_entries"), "anchors-exceed-limit", *words)
    if judging.words_below > judging.words_above:
        words = (
            "words_below 高于 words_above：每个评分都要写理由",
            "words_below is above words_above: every mark would need a written reason",
        )
        report.error(("judging", "words_below"), "words-limits-cross", *words)
    if judging.third_reading is not None and Decimal(judging.third_reading) >= _MOST_POINTS:
        words = (
            f"分差不会超过 {_MOST_POINTS}，third_reading 永远用不到",
            f"marks are never more than {_MOST_POINTS} apart: third_reading has no effect",
        )
        report.warning(("judging", "third_reading"), "limit-never-bites", *words)


def _limits(campaign: Campaign, report: Report) -> None:
    if not report.broken("entry") and campaign.entry.pictures_min > campaign.entry.pictures_max:
        words = "pictures_min 大于 pictures_max", "pictures_min is above pictures_max"
        report.error(("entry", "pictures_min"), "out-of-range", *words)
    if not report.broken("likes") and campaign.likes.per_type > campaign.likes.per_day:
        zh, en = "每类的上限大于每天的上限，永远用不到", "the limit within a type is above that of a day: no effect"
        report.warning(("likes", "per_type"), "limit-never-bites", zh, en)
    if not report.broken("likes") and not campaign.likes.embargo:
        words = (
            "embargo = false：评审期间点赞数和名次对所有人公开，专家也看得到",
            "embargo = false: likes and places stay public while judges mark, so judges can see them",
        )
        report.warning(("likes", "embargo"), "likes-public-while-judging", *words)


def _quota(campaign: Campaign, report: Report) -> None:
    total = sum(each.quota for each in campaign.unit_types)
    if total != campaign.quota.total:
        zh = f"各类名额之和是 {total}，total 是 {campaign.quota.total}"
        en = f"the quotas of the unit types add up to {total}, but total is {campaign.quota.total}"
        report.error(("quota", "total"), "quota-sum", zh, en)
