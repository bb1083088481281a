"""The ledger on the real server keeps the same contract, also through a network that cuts, holds and delays."""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bson
import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from deploy import engines
from shared.commit import Document
from shared.events import Sealed
from shared.mongo_ledger import MongoLedger, connect
from shared.mongo_vault import MongoVaultStore
from shared.testing.ledger_contract import Bench, LedgerContract, chain
from shared.testing.tcp_proxy import TcpProxy

pytestmark = pytest.mark.slow

#: How long the client under test waits for an answer.
PATIENCE_MS = 1_500


@dataclass(frozen=True, slots=True)
class Server:
    """The server, and a database that only this module uses."""

    uri: str
    database: str
    client: MongoClient[Document]

    @property
    def ledger(self) -> MongoLedger:
        return MongoLedger(self.client[self.database])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield the server, started if need be. Fails with a clear message where no engine answers and none can be
    started.
    """
    uri, database = engines.up().mongo, f"contract_{secrets.token_hex(4)}"
    with connect(uri) as client:
        try:
            yield Server(uri, database, client)
        finally:
            client.drop_database(database)


class _WatchedLedger(MongoLedger):
    """A ledger that runs actions just before its next insert is sent."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.before_insert: list[Any] = []

    def insert(self, document: Document) -> None:
        for action in self.before_insert:
            action(document)
        self.before_insert.clear()
        super().insert(document)


class ProxyFaults:
    """Faults of a ledger behind a proxy, as the contract suite asks for them."""

    def __init__(self, proxy: TcpProxy, ledger: _WatchedLedger, beside: MongoLedger) -> None:
        self._proxy, self._ledger, self._beside = proxy, ledger, beside

    def lose_next_answer(self) -> None:
        self._ledger.before_insert.append(self._cut_once_stored)

    def _cut_once_stored(self, document: Document) -> None:
        self._proxy.hold_answers()
        log, _, _ = document["_id"].rpartition("/")

        def cut() -> None:
            while self._beside.get(log, document["n"]) is None:
                pass
            self._proxy.cut()
            self._proxy.release()

        threading.Thread(target=cut, daemon=True).start()

    def hold_next_insert(self) -> None:
        self._ledger.before_insert.append(lambda _: self._proxy.hold_requests(present_only=True))

    def release(self) -> None:
        assert self._proxy.wait_held(), "no insert was held"
        self._proxy.release()

    def disconnect(self) -> None:
        self._proxy.refuse()

    def reconnect(self) -> None:
        self._proxy.accept()


class TestMongoLedger(LedgerContract):
    @pytest.fixture
    def bench(self, server: Server) -> Iterator[Bench]:
        with TcpProxy.before(server.uri) as proxy, connect(proxy.uri, timeout_ms=PATIENCE_MS) as client:
            ledger = _WatchedLedger(client[server.database])
            ledger.head("a log that makes the connection")
            yield Bench(ledger, ProxyFaults(proxy, ledger, server.ledger), beside=server.ledger)


def test_ledger_needs_no_index_but_the_one_on_id(server: Server) -> None:
    server.ledger.head("log")

    indexes = server.client[server.database]["commits"].index_information()
    assert set(indexes) <= {"_id_"}


class _SentInserts(CommandListener):
    """Records the ids of each insert command that a client sends, in the order in which they are sent."""

    def __init__(self) -> None:
        self.ids: list[list[Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "insert":
            self.ids.append([each["_id"] for each in event.command["documents"]])

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Ignore answers."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Ignore failures."""


def test_documents_of_one_request_are_sent_in_the_order_of_their_ids(server: Server) -> None:
    """Two requests that insert the same ids in different orders would deadlock in FerretDB's transactions."""
    sent, name = _SentInserts(), f"order-{secrets.token_hex(4)}"
    logs = [f"{name}.{partition}" for partition in (2, 0, 11, 1)]
    with MongoClient(server.uri, event_listeners=[sent], retryWrites=False) as client:
        MongoLedger(client[server.database]).insert_all([chain(log, 1)[0] for log in logs])
        MongoVaultStore(client[server.database]).fill(7, dict.fromkeys(logs, Sealed("a key")))

    assert sent.ids == [sorted(f"{log}/{1:012d}" for log in logs), sorted(logs)]


def test_slow_network_changes_nothing(server: Server) -> None:
    with TcpProxy.before(server.uri) as proxy, connect(proxy.uri) as client:
        proxy.delay(0.05)
        ledger = MongoLedger(client[server.database])

        assert ledger.head("slow") == 0


def test_commits_read_raw_are_the_stored_bytes(server: Server) -> None:
    raw, log = MongoLedger(server.client[server.database], raw=True), f"raw-{secrets.token_hex(4)}"
    stored = chain(log, 3)
    for each in stored:
        server.ledger.insert(each)

    read = raw.read(log, 0)

    assert [bson.encode(each.document) for each in read] == [bson.encode(each) for each in stored]
    assert [(each.log, each.n) for each in read] == [(log, 1), (log, 2), (log, 3)]
