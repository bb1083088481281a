"""Commands `baijia changes` and `baijia outages`: read change sets, their previews, and declared outages.

They are for staff. Promises: they change nothing. Change sets are proposed, applied and dropped, and outages declared,
by organisers who sign in, on `/organiser/changes` and `/organiser/outage` or by the API.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import click
import orjson

from deploy.commands.current_settings import settings
from deploy.commands.rpc_client import call_service
from shared.zones import to_the_minute

DEADLINE_S = 120.0
STATES = {"open": "待处理 / open", "applied": "已生效 / applied", "dropped": "已放弃 / dropped"}
KINDS = {
    "type": "更正类型 / type",
    "disqualification": "取消资格 / disqualification",
    "mark": "评分不计 / mark excluded",
    "likes": "作废点赞 / likes voided",
}


@click.command()
@click.argument("number", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
def changes(number: str | None, *, as_json: bool) -> None:
    """List the change sets, or preview what the open set NUMBER (such as C1) would do if it were applied now."""
    body = {} if number is None else {"changes": number.upper()}
    if number is None:
        found = call_service(settings(), "moderation", "change_sets", {})
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2) if as_json else "\n".join(list_lines(found["sets"])))
        return
    known = call_service(settings(), "moderation", "change_set", body)
    seen = None
    if known["state"] == "open":
        seen = call_service(settings(), "ranking", "preview_changes", body, deadline_s=DEADLINE_S)
    answer = {**known, "preview": seen}
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2) if as_json else "\n".join(set_lines(known, seen)))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
def outages(*, as_json: bool) -> None:
    """List the declared outages of like week, and how much longer it may still become."""
    found = call_service(settings(), "moderation", "outages", {})
    zone = call_service(settings(), "moderation", "campaign", {})["zone"]
    text = "\n".join(outage_lines(found, zone))
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2) if as_json else text)


def list_lines(sets: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one line for each change set."""
    lines = [
        f"{each['changes']}  {STATES[each['state']]}  {len(each['corrections'])}  {each['by']}  {each['reason']}"
        for each in sets
    ]
    return lines or ["没有变更组 / no change sets"]


def set_lines(known: Mapping[str, Any], seen: Mapping[str, Any] | None) -> list[str]:
    """Return a change set in lines, with what it would do if `seen` is its preview."""
    lines = [*list_lines([known])]
    facts = [None] * len(known["corrections"]) if seen is None else seen["corrections"]
    for each, fact in zip(known["corrections"], facts, strict=True):
        number = each["entry"] if fact is None else fact["number"] or each["entry"]
        wrong = "  ✗ 不存在 / not there" if fact is not None and fact["problem"] else ""
        more = each["type"] or each["judge"] or (str(len(each["likes"])) if each["likes"] else "")
        lines.append(f"  {KINDS[each['kind']]}  {number}  {more}  {each['reason']}{wrong}")
    if seen is None:
        return lines
    if seen["by_likes_alone"]:
        lines.append("评分未齐，只按点赞比较 / marks are missing: compared by likes alone")
    lines.append(f"入选 / enters: {len(seen['enters'])}  落选 / leaves: {len(seen['leaves'])}")
    for each in seen["rows"]:
        before, after = (_place(each[side]) for side in ("before", "after"))
        lines.append(f"  {each['entry']}  {before} → {after}")
    return [*lines, f"摘要 / digest {seen['digest']}"]


def outage_lines(found: Mapping[str, Any], zone: str) -> list[str]:
    """Return the declared outages in lines, with times of the zone."""
    lines = [
        f"规则共允许 {found['hours']} 小时，还剩 {found['minutes_left']} 分钟"
        f" / the rules allow {found['hours']} h in all, {found['minutes_left']} min are left"
    ]
    for each in found["outages"]:
        state = "已撤回 / taken back" if each["revoked_at"] is not None else f"+{each['minutes']} min"
        start, end = to_the_minute(each["start"], zone), to_the_minute(each["end"], zone)
        lines.append(f"{each['outage']}  {start} – {end}  {state}  {each['reason']}")
    return lines


def _place(row: Mapping[str, Any] | None) -> str:
    return "–" if row is None else f"{row['type']} {row['place']}{' *' if row['wins'] else ''}"
