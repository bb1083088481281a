"""Tests of reading notices, by facts, on texts of our own in the style of notices."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.campaign_file.check import check
from services.moderation.campaign_file.form_values import write_values
from services.moderation.campaign_file.notice_text import Reading, read_notice
from services.moderation.campaign_file.problems import ERROR

# The facts of the first campaign's notice, in our own words.
HUNDRED = """\
2021年度基层工会建设成果征集办法
一、目标是选树100家工会，其中国有、非公、外资、机关事业和其它类型工会大体各20家。
二、每件成果文字不超过3000字，图片不少于4张，视频不超过8分钟，可用mp4、wma。
三、报送阶段为4月15日—5月28日；点赞阶段为6月7日—13日；评审阶段为6月14日—18日；展播阶段为6月21日—930日。
四、点赞积分排名与专家意见合并计算。
"""
# Source F1 of the research (2023), F2 and F11, and the labour union's 15 %: their figures, in our own words.
RANK_STEP = """\
线上投票时间：2023年6月7日8:00至6月13日24:00，每人每天限投10票。
投票结果折算：第一名得30分，每低一名减1分。公示期5个工作日。
"""
SHARES = "最终成绩中投票占比30%，专家评审占比70%。点赞数除以最高点赞数再乘以一百。"


def values(reading: Reading) -> dict[str, str]:
    return {path: value for each in reading.findings for path, value in each.values.items()}


def codes(text: str) -> list[str]:
    return [each.code for each in read_notice(text, year=2027).contradictions]


def test_facts_of_the_first_notice_are_found():
    found = values(read_notice(HUNDRED, year=2027))

    assert found == {
        "quota.total": "100",
        **{f"unit_types.{n}.code": code for n, code in enumerate(("state", "private", "foreign", "public", "other"))},
        **{f"unit_types.{n}.zh": zh for n, zh in enumerate(("国有", "非公", "外资", "机关事业", "其它"))},
        **{f"unit_types.{n}.quota": "20" for n in range(5)},
        "entry.text_max_chars": "3000",
        "entry.pictures_min": "4",
        "entry.video_max_s": "480",
        "entry.video_containers": "mp4",
        "entry.audio_containers": "wma",
        "windows.submission.start": "2021-04-15T00:00",
        "windows.submission.end": "2021-05-29T00:00",
        "windows.likes.start": "2021-06-07T00:00",
        "windows.likes.end": "2021-06-14T00:00",
        "windows.judging.start": "2021-06-14T00:00",
        "windows.judging.end": "2021-06-19T00:00",
        "conversion.name": "rank_percentile",
    }


def test_traps_of_the_first_notice_are_told_with_their_places():
    reading = read_notice(HUNDRED, year=2027)

    told = {each.code: [HUNDRED[start:end] for start, end in each.places] for each in reading.contradictions}
    assert told == {"audio-as-video": ["wma"], "impossible-date": ["6月21日—930日"]}


def test_hours_and_24_o_clock_are_read_and_steps_of_points():
    found = values(read_notice(RANK_STEP, year=2027))

    assert found == {
        "windows.likes.start": "2023-06-07T08:00",
        "windows.likes.end": "2023-06-14T00:00",
        "likes.per_day": "10",
        "conversion.name": "rank_step",
        "conversion.start": "30",
        "conversion.step": "1",
        "conversion.floor": "0",
        "windows.notice_days": "5",
    }


def test_shares_and_proportion_to_the_most_are_found():
    found = values(read_notice(SHARES, year=2027))

    assert found == {"weights.like": "0.3", "weights.expert": "0.7", "conversion.name": "prop_max"}


# What real notices ask for (research: C1 to C6 and the limits beside them), each in our own words, with what is found
# in it and what is named as a contradiction.
REAL = {
    "2011, points from a floor": (
        "入围作品35件。网络投票第35名10分，每前进一名加0.5分，满分30分。同一IP每小时限投3票。",
        {"conversion.name": "rank_step", "conversion.start": "27", "conversion.step": "0.5",
         "conversion.floor": "10"},
        ["limit-by-address"],
    ),
    "2021, steps on a hundred": (
        "线上评选2021年5月10日9:00开始，5月20日17:00结束，每人每天10票。"
        "票数第一名得100分，之后每低一个名次减0.5分，占总成绩的30%；专家评审占70%。",
        {"windows.likes.start": "2021-05-10T09:00", "windows.likes.end": "2021-05-20T17:00", "likes.per_day": "10",
         "conversion.name": "rank_step", "conversion.start": "100", "conversion.step": "0.5",
         "conversion.floor": "0", "weights.like": "0.3", "weights.expert": "0.7"},
        [],
    ),
    "2022, proportion to the most": (
        "网络投票得分＝该作品票数÷最高票数×100，权重30%。专家打分权重70%。投票时间为2022年8月15日至8月25日。",
        {"conversion.name": "prop_max", "weights.like": "0.3", "weights.expert": "0.7",
         "windows.likes.start": "2022-08-15T00:00", "windows.likes.end": "2022-08-26T00:00"},
        [],
    ),
    "2023, thirty points and a trimmed mean": (
        "投票自2023年9月1日8时起，到9月7日18时止。每个微信号每天可为同一作品投1票，转发后可多投1票。"
        "按名次计分：第一名30分，第二名29分，依次递减1分。"
        "7位专家按百分制打分，去掉一个最高分和一个最低分取平均，乘以70%计入总分。",
        {"windows.likes.start": "2023-09-01T08:00", "windows.likes.end": "2023-09-07T18:00",
         "conversion.name": "rank_step", "conversion.start": "30", "conversion.step": "1", "conversion.floor": "0",
         "judging.min_marks": "7", "judging.method": "trimmed", "weights.expert": "0.7"},
        ["share-bonus"],
    ),
    "a gate": (
        "网络投票前30名的作品进入专家评审。同一IP地址5分钟内只能投1票。",
        {"cohort.rule": "top_n_by_likes_per_type", "cohort.top_n": "30"},
        ["limit-by-address"],
    ),
    "a labour union, fifteen per cent": (
        "每个微信号每天可投5票，每次选1至5件。网络投票占总分15%。",
        {"likes.per_day": "5", "weights.like": "0.15"},
        [],
    ),
    "exactly ten a day": (
        "投票每天须选满10件，网络投票占70%，票数每天18:00公布。公示7天。",
        {"likes.per_day": "10", "weights.like": "0.7", "likes.totals": "daily", "likes.totals_at": "18:00",
         "windows.notice_days": "7"},
        [],
    ),
    "sixty per cent": (
        "网络投票占60%，评委评分占40%。每人每日限投一票。",
        {"weights.like": "0.6", "weights.expert": "0.4", "likes.per_day": "1"},
        [],
    ),
    "the first campaign, phases after their dates": (
        "2021年4月15日至5月28日为报送阶段，6月7日至13日为点赞阶段，6月14日至18日为评审阶段。图片4张及以上。",
        {"windows.submission.start": "2021-04-15T00:00", "windows.submission.end": "2021-05-29T00:00",
         "windows.likes.start": "2021-06-07T00:00", "windows.likes.end": "2021-06-14T00:00",
         "windows.judging.start": "2021-06-14T00:00", "windows.judging.end": "2021-06-19T00:00",
         "entry.pictures_min": "4"},
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_facts_of_real_notices_are_found(name: str):
    text, expected, wrong = REAL[name]

    assert values(read_notice(text, year=2027)) == expected
    assert codes(text) == wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("作品前30名进入专家评审。", {"cohort.rule": "top_n_by_likes_per_type", "cohort.top_n": "30"}),
        ("每人每天可点赞5次，同一类最多2个。", {"likes.per_day": "5", "likes.per_type": "2"}),
        ("请于2027年3月5日17:00前报送。", {"windows.submission.end": "2027-03-05T17:00"}),
        ("点赞于12月28日至1月3日进行。", {"windows.likes.start": "2027-12-28T00:00",
                                          "windows.likes.end": "2028-01-04T00:00"}),
        ("微视频时长90秒以内，照片4张以上的照片不收。", {"entry.video_max_s": "90", "entry.pictures_min": "4"}),
        ("今天天气不错。", {}),
    ],
)  # fmt: skip
def test_sentence_means_these_values(text: str, expected: dict[str, str]):
    assert values(read_notice(text, year=2027)) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("点赞占比40%，专家占比70%。", "weights-sum"),
        ("选出90家。国有、非公、外资各20家。", "quota-sum"),
        ("点赞时间6月7日至6月13日。请在6月8日至6月13日点赞。", "window-twice"),
        ("报送时间5月1日至6月8日。点赞时间6月7日至6月13日。", "overlap"),
        ("活动时间5月1日至6月10日。点赞时间6月7日至6月13日。", "outside-campaign"),
        ("点赞时间6月13日至6月7日。", "end-before-start"),
        ("点赞时间2月28日至2月30日。", "impossible-date"),
        ("每人每天点赞5次，每类最多8次。", "limit-never-bites"),
        ("每人每天点赞5次。每人每天点赞10次。", "said-twice"),
        ("图片不少于4张，图片不超过3张。", "pictures-cross"),
        ("视频用flv。", "format-unknown"),
    ],
)
def test_contradiction_is_named(text: str, code: str):
    assert codes(text) == [code]


def test_findings_make_a_draft_that_passes_the_check_once_the_rest_is_filled_in():
    found = values(read_notice(HUNDRED, year=2027))
    text = 'id = "x"\ntitle_zh = "成果"\norganiser = "工会"\n'

    written = write_values(text, found | {"entry.pictures_max": "30"})

    campaign, problems = check(written)
    assert [each for each in problems if each.level == ERROR] == []
    assert campaign is not None
    assert (campaign.quota.total, len(campaign.unit_types)) == (100, 5)


@given(
    st.text(
        st.sampled_from("0123456789年月日至—:时每人天票类前名各家、和点赞评审%占图片视频不超过张字分钟mp4wma。，\n"),
        max_size=80,
    )
)
def test_any_text_is_read_and_every_place_lies_in_it(text: str):
    reading = read_notice(text, year=2027)

    places: list[Any] = [(each.start, each.end) for each in reading.findings]
    places += [place for each in reading.contradictions for place in each.places]
    assert [place for place in places if not 0 <= place[0] < place[1] <= len(text)] == []
