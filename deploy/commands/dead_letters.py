"""What came as likes and was no batch: looked at, put back, or taken out of the queue of the dead.

Promises: a message leaves the queue of the dead only once its own queue has confirmed it, or its bytes are on disk;
what was not taken stays, in its order. A batch that is put back twice is harmless: an order that is not new changes
nothing. Nothing that is told here holds a voter. Does not promise to see a message that another looks at just now.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kombu.connection import Connection
from kombu.message import Message

from services.voting import orders as wire
from services.voting.queue_watch import depth
from services.voting.queues import dead_queue
from shared import streams
from shared.errors import BrokerUnreachable


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of the queue of the dead."""

    message: Message

    @property
    def body(self) -> bytes:
        return bytes(self.message.body)

    @property
    def digest(self) -> str:
        """A name for it, the same wherever it is seen."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @property
    def queue(self) -> str:
        """Where it died; empty where it did not come from another queue."""
        return str((self.message.headers or {}).get("x-first-death-queue", ""))

    @property
    def died_s(self) -> int:
        """When, in seconds since the epoch, by the broker's clock; 0 where that is not known."""
        deaths = (self.message.headers or {}).get("x-death") or [{}]
        time = deaths[0].get("time")
        return int(time.timestamp()) if time is not None else 0

    @property
    def orders(self) -> int:
        """How many orders this version of the code reads in it."""
        try:
            return sum(order is not None for order in wire.read_batch(self.body))
        except ValueError:
            return 0

    @property
    def problem(self) -> str:
        """Why it is no batch; empty where this version of the code can read it."""
        try:
            wire.read_batch(self.body)
        except ValueError as problem:
            return str(problem)
        return ""


def letters(connection: Connection, campaign: str) -> Iterator[DeadLetter]:
    """Each message that waits now, once. What the caller does not acknowledge goes back with the connection."""
    try:
        queue = dead_queue(campaign)(connection.channel())
        # Passed over, not made, where it is not there: no vote writer of this version has ever run.
        for _ in range(depth(connection, wire.dead_name(campaign)) or 0):
            message = queue.get(no_ack=False, accept=None)
            if message is None:
                return
            yield DeadLetter(message)
    except streams.broker_errors(connection) as problem:
        raise BrokerUnreachable(str(problem)) from problem


def put_back(connection: Connection, campaign: str) -> tuple[int, int]:
    """Send what can be read to its queue again; how many went, and how many stay. Raises BrokerUnreachable."""
    publisher = streams.ConfirmedPublisher(connection)
    went, stay = 0, 0
    for letter in letters(connection, campaign):
        if letter.problem or not letter.queue.startswith(f"{campaign}.vote."):
            stay += 1
            continue
        publisher.publish(letter.queue, letter.body)
        publisher.flush()
        letter.message.ack()
        went += 1
    return went, stay


def take_out(connection: Connection, campaign: str, folder: Path) -> list[Path]:
    """Move what cannot be read into files of a folder; their paths. Raises BrokerUnreachable, OSError."""
    kept = []
    for letter in letters(connection, campaign):
        if not letter.problem:
            continue
        path = folder / f"{letter.queue or campaign}-{letter.digest}.bson"
        with path.open("wb") as file:
            file.write(letter.body)
            file.flush()
            os.fsync(file.fileno())
        letter.message.ack()
        kept.append(path)
    return kept
