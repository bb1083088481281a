"""Rehearse a campaign of any file, and say what was found: figures, winners, and what an organiser should know.

Promises: the same rules, numbers and seed give the same findings, whose digest is that of the rehearsed result. What is
found is a fact of this play, such as a seat that stays empty; what a service refuses is a finding too, and ends it.
Does not promise that a campaign of real people goes the same way.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from deploy.rehearsal.campaign_run import DAY, CampaignRun, Stuck
from gateway.http.problem_texts import WORDS
from services.moderation.campaign import Campaign, rule_hash
from services.ranking.calculation.final_ranking import format_score
from services.ranking.read_model.ranking_input import candidates_of
from shared.zones import local_time

MOST_ENTRIES, MOST_VOTERS, MOST_DAYS, MOST_LIKES_A_DAY = 400, 2_000, 7, 6
MINUTES_AN_ENTRY, HOURS_A_DAY = 15, 8
#: Each phase of a play, as people call it.
PHASES = {
    "opening": ("开通", "opening"),
    "open": ("开通", "opening"),
    "hand_in": ("报送和审核", "hand-in and review"),
    "shortlist": ("锁定规则和入围", "lock and shortlist"),
    "like": ("点赞", "likes"),
    "judge": ("评审", "judging"),
    "propose": ("排名和签署", "ranking and signatures"),
    "publish": ("公布和展播", "publication and exhibition"),
    "finalise": ("公示期满", "end of the notice"),
}
#: What of the campaign file a phase of a play is about.
_PATHS = {
    "opening": "title_zh",
    "open": "title_zh",
    "hand_in": "windows.submission.end",
    "shortlist": "shortlist.rule",
    "like": "windows.likes.end",
    "judge": "judging.min_marks",
    "propose": "quota.total",
    "publish": "windows.exhibition.start",
    "finalise": "windows.exhibition.start",
}
_LEAST_TYPE = 2  # entries of each unit type, so that somebody can lose


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an organiser should know of these rules, with a code, in Chinese and English, and the path in the
    campaign file of what it is about.
    """

    code: str
    zh: str
    en: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What became of a rehearsed campaign. Without a result `digest` is None, and the findings say where it ended."""

    rule_hash: str
    figures: dict[str, int]
    like_refusals: dict[str, int]  # code -> how often
    winners: tuple[dict[str, Any], ...]
    findings: tuple[Finding, ...]
    digest: str | None

    def plain(self) -> dict[str, Any]:
        """Return the findings as plain data, marked as a rehearsal."""
        return {"rehearsal": True, **asdict(self)}


def rehearse(
    campaign: Campaign,
    *,
    entries: int | None = None,
    voters: int = 300,
    seed: int = 1,
) -> Rehearsed:
    """Play a campaign with so many entries and voters, and return what was found.

    Without a number of entries there are twice as many as seats, and 60 at least.
    """
    entries = min(MOST_ENTRIES, max(60, 2 * campaign.quota.total)) if entries is None else entries
    run = play_of(campaign, entries=entries, voters=voters, seed=seed)
    try:
        run.play()
    except Stuck as stuck:
        return Rehearsed(rule_hash(campaign), _figures(run), dict(run.like_refusals), (), (_stuck(stuck),), None)
    table = run.proposed.table
    rows = sorted(table["rows"], key=lambda row: row["overall"])
    winners = tuple(_winner(row, run, place) for place, row in enumerate((r for r in rows if r["seat"]), start=1))
    return Rehearsed(
        rule_hash(campaign),
        _figures(run),
        dict(sorted(run.like_refusals.items())),
        winners,
        tuple(_findings(run, rows)),
        run.outcome.digest,
    )


def play_of(campaign: Campaign, *, entries: int, voters: int, seed: int) -> CampaignRun:
    """Return the play of a campaign, not begun: units by the seats of their type, and as many judges as are needed."""
    types = campaign.unit_types
    seats = sum(each.quota for each in types) or len(types)
    sizes = tuple(max(_LEAST_TYPE, round(entries * (each.quota or 1) / seats)) for each in types)
    judging = campaign.judging
    judged = sum(min(size, campaign.cohort.top_n or size, campaign.shortlist.top_n or size) for size in sizes)
    marks = judged * judging.min_marks + judging.anchor_entries * judging.min_marks
    judges = max(
        judging.min_marks + (judging.third_reading is not None), -(-marks // judging.max_entries_per_judge) + 1
    )
    window = campaign.window("likes")
    days = max(1, min(MOST_DAYS, (window.end - window.start) // DAY))
    return CampaignRun(
        replace(campaign, rehearsal=True),
        sizes,
        judges,
        hashlib.sha256(f"rehearsal {seed}".encode()).digest(),
        voters=voters,
        likes_a_day=min(campaign.likes.per_day + 1, MOST_LIKES_A_DAY),
        days=days,
    )


def _figures(run: CampaignRun) -> dict[str, int]:
    table = run.table()
    return {
        "units": sum(run.sizes),
        "shortlisted": len(getattr(run, "listed", ())),
        "judged": len(table.cohort or ()),
        "voters": run.voters,
        "likes": table.likes.total_cast(),
        "likes_refused": sum(run.like_refusals.values()),
        "judges": run.judges,
        "marks": sum(len(each.marks) for each in candidates_of(table)) if table.cohort else 0,
        "seats": run.campaign.quota.total,
    }


def _winner(row: Mapping[str, Any], run: CampaignRun, place: int) -> dict[str, Any]:
    kind = next(each for each in run.campaign.unit_types if each.code == row["type"])
    return {
        "place": place,
        "entry": run.table().entries[row["entry"]].number,
        "type": {"zh": kind.zh, "en": kind.en},
        "likes": row["likes"],
        "like_points": format_score(Fraction(row["like_points"])),
        "expert": format_score(Fraction(row["expert"])),
        "final": format_score(Fraction(row["final"])),
        "is_refilled": row["seat_reason"] != "type-quota",
    }


def _findings(run: CampaignRun, rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield what an organiser should know of a play that came to its result."""
    seats, won = run.campaign.quota.total, sum(row["seat"] is not None for row in rows)
    refilled = sum(row["seat"] is not None and row["seat_reason"] != "type-quota" for row in rows)
    drawn = sum(row["decided_by"] == "lot" for row in rows)
    if won < seats:
        yield Finding(
            "seats-empty",
            f"{seats} 个名额中有 {seats - won} 个空缺",
            f"{seats - won} of {seats} seats stay empty",
            "quota.total",
        )
    if refilled:
        zh = f"有 {refilled} 个名额本类用不完，给了别的类型"
        en = f"{refilled} seats went to another type, whose own could not fill them"
        yield Finding("seats-refilled", zh, en, "unit_types.0.quota")
    if drawn:
        en = f"{drawn} entries have a place that the lot decided"
        yield Finding("lot", f"有 {drawn} 件成果的名次由抽签决定", en, "tie_order")
    by_limit = {code: n for code, n in run.like_refusals.items() if code in ("daily-limit", "type-limit")}
    if by_limit:
        count = sum(by_limit.values())
        zh = f"有 {count} 次点赞超过每天的限额，没有记入"
        en = f"{count} likes were more than a day's limits allow, and were not taken"
        yield Finding("likes-limited", zh, en, "likes.per_day")
    yield from _of_judges(run)
    until, opens = run.state("ranking").published.notice_until, run.campaign.window("exhibition").start
    if until > opens:
        zone = run.campaign.zone
        shown = [local_time(each, zone).strftime("%Y-%m-%d %H:%M") for each in (until, opens)]
        zh = f"公示到 {shown[0]} 才满，展播 {shown[1]} 已开始"
        en = f"the notice ends on {shown[0]}, after the exhibition opens on {shown[1]}"
        yield Finding("notice-runs-on", zh, en, "windows.exhibition.start")


def _of_judges(run: CampaignRun) -> Iterator[Finding]:
    marked = Counter(mark.judge for each in candidates_of(run.table()) for mark in each.marks)
    window = run.campaign.window("judging")
    days, most = max(1, (window.end - window.start) // DAY), max(marked.values(), default=0)
    hours = most * MINUTES_AN_ENTRY / 60 / days
    if hours > HOURS_A_DAY:
        zh = f"{run.judges} 位专家中最多的一位要评 {most} 件：每件 {MINUTES_AN_ENTRY} 分钟，每天 {hours:.1f} 小时"
        en = (
            f"of {run.judges} judges one has {most} entries: at {MINUTES_AN_ENTRY} minutes each, "
            f"{hours:.1f} hours on each day"
        )
        yield Finding("judge-hours", zh, en, "judging.max_entries_per_judge")


def _stuck(stuck: Stuck) -> Finding:
    words = WORDS.get(stuck.refused.code)
    zh, en = (words.zh, words.en) if words is not None else (stuck.refused.code, stuck.refused.code)
    return Finding(stuck.refused.code, f"演练停在“{PHASES[stuck.phase][0]}”：{zh}",
                   f"the rehearsal ended at “{PHASES[stuck.phase][1]}”: {en}", _PATHS[stuck.phase])  # fmt: skip
