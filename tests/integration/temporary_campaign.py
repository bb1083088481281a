"""A separate campaign on the real engines for one test, dropped afterwards.

Promises: its database, queues and streams are used by nobody else, and are deleted when the test is over, also
after a failure. Does not promise an open campaign: each test writes what has happened before.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kombu.connection import Connection
from pymongo import MongoClient
from pymongo.database import Database

from deploy.local.engine_uris import Engines
from deploy.run import SERVICES, log_names
from services.ranking.read_model.projection import RankingProjection
from shared import exchanges, streams
from shared.commit import (
    Answered,
    Commit,
    Document,
    Head,
    form,
)
from shared.keys import Keys
from shared.ledger import read_commits
from shared.mongo_ledger import MongoLedger, connect
from shared.relay import Relay
from shared.settings import Settings
from shared.stamps import stamp

PARTITIONS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """One test's campaign: its settings, and access to its database, ledger and broker."""

    settings: Settings
    client: MongoClient[Document]
    amqp_of_processes: Mapping[str, str] = field(default_factory=dict)

    def stored_cut(self) -> dict[str, int]:
        """Return the cut at which the ranking's table was last stored; empty if it never was."""
        key = f"{RankingProjection.name}/v{RankingProjection.version}"
        found = self.database["projections"].find_one({"_id": key}, {"cut": 1})
        return {} if found is None else dict(found["cut"])

    @property
    def campaign(self) -> str:
        return self.settings.campaign

    @property
    def database(self) -> Database[Document]:
        return self.client[self.settings.database]

    @property
    def ledger(self) -> MongoLedger:
        return MongoLedger(self.database)

    @property
    def keys(self) -> Keys:
        return Keys.of(self.settings.data, self.campaign)

    def amqp_uri_of(self, process: str) -> str:
        """Return the URI with which a process reaches the broker: as its own user, where it has one, and at the address
        of the settings, which may be a proxy's.
        """
        address = urlsplit(self.settings.amqp_uri)
        user = urlsplit(self.amqp_of_processes.get(process, self.settings.amqp_uri)).netloc.rpartition("@")[0]
        return address._replace(netloc=f"{user}@{address.netloc.rpartition('@')[2]}").geturl()

    def environment(self) -> dict[str, str]:
        """Return the environment variables by which the command line finds the campaign."""
        return {
            "BAIJIA_CAMPAIGN": self.campaign,
            "BAIJIA_MONGO_URI": self.settings.mongo_uri,
            "BAIJIA_AMQP_URI": self.settings.amqp_uri,
            "BAIJIA_DATA": str(self.settings.data),
        }

    def broker(self) -> Connection:
        return streams.connect(self.settings.amqp_uri)

    def stream(self, log: str) -> str:
        return streams.stream_name(self.campaign, log)

    def append(self, log: str, *batches: Sequence[object]) -> None:
        """Append commits of these events to a log, one for each batch."""
        head = self.head(log)
        for n, events in enumerate(batches, start=head.n + 1):
            told = [Answered(f"{log}-{n}", "test", "", "", 0, len(events))]
            document = form(head, events, commands=told, stamp=stamp())
            self.ledger.insert(document)
            head = head.after(document)

    def head(self, log: str) -> Head:
        """Return the end of a log, to which the next commit is appended."""
        last = self.ledger.get(log, self.ledger.head(log))
        return Head(log) if last is None else Head(log, last.n, last.time, last.hash)

    def commits(self, log: str) -> list[Commit]:
        """Return all commits of a log."""
        return list(read_commits(self.ledger, log))

    def events(self, log: str) -> list[Any]:
        """Return all events of a log."""
        return [event for commit in self.commits(log) for event in commit.events()]

    def relay(self, cursors: Any, logs: Sequence[str]) -> Relay:
        """Return a relay from these logs to their streams."""
        return Relay(MongoLedger(self.database, raw=True), cursors, logs=logs, queue=self.stream)

    def drop(self) -> None:
        """Delete everything that the product may have created under the campaign's name."""
        self.client.drop_database(self.settings.database)
        names = [
            f"{self.campaign}.views",
            *(self.stream(log) for log in log_names(PARTITIONS)),
            *(f"{self.campaign}.vote.{p}" for p in (*range(PARTITIONS), "dead")),
            *(f"rpc-{self.campaign}.{service}" for service in SERVICES),
        ]
        with self.broker() as connection:
            channel = connection.channel()
            for name in names:
                channel.queue_delete(name)
            for kind in exchanges.KINDS:
                channel.exchange_delete(exchanges.exchange_name(self.campaign, kind))


@contextmanager
def temporary_campaign(engines: Engines, data: Path) -> Iterator[Place]:
    """Create a campaign with a random name; yield it and drop it at the end."""
    campaign = f"it-{secrets.token_hex(4)}"
    settings = Settings(
        campaign=campaign,
        mongo_uri=engines.mongo,
        amqp_uri=engines.amqp,
        data=data,
        process=campaign,
        host="127.0.0.1",
        metrics_port=0,
        gateway_port=0,
    )
    client = connect(engines.mongo)
    place = Place(settings, client, engines.amqp_of_processes)
    try:
        yield place
    finally:
        place.drop()
        client.close()
