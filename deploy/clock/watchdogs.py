"""Watchdogs of the clock process: measure the queues of likes, and this machine's clock against the store's.

Likes are accepted by the wall clock, so a machine whose clock is wrong opens and closes the window at the wrong time.
The difference is therefore a metric with an alert (ClockDrift).
Promises: an unreachable engine stops neither watchdog.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from services.voting.queue_watch import QueueWatch
from services.voting.writer import partitions_of
from shared import metrics
from shared.mongo_ledger import MongoLedger, connect
from shared.settings import Settings
from shared.stamps import epoch_s

EVERY_S = 10.0
Stop = Callable[[], bool]


def watch(settings: Settings, stop: Stop) -> None:
    """Start both watchdogs in daemon threads, which run until `stop` returns true.

    One measures the queues of likes, the other this machine's clock against the store's; both set metrics.
    """
    for each in (_watch_queues, _watch_clock):
        threading.Thread(target=each, args=[settings, stop], name=each.__name__, daemon=True).start()


def drift_s(client: "MongoClient[Any]") -> float:
    """Return the seconds by which this machine's clock is ahead of the store's, accurate to half a round trip.

    Raises PyMongoError.
    """
    before = time.time()
    store_time = client.admin.command("hello")["localTime"]
    return (before + time.time()) / 2 - epoch_s(store_time)


def _watch_queues(settings: Settings, stop: Stop) -> None:
    ledger = MongoLedger(connect(settings.mongo_uri)[settings.database])
    QueueWatch(settings.campaign, partitions_of(ledger, stop=stop)).run(settings.amqp_uri, stop=stop)


def _watch_clock(settings: Settings, stop: Stop) -> None:
    client = connect(settings.mongo_uri)
    while not stop():
        try:
            metrics.DRIFT_S.set(drift_s(client))
        except PyMongoError:
            metrics.DRIFT_S.set(float("nan"))  # unknown, which must not look like 0
        time.sleep(EVERY_S)
