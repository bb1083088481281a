"""Try rules on a plain list of entries, such as last year's numbers, without a running engine.

The list is JSON: `[{"id": "A012", "type": "state", "likes": 812, "handed_in": "2021-05-20T09:30", "marks": [[90, 73,
79], …]}, …]`, or the same under `entries`. `marks` holds each judge's points in the order of the criteria. The n-th
marks of all entries count as one judge's, unless they are written `{"judge": "J3", "marks": [90, 73, 79]}`. `handed_in`
is ms since the epoch or an ISO 8601 instant (in the campaign's zone if it has no offset), and may be left out: then a
tie with this entry is not broken by the hand-in but by the next rule, and the answer says so (`without_hand_in`).
`type` is the code of a unit type or one of its titles, such as 国有.
Promises: every problem of the list is reported with its entry and field; the answer is what `final_ranking.rank`
computes. Does not promise the lot of the real draw, because its seed is not known: each row shows whether the lot
decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from services.moderation.campaign import Campaign, instant
from services.ranking.calculation.candidates import Candidate, Mark
from services.ranking.calculation.final_ranking import RankedEntry, Ranking, rank
from services.ranking.calculation.quota import moves, reaches_minimum
from shared.decider import Refused

LEAST, MOST = 0, 100  # of a mark
MOST_LIKES = 2**53 - 1  # beyond it other readers of JSON do not get the same number
BELOW_QUOTA, BELOW_MINIMUM = "below-quota", "below-minimum-score"
_KNOWN = {"id", "type", "likes", "handed_in", "marks"}
_NEEDED = ("id", "type", "likes", "marks")


class Unreadable(ValueError):
    """A list of entries cannot be read. `problems` are the messages, each in Chinese and English."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def try_rules(entries: Any, campaign: Campaign, *, seed: bytes = b"") -> Ranking | Refused:
    """Rank a list of entries (see the module docstring) by the rules of `campaign`. Refuses as `rank` does.

    `seed` seeds the lot, the drawn tie-break. Raises Unreadable.
    """
    return rank(read_candidates(entries, campaign), replace(campaign, seed_commitment=""), seed=seed, root=b"")


def read_candidates(entries: Any, campaign: Campaign) -> list[Candidate]:
    """Return a list of entries as candidates. Raises Unreadable with every problem of the list."""
    listed = entries.get("entries") if isinstance(entries, Mapping) else entries
    if not isinstance(listed, list):
        raise Unreadable(
            ["应是成果的列表，或含 entries 列表的对象 / must be a list of entries, or an object with an `entries` list"]
        )
    if not listed:
        raise Unreadable(["列表里没有成果 / the list has no entries"])
    problems: list[str] = []
    candidates = [_row(number, each, campaign, problems) for number, each in enumerate(listed, start=1)]
    names = [each.entry for each in candidates]
    problems += (
        [f"编号 id 重复：{name} / duplicate id: {name}" for name in sorted({n for n in names if names.count(n) > 1})]
        if len(set(names)) != len(names)
        else []
    )
    if problems:
        raise Unreadable(problems)
    return candidates


def plain(ranking: Ranking, campaign: Campaign) -> dict[str, Any]:
    """Return the ranking as plain data, and the seats that were empty or refilled (`quota_trace`).

    `without_hand_in` are the entries whose ties went to the rule after the hand-in, because a time is missing, and
    `without_marks` those whose ties did not compare marks, because an entry has none. What is missing is None. Each
    score is given twice: exact, as a fraction string, and as a float.
    """
    return {
        "rows": [_row_data(each, campaign) for each in ranking.entries],
        "without_hand_in": sorted(ranking.without_hand_in),
        "without_marks": sorted(ranking.without_marks),
        "quota_trace": [
            {"seat": each.seat, "from": each.from_type, "to": each.to_type, "entry": each.entry, "why": each.why}
            for each in moves(ranking.seats)
        ],
        "rule_hash": ranking.rule_hash,
        "digest": ranking.digest(),
    }


def _row_data(ranked: RankedEntry, campaign: Campaign) -> dict[str, Any]:
    merit, seat = ranked.merit, ranked.seat
    return {
        "id": merit.candidate.entry,
        "type": merit.candidate.type,
        "place": ranked.place,
        "overall": ranked.overall,
        "likes": merit.candidate.likes,
        "handed_in": merit.candidate.handed_in,
        **_both("like_points", merit.like_points),
        **(_both("expert", merit.expert.value) if merit.candidate.marks else {"expert": None, "expert_float": None}),
        "expert_method": merit.expert.method,
        **_both("final", merit.final),
        "winner": seat is not None,
        "seat": None if seat is None else seat.seat,
        "why": seat.why if seat else _why_not(ranked, campaign),
        "decided_by": ranked.decided_by,
    }


def _why_not(ranked: RankedEntry, campaign: Campaign) -> str:
    return BELOW_QUOTA if reaches_minimum(ranked.merit.final, campaign) else BELOW_MINIMUM


def _both(name: str, value: Fraction) -> dict[str, Any]:
    return {name: str(value), f"{name}_float": float(value)}


def _row(number: int, item: Any, campaign: Campaign, problems: list[str]) -> Candidate:
    """Return one entry as a candidate; add what is wrong with it to `problems`, and then return a placeholder."""
    where = f"第 {number} 项 / item {number}"
    if not isinstance(item, Mapping):
        problems.append(f"{where}：应是对象 / must be an object")
        return Candidate(f"#{number}", "", 0, 0, ())
    named = isinstance(item.get("id"), str) and item["id"].strip() and item["id"].isprintable()
    name = item["id"] if named else f"#{number}"
    where = f"{where} ({name})" if named else where

    def report(field: str, zh: str, en: str) -> None:
        problems.append(f"{where} {field}：{zh} / {en}")

    for field in sorted(set(map(str, item)) - _KNOWN):
        report(
            field,
            f"不认识的字段，可用：{'、'.join(sorted(_KNOWN))}",
            f"unknown field; allowed: {', '.join(sorted(_KNOWN))}",
        )
    for field in _NEEDED:
        if field not in item:
            report(field, "缺少", "is missing")
    if "id" in item and not named:
        report("id", "应是可显示的非空字符串", "must be a printable, non-empty string")
    unit_type = campaign.unit_type_code(item["type"]) if isinstance(item.get("type"), str) else None
    if "type" in item and unit_type is None:
        types = [f"{each.zh} ({each.code})" for each in campaign.unit_types]
        report("type", f"应是 {'、'.join(types)} 之一", f"must be one of {', '.join(types)}")
    likes = item.get("likes", 0)
    if type(likes) is not int or not 0 <= likes <= MOST_LIKES:
        report("likes", f"应是 0 到 {MOST_LIKES} 的整数", f"must be a whole number from 0 to {MOST_LIKES}")
    return Candidate(
        entry=name,
        type=unit_type or "",
        likes=likes if type(likes) is int else 0,
        handed_in=_instant(item.get("handed_in"), campaign, report),
        marks=_marks(item.get("marks", []), campaign, report),
    )


def _instant(item: Any, campaign: Campaign, report: Any) -> int | None:
    if item is None:
        return None
    if type(item) is int:
        return item
    try:
        when = datetime.fromisoformat(item)
    except (TypeError, ValueError):
        report("handed_in", "应是毫秒数或 ISO 8601 时间", "must be ms since the epoch or an ISO 8601 time")
        return 0
    return instant(when if when.tzinfo else when.replace(tzinfo=ZoneInfo(campaign.zone)))


def _marks(item: Any, campaign: Campaign, report: Any) -> tuple[Mark, ...]:
    if not isinstance(item, list):
        report("marks", "应是列表，每位专家一项", "must be a list with one item for each judge")
        return ()
    codes = [each.code for each in campaign.judging.criteria]
    marks: list[Mark] = []
    for number, each in enumerate(item, start=1):
        judge, points = (each.get("judge"), each.get("marks")) if isinstance(each, Mapping) else (f"#{number}", each)
        if isinstance(each, Mapping) and not each.keys() <= {"judge", "marks"}:
            report(f"marks[{number}]", "只能有 judge 和 marks", "can only have judge and marks")
        elif not isinstance(judge, str) or not judge:
            report(f"marks[{number}]", "judge 应是非空字符串", "judge must be a non-empty string")
        elif not isinstance(points, list) or len(points) != len(codes):
            zh, en = f"应有 {len(codes)} 个分数", f"must have {len(codes)} numbers"
            report(f"marks[{number}]", f"{zh}：{'、'.join(codes)}", f"{en}: {', '.join(codes)}")
        elif any(type(one) is not int or not LEAST <= one <= MOST for one in points):
            report(
                f"marks[{number}]", f"应是 {LEAST} 到 {MOST} 的整数", f"must be whole numbers from {LEAST} to {MOST}"
            )
        elif judge in {one.judge for one in marks}:
            report(f"marks[{number}]", f"{judge} 打了两次分", f"{judge} has marked the entry twice")
        else:
            marks.append(Mark(judge, tuple(zip(codes, points, strict=True))))
    return tuple(marks)
