"""`baijia likes …`: messages that came as likes and were no batch, which the alert DeadLetters tells of."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from kombu.connection import Connection

from deploy.commands.current_settings import settings
from deploy.commands.dead_letters import DeadLetter, letters, put_back, take_out
from shared import streams
from shared.errors import BrokerUnreachable

PROBLEM_CHARS = 120


@click.group()
def likes() -> None:
    """Likes that the vote writers could not read."""


@likes.command()
def dead() -> None:
    """Print what waits in the queue of the dead, one message a line, the oldest first. Nothing is changed."""
    with _broker() as (connection, campaign):
        lines = [_line(letter) for letter in letters(connection, campaign)]
    click.echo("\n".join([*lines, f"{len(lines)} 条 / messages"]))


@likes.command()
def redrive() -> None:
    """Put back into its queue what this version can read; what it cannot read stays. Exit 1 where something stays."""
    with _broker() as (connection, campaign):
        went, stay = put_back(connection, campaign)
    click.echo(f"已放回 {went} 条，留下 {stay} 条 / {went} put back, {stay} stay")
    if stay:
        raise SystemExit(1)


@likes.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
def bury(folder: Path) -> None:
    """Move what this version cannot read out of the queue into files of FOLDER, for an inquiry. It is not counted."""
    with _broker() as (connection, campaign):
        for path in take_out(connection, campaign, folder):
            click.echo(str(path))


def _line(letter: DeadLetter) -> str:
    died = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(letter.died_s)) if letter.died_s else "?"
    said = f"unreadable: {letter.problem[:PROBLEM_CHARS]}" if letter.problem else f"{letter.orders} orders can be read"
    return f"{letter.digest} {died} {letter.queue or '?'} {len(letter.body)} bytes, {said}"


@contextmanager
def _broker() -> Iterator[tuple[Connection, str]]:
    """A connection to the broker, and the campaign; a broker that is away is said."""
    here = settings()
    try:
        with streams.connect(here.amqp_uri) as connection:
            yield connection, here.campaign
    except BrokerUnreachable as problem:
        raise click.ClickException(f"消息队列连接不上 / the broker is away: {problem}") from None
