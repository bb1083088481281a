"""Tests of waiting for the broker's confirms, on a connection that brings nothing but heartbeats."""

from typing import Any

import pytest

from shared.errors import BrokerUnreachable
from shared.streams import ConfirmedPublisher


class BlockedChannel:
    """A channel whose broker takes messages and confirms none, as under an alarm."""

    def __init__(self) -> None:
        self.events: dict[str, set[Any]] = {"basic_ack": set(), "basic_nack": set(), "basic_return": set()}

    def confirm_select(self) -> None:
        """Accept the request."""

    def prepare_message(self, body: bytes, **_: object) -> bytes:
        return body

    def basic_publish(self, _message: bytes, **_: object) -> None:
        """Accept the message."""


class ConnectionWithHeartbeats:
    """A connection on which another heartbeat has arrived each time that somebody waits for a frame."""

    connection_errors = channel_errors = (ConnectionError,)

    def channel(self) -> BlockedChannel:
        return BlockedChannel()

    def drain_events(self, *, timeout: float) -> None:
        assert timeout > 0


def test_wait_for_confirms_ends_although_heartbeats_arrive():
    publisher = ConfirmedPublisher(ConnectionWithHeartbeats())  # type: ignore[arg-type]
    publisher.publish("queue", b"message")

    with pytest.raises(BrokerUnreachable, match=r"1 messages unconfirmed: no confirm in 0\.01 s"):
        publisher.flush(timeout_s=0.01)
