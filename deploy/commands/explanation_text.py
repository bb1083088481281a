"""Format an explanation as lines for a terminal, in the reader's language or in both, Chinese first."""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.commands.entry_names import EntryNames
from deploy.commands.language import text

Plain = Mapping[str, Any]
#: The figures of a day of likes, with their names.
DAY = {
    "cast": ("点赞", "cast"),
    "retracted": ("收回", "retracted"),
    "voided": ("作废", "voided"),
    "held": ("暂缓", "held"),
    "valid": ("有效", "valid"),
    "usual": ("本类中位", "median of its type"),
}


def lines(explanation: Plain, names: EntryNames) -> list[str]:
    """Return an explanation of one entry's place, as ranking answers it, as lines of text, entries by poster number."""
    kind, place = explanation["type"], explanation["place"]
    cut = ",".join(f"{log}:{n}" for log, n in explanation["cut"].items())
    return [
        f"{names.full(explanation['entry'])}（{text(kind['zh'], kind['en'])}）",
        f"{text('截至', 'as of')} {cut}",
        *(
            [text("评分未齐，仅按点赞", "marks are missing: ranked by likes only")]
            if explanation.get("by_likes_alone")
            else []
        ),
        f"{text('摘要', 'digest')} {explanation['digest'] or '–'}",
        f"{text('规则', 'rules')} {explanation['rule_hash']}",
        "",
        *_likes(explanation["likes"]),
        "",
        *_experts(explanation["experts"]),
        "",
        f"{text('综合得分', 'final')}: {explanation['final']['formula']['zh']}",
        f"{text('名次', 'place')}: "
        + text(
            f"类内 {place['in_type']}/{place['of_type']}，总 {place['overall']}/{place['of_all']}",
            f"{place['in_type']} of {place['of_type']} in its type, {place['overall']} of {place['of_all']} overall",
        ),
        *(
            f"{words}: {names.short(other['entry'])} {other['final']}，{_both(other['words'])}"
            for side, words in (("above", text("前一名", "above")), ("below", text("后一名", "below")))
            if (other := explanation["ties"][side])
        ),
        _seat(explanation["seat"]),
        *_more(explanation["more"]),
    ]


def compared_lines(differences: Sequence[Plain]) -> list[str]:
    """Return the differences between an entry's explanations at two moments as lines of text, one for each value."""
    if not differences:
        return [text("两个时刻没有差别", "no differences between the two moments")]
    return [text("两个时刻的差别", "differences")] + [
        f"  {_both(each['words'])}: {each['before']} → {each['after']}" for each in differences
    ]


def _both(words: Plain) -> str:
    """Return a text in the reader's language; one that is the same in both, such as a formula, only once."""
    return text(str(words["zh"]), str(words["en"]))


def _likes(likes: Plain) -> list[str]:
    days = [
        f"  {each['day']}  " + "，".join(f"{text(*words)} {each[name]}" for name, words in DAY.items())
        for each in likes["days"]
    ]
    among = text("全部", "of all") if likes["population"] == "all" else text("本类", "of its type")
    valid, rank = text("有效", "valid"), text("名次", "rank")
    return [
        f"{text('点赞', 'likes')}: {valid} {likes['valid']}，{rank} {likes['rank']}（{among} {likes['field']}）",
        *days,
        f"{text('点赞积分', 'like points')}: {_both(likes['formula'])}",
    ]


def _experts(experts: Plain) -> list[str]:
    judges = [
        f"  {_both(each['judge'])}: "
        + "，".join(
            f"{text(criterion['zh'], criterion['en'])} {criterion['points']}（{criterion['weight']}%）"
            for criterion in each["criteria"]
        )
        + f" → {each['mark']['shown']}"
        for each in experts["judges"]
    ]
    return [
        f"{text('专家评分', 'experts')}:",
        *judges,
        f"  {_both(experts['formula'])}",
    ]


def _seat(seat: Plain | None) -> str:
    if seat is None:
        return f"{text('名额', 'seat')}: {text('没有', 'none')}"
    return f"{text('名额', 'seat')}: {seat['seat']}，{_both(seat['words'])}"


def _more(more: Plain) -> list[str]:
    result = []
    for goal, words in (
        ("place", text("前进一名", "one place more")),
        ("seat", text("获得名额", "a seat")),
    ):
        if needs := more[goal]:
            likes = (
                text("点赞再多也不能", "no number of likes is enough")
                if needs["likes"] is None
                else f"{text('点赞', 'likes')} +{needs['likes']}"
            )
            expert = (
                text("评分满分也不能", "not even full marks are enough")
                if needs["expert"] is None
                else f"{text('评分', 'expert')} +{needs['expert']}"
            )
            result.append(f"{words}: {likes}；{expert}")
    return result
