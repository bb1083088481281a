"""`baijia explain`, `baijia recount` and `baijia stability`: why, what if, and how firmly. For staff.

Promises: nothing here changes the record but `recount --save`, which adds a note beside it; what is not official says
so in its first line.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from deploy.commands.complaint_pack import packed
from deploy.commands.current_settings import settings
from deploy.commands.explanation_text import compared_lines, lines
from deploy.commands.moment_option import MOMENT
from deploy.commands.rpc_client import ask
from services.ranking.analysis.stability import SPREAD_PERCENT, VARIANTS

DEADLINE_S = 120.0
UNOFFICIAL = "非正式，不影响记录 / unofficial, the record is as it was"


@click.command()
@click.argument("entry")
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut.")
@click.option("--at", "at", type=MOMENT, help="With --and: the earlier of two moments to compare.")
@click.option("--and", "other", type=MOMENT, help="With --at: the later one.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--pack", type=click.Path(dir_okay=False, path_type=Path), help="Write all that answers a complaint.")
def explain(entry: str, as_of: Any, at: Any, other: Any, pack: Path | None, *, as_json: bool) -> None:
    """Say why ENTRY (an id or a poster number) stands where it does, with every number in its formula."""
    if (at is None) != (other is None) or (as_of is not None and at is not None):
        raise click.UsageError(
            "--at 与 --and 须一起用，且不与 --as-of 同用 / --at and --and go together, without --as-of"
        )
    body = {"entry": entry, **(as_of or at or {}), **({} if other is None else {"other": other})}
    answer = ask(settings(), "ranking", "explanation", body, deadline_s=DEADLINE_S)
    if pack is not None and answer["by_likes_alone"]:
        raise click.ClickException("评分未齐，还没有排名可附 / marks are missing: there is no ranking to put beside it")
    if pack is not None:
        table = ask(settings(), "ranking", "table", {"cut": answer["cut"]}, deadline_s=DEADLINE_S)
        pack.write_bytes(packed(answer, table, ask(settings(), "ranking", "rule_sheet", {})))
        click.echo(f"{pack}: {pack.stat().st_size} B")
        return
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    click.echo("\n".join(lines(answer)))
    if "differences" in answer:
        click.echo("\n".join(["", *compared_lines(answer["differences"])]))


@click.command()
@click.option("--without-judge", "judges", multiple=True, help="Leave a judge's marks out.")
@click.option("--without-entry", "entries", multiple=True, help="Leave an entry out.")
@click.option("--without-day", "days", multiple=True, help="Leave a campaign day's likes out, YYYY-MM-DD.")
@click.option(
    "--without-cohort", "cohort", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Leave out the likes of a file, one address a line.",
)  # fmt: skip
@click.option("--weights", help="Of likes and experts: 0.2/0.8.")
@click.option("--conversion", help='Of likes: "rank_step(100,0.5,0)", prop_max, "bands(0.1:100,1:60)" …')
@click.option("--method", help="Of marks: mean, median, trimmed, zscore, judge_effect.")
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut.")
@click.option("--save", "name", help="Keep it under a name, with --reason.")
@click.option("--reason")
@click.option("--list", "listed", is_flag=True, help="The scenarios that were kept.")
@click.option("--show", help="Work a kept scenario out again, and compare.")
@click.option("--json", "as_json", is_flag=True)
def recount(  # one parameter an option
    judges: tuple[str, ...], entries: tuple[str, ...], days: tuple[str, ...], cohort: Path | None, as_of: Any,
    name: str | None, reason: str | None, listed: bool, show: str | None, as_json: bool, **rules: str | None,
) -> None:  # fmt: skip
    """What if: the ranking without judges, entries or likes, or by other rules. Unofficial, and writes nothing but
    what --save keeps beside the record."""
    if listed or show is not None:
        _kept(show, as_json)
        return
    if (name is None) != (reason is None):
        raise click.UsageError("--save 与 --reason 须一起用 / --save and --reason go together")
    likes = [] if cohort is None else _addresses(cohort)
    without = {
        "without_judges": list(judges),
        "without_entries": list(entries),
        "without_days": list(days),
        "without_likes": likes,
    }
    changed = {key: each for key, each in {**without, **rules}.items() if each}
    body = {**changed, **(as_of or {}), **({} if name is None else {"name": name, "reason": reason})}
    method = "recount" if name is None else "save_scenario"
    answer = ask(settings(), "ranking", method, body, deadline_s=DEADLINE_S)
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2) if as_json else "\n".join(_recounted(answer)))
    if name is not None and not as_json:
        click.echo(f"已存为情景 {name} / kept as scenario {name}")


@click.command()
@click.option("--variants", default=VARIANTS, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--spread", default=SPREAD_PERCENT, show_default=True, type=click.IntRange(0, 100), help="Per cent.")
@click.option("--seed", default="", help="Of the dice that move likes; the same seed gives the same report.")
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut.")
@click.option("--json", "as_json", is_flag=True)
def stability(variants: int, spread: int, seed: str, as_of: Any, as_json: bool) -> None:
    """How firmly the result stands: who wins under other methods, conversions, weights, judges, and likes a little
    moved. It is worked out here and not in the service, which it would keep from answering."""
    from deploy.commands.stability_report import report, report_lines

    found = report(settings(), as_of or {}, variants=variants, spread=spread, seed=seed)
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2) if as_json else "\n".join(report_lines(found)))


def _addresses(file: Path) -> list[str]:
    """One a line; Windows puts a mark before UTF-8."""
    try:
        return [each.strip() for each in file.read_text("utf-8-sig").splitlines() if each.strip()]
    except (OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{file}：读不了 / cannot be read: {problem}") from problem


def _kept(show: str | None, as_json: bool) -> None:
    if show is None:
        answer = ask(settings(), "ranking", "scenarios", {})
        told = [UNOFFICIAL, *(f"{each['name']}\t{each['by']}\t{each['reason']}" for each in answer["scenarios"])]
    else:
        answer = ask(settings(), "ranking", "scenario", {"scenario": show}, deadline_s=DEADLINE_S)
        saved, same = answer["saved"], answer["same"]
        verdict = (
            "与保存时相同 / the same as when it was kept" if same else "与保存时不同 / other than when it was kept"
        )
        about = f"{saved['name']}（{saved['by']}）：{saved['reason']}"
        told = [*_recounted(answer["now"]), about, f"{verdict} {saved['digest']}"]
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2) if as_json else "\n".join(told))


def _recounted(answer: Mapping[str, Any]) -> list[str]:
    told = [UNOFFICIAL, f"改动 / change: {orjson.dumps(_short(answer['change'])).decode()}"]
    for key, words in (("enters", "进入 / enters"), ("leaves", "离开 / leaves")):
        told.append(f"{words}: {len(answer[key])}")
        told += [
            f"  {each['entry']} {each['type']} 名次 / place {each['place_before']} → {each['place_after']}"
            f" 得分 / final {each['final_before']} → {each['final_after']}"
            for each in answer[key]
        ]
    if answer["dropped"]:
        told.append(f"没有剩下评分 / without any mark left: {', '.join(answer['dropped'])}")
    if answer["likes_left_out"]:
        told.append(f"不计的点赞 / likes left out: {answer['likes_left_out']}")
    return [
        *told,
        f"名次有变 / places changed: {answer['places_changed']}",
        f"记录 / the record {answer['official_digest']}",
        f"重算 / recounted {answer['digest']} at {answer['cut']}",
    ]


def _short(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change with its likes counted, not listed."""
    likes = change.get("without_likes")
    return {**change, **({} if likes is None else {"without_likes": len(likes)})}
