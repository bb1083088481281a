"""Read, requeue or remove the dead letters: messages on the vote queues that were not readable as batches of likes.

Promises: a message leaves the dead-letter queue only after its original queue confirmed it or its bytes are on disk.
Messages that stay keep their sequence. Requeuing a batch twice is harmless, because an order that is not new changes
nothing. No field that is reported here identifies a voter.
Does not promise to see a message that another consumer holds at the moment.
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
    """A message that a vote writer could not read, in the dead-letter queue.

    Its headers and bytes are read on demand.
    """

    message: Message

    @property
    def body(self) -> bytes:
        return bytes(self.message.body)

    @property
    def digest(self) -> str:
        """A name by which people can refer to the message: the first 16 hex digits of the SHA-256 of its body."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @property
    def queue(self) -> str:
        """The queue from which the message was rejected; empty if its headers name none."""
        return str((self.message.headers or {}).get("x-first-death-queue", ""))

    @property
    def died_s(self) -> int:
        """When the message was rejected, in seconds since the epoch by the broker's clock; 0 if that is unknown."""
        deaths = (self.message.headers or {}).get("x-death") or [{}]
        time = deaths[0].get("time")
        return int(time.timestamp()) if time is not None else 0

    @property
    def orders(self) -> int:
        """The number of voters' orders (to like or unlike) that this version of the code can read in the message."""
        try:
            return sum(order is not None for order in wire.read_batch(self.body))
        except ValueError:
            return 0

    @property
    def problem(self) -> str:
        """Why this version of the code cannot read the message as a batch of likes; empty if it can."""
        try:
            wire.read_batch(self.body)
        except ValueError as problem:
            return str(problem)
        return ""


def dead_letters(connection: Connection, campaign: str) -> Iterator[DeadLetter]:
    """Yield each message that waits in the dead-letter queue now, once. Raises BrokerUnreachable.

    A message that the caller does not acknowledge returns to the queue when the connection closes.
    """
    try:
        queue = dead_queue(campaign)(connection.channel())
        # The queue is missing if no vote writer of this version has ever run. Then skip it; do not declare it.
        for _ in range(depth(connection, wire.dead_name(campaign)) or 0):
            message = queue.get(no_ack=False, accept=None)
            if message is None:
                return
            yield DeadLetter(message)
    except streams.broker_errors(connection) as problem:
        raise BrokerUnreachable(str(problem)) from problem


def requeue(connection: Connection, campaign: str) -> tuple[int, int]:
    """Send every readable message back to its original queue; return how many were sent and how many stay.

    Raises BrokerUnreachable.
    """
    publisher = streams.ConfirmedPublisher(connection)
    sent, staying = 0, 0
    for letter in dead_letters(connection, campaign):
        if letter.problem or not letter.queue.startswith(f"{campaign}.vote."):
            staying += 1
            continue
        publisher.publish(letter.queue, letter.body)
        publisher.flush()
        letter.message.ack()
        sent += 1
    return sent, staying


def move_to_files(connection: Connection, campaign: str, folder: Path) -> list[Path]:
    """Move every unreadable message from the queue into a file of its own in `folder`; return the files' paths.

    Raises BrokerUnreachable, OSError.
    """
    paths = []
    for letter in dead_letters(connection, campaign):
        if not letter.problem:
            continue
        path = folder / f"{letter.queue or campaign}-{letter.digest}.bson"
        with path.open("wb") as file:
            file.write(letter.body)
            file.flush()
            os.fsync(file.fileno())
        letter.message.ack()
        paths.append(path)
    return paths
