"""Commands `baijia rank`, `baijia methods`, `baijia rebuild`: the ranking, comparing methods, proof from the logs."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import click

from deploy.commands.current_settings import settings
from deploy.commands.moment_option import MOMENT
from deploy.commands.rpc_client import call_service
from services.ranking.calculation.final_ranking import format_score
from services.ranking.calculation.marks import TRIMMED_MIN_MARKS

AS_OF_S = 120.0  # without a nearby snapshot, the logs are folded from the start
LIKE_COLUMNS = ("type", "rank", "entry", "likes", "like_points_e4")
COLUMNS = ("type", "place", "entry", "likes", "like_points_e4", "expert_e4", "final_e4", "winner")


@click.command()
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut; default: now.")
def rank(as_of: dict[str, Any] | None) -> None:
    """Print the ranking with its digest. For staff only: it shows what the public may not see yet.

    While marks are missing, the entries are sorted by likes alone.
    """
    answer = call_service(settings(), "ranking", "table", as_of or {}, deadline_s=AS_OF_S)
    by_likes = answer["table"] is None
    columns, rows = (LIKE_COLUMNS, answer["likes"]) if by_likes else (COLUMNS, answer["table"]["rows"])
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(str(row[name]) for name in columns))
    if by_likes:
        click.echo(f"评分不足，按点赞排列 / marks are missing, sorted by likes, at {answer['cut']}")
    else:
        click.echo(f"digest {answer['digest']} at {answer['cut']}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print all data as JSON, with exact values as fractions.")
def methods(*, as_json: bool) -> None:
    """Compare every score method with the one in the rules: which winners would change, and how well judges agree."""
    answer = call_service(settings(), "ranking", "methods", {})
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1) if as_json else "\n".join(method_lines(answer)))


def method_lines(answer: Mapping[str, Any]) -> list[str]:
    """Return ranking's comparison of score methods (`methods`) as lines of text."""
    result = []
    for method, change in answer["winners"].items():
        mark = "（本活动采用 / in the rules）" if method == answer["method"] else ""
        result.append(f"{method}{mark}: +{len(change['comes'])} −{len(change['goes'])}{_by_mean(answer, method)}")
        for sign, names in (("+", change["comes"]), ("−", change["goes"])):
            result += [f"  {sign} {' '.join(names)}"] if names else []
    if answer["pooled_judges"]:
        names = ", ".join(answer["pooled_judges"])
        result.append(
            f"zscore 按全体尺度计算的专家 / judges whom zscore standardises with the scale of all judges: {names}"
        )
    for code, found in answer["agreement"].items():
        result.append(f"Krippendorff α, {code or '总分 / weighted mark'}: {_decimals(found['alpha'])}")
    result.append("专家 judge\t份数 marks\t均分 mean\t离散 σ\t严格度 strictness\t相关 r")
    for each in answer["agreement"][""]["judges"]:
        figures = [_decimals(each[name]) for name in ("mean", "spread", "strictness")]
        r = "–" if each["correlation"] is None else f"{each['correlation']:.2f}"
        result.append("\t".join([each["judge"], str(each["marks"]), *figures, r]))
    return result


def _by_mean(answer: Mapping[str, Any], method: str) -> str:
    """Return a note on the entries with too few marks for the method, which use the mean; empty if there are none."""
    short = len(answer["fell_back"].get(method, ()))
    zh = f"{short} 项评分不足 {TRIMMED_MIN_MARKS} 个，按平均计"
    en = f"{short} entries with fewer than {TRIMMED_MIN_MARKS} marks use the mean"
    return f"（{zh} / {en}）" if short else ""


def _decimals(fraction: str | None) -> str:
    return "–" if fraction is None else format_score(Fraction(fraction))


@click.command()
@click.option(
    "--source", type=click.Choice(["streams", "ledger"]), default="streams", show_default=True,
    help="Where to read the logs from.",
)  # fmt: skip
def rebuild(source: str) -> None:
    """Rebuild the table from commit 1 of every log and compare it with the live one; exit 1 if they differ."""
    from services.ranking.rebuild import rebuild_and_compare

    rebuilt = rebuild_and_compare(settings(), source=source)
    click.echo(f"{rebuilt.commits} commits, {rebuilt.likes} likes in {rebuilt.seconds:.1f} s, digest {rebuilt.digest}")
    if not rebuilt.equal:
        raise click.ClickException(f"the rebuilt table differs: {rebuilt.difference}")
    click.echo("the live table is identical, byte for byte")
