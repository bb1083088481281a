"""Commands `baijia rules …`: print a campaign's rules as text, and try them on a list of entries. No engines needed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from deploy.commands.command import Group
from deploy.commands.console_tables import Column, table_lines
from deploy.commands.language import text
from deploy.commands.refusals import CommandRefused, unreadable
from deploy.commands.ways_out import NO_WAY
from services.moderation.campaign import Campaign
from services.moderation.campaign_file.check import check, lines
from services.ranking.analysis import rule_sheet, rule_syntax
from services.ranking.analysis.invented_entries import MOST_ENTRIES, MOST_VOTERS, invent
from services.ranking.analysis.rule_texts import COLUMNS as REASONS
from services.ranking.analysis.tryout import Unreadable, plain, try_rules
from services.ranking.calculation.final_ranking import Ranking, format_score
from shared import json_documents
from shared.decider import Refused

TABLE = (
    Column("类型", "type"), Column("名次", "place", right=True), Column("编号", "id", wraps=True),
    Column("点赞", "likes", right=True), Column("积分", "points", right=True), Column("专家", "expert", right=True),
    Column("综合", "final", right=True), Column("入选", "seat", wraps=True), Column("依据", "by", wraps=True),
)  # fmt: skip
TRACE = (
    Column("名额", "seat"), Column("原类型", "from"), Column("给", "to"), Column("编号", "id", wraps=True),
    Column("原因", "why", wraps=True),
)  # fmt: skip
COLUMNS = {
    "place": ("名次", "place"),
    "entry": ("成果", "entry"),
    "likes": ("点赞", "likes"),
    "like_points": ("积分", "points"),
    "expert": ("专家", "expert"),
    "final": ("综合", "final"),
}


@click.group(cls=Group)
def rules() -> None:
    """Read and try the rules of a campaign before they are locked."""


class RuleOption(click.ParamType[Any]):
    """Option type for one rule of a campaign, such as its weights. `read` parses it and raises ValueError."""

    def __init__(self, name: str, read: Any) -> None:
        self.name, self._read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._read(value) if isinstance(value, str) else value
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as problem:
        raise ValueError(f"{text!r} 不是十六进制 / {text!r} is not hexadecimal") from problem


@rules.command(name="try")
@click.argument("entries", metavar="ENTRIES.json", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--campaign", "file", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The campaign file."
)
@click.option(
    "--conversion",
    type=RuleOption("conversion", rule_syntax.parse_conversion),
    help='Conversion of likes, such as "rank_step(100,0.5,0)".',
)
@click.option("--method", type=RuleOption("method", rule_syntax.parse_method), help="Method for marks, such as zscore.")
@click.option(
    "--weights",
    type=RuleOption("weights", rule_syntax.parse_weights),
    help="Weights of likes and experts, such as 0.3/0.7.",
)
@click.option("--seed", default="", type=RuleOption("seed", _hex), help="Seed of the lot in hex, to try a draw.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: exact values as fractions, with floats beside them.")
def try_(
    entries: Path, file: Path, conversion: Any, method: str | None, weights: Any, seed: bytes, *, as_json: bool
) -> None:
    """Apply the rules of a campaign FILE to a list of entries: points, scores, places, seats and quota trace."""
    campaign = with_changes(campaign_of(file), conversion=conversion, method=method, weights=weights)
    try:
        found = try_rules(_read_entries(entries), campaign, seed=seed)
    except Unreadable as problem:
        raise CommandRefused(
            "列表有误", "the list has errors", code="list-broken", way=NO_WAY, details=str(problem)
        ) from problem
    if isinstance(found, Refused):
        raise _refusal(found)
    if as_json:
        click.echo(json.dumps(plain(found, campaign), ensure_ascii=False, indent=1))
    else:
        print_ranking(found, campaign)


@rules.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--entries", default=60, show_default=True, type=click.IntRange(1, MOST_ENTRIES), help="How many entries."
)
@click.option("--voters", default=300, show_default=True, type=click.IntRange(0, MOST_VOTERS), help="Voters.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same entries, voters and judges.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: exact values as fractions, with floats beside them.")
def rehearse(file: Path, entries: int, voters: int, seed: int, *, as_json: bool) -> None:
    """Rehearse the rules of a campaign FILE on invented entries, voters and judges. No engine is needed."""
    campaign = campaign_of(file)
    found = try_rules(invent(campaign, entries=entries, voters=voters, seed=seed), campaign)
    if isinstance(found, Refused):
        raise _refusal(found)
    if as_json:
        click.echo(json.dumps(plain(found, campaign), ensure_ascii=False, indent=1))
    else:
        print_ranking(found, campaign)


@rules.command(name="sheet")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def sheet_(file: Path, lang: str) -> None:
    """Print the rules of a campaign FILE as plain text, with a worked example and their hash."""
    sheet = rule_sheet.plain(campaign_of(file))
    for part in sheet["sections"]:
        click.echo(f"\n{part[lang]}")
        for number, line in enumerate(part["lines"], start=1):
            click.echo(f"  {number}. {line[lang]}")
    click.echo({"zh": "\n算例", "en": "\nExample"}[lang])
    for row in sheet["example"]:
        click.echo("  " + "  ".join(f"{COLUMNS[name][lang == 'en']} {value}" for name, value in row.items()))
    click.echo(f"\n规则哈希 rule hash {sheet['rule_hash']}")


def with_changes(campaign: Campaign, *, conversion: Any, method: str | None, weights: Any) -> Campaign:
    """Return the campaign with these rules in place of its own; a rule that is None stays. Raises CommandRefused."""
    conversion, weights = conversion or campaign.conversion, weights or campaign.weights
    if conversion.name == "none" and weights.like_bp:
        raise CommandRefused(
            "点赞不折算时，点赞权重必须为 0（--weights 0/1）",
            "the like weight must be 0 where likes are not converted (--weights 0/1)",
            code="rule-unreadable",
        )
    judging = replace(campaign.judging, method=method or campaign.judging.method)
    return replace(campaign, conversion=conversion, weights=weights, judging=judging)


def campaign_of(file: Path) -> Campaign:
    """Return the campaign that a campaign file describes. Raises CommandRefused with all problems of the file."""
    try:
        campaign, problems = check(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise unreadable(file, problem) from problem
    if campaign is None:
        raise CommandRefused(
            "活动文件有误",
            "the campaign file has errors",
            code="campaign-file-broken",
            details="\n".join(lines(problems, str(file))),
        )
    return campaign


def print_ranking(ranking: Ranking, campaign: Campaign) -> None:
    """Print a ranking as a table, with two decimals as in the published result, and below it how seats were filled."""
    data = plain(ranking, campaign)
    rows: list[list[object]] = []
    for each, row in zip(ranking.entries, data["rows"], strict=True):
        merit = each.merit
        expert = format_score(merit.expert.value) if merit.candidate.marks else "—"
        values = [format_score(merit.like_points), expert, format_score(merit.final)]
        why = _reason(row["why"])
        seat = (f"{row['seat']} {why[0]}", why[1]) if row["winner"] else why
        start = [row["type"], str(row["place"]), row["id"], str(row["likes"])]
        rows.append([*start, *values, seat, _reason(row["decided_by"])])
    click.echo("\n".join(table_lines(TABLE, rows)))
    if data["without_hand_in"]:
        names = "、".join(data["without_hand_in"]), ", ".join(data["without_hand_in"])
        click.echo(
            text(
                f"同分而缺少提交时间（handed_in），改由下一项规则决定：{names[0]}",
                f"tied, with a hand-in time missing, so the next rule decides: {names[1]}",
            )
        )
    if data["without_marks"]:
        names = "、".join(data["without_marks"]), ", ".join(data["without_marks"])
        click.echo(
            text(
                f"同分而有成果没有评分（marks），不比评分，改由下一项规则决定：{names[0]}",
                f"tied, with an entry without marks, so the next rule decides: {names[1]}",
            )
        )
    if data["quota_trace"]:
        click.echo("\n".join(["", *table_lines(TRACE, [_move(each) for each in data["quota_trace"]]), ""]))
    click.echo(f"{text('规则', 'rules')} {data['rule_hash']}\n{text('摘要', 'digest')} {data['digest']}")


def _move(move: Mapping[str, Any]) -> list[object]:
    to = move["to"] if move["entry"] else ("空缺", "empty")
    return [move["seat"], move["from"], to, move["entry"] or "", _reason(move["why"])]


def _reason(code: str) -> tuple[str, str]:
    """Return why a place or a seat was decided, in Chinese and English."""
    zh, _, en = REASONS[code].partition(" / ")
    return zh, en


def _refusal(refused: Refused) -> CommandRefused:
    """Return the refusal of too few marks, the only one possible for a list that was not handed in to a campaign."""
    detail = refused.detail or {}
    names, least = ", ".join(detail["entries"]), detail["min_marks"]
    return CommandRefused(
        f"评分（marks）不足 {least} 个，不能排名",
        f"too few marks to rank, {least} are needed",
        code=refused.code,
        way=NO_WAY,
        details=f"  {names}",
    )


def _read_entries(file: Path) -> Any:
    """Read a JSON file, or standard input for "-". Accepts the byte-order mark of Windows; refuses duplicate keys."""
    try:
        with click.open_file(str(file), encoding="utf-8-sig") as opened:
            return json_documents.loads(opened.read())
    except OSError as problem:
        raise unreadable(file, problem) from problem
    except RecursionError as problem:
        raise _broken(f"{file}：嵌套太深", "nested too deep") from problem
    except json_documents.RepeatedKey as problem:
        zh, _, en = str(problem).partition(" / ")
        raise _broken(f"{file}：{zh}", en or zh) from problem
    except ValueError as problem:
        raise _broken(f"{file}：不是 JSON", f"not JSON: {problem}") from problem


def _broken(zh: str, en: str) -> CommandRefused:
    return CommandRefused(zh, en, code="list-broken")
