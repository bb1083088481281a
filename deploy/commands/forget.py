"""`baijia forget`: one person's key is destroyed, and the command waits until it is."""

import time

import click

FOLLOWED_S = 60.0
LOOK_AGAIN_S = 0.2
REASONS = ("asked", "mistake", "unsubscribed")


@click.command()
@click.argument("subject")
@click.option("--reason", type=click.Choice(REASONS), default="asked", show_default=True)
def forget(subject: str, reason: str) -> None:
    """Forget SUBJECT, `staff.NAME`, `voter.PSEUDONYM`, `complaint.NUMBER` or `objection.NUMBER`.

    No backup brings back what its key sealed.
    """
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import ask
    from shared.mongo_ledger import connect
    from shared.mongo_vault import vault_of

    here = settings()
    ask(here, "moderation", "forget_subject", {"subject": subject, "reason": reason})
    deadline = time.monotonic() + FOLLOWED_S
    with connect(here.mongo_uri) as client:
        vault = vault_of(here, client[here.database])
        while vault.holds(subject):
            if time.monotonic() > deadline:
                raise click.ClickException(f"{subject} still has a key after {FOLLOWED_S:.0f} s: is the clock up?")
            time.sleep(LOOK_AGAIN_S)
    click.echo(f"{subject}：密钥已销毁 / key destroyed")
