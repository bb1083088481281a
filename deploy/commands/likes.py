"""Commands `baijia likes …`: handle messages that the vote writers could not read as likes (alert DeadLetters)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from kombu.connection import Connection

from deploy.commands.command import Group
from deploy.commands.current_settings import settings
from deploy.commands.dead_letters import DeadLetter, dead_letters, move_to_files, requeue
from deploy.commands.language import text
from deploy.commands.refusals import CommandRefused, address_of, broker_away
from shared import streams
from shared.errors import BrokerUnreachable

PROBLEM_CHARS = 120


@click.group(cls=Group)
def likes() -> None:
    """Handle messages that the vote writers could not read."""


@likes.command()
def dead() -> None:
    """List the messages in the dead-letter queue, one per line, oldest first. Nothing is changed."""
    with _broker() as (connection, campaign), dead_letters(connection, campaign) as letters:
        lines = [_line(letter) for letter in letters]
    click.echo("\n".join([*lines, f"{len(lines)} {text('条', 'messages')}"]))


@likes.command()
def redrive() -> None:
    """Put every message that this version can read back into its queue. Exit 1 if unreadable ones stay."""
    with _broker() as (connection, campaign):
        sent, staying = requeue(connection, campaign)
    click.echo(text(f"已放回 {sent} 条，留下 {staying} 条", f"{sent} put back, {staying} stay"))
    if staying:
        raise CommandRefused(
            f"有 {staying} 条读不懂，留在队列中", f"{staying} cannot be read and stay", code="dead-letters-remain"
        )


@likes.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
def bury(folder: Path) -> None:
    """Move every message that this version cannot read into a file of FOLDER. Its likes are not counted."""
    with _broker() as (connection, campaign):
        for path in move_to_files(connection, campaign, folder):
            click.echo(str(path))


def _line(letter: DeadLetter) -> str:
    died = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(letter.died_s)) if letter.died_s else "?"
    content = f"unreadable: {letter.problem[:PROBLEM_CHARS]}" if letter.problem else f"{letter.orders} readable orders"
    return f"{letter.digest} {died} {letter.queue or '?'} {len(letter.body)} bytes, {content}"


@contextmanager
def _broker() -> Iterator[tuple[Connection, str]]:
    """Yield a connection to the broker and the campaign's name. Raises CommandRefused if the broker is unreachable."""
    current = settings()
    try:
        with streams.connect(current.amqp_uri) as connection:
            yield connection, current.campaign
    except BrokerUnreachable as problem:
        raise broker_away(address_of(current.amqp_uri), problem) from problem
