"""Commands `baijia explain`, `baijia recount` and `baijia stability`: explain places and test the result.

They are for staff. Promises: no command here changes the event logs except `recount --save`, which adds a scenario
beside the result. Output that is not official says so in its first line.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from deploy.commands.command import Command
from deploy.commands.console_tables import Column, table_lines
from deploy.commands.current_settings import settings
from deploy.commands.entry_names import EntryNames
from deploy.commands.language import text
from deploy.commands.moment_option import MOMENT
from deploy.commands.ranking import cut_line
from deploy.commands.refusals import CommandRefused, unreadable
from deploy.commands.rpc_client import call_service, entry_names
from services.ranking.analysis.complaint_pack import build_pack
from services.ranking.analysis.explanation_text import compared_lines, lines
from services.ranking.analysis.stability import SPREAD_PERCENT, VARIANTS

DEADLINE_S = 120.0
UNOFFICIAL = ("非正式，不影响记录", "unofficial, the record is unchanged")
SCENARIO_COLUMNS = (
    Column("情景", "scenario", wraps=True),
    Column("保存人", "by"),
    Column("原因", "reason", wraps=True),
)


@click.command(cls=Command)
@click.argument("entry")
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut.")
@click.option("--at", "at", type=MOMENT, help="With --and: the earlier of two moments to compare.")
@click.option("--and", "other", type=MOMENT, help="With --at: the later of the two moments.")
@click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
@click.option(
    "--pack",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a zip with everything needed to answer a complaint.",
)
def explain(entry: str, as_of: Any, at: Any, other: Any, pack: Path | None, *, as_json: bool) -> None:
    """Explain the place of ENTRY (a poster number such as A012), with every number in its formula."""
    if (at is None) != (other is None) or (as_of is not None and at is not None):
        raise click.UsageError(
            "--at 与 --and 须一起用，且不与 --as-of 同用 / --at and --and must be given together, and without --as-of"
        )
    current = settings()
    names = entry_names(current)
    body = {"entry": names.find(entry), **(as_of or at or {}), **({} if other is None else {"other": other})}
    answer = call_service(current, "ranking", "explanation", body, deadline_s=DEADLINE_S)
    if pack is not None and answer["by_likes_alone"]:
        raise CommandRefused(
            "评分未齐，还没有排名可附", "marks are missing, so there is no ranking to include", code="marks-missing"
        )
    if pack is not None:
        table = call_service(current, "ranking", "table", {"cut": answer["cut"]}, deadline_s=DEADLINE_S)
        pack.write_bytes(build_pack(answer, table, call_service(current, "ranking", "rule_sheet", {}), names.numbers))
        click.echo(f"{pack}: {pack.stat().st_size} B")
        return
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    named = {**names.numbers, answer["entry"]: names.full(answer["entry"])}
    click.echo("\n".join(lines(answer, named, text)))
    if "differences" in answer:
        click.echo("\n".join(["", *compared_lines(answer["differences"], text)]))


@click.command(cls=Command)
@click.option("--without-judge", "judges", multiple=True, help="Leave a judge's marks out.")
@click.option("--without-entry", "entries", multiple=True, help="Leave an entry out.")
@click.option("--without-day", "days", multiple=True, help="Leave a campaign day's likes out, YYYY-MM-DD.")
@click.option(
    "--without-cohort", "cohort", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Leave out the likes that a file lists, one address per line.",
)  # fmt: skip
@click.option("--weights", help="Weights of likes and experts, such as 0.2/0.8.")
@click.option("--conversion", help='Conversion of likes: "rank_step(100,0.5,0)", prop_max, "bands(0.1:100,1:60)" …')
@click.option("--method", help="Method for marks: mean, median, trimmed, zscore, judge_effect.")
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut.")
@click.option("--save", "name", help="Save the scenario under this name; requires --reason.")
@click.option("--reason", help="Why the scenario is saved.")
@click.option("--list", "listed", is_flag=True, help="List the saved scenarios.")
@click.option("--show", help="Recalculate this saved scenario and compare.")
@click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
def recount(  # one parameter per option
    judges: tuple[str, ...], entries: tuple[str, ...], days: tuple[str, ...], cohort: Path | None, as_of: Any,
    name: str | None, reason: str | None, listed: bool, show: str | None, as_json: bool, **rules: str | None,
) -> None:  # fmt: skip
    """Recalculate the ranking without some judges, entries or likes, or under other rules.

    The result is unofficial, and nothing is written except the scenario that --save stores beside the record."""
    if listed or show is not None:
        _print_saved(show, as_json)
        return
    if (name is None) != (reason is None):
        raise click.UsageError("--save 与 --reason 须一起用 / --save and --reason must be given together")
    likes = [] if cohort is None else _addresses(cohort)
    current = settings()
    names = EntryNames() if as_json and not entries else entry_names(current)
    without = {
        "without_judges": list(judges),
        "without_entries": [names.find(each) for each in entries],
        "without_days": list(days),
        "without_likes": likes,
    }
    changed = {key: each for key, each in {**without, **rules}.items() if each}
    body = {**changed, **(as_of or {}), **({} if name is None else {"name": name, "reason": reason})}
    method = "recount" if name is None else "save_scenario"
    answer = call_service(current, "ranking", method, body, deadline_s=DEADLINE_S)
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2) if as_json else "\n".join(recount_lines(answer, names)))
    if name is not None and not as_json:
        click.echo(text(f"已存为情景 {name}", f"saved as scenario {name}"))


@click.command(cls=Command)
@click.option("--variants", default=VARIANTS, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
@click.option(
    "--spread",
    default=SPREAD_PERCENT,
    show_default=True,
    type=click.IntRange(0, 100),
    help="Likes move by up to this per cent.",
)
@click.option("--seed", default="", help="Seed of the random changes to likes; the same seed gives the same report.")
@click.option("--as-of", "as_of", type=MOMENT, help="An instant of campaign time, or a cut.")
@click.option("--json", "as_json", is_flag=True, help="Print the data as JSON.")
def stability(variants: int, spread: int, seed: str, as_of: Any, as_json: bool) -> None:
    """Test the stability of the result: who wins under other methods, conversions, weights, judges and changed likes.

    The calculation runs in this command, because it would keep the ranking service from answering."""
    from deploy.commands.stability_report import report, report_lines

    current = settings()
    found, names = report(current, as_of or {}, variants=variants, spread=spread, seed=seed)
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2) if as_json else "\n".join(report_lines(found, names)))


def _addresses(file: Path) -> list[str]:
    """Read one address per line; `utf-8-sig` also accepts the byte-order mark that Windows puts first."""
    try:
        return [each.strip() for each in file.read_text("utf-8-sig").splitlines() if each.strip()]
    except (OSError, UnicodeDecodeError) as problem:
        raise unreadable(file, problem) from problem


def _print_saved(show: str | None, as_json: bool) -> None:
    """Print the list of saved scenarios, or recalculate the one named `show` and compare it with its saved result."""
    current = settings()
    if show is None:
        answer = call_service(current, "ranking", "scenarios", {})
        rows = [[each["name"], each["by"], each["reason"]] for each in answer["scenarios"]]
        listed = table_lines(SCENARIO_COLUMNS, rows) if rows else [text("没有保存的情景", "no saved scenarios")]
        result = [text(*UNOFFICIAL), *listed]
    else:
        answer = call_service(current, "ranking", "scenario", {"scenario": show}, deadline_s=DEADLINE_S)
        saved, same = answer["saved"], answer["same"]
        verdict = (
            text("与保存时相同", "same as when it was saved")
            if same
            else text("与保存时不同", "differs from when it was saved")
        )
        about = f"{saved['name']}（{saved['by']}）：{saved['reason']}"
        result = [*recount_lines(answer["now"], entry_names(current)), about, f"{verdict} {saved['digest']}"]
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2) if as_json else "\n".join(result))


def recount_lines(answer: Mapping[str, Any], names: EntryNames) -> list[str]:
    """Return a recount as lines of text, entries by poster number; the first says that it is not official."""
    change = orjson.dumps(_short(answer["change"], names)).decode()
    result = [text(*UNOFFICIAL), f"{text('改动', 'change')}: {change}"]
    place, final = text("名次", "place"), text("得分", "final")
    for key, words in (("enters", ("进入", "enters")), ("leaves", ("离开", "leaves"))):
        result.append(f"{text(*words)}: {len(answer[key])}")
        result += [
            f"  {names.short(each['entry'])} {each['type']} {place} {each['place_before']} → {each['place_after']}"
            f" {final} {each['final_before']} → {each['final_after']}"
            for each in answer[key]
        ]
    if answer["dropped"]:
        result.append(f"{text('没有剩下评分', 'no marks left')}: {', '.join(map(names.short, answer['dropped']))}")
    if answer["likes_left_out"]:
        result.append(f"{text('不计的点赞', 'likes left out')}: {answer['likes_left_out']}")
    return [
        *result,
        f"{text('名次有变', 'places changed')}: {answer['places_changed']}",
        f"{text('记录', 'record')} {answer['official_digest']}",
        f"{text('重算', 'again')} {answer['digest']}",
        cut_line(answer["cut"]),
    ]


def _short(change: Mapping[str, Any], names: EntryNames) -> dict[str, Any]:
    """Return the change with the number of left-out likes in place of their list, and entries by poster number."""
    likes, entries = change.get("without_likes"), change.get("without_entries")
    named = {} if entries is None else {"without_entries": [names.short(each) for each in entries]}
    return {**change, **named, **({} if likes is None else {"without_likes": len(likes)})}
