"""Command `baijia forget`: destroy the key of one subject, and wait until it is destroyed."""

import time

import click

from deploy.commands.command import Command
from deploy.commands.language import text
from deploy.commands.refusals import CommandRefused

DESTROYED_WITHIN_S = 60.0
POLL_S = 0.2
REASONS = ("asked", "mistake", "unsubscribed")


@click.command(cls=Command)
@click.argument("subject")
@click.option("--reason", type=click.Choice(REASONS), default="asked", show_default=True, help="Why, for the log.")
def forget(subject: str, reason: str) -> None:
    """Destroy the key of SUBJECT: `staff.NAME`, `cadre.NUMBER`, `voter.PSEUDONYM`, `contact.UNIT`,
    `complaint.NUMBER`, `objection.NUMBER` or `question.NUMBER`.

    No backup can restore the fields that were encrypted with it.
    """
    from deploy.commands.current_settings import settings
    from deploy.commands.rpc_client import call_service
    from gateway.http.problems import Problem
    from gateway.http.reference_numbers import parse_subject
    from shared.mongo_ledger import connect
    from shared.mongo_vault import vault_of

    current = settings()
    try:
        subject = parse_subject(subject)
    except Problem:
        raise CommandRefused(
            f"编号不对：{subject}", f"{subject} has no valid reference number", code="subject-malformed"
        ) from None
    call_service(current, "moderation", "forget_subject", {"subject": subject, "reason": reason})
    deadline = time.monotonic() + DESTROYED_WITHIN_S
    with connect(current.mongo_uri) as client:
        vault = vault_of(current, client[current.database])
        while vault.holds(subject):
            if time.monotonic() > deadline:
                raise CommandRefused(
                    f"{DESTROYED_WITHIN_S:.0f} 秒后 {subject} 的密钥仍在",
                    f"{subject} still has a key after {DESTROYED_WITHIN_S:.0f} s",
                    code="key-remains",
                )
            time.sleep(POLL_S)
    click.echo(f"{subject}：{text('密钥已销毁', 'key destroyed')}")
