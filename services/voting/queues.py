"""The like queues as declared to the broker: one per partition, and one for messages that are not batches.

Promises: a batch that the broker has confirmed stays until a writer has answered or rejected it; a rejected message
stays until somebody removes it.
The broker never changes the arguments of an existing queue: a campaign's queues keep the arguments they began with.
"""

from amqp.exceptions import NotFound
from kombu.connection import Connection
from kombu.entity import Queue

from services.voting import orders as wire

MAX_WAITING = 20_000  # messages per partition; above it the broker refuses, and the gateway answers 429


def vote_queue(campaign: str, partition: int, *, rank: int = 0) -> Queue:
    """Return the kombu queue of a partition's like batches. `rank` is the priority of the consumer that uses it: the
    writer with the highest gets the messages. A rejected message goes to `dead_queue`.
    """
    return Queue(
        wire.queue_name(campaign, partition),
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-max-length": MAX_WAITING,
            "x-overflow": "reject-publish",
            # The broker's default limit is 20; then it would drop the batch, although voters were told of success.
            "x-delivery-limit": -1,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": wire.dead_name(campaign),
            # A message stays until the other queue confirms it; the default drops what cannot be delivered at once.
            "x-dead-letter-strategy": "at-least-once",
        },
        consumer_arguments={"x-priority": rank},
    )


def dead_queue(campaign: str) -> Queue:
    """Return the kombu dead-letter queue, for messages of all partitions that are not batches of likes.

    They stay without limit until somebody removes them (`baijia likes redrive`, `baijia likes bury`). To declare it,
    use `declare_dead_queue`.
    """
    return Queue(
        wire.dead_name(campaign),
        durable=True,
        # The broker's default limit is 20 deliveries: each look would count, and the next would remove the message.
        queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": -1},
    )


def declare_dead_queue(connection: Connection, campaign: str) -> None:
    """Create the dead-letter queue where it does not exist. One that an earlier version declared keeps its arguments.

    Raises what kombu raises where the broker is unreachable.
    """
    queue = dead_queue(campaign)
    with connection.channel() as channel:
        try:
            channel.queue_declare(queue=queue.name, passive=True)
            return
        except NotFound:
            pass  # the broker has closed the channel
    with connection.channel() as channel:
        queue(channel).declare()
