"""What every channel must do, whatever it talks to. A test module fills in `Case` for its channel."""

from collections.abc import Callable
from dataclasses import dataclass

from deploy.messages.channel import SENT, Channel, Message

FIRST = Message("k" * 32, "li@example.cn", "标题 – one", "正文一行。\n.\nFrom here on\nsecond line\n")
OTHER = Message("m" * 32, "wu@example.cn", "另一封", "短。")


@dataclass(frozen=True, slots=True)
class Case:
    """A channel, and what its other side has: address, title and words of each message, by address."""

    channel: Channel
    received: Callable[[], list[tuple[str, str, str]]]
    messages: tuple[Message, Message] = (FIRST, OTHER)  # to addresses of the channel's kind


def check_channel(case: Case) -> None:
    """Check what `channel.py` promises of a channel whose other side works."""
    answers = [case.channel.send(each).state for each in case.messages]
    case.channel.close()
    case.channel.close()

    assert answers == [SENT, SENT]
    assert case.received() == [(each.address, each.title, each.words.strip()) for each in case.messages]


def check_repeat(case: Case) -> None:
    """Check that a message that was received does no harm when it is sent again."""
    answers = [case.channel.send(FIRST).state for _ in range(2)]
    case.channel.close()

    assert answers == [SENT, SENT]
    assert set(case.received()) == {(FIRST.address, FIRST.title, FIRST.words.strip())}
