"""Print what a rehearsal found, in Chinese and English."""

import click

from deploy.commands.console_tables import Column, table_lines, width, wrapped
from deploy.commands.language import text
from deploy.rehearsal.findings import Rehearsed

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
    "place": Column("序", "no.", right=True),
    "entry": Column("编号", "entry", wraps=True),
    "type": Column("类型", "type", wraps=True),
    "likes": Column("点赞", "likes", right=True),
    "like_points": Column("积分", "points", right=True),
    "expert": Column("专家", "expert", right=True),
    "final": Column("综合", "final", right=True),
}


def print_rehearsal(found: Rehearsed) -> None:
    """Print the figures, the findings and the table of winners; the first line and the last say that it is invented."""
    click.echo(text("演练：单位、点赞的人和专家都是虚构的", "REHEARSAL: units, voters and judges are invented"))
    for name, (zh, en) in FIGURES.items():
        click.echo(f"  {text(zh, en)}: {found.figures[name]}")
    click.echo(text("发现", "Findings"))
    for each in found.findings:
        first, *more = wrapped(text(each.zh, each.en), width() - 4)
        click.echo("\n".join([f"  - {first}", *(f"    {line}" for line in more)]))
    if not found.findings:
        click.echo(f"  - {text('没有意外', 'nothing unexpected')}")
    if found.digest is None:
        return
    click.echo(text("演练的入选名单", "Winners of the rehearsal"))
    rows = []
    for row in found.winners:
        kind = row["type"]["zh"] + (" *" if row["is_refilled"] else "")
        cells = {**row, "type": kind}
        rows.append([cells[name] for name in COLUMNS])
    click.echo("\n".join(table_lines(list(COLUMNS.values()), rows)))
    if any(row["is_refilled"] for row in found.winners):
        click.echo(text("* 补入的名额", "* a seat that another type left"))
    click.echo(f"{text('规则', 'rules')} {found.rule_hash}")
    click.echo(f"{text('演练结果的摘要', 'digest of the rehearsed result')} {found.digest}")
