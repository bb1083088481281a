"""Lines of `baijia changes` and `baijia outages`."""

from typing import Any

from deploy.commands.changes import list_lines, outage_lines, set_lines
from deploy.commands.entry_names import EntryNames

KNOWN: dict[str, Any] = {
    "changes": "C1", "state": "open", "by": "olga", "reason": "抽查",
    "corrections": [
        {"kind": "type", "entry": "U1-1", "type": "state", "judge": None, "likes": [], "reason": "填错"},
        {"kind": "likes", "entry": "U2-1", "type": None, "judge": None, "likes": ["vote.0/1/0"], "reason": "机器"},
    ],
}  # fmt: skip
NAMES = EntryNames({
    "U1-1": {"number": "A001", "unit": "港口工会", "title": "灯"},
    "U2-1": {"number": None, "unit": "机床厂工会", "title": "夜班食堂"},
})  # fmt: skip
ROW = {"type": "state", "place": "1", "wins": True}
SEEN: dict[str, Any] = {
    "corrections": [{"number": "A001", "problem": ""}, {"number": None, "problem": "like-unknown"}],
    "by_likes_alone": False, "enters": [], "leaves": ["U1-1"], "digest": "d" * 64,
    "rows": [{"entry": "U1-1", "before": ROW, "after": None}],
}  # fmt: skip


def test_change_sets_are_listed():
    assert [each.split() for each in list_lines([KNOWN])] == [
        ["编号", "状态", "更正", "提出人", "原因"],
        ["no.", "state", "items", "by", "reason"],
        ["-" * 35],
        ["C1", "待处理", "2", "olga", "抽查"],
        ["open"],
    ]
    assert list_lines([]) == ["没有变更组 / no change sets"]


def test_a_set_is_printed_with_what_it_would_do():
    assert set_lines(KNOWN, SEEN, NAMES)[5:] == [
        "  更正类型 / type  A001  state  填错",
        "  作废点赞 / likes voided  机床厂工会《夜班食堂》  1  机器  ✗ 不存在 / not there",
        "入选 / enters: 0  落选 / leaves: 1",
        "  A001 港口工会《灯》  state 1 * → –",
        f"摘要 / digest {'d' * 64}",
    ]
    assert set_lines(KNOWN, None, NAMES)[5] == "  更正类型 / type  A001  state  填错"


def test_outages_are_listed_with_what_is_left():
    outage = {"outage": "O1", "start": 0, "end": 7_200_000, "minutes": 120, "revoked_at": None, "reason": "断电"}
    found = {"hours": 24, "minutes_left": 1_320, "outages": [outage, {**outage, "outage": "O2", "revoked_at": 5}]}
    assert outage_lines(found, "Asia/Shanghai") == [
        "规则共允许 24 小时，还剩 1320 分钟 / the rules allow 24 h in all, 1320 min are",
        "left",
        "编号  起止                                 顺延        原因",
        "no.   from and to                          longer      reason",
        "-" * 61,
        "O1    1970-01-01 08:00 – 1970-01-01 10:00  +120 分钟   断电",
        f"{' ' * 43}+120 min",
        "O2    1970-01-01 08:00 – 1970-01-01 10:00  已撤回      断电",
        f"{' ' * 43}taken back",
    ]
