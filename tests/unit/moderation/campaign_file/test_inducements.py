"""Tests of forbidden inducements: as a declared key, as wording, and wording that only looks similar."""

from pathlib import Path

import pytest

from services.moderation.campaign_file.check import Problem, check
from services.moderation.campaign_file.inducements import DECLARED

SOUND = (Path(__file__).parent / "sound.toml").read_text()
TITLE = 'title_zh = "小型活动"'


def problems(*pairs: tuple[str, str]) -> list[Problem]:
    text = SOUND
    for old, new in pairs:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return check(text)[1]


def titled(words: str) -> list[Problem]:
    return problems((TITLE, f'title_zh = "{words}"'))


@pytest.mark.parametrize("key", DECLARED)
def test_declared_inducement_is_an_error_that_cites_the_rule(key: str):
    (problem,) = problems(("per_day = 20", f"per_day = 20\n{key} = true"))

    rule = "国办函〔2026〕12号" if key == "turnout_ranking" else "《微信外部链接内容管理规范》"
    assert (problem.line, problem.level, problem.code) == (40, "error", "inducement")
    assert rule in problem.zh
    assert problem.en.startswith(f"{key} = true: ")


@pytest.mark.parametrize("key", DECLARED)
def test_inducement_that_is_declared_absent_is_sound_and_no_part_of_the_rules(key: str):
    campaign, found = check(SOUND.replace("per_day = 20", f"per_day = 20\n{key} = false"))

    assert found == []
    assert campaign == check(SOUND)[0]


def test_declaration_that_is_no_flag_is_a_wrong_type_and_nothing_else():
    assert [each.code for each in problems(("per_day = 20", 'per_day = 20\nshare_required = "yes"'))] == ["wrong-type"]


@pytest.mark.parametrize(
    "words",
    [
        "集赞送好礼", "集50个赞", "转发抽奖", "分享到朋友圈领红包", "分享后可见全文", "关注公众号后可见", "关注后查看",
        "邀请好友助力", "点赞有奖", "点赞抽大奖，点赞即可抽奖", "各市参与率排名通报", "Share this page to win a prize",
        "集齐38个赞领取礼品", "集齐三十个赞", "集满20个赞", "集够50赞", "点赞送好礼", "投票领好礼", "点赞赢手机",
        "点赞送话费", "点赞抽大奖", "投票即可抽取大奖", "转发朋友圈得积分", "分享到朋友圈可多投一票",
        "分享给好友即可增加一次点赞机会", "先关注公众号再查看作品", "关注公众号即可查看成果", "不要错过转发抽奖",
        "不容错过的集赞活动", "不得不看：转发抽奖",
        "邀请好友投票可获红包", "点赞排名前100名发奖品", "各市点赞数排名通报", "邀请同事点赞即可领取话费",
        "每邀请3人可得积分", "拉朋友投票有奖", "点赞即可获得积分", "投票后可领红包", "点赞者均可获得精美礼品",
        "投票数前50名赠送购物券",
        "点赞量前十名的职工奖励手机", "按市点赞人数排名", "各县区投票情况通报", "各单位点赞人数排名",
        "各基层工会投票情况纳入考核", "按点赞数对各市排名", "各地职工参与情况通报",
        "Follow us to read the entries", "like three entries to get a gift", "A ranking of cities by turnout",
    ],
)  # fmt: skip
def test_words_for_an_inducement_are_an_error_at_their_line(words: str):
    found = titled(words)

    assert {(3, "error", "inducement")} == {(each.line, each.level, each.code) for each in found}


@pytest.mark.parametrize(
    "words",
    [
        "严禁集赞、转发抽奖", "点赞不设奖励，不得以点赞抽奖", "禁止刷票、邀请好友助力", "收集赞美工人的诗",
        "不要转发抽奖", "集体为他点赞", "收集到的点赞数", "点赞赢得了职工的信任", "分享得失", "关注公众号了解活动",
        "为劳动者点赞", "分享双赢经验", "分享送温暖的做法", "点赞领航人", "关注职工后勤", "参与率",
        "邀请好友一起来点赞", "请各位朋友领取纪念册", "点赞排名前100名授予称号", "点赞数前300名入围",
        "投票后得奖名单公示", "为点赞获奖成果喝彩", "各单位成果点赞排名", "各市报送成果数量通报", "各市工会领导点赞",
        "邀请专家评审前100名",
        "不以点赞数对各市排名", "严禁邀请好友投票可获红包", "点赞结束后公布获奖名单", "点赞者的积极性",
        "各单位点赞排名", "sharing never is a way to win", "People like to win", "the cities share a ranking",
    ],
)  # fmt: skip
def test_words_that_forbid_one_or_only_sound_like_it_are_sound(words: str):
    assert titled(words) == []


def test_prohibition_reaches_no_further_than_its_clause():
    assert [each.code for each in titled("禁止刷票，集赞有礼")] == ["inducement"]


def test_each_text_of_the_file_is_read():
    found = problems(('zh = "内容"', 'zh = "集赞"'))

    assert [(each.code, each.zh.split("：")[0]) for each in found] == [("inducement", "«集赞»")]
