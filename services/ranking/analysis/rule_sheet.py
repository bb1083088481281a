"""Rule sheet: the rules in plain words, Chinese beside English, with an example computed by the rules themselves.

Promises: every number in a sentence comes from the rule set; the example is what `final_ranking.rank` computes for five
invented entries; the same rule set gives the same sheet.
Does not promise to replace the rules: what counts is the rule set, whose hash is on the sheet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.moderation.campaign import (
    TOTALS,
    WHOLE_BP,
    Campaign,
    Window,
    rule_hash,
)
from services.ranking.analysis import conversion_texts, rule_texts
from services.ranking.calculation.candidates import Candidate, Mark
from services.ranking.calculation.final_ranking import BY_MARKS, format_score, rank
from shared.decider import Refused
from shared.zones import end_to_the_minute, to_the_minute, zone_names

AFTER_END = TOTALS[-1]
EXAMPLE_LIKES = (90, 70, 70, 10, 0)
_EXAMPLE_MARKS = (82, 88, 79, 91, 85)  # by the first judge; each further judge gives some points more or less
_DRIFT = (0, 1, -1, 2, -2, 3, -3)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the rule sheet, in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the rule sheet."""

    title: Sentence
    lines: tuple[Sentence, ...]


def rule_sections(campaign: Campaign) -> tuple[Section, ...]:
    """Return the sections of the sheet: who takes part and when, how likes and marks decide the winners, and what
    follows if an entry leaves or likes are voided.
    """
    return (
        Section(Sentence("谁参加、什么时间", "Who can enter, and when"), tuple(_who_and_when(campaign))),
        Section(Sentence("点赞", "Likes"), tuple(_likes(campaign))),
        Section(Sentence("专家评审", "Judging"), tuple(_judging(campaign))),
        Section(Sentence("综合得分与名额", "Final score and seats"), tuple(_result(campaign))),
        Section(
            Sentence("退出、取消资格与作废", "Withdrawal, disqualification and voided likes"), tuple(_leaving(campaign))
        ),
    )


def example(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the sheet's example: five invented entries of the first unit type, ranked by the campaign's rules.

    Scores have two decimals, as people see them.
    """
    kind, judges = campaign.unit_types[0].code, max(campaign.judging.min_marks, 1)
    rows = [
        Candidate(name, kind, likes, number, _example_marks(campaign, points, judges))
        for number, (name, likes, points) in enumerate(zip("甲乙丙丁戊", EXAMPLE_LIKES, _EXAMPLE_MARKS, strict=True))
    ]
    ranked = rank(rows, replace(campaign, seed_commitment=""), seed=b"", root=b"")
    if isinstance(ranked, Refused):
        raise AssertionError(f"every rule set ranks five entries that have all their marks: {ranked}")
    return [
        {
            "place": each.place,
            "entry": each.merit.candidate.entry,
            "likes": each.merit.candidate.likes,
            "like_points": format_score(each.merit.like_points),
            "expert": format_score(each.merit.expert.value),
            "final": format_score(each.merit.final),
        }
        for each in ranked.entries
    ]


def plain(campaign: Campaign, locked: str | None = None) -> dict[str, Any]:
    """Return the rule sheet with its example and the hash of the rules as plain data.

    `locked` is the hash of the locked rules, which windows that were moved since leave as it is.
    """
    return {
        "rule_hash": locked or rule_hash(campaign),
        "sections": [
            {"zh": part.title.zh, "en": part.title.en, "lines": [{"zh": one.zh, "en": one.en} for one in part.lines]}
            for part in rule_sections(campaign)
        ],
        "example": example(campaign),
    }


def _example_marks(campaign: Campaign, points: int, judges: int) -> tuple[Mark, ...]:
    """Return one mark from each judge, each slightly different from the first."""
    return tuple(
        Mark(
            f"judge-{number}",
            tuple((each.code, points + _DRIFT[number % len(_DRIFT)]) for each in campaign.judging.criteria),
        )
        for number in range(judges)
    )


def _who_and_when(campaign: Campaign) -> Iterator[Sentence]:
    zh = "、".join(each.zh for each in campaign.unit_types)
    en = ", ".join(each.en for each in campaign.unit_types)
    yield Sentence(f"单位分为 {len(campaign.unit_types)} 类：{zh}。", f"{len(campaign.unit_types)} unit types: {en}.")
    if campaign.shortlist.top_n is not None:
        yield Sentence(
            f"审核通过的成果中，每类按审核评级前 {campaign.shortlist.top_n} 名入围。",
            f"The top {campaign.shortlist.top_n} approved entries of each type, by moderators' grade, are shortlisted.",
        )
    else:
        yield Sentence("审核通过的成果全部入围。", "All approved entries are shortlisted.")
    names = {
        "submission": ("报送", "Submission"),
        "likes": ("点赞", "Liking"),
        "judging": ("评审", "Judging"),
        "exhibition": ("展播", "Exhibition"),
    }
    for name, (zh, en) in names.items():
        since, until = _instants(campaign.window(name), campaign.zone)
        yield Sentence(f"{zh}：{since} 至 {until}。", f"{en}: from {since} to {until}.")
    zone = campaign.zone
    yield Sentence(
        f"时间均为{zone_names(zone)[0]}，以服务器收到的时刻为准。",
        f"All times are in the {zone} time zone; what counts is when the server receives a request.",
    )


def _likes(campaign: Campaign) -> Iterator[Sentence]:
    limits = campaign.likes
    has_types = len(campaign.unit_types) > 1 and limits.per_type < limits.per_day
    zh, en = (f"，同类最多 {limits.per_type} 个", f", of which at most {limits.per_type} of one type")
    yield Sentence(
        f"每人每天对同一成果点赞一次，每天最多 {limits.per_day} 个成果{zh if has_types else ''}。",
        f"Each person can like an entry once a day: at most {limits.per_day} entries a day{en if has_types else ''}.",
    )
    yield Sentence(
        "点赞结束前，每次点赞都可以收回，以前各天的凭回执收回；当天收回的，当天的次数恢复，并可重新点赞。",
        "Every like can be taken back until liking ends, one from an earlier day with its receipt. A like that is taken"
        " back on its own day returns to that day's allowance, and the entry can be liked again.",
    )
    yield Sentence(
        "不要求关注，不奖励转发或点赞；网络地址本身不会使点赞被拒绝。",
        "No one has to follow an account, and nothing is given for sharing or liking. No like is rejected because of"
        " its network address alone.",
    )
    totals = {
        "live": ("点赞期间，点赞数实时公布。", "While liking is open, like totals are shown in real time."),
        "daily": (
            f"点赞期间，点赞数每天 {limits.totals_at} 公布一次。",
            f"While liking is open, like totals are published daily at {limits.totals_at}.",
        ),
        "after_end": ("点赞期间不公布点赞数。", "Like totals are not published while liking is open."),
    }
    yield Sentence(*totals[limits.totals])
    if limits.embargo:
        yield Sentence(
            "点赞结束后至结果公布前，不公开点赞数和名次；二者随结果一并公布。",
            "From the end of liking until the result is published, neither likes nor places are shown; both are"
            " published with the result.",
        )
    else:
        yield Sentence(
            "点赞结束后立即公布全部有效点赞数和名次，评审期间同样公开。",
            "As soon as liking has ended, all valid likes and places are published, and they stay public while judges"
            " mark.",
        )
    if limits.outage_hours:
        yield Sentence(
            "系统故障使人不能点赞时，主办方可以公布原因，延长点赞期，不超过故障的时间，"
            f"累计最多 {limits.outage_hours} 小时。",
            "If an outage keeps people from liking, the organiser may publish the reason and keep liking open longer by"
            f" at most as long as the outage lasted, and by at most {limits.outage_hours} hours in all.",
        )
    yield _conversion(campaign)
    if campaign.cohort.top_n is not None:
        yield Sentence(
            f"每类点赞前 {campaign.cohort.top_n} 名（含并列）进入评审。",
            f"The top {campaign.cohort.top_n} entries of each type by likes, including ties, go on to judging.",
        )
    if campaign.popularity_list:
        yield Sentence(
            "另行公布人气榜，与结果无关。", "A popularity list is published separately and does not affect the result."
        )


def _conversion(campaign: Campaign) -> Sentence:
    conversion = campaign.conversion
    zh, en = conversion_texts.TEXTS[conversion.name].rule(conversion)
    if conversion.name == "none":
        return Sentence(zh, en)
    among = ("同类成果", "of its type") if conversion.population == "type" else ("全部成果", "of all types")
    return Sentence(f"点赞积分在{among[0]}中计算：{zh}", f"Like points, among the entries {among[1]}: {en}")


def _judging(campaign: Campaign) -> Iterator[Sentence]:
    judging = campaign.judging
    zh = "、".join(f"{each.zh} {each.weight}%" for each in judging.criteria)
    en = ", ".join(f"{each.en} {each.weight}%" for each in judging.criteria)
    yield Sentence(f"每项 0–100 的整数：{zh}。", f"Each criterion is scored from 0 to 100 in whole points: {en}.")
    zh, en = rule_texts.METHODS[judging.method].rule
    if campaign.weights.expert_bp:
        yield Sentence(
            f"每个成果至少 {judging.min_marks} 位专家评分，{zh}",
            f"Each entry is marked by at least {judging.min_marks} judges; {en}",
        )
    else:
        yield Sentence(
            f"专家评分不计入综合得分，成果可以没有评分；有评分的，{zh}",
            f"Judges' marks do not count in the final score, and an entry may have none. Where there are marks, {en}",
        )
    yield Sentence(
        "同一工作单位或申报回避的专家不评" + ("，同一城市的也不评。" if judging.same_city_conflicts else "。"),
        "Judges do not mark entries from their own employer"
        + (" or their own city" if judging.same_city_conflicts else "")
        + ", or entries for which they have declared a conflict of interest.",
    )
    yield Sentence(
        "评分后才得知应当回避的，该评分连同缘由列给签署成果的组织者；由组织者具名说明理由后剔除，否则照常计入。",
        "A mark whose conflict of interest becomes known only afterwards is listed, with the conflict, for the "
        "organisers who sign the result; it counts unless an organiser excludes it, by name and with a reason.",
    )
    yield Sentence(
        f"总分低于 {judging.words_below} 分或高于 {judging.words_above} 分的，专家须写明理由。",
        f"A judge must give reasons for a mark below {judging.words_below} or above {judging.words_above}.",
    )
    if judging.anchor_entries:
        yield Sentence(
            f"{judging.anchor_entries} 个抽签确定的成果由全体专家先行评分，用以比较宽严。",
            f"All judges first mark the same {judging.anchor_entries} entries, drawn by lot, to compare how strict they"
            " are.",
        )
    if judging.third_reading is not None:
        yield Sentence(
            f"两位专家相差超过 {judging.third_reading} 分时，增加一位专家。",
            f"If two marks differ by more than {judging.third_reading} points, one more judge marks the entry.",
        )
    yield _what_judges_see(campaign)


def _what_judges_see(campaign: Campaign) -> Sentence:
    """Return what is true of judges and likes: the embargo hides no totals that were published before it began."""
    if not campaign.likes.embargo:
        return Sentence(
            "评审系统不向专家显示点赞数、名次和他人评分；但点赞数和点赞名次对公众公开，专家也可能看到。",
            "Judges' pages show no likes, ranks or other judges' marks, but likes and places by likes are public, so"
            " judges may see them elsewhere.",
        )
    if campaign.likes.totals == AFTER_END:
        return Sentence(
            "结果公布前，专家评审时看不到点赞数、名次和他人评分。",
            "Until the result is published, judges cannot see likes, ranks or other judges' marks while they mark.",
        )
    return Sentence(
        "结果公布前，专家评审时看不到点赞数、名次和他人评分；点赞期间公布过的点赞数，专家此前可能见过。",
        "Until the result is published, judges cannot see likes, ranks or other judges' marks while they mark; they"
        " may have seen like totals that were published while liking was open.",
    )


def _result(campaign: Campaign) -> Iterator[Sentence]:
    like, expert = (
        conversion_texts.percent(str(Decimal(bp) / WHOLE_BP))
        for bp in (campaign.weights.like_bp, campaign.weights.expert_bp)
    )
    yield Sentence(
        f"综合得分 = 点赞积分 × {like}% + 专家评分 × {expert}%。",
        f"Final score = like points × {like}% + expert score × {expert}%.",
    )
    zh = "、".join(rule_texts.TIES[each].rule[0] for each in campaign.tie_order)
    en = ", ".join(rule_texts.TIES[each].rule[1] for each in campaign.tie_order)
    yield Sentence(f"同分时依次比较：{zh}。", f"Ties are broken in this order: {en}.")
    if not campaign.weights.expert_bp and set(BY_MARKS) & set(campaign.tie_order):
        yield Sentence(
            "同分的成果中有没有评分的，不比较评分，依次看后面各项。",
            "If one of the tied entries has no marks, marks are not compared, and the next rules decide.",
        )
    zh = "、".join(f"{each.zh} {each.quota} 个" for each in campaign.unit_types)
    en = ", ".join(f"{each.en} {each.quota}" for each in campaign.unit_types)
    yield Sentence(f"名额共 {campaign.quota.total} 个：{zh}。", f"{campaign.quota.total} seats: {en}.")
    zh, en = rule_texts.REFILLS[campaign.quota.refill]
    yield Sentence(f"某类不足的名额{zh}。", f"Seats that a type cannot fill {en}.")
    if campaign.quota.min_score is not None:
        least = campaign.quota.min_score
        yield Sentence(
            f"综合得分低于 {least} 的不入选。", f"An entry with a final score below {least} does not win a seat."
        )
    days = campaign.windows.notice_days
    if not days:
        yield Sentence("结果不设公示期。", "There is no objection period after the result.")
        return
    yield Sentence(
        f"结果自公布次日起公示 {days} 个工作日，法定节日不计，期间可提出异议。",
        f"The result is open to objections for {days} working days, counted from the day after publication and without"
        " public holidays.",
    )


def _leaving(campaign: Campaign) -> Iterator[Sentence]:
    yield Sentence(
        "单位可以随时撤回成果；组织者查实问题的，可以写明理由取消成果的资格，取消后不再恢复。",
        "A unit can withdraw its entry at any time. An organiser can disqualify an entry, with a reason; a"
        " disqualification is not undone.",
    )
    yield Sentence(
        "撤回或取消资格的成果不再展示和接受点赞，不参加排名：其余成果的点赞积分、综合得分和名次重新计算，后面的依次递补。"
        "只是暂停点赞的成果仍参加排名。",
        "An entry that is withdrawn or disqualified is no longer shown, takes no likes and is not ranked: like points,"
        " final scores and places of the others are computed anew, and those behind it move up. An entry whose likes"
        " are only paused stays in the ranking.",
    )
    zh, en = rule_texts.REFILLS[campaign.quota.refill]
    yield Sentence(
        f"名额随之按同样的规则重新分配：各类名额归本类综合得分最高的成果，某类不足的名额{zh}。",
        "Seats are then filled anew by the same rules: those of a type by its entries with the highest final scores;"
        f" seats that a type cannot fill {en}.",
    )
    yield from _closed_lists(campaign)
    yield from _earlier_places(campaign)
    yield from _likes_that_do_not_count(campaign)


def _closed_lists(campaign: Campaign) -> Iterator[Sentence]:
    yield Sentence(
        "点赞开始后，入围名单不再补充。",
        "Once liking has begun, no entry joins the shortlist in place of one that left.",
    )
    if campaign.cohort.top_n is not None:
        yield Sentence(
            "评审名单确定后，有成果退出的不再补入；因自身点赞恢复或其他成果点赞作废而达到名次的补入，"
            "已进入的不因点赞作废而退出。",
            "Once the entries to be judged are fixed, none joins in place of one that left. One that reaches the place"
            " because its likes were restored or those of others were voided joins, and none leaves because its likes"
            " were voided.",
        )


def _earlier_places(campaign: Campaign) -> Iterator[Sentence]:
    days = campaign.windows.notice_days
    again = (
        (f"重新公示 {days} 个工作日", f"has a notice of {days} working days of its own")
        if days
        else ("重新公布", "is published again")
    )
    yield Sentence(
        "结果最终确定前，公布过的点赞名次和评选名次都是暂时的，不构成任何权利。",
        "Until the result is final, places that were published, by likes or by final score, are provisional and give no"
        " claim.",
    )
    yield Sentence(
        f"结果公布后名单有变的，组织者列明变动、提出新的结果，由两名组织者签署后{again[0]}；以前公布的名次由新的结果取代，"
        "与新结果不符的证书随之失效。",
        "If the list changes after publication, the organisers propose a new result that names the differences; it"
        f" needs two signatures and {again[1]}. It replaces places published earlier, and certificates that differ from"
        " it become invalid.",
    )


def _likes_that_do_not_count(campaign: Campaign) -> Iterator[Sentence]:  # noqa: ARG001 -- the same in every campaign
    yield Sentence(
        "存疑的点赞暂缓计入，恢复后才计入；仍有暂缓的点赞时不提出结果。",
        "Suspicious likes are held and count only once they are released; no result is proposed while likes are held.",
    )
    yield Sentence(
        "点赞作废须由两人决定，写明理由并留存证据；作废前后的点赞数都可查，申诉成立的予以恢复。"
        "同一人用不同账号在同一天为同一成果重复点赞的，只计一次。",
        "Likes are voided only by two people, with a reason and recorded evidence; the counts before and after stay on"
        " record, and likes are restored if an appeal succeeds. Likes that one person gives the same entry on the same"
        " day under several accounts count once.",
    )
    yield Sentence(
        "作废或恢复点赞后，点赞积分和名次按有效点赞重新计算。",
        "After likes are voided or restored, like points and places are computed anew from the valid likes.",
    )


def _instants(window: Window, zone: str) -> Sequence[str]:
    return [to_the_minute(window.start, zone), end_to_the_minute(window.end, zone)]
