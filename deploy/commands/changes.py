"""Commands `baijia changes` and `baijia outages`: read change sets, their previews, and declared outages.

They are for staff. Promises: they change nothing. Change sets are proposed, applied and dropped, and outages declared,
by organisers who sign in, on `/organiser/changes` and `/organiser/outage` or by the API.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import click
import orjson

from deploy.commands.command import Command
from deploy.commands.console_tables import Column, table_lines, width, wrapped
from deploy.commands.current_settings import settings
from deploy.commands.entry_names import EntryNames
from deploy.commands.language import text
from deploy.commands.rpc_client import call_service, entry_names
from shared.zones import to_the_minute

DEADLINE_S = 120.0
STATES = {"open": ("待处理", "open"), "applied": ("已生效", "applied"), "dropped": ("已放弃", "dropped")}
KINDS = {
    "type": ("更正类型", "type"),
    "disqualification": ("取消资格", "disqualification"),
    "mark": ("评分不计", "mark excluded"),
    "likes": ("作废点赞", "likes voided"),
}
COLUMNS = (
    Column("编号", "no."), Column("状态", "state"), Column("更正", "items", right=True),
    Column("提出人", "by", wraps=True), Column("原因", "reason", wraps=True),
)  # fmt: skip
OUTAGE_COLUMNS = (
    Column("编号", "no."), Column("起止", "from and to", wraps=True), Column("顺延", "longer"),
    Column("原因", "reason", wraps=True),
)  # fmt: skip


@click.command(cls=Command)
@click.argument("number", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
def changes(number: str | None, *, as_json: bool) -> None:
    """List the change sets, or preview what the open set NUMBER (such as C1) would do if it were applied now."""
    current = settings()
    if number is None:
        found = call_service(current, "moderation", "change_sets", {})
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2) if as_json else "\n".join(list_lines(found["sets"])))
        return
    body = {"changes": unicodedata.normalize("NFKC", number).strip().upper()}
    known = call_service(current, "moderation", "change_set", body)
    seen = None
    if known["state"] == "open":
        seen = call_service(current, "ranking", "preview_changes", body, deadline_s=DEADLINE_S)
    if as_json:
        click.echo(orjson.dumps({**known, "preview": seen}, option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(set_lines(known, seen, entry_names(current))))


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
def outages(*, as_json: bool) -> None:
    """List the declared outages of like week, and how much longer it may still become."""
    current = settings()
    found = call_service(current, "moderation", "outages", {})
    zone = call_service(current, "moderation", "campaign", {})["zone"]
    lines = "\n".join(outage_lines(found, zone))
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2) if as_json else lines)


def list_lines(sets: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the change sets as a table in lines."""
    if not sets:
        return [text("没有变更组", "no change sets")]
    rows = [
        [each["changes"], STATES[each["state"]], len(each["corrections"]), each["by"], each["reason"]] for each in sets
    ]
    return table_lines(COLUMNS, rows)


def set_lines(known: Mapping[str, Any], seen: Mapping[str, Any] | None, names: EntryNames) -> list[str]:
    """Return a change set in lines, entries by poster number, with what it would do if `seen` is its preview."""
    lines = [*list_lines([known])]
    facts = [None] * len(known["corrections"]) if seen is None else seen["corrections"]
    for each, fact in zip(known["corrections"], facts, strict=True):
        number = names.short(each["entry"])
        wrong = f"  ✗ {text('不存在', 'not there')}" if fact is not None and fact["problem"] else ""
        more = each["type"] or each["judge"] or (str(len(each["likes"])) if each["likes"] else "")
        lines.append(f"  {text(*KINDS[each['kind']])}  {number}  {more}  {each['reason']}{wrong}")
    if seen is None:
        return lines
    if seen["by_likes_alone"]:
        lines.append(text("评分未齐，只按点赞比较", "marks are missing: compared by likes alone"))
    enters, leaves = (len(seen[each]) for each in ("enters", "leaves"))
    lines.append(f"{text('入选', 'enters')}: {enters}  {text('落选', 'leaves')}: {leaves}")
    for each in seen["rows"]:
        before, after = (_place(each[side]) for side in ("before", "after"))
        lines.append(f"  {names.full(each['entry'])}  {before} → {after}")
    return [*lines, f"{text('摘要', 'digest')} {seen['digest']}"]


def outage_lines(found: Mapping[str, Any], zone: str) -> list[str]:
    """Return the declared outages in lines, with times of the zone."""
    lines = wrapped(
        text(
            f"规则共允许 {found['hours']} 小时，还剩 {found['minutes_left']} 分钟",
            f"the rules allow {found['hours']} h in all, {found['minutes_left']} min are left",
        ),
        width(),
    )
    rows = []
    for each in found["outages"]:
        revoked = each["revoked_at"] is not None
        state = ("已撤回", "taken back") if revoked else (f"+{each['minutes']} 分钟", f"+{each['minutes']} min")
        start, end = to_the_minute(each["start"], zone), to_the_minute(each["end"], zone)
        rows.append([each["outage"], f"{start} – {end}", state, each["reason"]])
    return [*lines, *(table_lines(OUTAGE_COLUMNS, rows) if rows else [])]


def _place(row: Mapping[str, Any] | None) -> str:
    return "–" if row is None else f"{row['type']} {row['place']}{' *' if row['wins'] else ''}"
