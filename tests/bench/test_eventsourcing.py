"""Append and replay, against the `eventsourcing` library on the box's own PostgreSQL.

Likes a second are compared, with each side in its fastest form. Ours: commits of 256 in the ledger. Theirs: 256
events of one originator in one `EventStore.put`, which is one durable transaction (measured here: 1.1 times as
fast as `Application.save` of an aggregate with 256 pending events, 1.15 times as fast as `save` of the events
themselves), with its statements run in the database (`POSTGRES_ENABLE_DB_FUNCTIONS`). Neither compresses nor
encrypts; the fields are the same. Their replay reads notifications through the recorder, 256 at a time, which was
the fastest of 10, 256, 1,000 and 5,000, and builds each event with the application's mapper: a cursor, without a
subscription.

Printed without a bar: one like in a transaction, as in an application of theirs that handles each like when it
comes. The library has no group commit. Ours gathers the waiting likes, so the full commit is compared with it.
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
from tests.bench.test_append import WAITING, PassThroughDecider, append_block
from tests.bench.test_replay import LOG, replay_block
from tests.integration.temporary_campaign import Place

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ROUNDS = 5
SIZE = 256
APPENDS = 8  # blocks in a round
BLOCKS = ROUNDS * APPENDS + 1
LIKES = 100_000
LIBRARY = "eventsourcing on PostgreSQL"
SCHEMA = "baijia_bench"


class Liked(DomainEvent):
    """A `LikeCast` as an event of the library."""

    voter: str
    entry: str
    day: str
    at: int
    door: str
    held: str | None
    signals: str


@pytest.fixture
def application() -> Iterator[Application]:
    """The library's application, on an empty schema."""
    uri = os.environ.get("BAIJIA_BOX_PG_URI")
    if not uri:
        pytest.skip("BAIJIA_BOX_PG_URI is not set: only the box has a PostgreSQL for the comparison")
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
    put = put_block(application, SIZE, total=BLOCKS * SIZE)
    pair = paired(commit_block(place), put, rounds=ROUNDS, blocks=APPENDS)

    report.compare("append, 256 at once", pair, reference=LIBRARY, unit="likes/s", at_least=5)


def test_append_of_likes_as_they_come_is_stated(place: Place, report: Report, application: Application) -> None:
    put = put_block(application, 1, total=BLOCKS)
    pair = paired(commit_block(place), put, rounds=ROUNDS, blocks=APPENDS)

    name = "append, 256 at once against one per transaction"
    report.compare(name, pair, reference=LIBRARY, unit="likes/s")


def test_replay_is_five_times_as_quick(place: Place, report: Report, application: Application) -> None:
    stored = store(place, documents(LOG, likes(), full_sizes(LIKES)))
    put = put_block(application, SIZE, total=LIKES)
    while put():
        pass

    pair = paired(replay_block(place, stored), count_block(application), rounds=ROUNDS, blocks=10)

    report.compare("replay into counts", pair, reference=LIBRARY, unit="likes/s", at_least=5)


def commit_block(place: Place) -> Block:
    """Return a block that appends as many full commits as wait for the writer."""
    source = likes()
    batches = [orders(source, SIZE * WAITING) for _ in range(BLOCKS)]
    return append_block(LogWriter(LOG, PassThroughDecider(), stamp=stamp, remember=False), place.ledger, batches)


def put_block(application: Application, size: int, *, total: int) -> Block:
    """Return a block that stores one transaction of `size` events. They are made beforehand, as ours are."""
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


def count_block(application: Application) -> Block:
    """Return a block that counts the next tenth of their log; after the last tenth it starts again."""
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
