"""`baijia rank` and `baijia rebuild`: the ranking as it stands, and the proof that it follows from the logs."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import click

from deploy.commands.current_settings import settings
from deploy.commands.moment_option import MOMENT
from deploy.commands.rpc_client import ask
from services.ranking.calculation.final_ranking import format_score
from services.ranking.calculation.marks import TRIMMED_MIN_MARKS

AS_OF_S = 120.0  # where no snapshot is near, the logs are folded from the start
LIKE_COLUMNS = ("type", "rank", "entry", "likes", "like_points_e4")
COLUMNS = ("type", "place", "entry", "likes", "like_points_e4", "expert_e4", "final_e4", "winner")


@click.command()
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut; without it, now.")
def rank(as_of: dict[str, Any] | None) -> None:
    """Print the ranking with its digest. For staff: it shows what the public may not see yet.

    As of a moment at which marks were missing: the order by likes.
    """
    answer = ask(settings(), "ranking", "table", as_of or {}, deadline_s=AS_OF_S)
    by_likes = answer["table"] is None
    columns, rows = (LIKE_COLUMNS, answer["likes"]) if by_likes else (COLUMNS, answer["table"]["rows"])
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(str(row[name]) for name in columns))
    if by_likes:
        click.echo(f"评分不足，按点赞排列 / marks are missing, in the order of likes, at {answer['cut']}")
    else:
        click.echo(f"digest {answer['digest']} at {answer['cut']}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything, exact values as fractions.")
def methods(*, as_json: bool) -> None:
    """Every score method beside the one of the rules: whom each would let win, and how far the judges agree."""
    answer = ask(settings(), "ranking", "methods", {})
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1) if as_json else "\n".join(method_lines(answer)))


def method_lines(answer: Mapping[str, Any]) -> list[str]:
    """The comparison for a terminal."""
    told = []
    for method, change in answer["winners"].items():
        mark = "（本活动采用 / of the rules）" if method == answer["method"] else ""
        told.append(f"{method}{mark}: +{len(change['comes'])} −{len(change['goes'])}{_by_mean(answer, method)}")
        for sign, names in (("+", change["comes"]), ("−", change["goes"])):
            told += [f"  {sign} {' '.join(names)}"] if names else []
    if answer["pooled_judges"]:
        names = ", ".join(answer["pooled_judges"])
        told.append(f"zscore 按全体尺度计算的专家 / judges whom zscore puts on the scale of all: {names}")
    for code, found in answer["agreement"].items():
        told.append(f"Krippendorff α, {code or '总分 / weighted mark'}: {_decimals(found['alpha'])}")
    told.append("专家 judge\t份数 marks\t均分 mean\t离散 σ\t严格度 strictness\t相关 r")
    for each in answer["agreement"][""]["judges"]:
        figures = [_decimals(each[name]) for name in ("mean", "spread", "strictness")]
        r = "–" if each["correlation"] is None else f"{each['correlation']:.2f}"
        told.append("\t".join([each["judge"], str(each["marks"]), *figures, r]))
    return told


def _by_mean(answer: Mapping[str, Any], method: str) -> str:
    """For how many entries the method was not used, as the rules want it said."""
    short = len(answer["fell_back"].get(method, ()))
    zh = f"{short} 项评分不足 {TRIMMED_MIN_MARKS} 个，按平均计"
    en = f"{short} with fewer than {TRIMMED_MIN_MARKS} marks, by their mean"
    return f"（{zh} / {en}）" if short else ""


def _decimals(fraction: str | None) -> str:
    return "–" if fraction is None else format_score(Fraction(fraction))


@click.command()
@click.option("--source", type=click.Choice(["streams", "ledger"]), default="streams", show_default=True)
def rebuild(source: str) -> None:
    """Fold every log from commit 1 beside the live table and compare them; exit 1 where they differ."""
    from services.ranking.rebuild import rebuild_and_compare

    rebuilt = rebuild_and_compare(settings(), source=source)
    click.echo(f"{rebuilt.commits} commits, {rebuilt.likes} likes in {rebuilt.seconds:.1f} s, digest {rebuilt.digest}")
    if not rebuilt.equal:
        raise click.ClickException(f"the rebuilt table differs: {rebuilt.difference}")
    click.echo("the live table is the same, byte for byte")
