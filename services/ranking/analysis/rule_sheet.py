"""The rules in plain words, Chinese and English beside each other, with an example that the rules themselves work out.

Promises: every number in a sentence is the rule set's own; the example is what `final.rank` says of five made-up
entries; the same rule set gives the same sheet.
Does not promise to be the rules: those are the rule set, whose hash stands on the sheet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from services.moderation.campaign import (
    WHOLE_BP,
    Campaign,
    Window,
    rule_hash,
)
from services.ranking.analysis import conversion_texts, rule_texts
from services.ranking.calculation.candidates import Candidate, Mark
from services.ranking.calculation.final_ranking import rank, shown
from shared.decider import Refused

EXAMPLE_LIKES = (90, 70, 70, 10, 0)
_EXAMPLE_MARKS = (82, 88, 79, 91, 85)  # of the first judge; each further one gives a point more or less
_DRIFT = (0, 1, -1, 2, -2, 3, -3)


@dataclass(frozen=True, slots=True)
class Sentence:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Section:
    title: Sentence
    lines: tuple[Sentence, ...]


def sheet(campaign: Campaign) -> tuple[Section, ...]:
    """Who takes part, when, and how likes and marks become a hundred names."""
    return (
        Section(Sentence("谁参加、什么时间", "Who and when"), tuple(_who_and_when(campaign))),
        Section(Sentence("点赞", "Likes"), tuple(_likes(campaign))),
        Section(Sentence("专家评审", "Judging"), tuple(_judging(campaign))),
        Section(Sentence("综合得分与名额", "Final score and seats"), tuple(_result(campaign))),
    )


def example(campaign: Campaign) -> list[dict[str, Any]]:
    """Five made-up entries of the first unit type, ranked: likes, points, marks, scores as they are shown."""
    kind, judges = campaign.unit_types[0].code, max(campaign.judging.min_marks, 1)
    rows = [
        Candidate(name, kind, likes, number, _example_marks(campaign, points, judges))
        for number, (name, likes, points) in enumerate(zip("甲乙丙丁戊", EXAMPLE_LIKES, _EXAMPLE_MARKS, strict=True))
    ]
    ranked = rank(rows, replace(campaign, seed_commitment=""), seed=b"", root=b"")
    if isinstance(ranked, Refused):
        raise AssertionError(f"five entries with all their marks are ranked by any rules: {ranked}")
    return [
        {
            "place": each.place,
            "entry": each.merit.candidate.entry,
            "likes": each.merit.candidate.likes,
            "like_points": shown(each.merit.like_points),
            "expert": shown(each.merit.expert.value),
            "final": shown(each.merit.final),
        }
        for each in ranked.standings
    ]


def plain(campaign: Campaign) -> dict[str, Any]:
    """Sheet and example as plain data."""
    return {
        "rule_hash": rule_hash(campaign),
        "sections": [
            {"zh": part.title.zh, "en": part.title.en, "lines": [{"zh": one.zh, "en": one.en} for one in part.lines]}
            for part in sheet(campaign)
        ],
        "example": example(campaign),
    }


def _example_marks(campaign: Campaign, points: int, judges: int) -> tuple[Mark, ...]:
    """One judge after the other, each a little off the first."""
    return tuple(
        Mark(
            f"judge-{number}",
            tuple((each.code, points + _DRIFT[number % len(_DRIFT)]) for each in campaign.judging.criteria),
        )
        for number in range(judges)
    )


_ZONES = {"Asia/Shanghai": "北京时间", "Asia/Hong_Kong": "香港时间", "Asia/Urumqi": "新疆时间"}


def _who_and_when(campaign: Campaign) -> Iterator[Sentence]:
    zh = "、".join(each.zh for each in campaign.unit_types)
    en = ", ".join(each.en for each in campaign.unit_types)
    yield Sentence(f"单位分为 {len(campaign.unit_types)} 类：{zh}。", f"{len(campaign.unit_types)} unit types: {en}.")
    if campaign.shortlist.top_n is not None:
        yield Sentence(
            f"审核通过的成果中，每类按审核评级前 {campaign.shortlist.top_n} 名入围。",
            f"The first {campaign.shortlist.top_n} of each type by the desk's grade are shortlisted.",
        )
    else:
        yield Sentence("审核通过的成果全部入围。", "Every approved entry is shortlisted.")
    names = {
        "submission": ("报送", "Submission"),
        "likes": ("点赞", "Likes"),
        "judging": ("评审", "Judging"),
        "exhibition": ("展播", "Exhibition"),
    }
    for name, (zh, en) in names.items():
        since, until = _instants(campaign.window(name), campaign.zone)
        yield Sentence(f"{zh}：{since} 起，{until} 前。", f"{en}: from {since}, before {until}.")
    zone = campaign.zone
    yield Sentence(
        f"时间均为{_ZONES.get(zone, f' {zone} 时间')}，以服务器收到的时刻为准。",
        f"All times are {zone}, as the server receives what is sent.",
    )


def _likes(campaign: Campaign) -> Iterator[Sentence]:
    limits = campaign.likes
    yield Sentence(
        f"每人每天对同一成果点赞一次，每天最多 {limits.per_day} 个成果，同类最多 {limits.per_type} 个；"
        "点赞结束前可以取消。",
        f"One like a person, entry and day; at most {limits.per_day} entries a day, {limits.per_type} of a type;"
        " a like may be taken back until likes end.",
    )
    yield Sentence(
        "不要求关注，不奖励转发或点赞；网络地址本身不会使点赞被拒绝。",
        "Nobody has to follow; sharing and liking earn nothing; an address alone refuses no like.",
    )
    totals = {
        "live": ("点赞数实时公布。", "Totals are public at once."),
        "daily": (f"点赞数每天 {limits.totals_at} 公布一次。", f"Totals are published daily at {limits.totals_at}."),
        "after_end": ("点赞数在点赞结束后公布。", "Totals are published after the end."),
    }
    yield Sentence(*totals[limits.totals])
    yield _conversion(campaign)
    if campaign.cohort.top_n is not None:
        yield Sentence(
            f"每类点赞前 {campaign.cohort.top_n} 名（含并列）进入评审。",
            f"The first {campaign.cohort.top_n} of each type by likes, ties included, are judged.",
        )
    if campaign.popularity_list:
        yield Sentence(
            "另行公布人气榜，与结果无关。", "A popularity list is published apart; it has no part in the result."
        )


def _conversion(campaign: Campaign) -> Sentence:
    conversion = campaign.conversion
    zh, en = conversion_texts.TEXTS[conversion.name].rule(conversion)
    if conversion.name == "none":
        return Sentence(zh, en)
    among = ("同类成果", "its type") if conversion.population == "type" else ("全部成果", "all types")
    return Sentence(f"点赞积分在{among[0]}中计算：{zh}", f"Like points, among the entries of {among[1]}: {en}")


def _judging(campaign: Campaign) -> Iterator[Sentence]:
    judging = campaign.judging
    zh = "、".join(f"{each.zh} {each.weight}%" for each in judging.criteria)
    en = ", ".join(f"{each.en} {each.weight} %" for each in judging.criteria)
    yield Sentence(f"每项 0–100 的整数：{zh}。", f"Whole points from 0 to 100: {en}.")
    zh, en = rule_texts.METHODS[judging.method].rule
    yield Sentence(
        f"每个成果至少 {judging.min_marks} 位专家评分，{zh}", f"At least {judging.min_marks} judges an entry; {en}"
    )
    yield Sentence(
        "同一工作单位或申报回避的专家不评" + ("，同一城市的也不评。" if judging.same_city_conflicts else "。"),
        "A judge of the same employer, or with a declared conflict"
        + (", or of the same city," if judging.same_city_conflicts else "")
        + " does not mark an entry.",
    )
    yield Sentence(
        f"总分低于 {judging.words_below} 分或高于 {judging.words_above} 分的，专家须写明理由。",
        f"A mark below {judging.words_below} or above {judging.words_above} needs words.",
    )
    if judging.anchor_entries:
        yield Sentence(
            f"{judging.anchor_entries} 个抽签确定的成果由全体专家先行评分，用以比较宽严。",
            f"{judging.anchor_entries} entries, drawn by lot, are marked first and by all, to compare strictness.",
        )
    if judging.third_reading is not None:
        yield Sentence(
            f"两位专家相差超过 {judging.third_reading} 分时，增加一位专家。",
            f"Where two marks differ by more than {judging.third_reading}, one judge more is asked.",
        )
    yield Sentence("专家看不到点赞数、名次和他人评分。", "Judges see neither likes, nor ranks, nor others' marks.")


def _result(campaign: Campaign) -> Iterator[Sentence]:
    like, expert = (
        conversion_texts.percent(str(Decimal(bp) / WHOLE_BP))
        for bp in (campaign.weights.like_bp, campaign.weights.expert_bp)
    )
    yield Sentence(
        f"综合得分 = 点赞积分 × {like}% + 专家评分 × {expert}%。",
        f"Final score = like points × {like} % + expert score × {expert} %.",
    )
    zh = "、".join(rule_texts.TIES[each].rule[0] for each in campaign.tie_order)
    en = ", ".join(rule_texts.TIES[each].rule[1] for each in campaign.tie_order)
    yield Sentence(f"同分时依次比较：{zh}。", f"Equal scores, in this order: {en}.")
    zh = "、".join(f"{each.zh} {each.quota} 个" for each in campaign.unit_types)
    en = ", ".join(f"{each.en} {each.quota}" for each in campaign.unit_types)
    yield Sentence(f"名额共 {campaign.quota.total} 个：{zh}。", f"{campaign.quota.total} seats: {en}.")
    zh, en = rule_texts.REFILLS[campaign.quota.refill]
    yield Sentence(f"某类不足的名额{zh}。", f"Seats that a type cannot fill {en}.")
    if campaign.quota.min_score is not None:
        least = campaign.quota.min_score
        yield Sentence(f"综合得分低于 {least} 的不入选。", f"A final score below {least} wins no seat.")
    days = campaign.windows.notice_days
    if not days:
        yield Sentence("结果不设公示期。", "The result has no notice period.")
        return
    yield Sentence(f"结果公示 {days} 个工作日，期间可提出异议。", f"{days} working days of notice, open to objections.")


def _instants(window: Window, zone: str) -> Sequence[str]:
    return [
        datetime.fromtimestamp(each / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
        for each in (window.start, window.end)
    ]
