"""Command `baijia security`: summarise one day of the security log."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from deploy.commands.command import Command
from deploy.commands.console_tables import Column, table_lines
from deploy.commands.refusals import CommandRefused

#: What a line is counted by after its event: the account, the network and route of a request, or the method of a call.
COLUMNS = ("subject", "actor", "network", "route", "method")
SHOWN = (Column("次数", "count", right=True), Column("事件", "event"), Column("对象", "of", wraps=True))


@click.command(cls=Command)
@click.option("--date", "day", default="", help="The day in UTC, such as 2026-11-30; default: today.")
@click.option("--by", type=click.Choice(COLUMNS), default="actor", show_default=True, help="What to count by.")
def security(day: str, by: str) -> None:
    """Count the events of one day in the security log of this campaign, most frequent first.

    Accounts that were typed and networks appear as keyed hashes: equal hashes are equal accounts or networks.
    """
    from deploy.commands.current_settings import settings
    from shared.security_log import folder_of

    chosen = day or datetime.now(UTC).date().isoformat()
    folder = folder_of(settings())
    try:
        datetime.strptime(f"{chosen} +0000", "%Y-%m-%d %z")
    except ValueError as problem:
        raise click.BadParameter(
            f"{chosen} 不是日期，应写作 2026-11-30 / {chosen} is not a day such as 2026-11-30", param_hint="--date"
        ) from problem
    file = folder / f"{chosen}.jsonl"
    if not file.exists():
        raise CommandRefused(
            f"安全日志中 {chosen} 没有记录。有记录的日期：{_days(folder) or '无'}",
            f"The security log has no line for {chosen}. Days with lines: {_days(folder) or 'none'}",
            code="no-lines",
        )
    counts = Counter[tuple[str, str]]()
    with file.open(encoding="utf-8") as opened:
        for line in opened:
            event = json.loads(line)
            counts[event["event"], str(event.get(by, "-"))] += event.get("lines", 1)
    rows = [[count, name, value] for (name, value), count in counts.most_common()]
    click.echo("\n".join(table_lines(SHOWN, rows)))


def _days(folder: Path) -> str:
    return ", ".join(sorted(each.stem for each in folder.glob("????-??-??.jsonl")))
