"""Delete a rehearsal: its database, queues, streams, media and keys. A live campaign is never deleted."""

import hashlib
import shutil

from amqp.exceptions import NotFound
from pymongo.errors import PyMongoError

from deploy.run import is_live, log_names
from services.voting.orders import dead_name, queue_name
from services.voting.writer import partitions_of
from shared import streams
from shared.errors import BaijiaError
from shared.keys import Keys
from shared.mongo_ledger import MongoLedger, connect
from shared.settings import Settings
from shared.wrapping import KeyFile


class NotARehearsal(BaijiaError):
    """The campaign in the database is live, so `reset` deleted nothing."""


def reset(settings: Settings, *, seed: int) -> None:
    """Delete everything that a rehearsal left, and create new keys and a new vault. Its processes must not run.

    The key of the lot is derived from the demo's seed, so that each run with a seed ends with the same result; all
    other keys are random.

    Raises NotARehearsal, Unreachable, and BaijiaError if the database cannot be dropped.
    """
    client = connect(settings.mongo_uri)
    ledger = MongoLedger(client[settings.database])
    if is_live(ledger):
        raise NotARehearsal(f"{settings.campaign} is live")
    if ledger.head("moderation"):
        _delete_queues(settings, partitions_of(ledger))
    try:
        client.drop_database(settings.database)
    except PyMongoError as problem:
        raise BaijiaError(str(problem)) from problem
    shutil.rmtree(settings.data / "media" / settings.campaign, ignore_errors=True)
    KeyFile(settings.data, settings.campaign).renew()
    Keys.renew(settings.data, settings.campaign, lot=hashlib.sha256(f"demo lot {seed}".encode()).digest())


def _delete_queues(settings: Settings, partitions: int) -> None:
    names = [streams.stream_name(settings.campaign, log) for log in log_names(partitions)]
    names += [f"{settings.campaign}.views", dead_name(settings.campaign)]
    names += [queue_name(settings.campaign, p) for p in range(partitions)]
    with streams.connect(settings.amqp_uri) as connection:
        for name in names:
            channel = connection.channel()
            try:
                channel.queue_delete(name)
                channel.close()
            except NotFound:
                continue
