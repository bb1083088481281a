"""`baijia rules …`: a rule sheet in plain words, and tried on a plain list of entries. No engine is needed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from services.moderation.campaign import Campaign
from services.moderation.campaign_file.check import check, lines
from services.ranking.analysis import rule_sheet, rule_syntax
from services.ranking.analysis.rule_texts import COLUMNS as REASONS
from services.ranking.analysis.tryout import Unreadable, plain, try_rules
from services.ranking.calculation.final_ranking import Ranking, format_score
from shared.decider import Refused

WIDTH = 1_000  # never reached: a table is as wide as what stands in it, and nothing in it is cut
COLUMNS = {
    "place": ("名次", "place"),
    "entry": ("成果", "entry"),
    "likes": ("点赞", "likes"),
    "like_points": ("积分", "points"),
    "expert": ("专家", "expert"),
    "final": ("综合", "final"),
}


@click.group()
def rules() -> None:
    """Rules before they are locked: read them, try them."""


class Spelled(click.ParamType[Any]):
    """An option whose words `services.ranking.analysis.rule_syntax` reads."""

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
@click.option("--campaign", "file", required=True, metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--conversion", type=Spelled("conversion", rule_syntax.parse_conversion), help='such as "rank_step(100,0.5,0)"'
)
@click.option("--method", type=Spelled("method", rule_syntax.parse_method), help="such as zscore")
@click.option(
    "--weights", type=Spelled("weights", rule_syntax.parse_weights), help="likes and experts, such as 0.3/0.7"
)
@click.option("--seed", default="", type=Spelled("seed", _hex), help="Of the lot, in hex, where one is to be tried.")
@click.option("--json", "as_json", is_flag=True, help="Exact values as fractions, floats beside them.")
def try_(
    entries: Path, file: Path, conversion: Any, method: str | None, weights: Any, seed: bytes, *, as_json: bool
) -> None:
    """Apply the rules of a campaign FILE to a plain list: points, scores, places, seats, quota trace."""
    campaign = changed(campaign_of(file), conversion=conversion, method=method, weights=weights)
    try:
        found = try_rules(_listed(entries), campaign, seed=seed)
    except Unreadable as problem:
        raise click.ClickException("\n" + str(problem)) from problem
    if isinstance(found, Refused):
        raise click.ClickException(_refused(found))
    if as_json:
        click.echo(json.dumps(plain(found, campaign), ensure_ascii=False, indent=1))
    else:
        show(found, campaign)


@rules.command(name="sheet")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def sheet_(file: Path, lang: str) -> None:
    """The rules of a campaign FILE in plain words, with a worked example, and their hash."""
    told = rule_sheet.plain(campaign_of(file))
    for part in told["sections"]:
        click.echo(f"\n{part[lang]}")
        for number, line in enumerate(part["lines"], start=1):
            click.echo(f"  {number}. {line[lang]}")
    click.echo({"zh": "\n算例", "en": "\nExample"}[lang])
    for row in told["example"]:
        click.echo("  " + "  ".join(f"{COLUMNS[name][lang == 'en']} {value}" for name, value in row.items()))
    click.echo(f"\n规则哈希 rule hash {told['rule_hash']}")


def changed(campaign: Campaign, *, conversion: Any, method: str | None, weights: Any) -> Campaign:
    """The campaign with other rules in place of its own, where they are given. Raises ClickException."""
    conversion, weights = conversion or campaign.conversion, weights or campaign.weights
    if conversion.name == "none" and weights.like_bp:
        raise click.ClickException(
            "点赞不折算时，点赞权重必须为 0（--weights 0/1）"
            " / the like weight must be 0 where likes are not converted (--weights 0/1)"
        )
    judging = replace(campaign.judging, method=method or campaign.judging.method)
    return replace(campaign, conversion=conversion, weights=weights, judging=judging)


def campaign_of(file: Path) -> Campaign:
    """The rules of a file. Raises ClickException with all that is wrong with it."""
    try:
        campaign, problems = check(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{file}：读不了 / cannot be read: {problem}") from problem
    if campaign is None:
        raise click.ClickException("\n" + "\n".join(lines(problems, str(file))))
    return campaign


def show(ranking: Ranking, campaign: Campaign) -> None:
    """Tables for people: two decimals, as the result is shown."""
    told = plain(ranking, campaign)
    table = Table(box=box.SIMPLE)
    for name in ("类型 type", "名次 place", "编号 id", "点赞 likes", "积分 points", "专家 expert", "综合 final"):
        table.add_column(name, justify="left" if name.endswith(("type", "id")) else "right", no_wrap=True)
    table.add_column("入选 seat", no_wrap=True)
    table.add_column("名次依据 place by", no_wrap=True)
    for each, row in zip(ranking.entries, told["rows"], strict=True):
        merit = each.merit
        values = [format_score(value) for value in (merit.like_points, merit.expert.value, merit.final)]
        seat = f"{row['seat']} {REASONS[row['why']]}" if row["winner"] else REASONS[row["why"]]
        table.add_row(
            row["type"], str(row["place"]), row["id"], str(row["likes"]), *values, seat, REASONS[row["decided_by"]]
        )
    console = Console(width=WIDTH, highlight=False, markup=False, emoji=False)
    with console.capture() as drawn:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in drawn.get().splitlines()))
    for move in told["quota_trace"]:
        click.echo(_moved(move))
    click.echo(f"规则哈希 rule hash {told['rule_hash']}\n结果摘要 digest    {told['digest']}")


def _moved(move: Mapping[str, Any]) -> str:
    to = f"{move['to']}（{move['entry']}）" if move["entry"] else "空缺 / empty"
    return f"名额 seat {move['seat']}：{move['from']} → {to}，{REASONS[move['why']]}"


def _refused(refused: Refused) -> str:
    """The one refusal that a list alone can bring: no seed is committed here."""
    detail = refused.detail or {}
    names, least = ", ".join(detail["entries"]), detail["min_marks"]
    return f"评分（marks）不足 {least} 个，不能排名 / too few marks to rank, {least} are needed: {names}"


def _listed(file: Path) -> Any:
    """Windows puts a mark before UTF-8; the standard reader of JSON does not say that a key stands twice."""
    try:
        with click.open_file(str(file), encoding="utf-8-sig") as opened:
            return json.loads(opened.read(), object_pairs_hook=_once)
    except OSError as problem:
        raise click.ClickException(f"{file}：读不了 / cannot be read: {problem}") from problem
    except RecursionError as problem:
        raise click.ClickException(f"{file}：嵌套太深 / nested too deep") from problem
    except ValueError as problem:
        raise click.ClickException(f"{file}：不是 JSON / not JSON: {problem}") from problem


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = sorted({key for key, _ in pairs if [each for each, _ in pairs].count(key) > 1})
        raise ValueError(f"键重复 / a key stands twice: {', '.join(twice)}")
    return found
