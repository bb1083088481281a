"""Read, requeue or remove the dead letters: messages on the vote queues that were not readable as batches of likes.

Promises: a message leaves the dead-letter queue only after its original queue confirmed it or its bytes are on disk.
Messages that stay keep their sequence, and none is lost by looking at it, however often. Requeuing a batch twice is
harmless, because an order that is not new changes nothing. No field that is reported here identifies a voter.
Does not promise to see a message that another consumer holds at the moment.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amqp import spec
from kombu.connection import Connection
from kombu.message import Message

from services.voting import orders as wire
from services.voting.queue_watch import depth
from services.voting.queues import dead_queue
from shared import streams
from shared.errors import BrokerUnreachable
from shared.exchanges import LIKE_BATCHES, exchange_name
from shared.stamps import epoch_s

RETURN_S = 2.0


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
        died = deaths[0].get("time")
        return int(epoch_s(died)) if died is not None else 0

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


@contextmanager
def dead_letters(connection: Connection, campaign: str) -> Iterator[Iterator[DeadLetter]]:
    """Give an iterator over the messages that wait in the dead-letter queue now, each once. Raises BrokerUnreachable.

    A message that the caller does not acknowledge returns to its place in the queue when the block ends, as often as
    wanted: the broker does not count it as a failed delivery.
    """
    received: list[Message] = []
    try:
        with connection.channel() as channel:
            try:
                yield _receive_waiting(connection, channel, campaign, received)
            finally:
                # What is requeued by a reject, or by a channel that closes, counts against the delivery limit that the
                # queue of an earlier version has; what is recovered does not (RabbitMQ 4.3).
                channel.basic_recover(requeue=True)
                channel.wait(spec.Basic.RecoverOk)
                _wait_until_returned(connection, campaign, sum(not each.acknowledged for each in received))
    except streams.broker_errors(connection) as problem:
        raise BrokerUnreachable(str(problem)) from problem


def _receive_waiting(
    connection: Connection, channel: Any, campaign: str, received: list[Message]
) -> Iterator[DeadLetter]:
    """Yield each message that waits now, and note it in `received`."""
    queue = dead_queue(campaign)(channel)
    # The queue is missing if no vote writer of this version has ever run. Then skip it; do not declare it.
    for _ in range(depth(connection, wire.dead_name(campaign)) or 0):
        message = queue.get(no_ack=False, accept=None)
        if message is None:
            return
        received.append(message)
        yield DeadLetter(message)


def _wait_until_returned(connection: Connection, campaign: str, count: int) -> None:
    """Wait, at most RETURN_S, until the queue holds `count` messages again: the broker confirms a recovery before the
    messages are back, and whoever looks next should see them.
    """
    deadline = time.monotonic() + RETURN_S
    while count > (depth(connection, wire.dead_name(campaign)) or 0) and time.monotonic() < deadline:
        time.sleep(0.01)


def requeue(connection: Connection, campaign: str) -> tuple[int, int]:
    """Send every readable message back to its original queue; return how many were sent and how many stay.

    Raises BrokerUnreachable.
    """
    publisher = streams.ConfirmedPublisher(connection, exchange=exchange_name(campaign, LIKE_BATCHES))
    sent, staying = 0, 0
    with dead_letters(connection, campaign) as letters:
        for letter in letters:
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
    with dead_letters(connection, campaign) as letters:
        for letter in letters:
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
