"""Commands `baijia log …` and `baijia verify`: print the event logs, and verify their hash chains."""

import click
import orjson

from deploy.commands.current_settings import settings
from deploy.run import log_names
from services.moderation import events as moderation
from services.ranking import events as ranking
from services.scoring import events as scoring
from services.submission import events as submission
from services.voting import events as voting
from services.voting.writer import partitions_of
from shared.commit import NO_COMMIT
from shared.errors import Corrupt
from shared.events import to_data
from shared.ledger import Ledger, read_commits
from shared.mongo_ledger import MongoLedger, connect

#: Importing these modules registers their event types, so that every log can be decoded.
SHAPES = (moderation, ranking, scoring, submission, voting)


def _ledger() -> Ledger:
    current = settings()
    return MongoLedger(connect(current.mongo_uri)[current.database])


@click.group()
def log() -> None:
    """Read the event logs of the campaign."""


@log.command()
@click.argument("name")
@click.option("--after", default=0, help="Show only commits after this number.")
def show(name: str, after: int) -> None:
    """Print the events of log NAME, one JSON object per line."""
    for commit in read_commits(_ledger(), name, after):
        for recorded in commit.recorded():
            line = {"address": recorded.address, "time": recorded.time, **to_data(recorded.event)}
            click.echo(orjson.dumps(line).decode())


@log.command()
@click.argument("name")
@click.option("--count", default=10, show_default=True, help="How many commits.")
def tail(name: str, count: int) -> None:
    """Print the events of the last commits of log NAME."""
    ledger = _ledger()
    for commit in read_commits(ledger, name, max(0, ledger.head(name) - count)):
        for recorded in commit.recorded():
            click.echo(f"{recorded.address} {orjson.dumps(to_data(recorded.event)).decode()}")


@click.command()
def verify() -> None:
    """Recompute every root and every hash of every log; exit 1 at the first mismatch."""
    ledger = _ledger()
    for name in log_names(partitions_of(ledger)):
        try:
            n, events = verify_log(ledger, name)
        except Corrupt as problem:
            raise click.ClickException(str(problem)) from None
        click.echo(f"{name}: {n} commits, {events} events, chain and roots hold")


def verify_log(ledger: Ledger, name: str) -> tuple[int, int]:
    """Check every hash, root and number of a log, and return its number of commits and of events.

    Raises Corrupt if a hash or root does not match, or if a commit before the head is missing.
    """
    head = ledger.head(name)
    before, n, events = NO_COMMIT, 0, 0
    for commit in read_commits(ledger, name):
        if bytes(commit.document["prev"]) != before:
            raise Corrupt(f"{name}/{commit.n} does not name the previous commit")
        commit.verify()
        before, n, events = commit.hash, commit.n, events + commit.count
    if n < head:
        raise Corrupt(f"{name}/{n + 1} is missing, and the log goes on to {head}")
    return n, events
