"""Commands `baijia log …` and `baijia verify`: print the event logs, and verify their hash chains.

Promises: a log is printed as it is read, page by page, so that memory stays bounded however long it is.
"""

import difflib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import click
import orjson

from deploy.commands.command import Command, Group
from deploy.commands.current_settings import settings
from deploy.commands.entry_names import find_entry, unknown_entry
from deploy.commands.language import text
from deploy.commands.log_filters import LogFilter
from deploy.commands.moment_option import check_instant, parse_instant
from deploy.commands.progress import Completed, progress
from deploy.commands.refusals import CommandRefused
from deploy.commands.stores import ledger_of, logs_of
from services.moderation import campaign as rules
from services.moderation import events as moderation
from services.ranking import events as ranking
from services.scoring import events as scoring
from services.submission import events as submission
from services.voting import events as voting
from shared.commit import NO_COMMIT
from shared.errors import Corrupt
from shared.events import registered_names
from shared.ledger import Ledger, read_commits

#: Importing these modules registers their event types, so that every log can be decoded.
SHAPES = (moderation, ranking, scoring, submission, voting)
Filters = Callable[[Callable[..., None]], Callable[..., None]]


def filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose events to a command."""
    for option in reversed([
        click.option("--type", "types", multiple=True, help="Only events of this type, such as like-cast; repeatable."),
        click.option(
            "--actor", "actors", multiple=True, help="Only events of commands by this person, in any case; repeatable."
        ),
        click.option(
            "--entry", "entries", multiple=True, help="Only events that name this entry (a poster number); repeatable."
        ),
        click.option("--since", callback=check_instant, help="Only commits that were stored at this instant or later."),
        click.option("--until", callback=check_instant, help="Only commits that were stored before this instant."),
    ]):  # fmt: skip
        command = option(command)
    return command


@click.group(cls=Group)
def log() -> None:
    """Read the event logs of the campaign."""


@log.command()
@click.argument("name")
@click.option("--after", default=0, type=click.IntRange(0), help="Show only commits after this number.")
@filter_options
def show(name: str, after: int, **chosen: Any) -> None:
    """Print the events of log NAME, one JSON object per line; choose by type, actor, entry and time."""
    with ledger_of(settings()) as ledger:
        name, found = _known_log(ledger, name), _filter(ledger, **chosen)
        for event in _events(ledger, name, after, found):
            click.echo(orjson.dumps(event).decode())


@log.command()
@click.argument("name")
@click.option("--count", default=10, show_default=True, type=click.IntRange(1), help="How many commits.")
@filter_options
def tail(name: str, count: int, **chosen: Any) -> None:
    """Print the events of the last commits of log NAME; choose by type, actor, entry and time."""
    with ledger_of(settings()) as ledger:
        name, found = _known_log(ledger, name), _filter(ledger, **chosen)
        for event in _events(ledger, name, max(0, ledger.head(name) - count), found):
            address, rest = event["address"], {key: event[key] for key in ("actor", "type", "v", "data")}
            click.echo(f"{address} {orjson.dumps(rest).decode()}")


@click.command(cls=Command)
def verify() -> None:
    """Recompute every root and every hash of every log; exit 1 at the first mismatch."""
    with ledger_of(settings()) as ledger:
        names = logs_of(ledger)
        total = sum(ledger.head(name) for name in names)
        with progress("核对提交", "verifying commits", total) as completed:
            before = 0
            for name in names:
                n, events = verify_log(ledger, name, partial(_add, completed, before))
                before += n
                zh, en = f"{n} 个提交，{events} 个事件", f"{n} commits, {events} events"
                click.echo(f"{name}: {text(f'{zh}，链与根相符', f'{en}, chain and roots hold')}")


def verify_log(ledger: Ledger, name: str, completed: Completed = lambda _: None) -> tuple[int, int]:
    """Check every hash, root and number of a log, and return its number of commits and of events.

    `completed` is called with how many commits hold. Raises Corrupt if a hash or root does not match, or if a commit
    before the head is missing.
    """
    head = ledger.head(name)
    before, n, events = NO_COMMIT, 0, 0
    for commit in read_commits(ledger, name):
        if bytes(commit.document["prev"]) != before:
            raise Corrupt(f"{name}/{commit.n} does not name the previous commit")
        commit.verify()
        before, n, events = commit.hash, commit.n, events + commit.count
        completed(n)
    if n < head:
        raise Corrupt(f"{name}/{n + 1} is missing, and the log goes on to {head}")
    return n, events


def _add(completed: Completed, before: int, n: int) -> None:
    completed(before + n)


def _events(ledger: Ledger, name: str, after: int, chosen: LogFilter) -> Iterator[dict[str, Any]]:
    for commit in read_commits(ledger, name, after):
        if chosen.ends_before(commit):
            return
        yield from chosen.events(commit)


def _known_log(ledger: Ledger, name: str) -> str:
    """Return the name of a log, in whatever case it was typed. Raises CommandRefused for an unknown one."""
    names = logs_of(ledger)
    found = next((each for each in names if each == name.strip().lower()), None)
    if found is None:
        raise CommandRefused(
            f"没有日志 {name}；本活动的日志有：{'、'.join(names)}",
            f"there is no log {name}; the logs are {', '.join(names)}",
            code="log-unknown",
        )
    return found


def _filter(
    ledger: Ledger,
    *,
    types: tuple[str, ...],
    actors: tuple[str, ...],
    entries: tuple[str, ...],
    since: str | None,
    until: str | None,
) -> LogFilter:
    """Return the filter that the options name. Raises CommandRefused for an unknown type or entry."""
    known = registered_names()
    for each in types:
        if each not in known:
            close = difflib.get_close_matches(each, known, n=3)
            zh, en = ("", "") if not close else (f"；相近的有 {'、'.join(close)}", f"; close ones: {', '.join(close)}")
            raise CommandRefused(
                f"没有事件类型 {each}{zh}", f"there is no event type {each}{en}", code="event-type-unknown"
            )
    numbers = _numbers(ledger) if entries else {}
    ids = []
    for each in entries:
        entry = find_entry(each, numbers)
        if entry is None:
            raise unknown_entry(each)
        ids.append(entry)
    return LogFilter(
        frozenset(types),
        frozenset(each.lower() for each in actors),
        frozenset(ids),
        *(None if each is None else parse_instant(each, lambda: _zone(ledger)) for each in (since, until)),
    )


def _numbers(ledger: Ledger) -> dict[str, str | None]:
    """Return the poster number of every entry that was handed in, or None, from the logs alone."""
    found: dict[str, str | None] = {}
    for commit in read_commits(ledger, "submission", commands=False):
        for run in commit.runs:
            if run.type == "entry-submitted":
                found.update(dict.fromkeys(run.columns["entry"]))
    for commit in read_commits(ledger, "moderation", commands=False):
        for run in commit.runs:
            if run.type == "shortlist-confirmed":
                found |= {each.entry: each.number for event in run.events() for each in event.entries}
    return found


def _zone(ledger: Ledger) -> str:
    opened = ledger.read("moderation", 0, limit=1)[0].events()[0]
    return str(rules.from_data(opened.campaign).zone)
