"""The queues of likes as the broker has them: one a partition, and one for what was no batch.

Promises: a batch that the broker has confirmed stays until a writer has answered it, or rejected it; what was rejected
stays until somebody takes it out. The broker never changes the arguments of a queue that is there: a campaign has those
that it began with.
"""

from kombu.entity import Queue

from services.voting import orders as wire

MAX_WAITING = 20_000  # messages a partition: beyond it the broker refuses, and the gateway says 429


def vote_queue(campaign: str, partition: int, *, rank: int = 0) -> Queue:
    """The queue of a partition; `rank` is the consumer's. What is no batch goes on to `dead_queue`."""
    return Queue(
        wire.queue_name(campaign, partition),
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-max-length": MAX_WAITING,
            "x-overflow": "reject-publish",
            # The broker's own limit is 20, and then it drops the batch: likes that voters were told are accepted.
            "x-delivery-limit": -1,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": wire.dead_name(campaign),
            # Kept here until the other queue has confirmed it; the default forgets what cannot be delivered at once.
            "x-dead-letter-strategy": "at-least-once",
        },
        consumer_arguments={"x-priority": rank},
    )


def dead_queue(campaign: str) -> Queue:
    """What was no batch, of all partitions: waits without end for somebody who looks at it (`baijia likes dead`)."""
    return Queue(wire.dead_name(campaign), durable=True, queue_arguments={"x-queue-type": "quorum"})
