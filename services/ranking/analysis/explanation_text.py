"""Format an explanation as lines for a terminal, in Chinese with English beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

Plain = Mapping[str, Any]


def lines(explanation: Plain) -> list[str]:
    """Return an explanation of one entry's place, as ranking answers it, as lines of text."""
    kind, place = explanation["type"], explanation["place"]
    return [
        f"{explanation['number'] or explanation['entry']}（{explanation['entry']}）{kind['zh']} / {kind['en']}",
        f"截至 / as of {explanation['cut']}",
        *(
            ["评分未齐，仅按点赞 / marks are missing: ranked by likes only"]
            if explanation.get("by_likes_alone")
            else []
        ),
        f"排名摘要 / digest {explanation['digest'] or '–'}，规则 / rules {explanation['rule_hash']}",
        "",
        *_likes(explanation["likes"]),
        "",
        *_experts(explanation["experts"]),
        "",
        f"综合得分 / final: {explanation['final']['formula']['zh']}",
        f"名次 / place: 类内 {place['in_type']}/{place['of_type']}，总 {place['overall']}/{place['of_all']}"
        f" / {place['in_type']} of {place['of_type']} in its type, {place['overall']} of {place['of_all']} overall",
        *(
            f"{words}: {other['entry']} {other['final']}，{_both(other['words'])}"
            for side, words in (("above", "前一名 / above"), ("below", "后一名 / below"))
            if (other := explanation["ties"][side])
        ),
        _seat(explanation["seat"]),
        *_more(explanation["more"]),
    ]


def compared_lines(differences: Sequence[Plain]) -> list[str]:
    """Return the differences between an entry's explanations at two moments as lines of text, one for each value."""
    if not differences:
        return ["两个时刻没有差别 / no differences between the two moments"]
    return ["两个时刻的差别 / differences"] + [
        f"  {_both(each['words'])}: {each['before']} → {each['after']}" for each in differences
    ]


def _both(words: Plain) -> str:
    """Return Chinese with English beside it; a text that is the same in both, such as a formula, only once."""
    return str(words["zh"]) if words["zh"] == words["en"] else f"{words['zh']} / {words['en']}"


def _likes(likes: Plain) -> list[str]:
    days = [
        f"  {each['day']}  点赞 / cast {each['cast']}，收回 / retracted {each['retracted']}"
        f"，作废 / voided {each['voided']}，暂缓 / held {each['held']}，有效 / valid {each['valid']}"
        f"，本类中位 / median of its type {each['usual']}"
        for each in likes["days"]
    ]
    among = "全部 / of all" if likes["population"] == "all" else "本类 / of its type"
    return [
        f"点赞 / likes: 有效 / valid {likes['valid']}，名次 / rank {likes['rank']}（{among} {likes['field']}）",
        *days,
        f"点赞积分 / like points: {_both(likes['formula'])}",
    ]


def _experts(experts: Plain) -> list[str]:
    judges = [
        f"  {_both(each['judge'])}: "
        + "，".join(
            f"{criterion['zh']} {criterion['points']}（{criterion['weight']}%）" for criterion in each["criteria"]
        )
        + f" → {each['mark']['shown']}"
        for each in experts["judges"]
    ]
    return [
        "专家评分 / experts:",
        *judges,
        f"  {_both(experts['formula'])}",
    ]


def _seat(seat: Plain | None) -> str:
    if seat is None:
        return "名额 / seat: 没有 / none"
    return f"名额 / seat: {seat['seat']}，{_both(seat['words'])}"


def _more(more: Plain) -> list[str]:
    result = []
    for goal, words in (("place", "前进一名 / one place more"), ("seat", "获得名额 / a seat")):
        if needs := more[goal]:
            likes = (
                "点赞再多也不能 / no number of likes is enough"
                if needs["likes"] is None
                else f"点赞 / likes +{needs['likes']}"
            )
            expert = (
                "评分满分也不能 / not even full marks are enough"
                if needs["expert"] is None
                else f"评分 / expert +{needs['expert']}"
            )
            result.append(f"{words}: {likes}；{expert}")
    return result
