"""Format an explanation as lines of text, in Chinese with English beside it, or in the language of a reader."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Plain = Mapping[str, Any]
Names = Mapping[str, str]  # what people call entries, by id
Text = Callable[[str, str], str]
NO_NAMES: Names = {}
#: The figures of a day of likes, with their names.
DAY = {
    "cast": ("点赞", "cast"),
    "retracted": ("收回", "retracted"),
    "voided": ("作废", "voided"),
    "held": ("暂缓", "held"),
    "valid": ("有效", "valid"),
    "usual": ("本类中位", "median of its type"),
}


def both(zh: str, en: str) -> str:
    """Return Chinese with English beside it; a text that is the same in both, such as a formula, only once."""
    return zh if zh == en else f"{zh} / {en}"


def name_of(explanation: Plain, names: Names) -> str:
    """Return what people call the entry that is explained: its name, else its poster number, else its id."""
    entry = explanation["entry"]
    return str(names.get(entry) or explanation["number"] or entry)


def lines(explanation: Plain, names: Names = NO_NAMES, text: Text = both) -> list[str]:
    """Return an explanation of one entry's place, as ranking answers it, as lines of text.

    `names` has what people call entries, by id. `text` chooses between Chinese and English.
    """
    kind, place = explanation["type"], explanation["place"]
    cut = ",".join(f"{log}:{n}" for log, n in explanation["cut"].items())
    return [
        f"{name_of(explanation, names)}（{text(kind['zh'], kind['en'])}）",
        f"{text('截至', 'as of')} {cut}",
        *(
            [text("评分未齐，仅按点赞", "marks are missing: ranked by likes only")]
            if explanation.get("by_likes_alone")
            else []
        ),
        f"{text('摘要', 'digest')} {explanation['digest'] or '–'}",
        f"{text('规则', 'rules')} {explanation['rule_hash']}",
        "",
        *_likes(explanation["likes"], text),
        "",
        *_experts(explanation["experts"], text),
        "",
        f"{text('综合得分', 'final')}: {explanation['final']['formula']['zh']}",
        f"{text('名次', 'place')}: "
        + text(
            f"类内 {place['in_type']}/{place['of_type']}，总 {place['overall']}/{place['of_all']}",
            f"{place['in_type']} of {place['of_type']} in its type, {place['overall']} of {place['of_all']} overall",
        ),
        *(
            f"{words}: {names.get(other['entry'], other['entry'])} {other['final']}，{_in(other['words'], text)}"
            for side, words in (("above", text("前一名", "above")), ("below", text("后一名", "below")))
            if (other := explanation["ties"][side])
        ),
        _seat(explanation["seat"], text),
        *_more(explanation["more"], text),
    ]


def compared_lines(differences: Sequence[Plain], text: Text = both) -> list[str]:
    """Return the differences between an entry's explanations at two moments as lines of text, one for each value."""
    if not differences:
        return [text("两个时刻没有差别", "no differences between the two moments")]
    return [text("两个时刻的差别", "differences")] + [
        f"  {_in(each['words'], text)}: {each['before']} → {each['after']}" for each in differences
    ]


def _in(words: Plain, text: Text) -> str:
    return text(str(words["zh"]), str(words["en"]))


def _likes(likes: Plain, text: Text) -> list[str]:
    days = [
        f"  {each['day']}  " + "，".join(f"{text(*words)} {each[name]}" for name, words in DAY.items())
        for each in likes["days"]
    ]
    among = text("全部", "of all") if likes["population"] == "all" else text("本类", "of its type")
    valid, rank = text("有效", "valid"), text("名次", "rank")
    return [
        f"{text('点赞', 'likes')}: {valid} {likes['valid']}，{rank} {likes['rank']}（{among} {likes['field']}）",
        *days,
        f"{text('点赞积分', 'like points')}: {_in(likes['formula'], text)}",
    ]


def _experts(experts: Plain, text: Text) -> list[str]:
    judges = [
        f"  {_in(each['judge'], text)}: "
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
        f"  {_in(experts['formula'], text)}",
    ]


def _seat(seat: Plain | None, text: Text) -> str:
    if seat is None:
        return f"{text('名额', 'seat')}: {text('没有', 'none')}"
    return f"{text('名额', 'seat')}: {seat['seat']}，{_in(seat['words'], text)}"


def _more(more: Plain, text: Text) -> list[str]:
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
