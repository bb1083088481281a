"""`baijia rank` and `baijia rebuild`: the ranking as it stands, and the proof that it follows from the logs."""

import json
from fractions import Fraction

import click

from deploy.asking import ask
from deploy.here import settings
from services.ranking.final import shown

PROMOTION_S = 600.0  # the service folds every log once more
COLUMNS = ("type", "place", "entry", "likes", "like_points_e4", "expert_e4", "final_e4", "winner")


@click.command()
def rank() -> None:
    """Print the ranking at the newest cut, with its digest. For staff: it shows what the public may not see yet."""
    answer = ask(settings(), "ranking", "table", {})
    click.echo("\t".join(COLUMNS))
    for row in answer["table"]["rows"]:
        click.echo("\t".join(str(row[name]) for name in COLUMNS))
    click.echo(f"digest {answer['digest']} at {answer['cut']}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything, exact values as fractions.")
def methods(*, as_json: bool) -> None:
    """Every score method beside the one of the rules: whom each would let win, and how far the judges agree."""
    answer = ask(settings(), "ranking", "methods", {})
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    for method, change in answer["winners"].items():
        mark = "（本活动采用 / of the rules）" if method == answer["method"] else ""
        click.echo(f"{method}{mark}: +{len(change['comes'])} −{len(change['goes'])}")
        for sign, names in (("+", change["comes"]), ("−", change["goes"])):
            if names:
                click.echo(f"  {sign} {' '.join(names)}")
    for code, found in answer["agreement"].items():
        click.echo(f"Krippendorff α, {code or '总分 / weighted mark'}: {_decimals(found['alpha'])}")
    click.echo("专家 judge\t份数 marks\t均分 mean\t离散 σ\t严格度 strictness\t相关 r")
    for each in answer["agreement"][""]["judges"]:
        figures = [_decimals(each[name]) for name in ("mean", "spread", "strictness")]
        r = "–" if each["correlation"] is None else f"{each['correlation']:.2f}"
        click.echo("\t".join([each["judge"], str(each["marks"]), *figures, r]))


def _decimals(fraction: str | None) -> str:
    return "–" if fraction is None else shown(Fraction(fraction))


@click.command()
@click.option("--source", type=click.Choice(["streams", "ledger"]), default="streams", show_default=True)
@click.option("--promote", is_flag=True, help="Put it on record that the rebuilt table is the live one.")
def rebuild(source: str, promote: bool) -> None:
    """Fold every log from commit 1 beside the live table and compare them; exit 1 where they differ."""
    from services.ranking.rebuild import rebuild_and_compare

    rebuilt = rebuild_and_compare(settings(), source=source)
    click.echo(f"{rebuilt.commits} commits, {rebuilt.likes} likes in {rebuilt.seconds:.1f} s, digest {rebuilt.digest}")
    if not rebuilt.equal:
        raise click.ClickException(f"the rebuilt table differs: {rebuilt.difference}")
    click.echo("the live table is the same, byte for byte")
    if promote:
        promoted = ask(settings(), "ranking", "promote_projection", {}, deadline_s=PROMOTION_S)
        click.echo(f"{promoted['name']} version {promoted['version']} is promoted, table {promoted['digest']}")
