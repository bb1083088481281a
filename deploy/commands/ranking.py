"""Commands `baijia rank`, `baijia methods`, `baijia rebuild`: the ranking, comparing methods, proof from the logs."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import click

from deploy.commands.command import Command
from deploy.commands.console_tables import Column, table_lines
from deploy.commands.current_settings import settings
from deploy.commands.entry_names import EntryNames
from deploy.commands.language import text
from deploy.commands.moment_option import MOMENT
from deploy.commands.progress import progress
from deploy.commands.refusals import CommandRefused
from deploy.commands.rpc_client import call_service, entry_names
from deploy.commands.stores import keys_of, ledger_of, logs_of
from services.ranking.calculation.final_ranking import format_score
from services.ranking.calculation.marks import TRIMMED_MIN_MARKS

AS_OF_S = 120.0  # without a nearby snapshot, the logs are folded from the start
_TYPE, _NUMBER = Column("类型", "type"), Column("编号", "no.")
_UNIT, _LIKES = Column("单位", "unit", wraps=True), Column("点赞", "likes", right=True)
_POINTS = Column("积分", "points", right=True)
LIKE_COLUMNS = (_TYPE, Column("位次", "rank", right=True), _NUMBER, _UNIT, _LIKES, _POINTS)
COLUMNS = (
    _TYPE, Column("名次", "place", right=True), _NUMBER, _UNIT, _LIKES, _POINTS,
    Column("专家", "expert", right=True), Column("综合", "final", right=True), Column("入选", "wins"),
)  # fmt: skip
JUDGE_COLUMNS = (
    Column("专家", "judge", wraps=True), Column("份数", "marks", right=True), Column("均分", "mean", right=True),
    Column("离散", "σ", right=True), Column("严格度", "strictness", right=True), Column("相关", "r", right=True),
)  # fmt: skip


@click.command(cls=Command)
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut; default: now.")
@click.option("--json", "as_json", is_flag=True, help="Print all data as JSON, with exact values as fractions.")
def rank(as_of: dict[str, Any] | None, *, as_json: bool) -> None:
    """Print the ranking with its digest. For staff only: it shows what the public may not see yet.

    While marks are missing, the entries are sorted by likes alone.
    """
    current = settings()
    answer = call_service(current, "ranking", "table", as_of or {}, deadline_s=AS_OF_S)
    names = entry_names(current)
    if as_json:
        click.echo(json.dumps({**answer, "numbers": names.numbers}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(rank_lines(answer, names)))


def rank_lines(answer: Mapping[str, Any], names: EntryNames) -> list[str]:
    """Return ranking's answer `table` as a table in lines, entries by poster number, and the digest below it."""
    by_likes = answer["table"] is None
    if by_likes:
        rows = [_like_row(each, names) for each in answer["likes"]]
        last = text("评分不足，按点赞排列", "marks are missing, sorted by likes")
        return [*table_lines(LIKE_COLUMNS, rows), last, cut_line(answer["cut"])]
    rows = [_row(each, names) for each in answer["table"]["rows"]]
    return [*table_lines(COLUMNS, rows), f"{text('摘要', 'digest')} {answer['digest']}", cut_line(answer["cut"])]


def cut_line(cut: Mapping[str, int]) -> str:
    """Return a cut as `--as-of` takes it."""
    return f"{text('位置', 'cut')} {','.join(f'{log}:{n}' for log, n in cut.items())}"


def _like_row(row: Mapping[str, Any], names: EntryNames) -> list[object]:
    entry = row["entry"]
    return [row["type"], row["rank"], names.short(entry), names.unit(entry), row["likes"], _e4(row["like_points_e4"])]


def _row(row: Mapping[str, Any], names: EntryNames) -> list[object]:
    entry, points = row["entry"], [_e4(row[each]) for each in ("like_points_e4", "expert_e4", "final_e4")]
    start = [row["type"], row["place"], names.short(entry), names.unit(entry), row["likes"]]
    return [*start, *points, "✓" if row["winner"] else ""]


def _e4(value: int) -> str:
    """Return ten-thousandths with two decimals."""
    return format_score(Fraction(value, 10_000))


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print all data as JSON, with exact values as fractions.")
def methods(*, as_json: bool) -> None:
    """Compare every score method with the one in the rules: which winners would change, and how well judges agree."""
    current = settings()
    answer = call_service(current, "ranking", "methods", {})
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(method_lines(answer, entry_names(current))))


def method_lines(answer: Mapping[str, Any], names: EntryNames) -> list[str]:
    """Return ranking's comparison of score methods (`methods`) as lines of text, entries by poster number."""
    result = []
    for method, change in answer["winners"].items():
        mark = f"（{text('本活动采用', 'in the rules')}）" if method == answer["method"] else ""
        result.append(f"{method}{mark}: +{len(change['comes'])} −{len(change['goes'])}{_by_mean(answer, method)}")
        for sign, entries in (("+", change["comes"]), ("−", change["goes"])):
            result += [f"  {sign} {' '.join(map(names.short, entries))}"] if entries else []
    if answer["pooled_judges"]:
        judges = ", ".join(answer["pooled_judges"])
        pooled = text("zscore 按全体尺度计算的专家", "judges whom zscore standardises with the scale of all judges")
        result.append(f"{pooled}: {judges}")
    for code, found in answer["agreement"].items():
        result.append(f"Krippendorff α, {code or text('总分', 'weighted mark')}: {_decimals(found['alpha'])}")
    rows = []
    for each in answer["agreement"][""]["judges"]:
        figures = [_decimals(each[name]) for name in ("mean", "spread", "strictness")]
        r = "–" if each["correlation"] is None else f"{each['correlation']:.2f}"
        rows.append([each["judge"], str(each["marks"]), *figures, r])
    return [*result, *table_lines(JUDGE_COLUMNS, rows)]


def _by_mean(answer: Mapping[str, Any], method: str) -> str:
    """Return a note on the entries with too few marks for the method, which use the mean; empty if there are none."""
    short = len(answer["fell_back"].get(method, ()))
    zh = f"{short} 项评分不足 {TRIMMED_MIN_MARKS} 个，按平均计"
    en = f"{short} entries with fewer than {TRIMMED_MIN_MARKS} marks use the mean"
    return f"（{text(zh, en)}）" if short else ""


def _decimals(fraction: str | None) -> str:
    return "–" if fraction is None else format_score(Fraction(fraction))


@click.command(cls=Command)
@click.option(
    "--source", type=click.Choice(["streams", "ledger"]), default="streams", show_default=True,
    help="Where to read the logs from.",
)  # fmt: skip
def rebuild(source: str) -> None:
    """Rebuild the table from commit 1 of every log and compare it with the live one; exit 1 if they differ."""
    from services.ranking.rebuild import rebuild_and_compare

    current = settings()
    keys_of(current)
    with ledger_of(current) as ledger:
        total = sum(ledger.head(log) for log in logs_of(ledger))
    with progress("重建提交", "folding commits", total) as completed:
        rebuilt = rebuild_and_compare(current, source=source, completed=completed)
    seconds = f"{rebuilt.seconds:.1f}"
    click.echo(
        text(
            f"{seconds} 秒内重建 {rebuilt.commits} 个提交、{rebuilt.likes} 个点赞",
            f"{rebuilt.commits} commits, {rebuilt.likes} likes in {seconds} s",
        )
    )
    click.echo(f"{text('摘要', 'digest')} {rebuilt.digest or '–'}")
    if not rebuilt.equal:
        raise CommandRefused(
            f"重建的表不同：{rebuilt.difference}",
            f"the rebuilt table differs: {rebuilt.difference}",
            code="rebuild-differs",
        )
    click.echo(text("现用的表与重建的逐字节相同", "the live table is identical, byte for byte"))
