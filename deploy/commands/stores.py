"""What commands read of a campaign's stores: its ledger, its logs and its keys. They write nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.commands.refusals import CommandRefused
from deploy.run import log_names
from services.moderation import campaign as rules
from services.voting import orders as wire
from shared.keys import Keys
from shared.ledger import Ledger
from shared.mongo_ledger import MongoLedger, connect
from shared.settings import Settings


@contextmanager
def ledger_of(settings: Settings) -> Iterator[MongoLedger]:
    """Yield the campaign's ledger, and close its connection at the end. Reading it raises Unreachable."""
    with connect(settings.mongo_uri) as client:
        yield MongoLedger(client[settings.database])


def logs_of(ledger: Ledger) -> list[str]:
    """Return the names of the campaign's logs. Raises CommandRefused before the campaign is open, Unreachable.

    Unlike a process, a command does not wait until the campaign is open.
    """
    for commit in ledger.read(wire.DESK_LOG, 0, limit=1):
        return log_names(rules.from_data(commit.events()[0].campaign).likes.partitions)
    raise CommandRefused("活动尚未开通", "the campaign is not open", code="campaign-not-open")


def keys_of(settings: Settings) -> Keys:
    """Return the campaign's keys. Raises CommandRefused where there is no key file: a command creates none."""
    file = settings.data / "keys" / f"{settings.campaign}.json"
    if not file.exists():
        raise CommandRefused(f"没有密钥文件 {file}", f"there is no key file {file}", code="keys-missing")
    return Keys.of(settings.data, settings.campaign)
