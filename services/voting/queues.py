"""The like queues as declared to the broker: one for each partition, and one for messages that are not batches.

Each is bound to an exchange of its own kind.

Promises: a batch that the broker has confirmed stays until a writer has answered or rejected it; a rejected message
stays until somebody removes it.
The broker never changes the arguments of an existing queue: a campaign's queues keep the arguments they began with.
"""

from amqp.exceptions import NotFound, PreconditionFailed
from kombu.connection import Connection
from kombu.entity import Queue

from services.voting import orders as wire
from shared.exchanges import DEAD_LETTERS, LIKE_BATCHES, exchange, exchange_name

MAX_WAITING = 20_000  # messages per partition; above it the broker refuses, and the gateway answers 429


def vote_queue(campaign: str, partition: int, *, rank: int = 0) -> Queue:
    """Return the kombu queue of a partition's like batches. `rank` is the priority of the consumer that uses it: the
    writer with the highest gets the messages. A rejected message goes to `dead_queue`.
    """
    return Queue(
        wire.queue_name(campaign, partition),
        exchange(campaign, LIKE_BATCHES),
        routing_key=wire.queue_name(campaign, partition),
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-max-length": MAX_WAITING,
            "x-overflow": "reject-publish",
            # The broker's default limit is 20; then it would drop the batch, although voters were told of success.
            "x-delivery-limit": -1,
            "x-dead-letter-exchange": exchange_name(campaign, DEAD_LETTERS),
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
        exchange(campaign, DEAD_LETTERS),
        routing_key=wire.dead_name(campaign),
        durable=True,
        # The broker's default limit is 20 deliveries: each look would count, and the next would remove the message.
        queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": -1},
    )


def declare_vote_queue(connection: Connection, campaign: str, partition: int) -> None:
    """Create the queue of a partition where it does not exist, and bind it. One of an earlier version, which sends its
    dead letters through the default exchange, keeps its arguments.

    Raises PreconditionFailed for a queue with other arguments, and what kombu raises where the broker is unreachable.
    """
    queue = vote_queue(campaign, partition)
    try:
        with connection.channel() as channel:
            queue(channel).declare()
    except PreconditionFailed:
        queue.queue_arguments = {**queue.queue_arguments, "x-dead-letter-exchange": ""}
        with connection.channel() as channel:
            queue(channel).declare()


def declare_dead_queue(connection: Connection, campaign: str) -> None:
    """Create the dead-letter queue where it does not exist, and bind it. One that an earlier version declared keeps its
    arguments.

    Raises what kombu raises where the broker is unreachable.
    """
    queue = dead_queue(campaign)
    with connection.channel() as channel:
        try:
            channel.queue_declare(queue=queue.name, passive=True)
            is_missing = False
        except NotFound:
            is_missing = True  # and the broker has closed the channel
    with connection.channel() as channel:
        bound = queue(channel)
        bound.exchange.declare()
        if is_missing:
            bound.queue_declare()
        bound.queue_bind()
