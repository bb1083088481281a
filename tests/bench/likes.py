"""Realistic likes for benchmarks: voter pseudonyms of 24 hex digits, 300 entries, one day, sealed signals of ordinary
length.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from services.voting.events import LikeCast
from shared.commit import (
    Answered,
    Commit,
    Document,
    Head,
    form,
)
from shared.decider import CommandEnvelope
from shared.events import Sealed
from shared.stamps import stamp
from tests.integration.temporary_campaign import Place

DAY = "2021-06-07"
NOON = 1_623_038_400_000
ENTRIES = 300
SIGNALS_BYTES = 45  # an address, a device and a network, sealed
INSERTED_AT_ONCE = 64


def likes(seed: int = 1) -> Iterator[LikeCast]:
    """Yield likes without end, each from a new voter."""
    chance = random.Random(seed)
    entries = [f"entry-{n:04d}" for n in range(ENTRIES)]
    at = NOON
    while True:
        at += chance.randrange(20)
        signals = Sealed("c1." + chance.randbytes(SIGNALS_BYTES).hex())
        yield LikeCast(chance.randbytes(12).hex(), chance.choice(entries), DAY, at, "web", None, signals)


def orders(source: Iterator[LikeCast], count: int) -> list[CommandEnvelope]:
    """Return the next likes as orders, for a decider whose commands are events."""
    return [CommandEnvelope(f"{n:08x}{like.voter}", like.voter, like) for n, like in enumerate(islice(source, count))]


def documents(log: str, source: Iterator[LikeCast], sizes: Iterable[int]) -> Iterator[Document]:
    """Yield commits of these sizes, in which each like is the answer to its own command."""
    head = Head(log)
    for size in sizes:
        events = list(islice(source, size))
        told = [Answered(f"{i:08x}{like.voter}", like.voter, "", "", i, 1) for i, like in enumerate(events)]
        document = form(head, events, commands=told, stamp=stamp())
        head = head.after(document)
        yield document


def store(place: Place, made: Iterator[Document]) -> int:
    """Insert documents into the ledger, many at once; return how many there were."""
    commits, stored = place.database["commits"], 0
    while batch := list(islice(made, INSERTED_AT_ONCE)):
        commits.insert_many(batch)
        stored += len(batch)
    return stored


def day_sizes(total: int, seed: int = 2) -> Iterator[int]:
    """Yield sizes of 1 to 16 likes, as group commit makes them on a day with tens of likes a second."""
    chance, left = random.Random(seed), total
    while left:
        size = min(left, chance.randint(1, 16))
        left -= size
        yield size


def full_sizes(total: int, size: int = 256) -> Iterator[int]:
    """Yield sizes of full commits, and of one for the rest."""
    whole, rest = divmod(total, size)
    yield from [size] * whole
    if rest:
        yield rest


def count(commits: Sequence[Commit]) -> int:
    """Return the number of events in these commits."""
    return sum(commit.count for commit in commits)
