"""Templates of campaign files: commented, with dates from a day on, and sound for the check as they are.

Promises: each template passes the check for every day of the table of years; "small" says nothing that has a default,
so that no example of ours, such as the days of an exhibition, stands beside the answers of whoever fills it in.
Does not promise that its dates suit anybody: they are examples, six weeks from submission to judging.
"""

from datetime import date, timedelta

SMALL, FULL, PRIZE = "small", "full", "popularity"
#: Name → what it is for, in Chinese and English.
TEMPLATES: dict[str, tuple[str, str]] = {
    SMALL: ("小型活动：十个回答，其余用默认值", "a small campaign: ten answers, defaults for all the rest"),
    FULL: ("分类型、分主题、评分标准全部写明", "types, themes and rubric all written out"),
    PRIZE: ("只由专家评定，点赞另列人气榜", "judges alone decide; likes are a separate list"),
}

_HEAD = """\
# 百家活动文件 / campaign file of Baijia. 检查 / check it with: baijia campaign check FILE
# 没有写的都用默认值 / whatever is not written has its default: docs/how-to/own-campaign.md

id = "{id}"                      # 数据库和队列的名称，开通后不能改 / names the database; fixed once open
title_zh = "新活动"                # 名称 / title
{title_en}organiser = "主办单位"             # 主办单位 / who runs it
"""
_TITLE_EN = 'title_en = "New campaign"\n'

_WINDOWS = """
# 每个时段从 start 的零点到 end 的零点：end 当天不在内。
# Each window runs from midnight of `start` to midnight of `end`: the day of `end` is outside.
[windows]
submission = {{ start = {submission}, end = {review} }}    # 报送，之后审核 / submission, then review
likes = {{ start = {likes}, end = {judging} }}         # 点赞 / likes
judging = {{ start = {judging}, end = {after} }}       # 评审 / judging
"""

_EXHIBITION = """\
exhibition = {{ start = {after}, end = {over} }}    # 展播 / exhibition
"""

_WEIGHTS = """
# 综合得分中点赞积分的占比，其余归专家评分 / share of like points in the final score; judges have the rest
[weights]
like = 0.3
"""

_ONE_TYPE = """
# 不分类型，共多少个名额 / seats, without types
[quota]
total = 20
"""

_TYPES = """
# 可以参加的级别，写法同名册 / levels that may take part, as the roll writes them
eligible_levels = ["grassroots"]

# 主题：每件成果属于一个或几个 / themes: an entry has one or several
themes = [
    { code = "home", zh = "职工之家", en = "A home for the workers" },
    { code = "rights", zh = "维权服务", en = "Rights and services" },
    { code = "other", zh = "其他", en = "Other" },
]

# 单位类型和名额，名额之和是总名额 / unit types with their seats
unit_types = [
    { code = "state", zh = "国有", en = "State-owned enterprises", quota = 10 },
    { code = "private", zh = "非公", en = "Private enterprises", quota = 10 },
]
"""

_RULES = """
# 成果的要求 / what an entry may be
[entry]
text_max_chars = 3000
pictures_min = 1
pictures_max = 30
video_max_s = 480

# 每人每天最多点赞几件，每类最多几件 / likes of a voter in a day, and within a type
[likes]
per_day = 20
per_type = 5
embargo = true            # 点赞结束到公布之间不显示点赞数 / no likes are shown until the result is published

# 点赞数按名次折算成积分 / likes become points by rank
[conversion]
name = "rank_percentile"

[judging]
min_marks = 3
max_entries_per_judge = 120

[[judging.criteria]]
code = "content"
zh = "内容"
en = "Content"
weight = 50

[[judging.criteria]]
code = "form"
zh = "形式"
en = "Form"
weight = 20

[[judging.criteria]]
code = "quality"
zh = "质量"
en = "Quality"
weight = 30

# 某一类名额用不完时给谁：next_best_overall 其余最高分、proportional 按比例、none 空缺
# where seats go that a type cannot fill
[quota]
refill = "next_best_overall"
"""

_BY_JUDGES = """
# 点赞不计入总分，另列人气榜 / likes do not count in the final score; they are a list of their own
popularity_list = true
tie_order = ["expert_score", "content_mark", "earlier_hand_in", "lot"]
"""

_NO_LIKES = """
[weights]
like = 0

[conversion]
name = "none"
"""


def new_file(template: str, *, id: str, today: date) -> str:
    """Return the text of a new campaign file, whose first window opens two weeks after `today`.

    Raises KeyError for a template that does not exist.
    """
    first = today + timedelta(days=14)
    days = [first + timedelta(days=each) for each in (0, 28, 35, 42, 49, 139)]
    names = ("submission", "review", "likes", "judging", "after", "over")
    dates = {name: each.isoformat() for name, each in zip(names, days, strict=True)}
    asked, windows = _WINDOWS.format(**dates), (_WINDOWS + _EXHIBITION).format(**dates)
    head = _HEAD.format(id=id, title_en=_TITLE_EN)
    return {
        SMALL: _HEAD.format(id=id, title_en="") + asked + _ONE_TYPE,
        FULL: head + _TYPES + windows + _WEIGHTS + _RULES,
        PRIZE: head + _BY_JUDGES + windows + _NO_LIKES + _ONE_TYPE,
    }[template]
