"""Append and replay against the `eventsourcing` library on the box's own PostgreSQL.

What is compared is likes a second, each side in the form that is quickest there: ours in commits of 256 on the ledger,
theirs as 256 events of one originator in one `EventStore.put`, which is one durable transaction (measured here: 1.1
times `Application.save` of an aggregate with 256 pending events, 1.15 times `save` of the events themselves), its
statements run in the database (`POSTGRES_ENABLE_DB_FUNCTIONS`). Neither compresses nor enciphers; the fields are the
same. Their replay reads notifications by the recorder, 256 at a time, which was the quickest of 10, 256, 1,000 and
5,000, and builds each event by the application's mapper: a cursor, and no subscription in between.

Printed without a bar: one like a transaction, as an application of theirs has it that handles a like when it comes.
There is no group commit in the library. Ours gathers what waits, so the full commit stands against it.
"""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent

from shared.stamps import stamp
from shared.writer import LogWriter
from tests.bench.likes import (
    documents,
    full_sizes,
    likes,
    orders,
    store,
)
from tests.bench.paired import Block, paired
from tests.bench.report import Report
from tests.bench.test_append import WAITING, Verbatim, appending
from tests.bench.test_replay import LOG, replaying
from tests.integration.places import Place

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ROUNDS = 5
SIZE = 256
APPENDS = 8  # blocks a round
BLOCKS = ROUNDS * APPENDS + 1
LIKES = 100_000
LIBRARY = "eventsourcing on PostgreSQL"
SCHEMA = "baijia_bench"


class Liked(DomainEvent):
    """A `LikeCast` as the library has it."""

    voter: str
    entry: str
    day: str
    at: int
    door: str
    held: str | None
    signals: str


@pytest.fixture
def application() -> Iterator[Application]:
    """Theirs, on an empty table."""
    uri = os.environ.get("BAIJIA_BOX_PG_URI")
    if not uri:
        pytest.skip("BAIJIA_BOX_PG_URI is not set: only the box has a PostgreSQL to compare with")
    _renew(uri)
    at = urlsplit(uri)
    made = Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_HOST": at.hostname or "",
            "POSTGRES_PORT": str(at.port),
            "POSTGRES_DBNAME": at.path.removeprefix("/"),
            "POSTGRES_USER": at.username or "",
            "POSTGRES_PASSWORD": at.password or "",
            "POSTGRES_SCHEMA": SCHEMA,
            "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
        }
    )
    try:
        yield made
    finally:
        made.close()
        _drop(uri)


def test_append_is_five_times_as_quick(place: Place, report: Report, application: Application) -> None:
    put = putting(application, SIZE, total=BLOCKS * SIZE)
    pair = paired(committing(place), put, rounds=ROUNDS, blocks=APPENDS)

    report.compare("append, 256 at once", pair, reference=LIBRARY, unit="likes/s", at_least=5)


def test_append_of_likes_as_they_come_is_stated(place: Place, report: Report, application: Application) -> None:
    put = putting(application, 1, total=BLOCKS)
    pair = paired(committing(place), put, rounds=ROUNDS, blocks=APPENDS)

    name = "append, 256 that wait against one a transaction"
    report.compare(name, pair, reference=LIBRARY, unit="likes/s")


def test_replay_is_five_times_as_quick(place: Place, report: Report, application: Application) -> None:
    stored = store(place, documents(LOG, likes(), full_sizes(LIKES)))
    put = putting(application, SIZE, total=LIKES)
    while put():
        pass

    pair = paired(replaying(place, stored), counting(application), rounds=ROUNDS, blocks=10)

    report.compare("replay into counts", pair, reference=LIBRARY, unit="likes/s", at_least=5)


def committing(place: Place) -> Block:
    """A block is as many full commits as wait for the writer."""
    source = likes()
    batches = [orders(source, SIZE * WAITING) for _ in range(BLOCKS)]
    return appending(LogWriter(LOG, Verbatim(), stamp=stamp, remember=False), place.ledger, batches)


def putting(application: Application, size: int, *, total: int) -> Block:
    """A block is a transaction of `size` events, which are made beforehand, as ours are."""
    originator, at = uuid4(), Liked.create_timestamp()
    events = [
        Liked(originator, n, at, like.voter, like.entry, like.day, like.at, like.door, like.held, like.signals)
        for n, like in enumerate(islice(likes(), total), start=1)
    ]
    waiting = iter(events)

    def put() -> int:
        batch = list(islice(waiting, size))
        application.events.put(batch)
        return len(batch)

    return put


def counting(application: Application) -> Block:
    """A block is the next tenth of their log into counts; behind the last the first again."""
    recorder, mapper = application.recorder, application.mapper
    counts: Counter[str] = Counter()
    last = 0

    def count() -> int:
        nonlocal last
        taken = 0
        while taken < LIKES // 10:
            notifications = recorder.select_notifications(last + 1, SIZE)
            events = map(mapper.to_domain_event, notifications)
            counts.update(event.entry for event in events if isinstance(event, Liked))
            taken += len(notifications)
            last = notifications[-1].id if len(notifications) == SIZE else 0
        return taken

    return count


def _renew(uri: str) -> None:
    _drop(uri)
    with psycopg.connect(uri) as connection:
        connection.execute(f"create schema {SCHEMA}")


def _drop(uri: str) -> None:
    with psycopg.connect(uri) as connection:
        connection.execute(f"drop schema if exists {SCHEMA} cascade")
