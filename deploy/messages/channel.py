"""What a channel is: it passes one message on, and says what became of it.

Promises, which `tests/unit/deploy/messages/channel_contract.py` tests for every channel: `send` raises nothing, and
says SENT only after whoever takes messages has confirmed this one; FAILED only if it has refused it for good. Where
nobody knows, a channel that is `is_repeatable` says LATER, since a message with the same key does no harm, and any
other says UNSURE. No channel logs an address or a text.
"""

from dataclasses import dataclass
from typing import Protocol

SENT, LATER, FAILED, UNSURE = "sent", "later", "failed", "unsure"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. `key` is the same for every attempt of one letter on one channel.

    What stands below `words` is for WeChat alone: the template and the number of the topic to which the receiver
    agreed, and the page that a tap on the message opens, if any.
    """

    key: str
    address: str
    title: str
    words: str
    template: str = ""
    scene: int = 0
    page: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message: SENT, LATER, FAILED or UNSURE, with the code of whoever took or refused it."""

    state: str
    code: str


class Channel(Protocol):
    """Passes messages on, one at a time."""

    is_repeatable: bool  # whether a message that may have been taken can be sent again without harm

    def send(self, message: Message) -> Answer:
        """Pass a message on. It blocks for at most the channel's own time limit."""

    def close(self) -> None:
        """End the connection, if there is one. The next message opens another."""
