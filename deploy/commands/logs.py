"""`baijia log …` and `baijia verify`: reading the record itself."""

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

#: Importing them makes their events known: any log may be read here.
SHAPES = (moderation, ranking, scoring, submission, voting)


def _ledger() -> Ledger:
    here = settings()
    return MongoLedger(connect(here.mongo_uri)[here.database])


@click.group()
def log() -> None:
    """The logs of the campaign."""


@log.command()
@click.argument("name")
@click.option("--after", default=0, help="Show what follows this commit.")
def show(name: str, after: int) -> None:
    """Print the events of log NAME, one JSON object a line."""
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
    """Recompute every root and every hash of every log; exit 1 at the first that differs."""
    ledger = _ledger()
    for name in log_names(partitions_of(ledger)):
        try:
            n, events = verified(ledger, name)
        except Corrupt as problem:
            raise click.ClickException(str(problem)) from None
        click.echo(f"{name}: {n} commits, {events} events, chain and roots hold")


def verified(ledger: Ledger, name: str) -> tuple[int, int]:
    """How many commits and events of a log hold. Raises Corrupt, also where one is missing before the last."""
    head = ledger.head(name)
    before, n, events = NO_COMMIT, 0, 0
    for commit in read_commits(ledger, name):
        if bytes(commit.document["prev"]) != before:
            raise Corrupt(f"{name}/{commit.n} does not name the commit before it")
        commit.verify()
        before, n, events = commit.hash, commit.n, events + commit.count
    if n < head:
        raise Corrupt(f"{name}/{n + 1} is missing, and the log goes on to {head}")
    return n, events
