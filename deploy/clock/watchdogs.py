"""What one process watches for all, beside its own work: the queues of likes, and the clock against the store's.

Likes are judged by the wall clock, and a machine whose clock is wrong opens and closes the window wrongly: the
difference is a metric, with an alert. Promises: an absent engine stops nothing here.
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

EVERY_S = 10.0
Stop = Callable[[], bool]


def watch(settings: Settings, stop: Stop) -> None:
    """Start watching, in daemon threads."""
    for each in (_watch_queues, _watch_clock):
        threading.Thread(target=each, args=[settings, stop], name=each.__name__, daemon=True).start()


def drift_s(client: "MongoClient[Any]") -> float:
    """How far this machine's clock is ahead of the store's, to half a round trip. Raises PyMongoError."""
    before = time.time()
    told = client.admin.command("hello")["localTime"]
    return (before + time.time()) / 2 - float(told.timestamp())


def _watch_queues(settings: Settings, stop: Stop) -> None:
    ledger = MongoLedger(connect(settings.mongo_uri)[settings.database])
    QueueWatch(settings.campaign, partitions_of(ledger, stop=stop)).run(settings.amqp_uri, stop=stop)


def _watch_clock(settings: Settings, stop: Stop) -> None:
    client = connect(settings.mongo_uri)
    while not stop():
        try:
            metrics.DRIFT_S.set(drift_s(client))
        except PyMongoError:
            metrics.DRIFT_S.set(float("nan"))  # not known, which is not 0
        time.sleep(EVERY_S)
