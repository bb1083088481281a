"""The exchanges of a campaign at the broker: one for each kind of message.

RabbitMQ checks the rights of a publisher by exchange and not by queue. Nobody but an administrator may publish to the
default exchange, which reaches every queue. Each queue is bound to the exchange of its kind under its own name.
"""

from typing import Final

from kombu.entity import Exchange

COMMITS: Final = "commits"  # from the relay to the streams of the logs
VIEW_CHANGES: Final = "view-changes"  # from the projector to the stream of views
LIKE_BATCHES: Final = "like-batches"  # from gateways, and from the clock's probe, to the partitions' queues
LIKE_ANSWERS: Final = "like-answers"  # from vote writers to the reply queues of those who sent batches
DEAD_LETTERS: Final = "dead-letters"  # from the partitions' queues to the dead-letter queue
KINDS: Final = (COMMITS, VIEW_CHANGES, LIKE_BATCHES, LIKE_ANSWERS, DEAD_LETTERS)


def exchange_name(campaign: str, kind: str) -> str:
    """Return the name of a campaign's exchange for one of `KINDS`, `<campaign>.<kind>`."""
    return f"{campaign}.{kind}"


def exchange(campaign: str, kind: str) -> Exchange:
    """Return the kombu exchange of a campaign for one of `KINDS`, which passes a message on by its exact key."""
    return Exchange(exchange_name(campaign, kind), "direct", durable=True)
