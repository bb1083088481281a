"""Names of persons, and their likes in the logs of two partitions, for tests."""

from collections.abc import Sequence

from services.voting.events import LikeCast, LikeRetracted
from shared.commit import Head, form
from shared.stamps import stamp
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.voting.stories import NOON, SEALED

ANN, ANN_BEFORE, BEN = ("a" * 24, "b" * 24, "c" * 24)


def liked(voter: str, entry: str, at: int = NOON, *, day: int = 7) -> LikeCast:
    return LikeCast(voter, entry, f"2021-06-{day:02d}", at, "wechat", None, SEALED)


def unliked(like: str, voter: str, entry: str, *, day: int = 7) -> LikeRetracted:
    return LikeRetracted(like, voter, entry, f"2021-06-{day:02d}", NOON + 1000)


def append(ledger: MemoryLedger, log: str, *batches: Sequence[object]) -> None:
    """Append commits of these events to a log."""
    n = ledger.head(log)
    last = ledger.get(log, n)
    head = Head(log) if last is None else Head(log, last.n, last.time, last.hash)
    for events in batches:
        document = form(head, events, commands=[], stamp=stamp())
        ledger.insert(document)
        head = head.after(document)
