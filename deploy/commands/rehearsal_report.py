"""Print what a rehearsal found, in Chinese and English."""

import click
from rich import box
from rich.console import Console
from rich.table import Table

from deploy.rehearsal.findings import Rehearsed

WIDTH = 1_000  # wider than any table, so that rich neither wraps nor cuts a cell
FIGURES = {
    "units": ("报送的单位", "units that hand in"),
    "shortlisted": ("入围", "shortlisted"),
    "judged": ("进入评审", "judged"),
    "voters": ("点赞的人", "voters"),
    "likes": ("记入的赞", "likes that count"),
    "likes_refused": ("没有记入的赞", "likes that were refused"),
    "judges": ("专家", "judges"),
    "marks": ("评分", "marks"),
    "seats": ("名额", "seats"),
}
COLUMNS = {
    "place": ("序", "no."),
    "entry": ("编号", "entry"),
    "type": ("类型", "type"),
    "likes": ("点赞", "likes"),
    "like_points": ("积分", "points"),
    "expert": ("专家", "expert"),
    "final": ("综合", "final"),
}


def print_rehearsal(found: Rehearsed) -> None:
    """Print the figures, the findings and the table of winners; the first line and the last say that it is invented."""
    click.echo("演练：单位、点赞的人和专家都是虚构的 / REHEARSAL: units, voters and judges are invented")
    for name, (zh, en) in FIGURES.items():
        click.echo(f"  {zh} / {en}: {found.figures[name]}")
    click.echo("发现 / Findings")
    for each in found.findings:
        click.echo(f"  - {each.zh} / {each.en}")
    if not found.findings:
        click.echo("  - 没有意外 / nothing unexpected")
    if found.digest is None:
        return
    table = Table(box=box.SIMPLE, title="演练的入选名单 / Winners of the rehearsal", title_justify="left")
    for zh, en in COLUMNS.values():
        table.add_column(f"{zh} {en}")
    for row in found.winners:
        kind = row["type"]["zh"] + (" *" if row["is_refilled"] else "")
        cells = {**row, "type": kind}
        table.add_row(*(str(cells[name]) for name in COLUMNS))
    Console(width=WIDTH).print(table)
    if any(row["is_refilled"] for row in found.winners):
        click.echo("* 补入的名额 / * a seat that another type left")
    click.echo(f"规则哈希 / rule hash {found.rule_hash}")
    click.echo(f"演练结果的摘要 / digest of the rehearsed result {found.digest}")
