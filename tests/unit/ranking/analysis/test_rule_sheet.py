"""The rule sheet: its sentences and its worked example."""

from dataclasses import replace

import pytest
from hypothesis import given

from services.moderation.campaign import (
    CONVERSIONS,
    METHODS,
    REFILLS,
    TOTALS,
    Band,
    Cohort,
    Conversion,
    rule_hash,
)
from services.ranking.analysis.rule_sheet import example, plain, rule_sections
from services.ranking.calculation.cohort import Contender, choose_cohort
from services.ranking.calculation.quota import allocate
from tests.unit.ranking.examples import (
    campaign,
    campaigns,
    judged_by,
    rank_step,
    scored_entry,
    weighed,
)

BANDS = Conversion("bands", bands=(Band("0.1", "100"), Band("1", "60")))
CAPPED = Conversion("prop_max_capped", (("percentile", "95"),))


def conversion(name: str) -> Conversion:
    known = {"rank_step": rank_step("100", "0.5", "0"), "bands": BANDS, "prop_max_capped": CAPPED}
    return known.get(name, Conversion(name))


def lines(rules) -> list[str]:
    return [line.zh for part in rule_sections(rules) for line in part.lines]


def test_sheet_names_windows_limits_weights_and_seats_of_the_rules():
    said = lines(weighed(campaign(quotas=(3, 2, 1)), 2500))

    assert "点赞：2021-06-07 00:00 至 2021-06-13 24:00。" in said
    assert "综合得分 = 点赞积分 × 25% + 专家评分 × 75%。" in said
    assert "名额共 6 个：state 3 个、private 2 个、foreign 1 个。" in said


def test_sheet_names_the_likes_within_a_type_only_where_they_are_a_limit():
    rules = campaign()
    one_type = replace(rules, unit_types=rules.unit_types[:1])
    day_first = replace(rules, likes=replace(rules.likes, per_type=rules.likes.per_day))
    whole = f"每人每天对同一成果点赞一次，每天最多 {rules.likes.per_day} 个成果"

    said = [next(line for line in lines(each) if "点赞一次" in line) for each in (rules, one_type, day_first)]

    assert said == [f"{whole}，同类最多 {rules.likes.per_type} 个。", f"{whole}。", f"{whole}。"]


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        pytest.param(
            campaign(conversion=conversion("rank_step")),
            "点赞积分在同类成果中计算：第一名 100 分，每低一名减 0.5 分，最低 0 分，并列取平均名次。",
            id="steps",
        ),
        pytest.param(
            campaign(conversion=BANDS),
            "点赞积分在同类成果中计算：名次在前 10% 得 100 分；名次在前 100% 得 60 分。",
            id="bands",
        ),
        pytest.param(
            campaign(conversion=replace(CAPPED, population="all")),
            "点赞积分在全部成果中计算：以点赞数的第 95 百分位为满分 100，按比例折算，超过的同为 100。",
            id="a cap among all",
        ),
        pytest.param(
            weighed(campaign(conversion=conversion("none")), 0), "点赞不计入结果。", id="likes that do not count"
        ),
        pytest.param(campaign(), "时间均为北京时间，以服务器收到的时刻为准。", id="a zone that has a name"),
        pytest.param(
            replace(campaign(), windows=replace(campaign().windows, notice_days=0)),
            "结果不设公示期。",
            id="no notice",
        ),
        pytest.param(
            weighed(campaign(), 10_000),
            "同分的成果中有没有评分的，不比较评分，依次看后面各项。",
            id="ties where marks have no weight",
        ),
        pytest.param(
            weighed(campaign(), 10_000),
            "专家评分不计入综合得分，成果可以没有评分；有评分的，取平均分。",
            id="marks without a weight",
        ),
        pytest.param(campaign(min_score="60"), "综合得分低于 60 的不入选。", id="a minimum"),
        pytest.param(
            replace(campaign(), cohort=Cohort("top_n_by_likes_per_type", 30)),
            "每类点赞前 30 名（含并列）进入评审。",
            id="a gate by likes",
        ),
    ],
)
def test_sheet_says_what_is_special(rules, line):
    assert line in lines(rules)


@pytest.mark.parametrize("name", CONVERSIONS)
@pytest.mark.parametrize("method", METHODS)
def test_every_conversion_and_method_has_words_and_an_example(name, method):
    rules = judged_by(weighed(campaign(conversion=conversion(name)), 0 if name == "none" else 3000), method)

    said = plain(rules)

    assert all(line["zh"] and line["en"] for part in said["sections"] for line in part["lines"])
    assert sorted(row["likes"] for row in said["example"]) == [0, 10, 70, 70, 90]


@pytest.mark.parametrize("refill", REFILLS)
@pytest.mark.parametrize("totals", TOTALS)
def test_every_refill_and_embargo_has_words(refill, totals):
    rules = campaign(refill=refill)

    assert len(lines(replace(rules, likes=replace(rules.likes, totals=totals)))) == len(lines(campaign()))


HIDDEN = "点赞结束后至结果公布前，不公开点赞数和名次；二者随结果一并公布。"
PUBLIC = "点赞结束后立即公布全部有效点赞数和名次，评审期间同样公开。"
UNSEEN = "结果公布前，专家评审时看不到点赞数、名次和他人评分"
LOOKED_UP = "评审系统不向专家显示点赞数、名次和他人评分；但点赞数和点赞名次对公众公开，专家也可能看到。"


@pytest.mark.parametrize(
    ("totals", "embargo", "expected"),
    [
        pytest.param("after_end", True, {HIDDEN, f"{UNSEEN}。"}, id="nothing before publication"),
        pytest.param("daily", True, {HIDDEN, f"{UNSEEN}；点赞期间公布过的点赞数，专家此前可能见过。"}, id="daily"),
        pytest.param("live", True, {HIDDEN, f"{UNSEEN}；点赞期间公布过的点赞数，专家此前可能见过。"}, id="live"),
        *(pytest.param(each, False, {PUBLIC, LOOKED_UP}, id=f"{each} without embargo") for each in TOTALS),
    ],
)
def test_sheet_says_who_sees_likes_while_judges_mark(totals, embargo, expected):
    rules = replace(campaign(), likes=replace(campaign().likes, totals=totals, embargo=embargo))

    said = {each for each in lines(rules) if "专家评审时" in each or "评审系统" in each or "点赞结束后" in each}

    assert said == expected


def test_example_is_that_of_the_rules():
    rows = {row["entry"]: row for row in example(campaign())}

    assert [rows[name]["like_points"] for name in "甲乙丙丁戊"] == ["100.00", "62.50", "62.50", "25.00", "0.00"]
    assert (rows["甲"]["expert"], rows["甲"]["final"]) == ("82.00", "87.40")


@given(campaigns())
def test_sheet_names_the_hash_of_the_rules(rules):
    assert plain(rules)["rule_hash"] == rule_hash(rules)


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        pytest.param(
            campaign(refill="none"),
            "名额随之按同样的规则重新分配：各类名额归本类综合得分最高的成果，某类不足的名额空缺。",
            id="a seat that stays empty",
        ),
        pytest.param(
            campaign(refill="next_best_overall"),
            "名额随之按同样的规则重新分配：各类名额归本类综合得分最高的成果，"
            "某类不足的名额由全部剩余成果中得分最高者依次递补。",
            id="a seat that goes to another type",
        ),
        pytest.param(
            replace(campaign(), cohort=Cohort("top_n_by_likes_per_type", 30)),
            "评审名单确定后，有成果退出的不再补入；因自身点赞恢复或其他成果点赞作废而达到名次的补入，"
            "已进入的不因点赞作废而退出。",
            id="a fixed list of judged entries",
        ),
        pytest.param(
            replace(campaign(), windows=replace(campaign().windows, notice_days=5)),
            "结果公布后名单有变的，组织者列明变动、提出新的结果，由两名组织者签署后重新公示 5 个工作日；"
            "以前公布的名次由新的结果取代，与新结果不符的证书随之失效。",
            id="what earlier places are worth",
        ),
        pytest.param(
            replace(campaign(), windows=replace(campaign().windows, notice_days=0)),
            "结果公布后名单有变的，组织者列明变动、提出新的结果，由两名组织者签署后重新公布；"
            "以前公布的名次由新的结果取代，与新结果不符的证书随之失效。",
            id="without a notice",
        ),
    ],
)
def test_sheet_says_who_moves_up_and_what_earlier_places_are_worth(rules, line):
    assert line in lines(rules)


def test_sheet_answers_withdrawal_disqualification_voids_and_unlikes_in_both_languages():
    sheet = plain(campaign())

    for zh, en in (
        ("单位可以随时撤回成果", "A unit can withdraw its entry at any time"),
        ("取消成果的资格，取消后不再恢复", "a disqualification is not undone"),
        ("点赞作废须由两人决定", "Likes are voided only by two people"),
        ("以前各天的凭回执收回", "one from an earlier day with its receipt"),
        ("法定节日不计", "without public holidays"),
    ):
        (line,) = [each for part in sheet["sections"] for each in part["lines"] if zh in each["zh"]]
        assert en in line["en"]


def test_seat_of_a_winner_that_leaves_may_go_to_another_type_as_the_sheet_says():
    rules = campaign(quotas=(0, 1, 1))
    ordered = [
        scored_entry("state1", "state", 90),
        scored_entry("private1", "private", 80),
        scored_entry("private2", "private", 70),
        scored_entry("state2", "state", 60),
    ]

    def winners(rows):
        return {seat.entry for seat in allocate(rows, rules) if seat.entry}

    assert winners(ordered) == {"private1", "state1"}
    assert winners(ordered[1:]) == {"private1", "private2"}
    assert winners([each for each in ordered if each.entry != "private1"]) == {"private2", "state1"}
    assert not [each for each in lines(rules) if "归同类中" in each]


def test_likes_of_others_that_are_voided_bring_an_entry_into_judging_as_the_sheet_says():
    rule = Cohort("top_n_by_likes_per_type", 1)

    before = choose_cohort([Contender("A", "state", 9), Contender("B", "state", 5)], rule)
    after = choose_cohort([Contender("A", "state", 4), Contender("B", "state", 5)], rule)

    assert (before, after) == ({"A"}, {"B"})
    (line,) = [each for each in lines(replace(campaign(), cohort=rule)) if "不再补入" in each]
    assert "其他成果点赞作废而达到名次的补入" in line


@pytest.mark.parametrize("embargo", [True, False])
@pytest.mark.parametrize("totals", TOTALS)
def test_sheet_of_rules_without_a_notice_promises_none(totals, embargo):
    rules = replace(campaign(), windows=replace(campaign().windows, notice_days=0))
    rules = replace(rules, likes=replace(rules.likes, totals=totals, embargo=embargo))

    assert [each for each in lines(rules) if "公示" in each] == ["结果不设公示期。"]
