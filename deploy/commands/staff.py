"""Commands `baijia staff …`: what the operator does about staff from the command line.

Promises: once an organiser has set a password, the operator alone can appoint or reset nobody; the operator is the
second person only while there is no further organiser (`services/moderation/decisions/staff.py`).
"""

import click

from deploy.commands.command import Group
from deploy.commands.console_tables import Column, table_lines
from deploy.commands.language import text

COLUMNS = (
    Column("变更", "change"), Column("账号", "name"), Column("角色", "roles", wraps=True), Column("提出人", "by"),
    Column("新密码", "new password"),
)  # fmt: skip


@click.group(cls=Group)
def staff() -> None:
    """Give the first organisers another link, and confirm a change as its second person."""


@staff.command()
@click.argument("name")
def link(name: str) -> None:
    """Appoint the first organiser NAME, or give them another link, until an organiser has set a password."""
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import call_service

    current = settings()
    person = {"staff": name, "name": name, "roles": ["organiser"], "new_link": True}
    appointed = call_service(current, "moderation", "appoint_staff", person)
    click.echo(f"{name}: {current.public_url}/password/{name}/{appointed['link']}")


@staff.command()
def changes() -> None:
    """List the changes that wait for a second person."""
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import call_service

    waiting = call_service(settings(), "moderation", "staff", {})["changes"]
    rows = [
        [each["change"], each["staff"], ", ".join(each["roles"]) or "-", each["by"], "✓" if each["resets"] else ""]
        for each in waiting
    ]
    click.echo("\n".join(table_lines(COLUMNS, rows) if rows else [text("没有等待的变更", "no changes wait")]))


@staff.command()
@click.argument("change")
def confirm(change: str) -> None:
    """Confirm CHANGE as the second person; ask the person who proposed it first."""
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import call_service

    current = settings()
    changed = call_service(current, "moderation", "confirm_staff_change", {"change": change})
    name = changed["staff"]
    click.echo(f"{name}: {','.join(changed['roles']) or '-'}")
    if changed["link"]:
        click.echo(f"{current.public_url}/password/{name}/{changed['link']}")
        click.echo(
            text("本人还需要提出人手中的校验码", "The person also needs the code that whoever proposed it holds.")
        )
