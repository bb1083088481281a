"""Ports of the gateway as protocols: `app.py` passes the real implementations, tests their own.

Promises of `Services`: every call ends by its deadline, with the service's answer or with ServiceAway or ServiceLate.
After ServiceLate the command may still take effect; a call with the same id then returns the first answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.errors import BaijiaError

Call = dict[str, Any]
Answer = dict[str, Any]
LikeAnswer = dict[str, Any]


class ServiceAway(BaijiaError):
    """The call reached no service: the broker or the service is away. Nothing was done."""


class ServiceLate(BaijiaError):
    """No answer came by the deadline, or the connection was lost while waiting. The call may still take effect."""


class ServiceBroken(BaijiaError):
    """The service answered with an exception, whose name and text go to the log and never to a client."""


@dataclass(frozen=True, slots=True)
class ServiceLogs:
    """The logs that one service folds: its own log, which it appends to, and the logs that it follows."""

    own: str
    followed: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, its own log first."""
        return (self.own, *self.followed)


@dataclass(frozen=True, slots=True)
class FoldedLogs:
    """The logs that each service, by its name, and every vote writer folds, as they declare themselves.

    A call may name only positions in these logs: a service would read any other log from its start.
    """

    services: Mapping[str, ServiceLogs]
    followed_by_writers: tuple[str, ...]


class Services(Protocol):
    """The five services, each addressed by its name."""

    async def call(self, service: str, method: str, call: Call) -> Answer:
        """Call a method, and wait for the answer until `call["deadline"]` (wall time, ms).

        Raise ServiceAway, ServiceLate or ServiceBroken.
        """
        ...


class LikeOrders(Protocol):
    """The like path, implemented by `like_batches.py`, which also describes the answers."""

    async def order(
        self,
        voter: str,
        entry: str,
        action: str,
        *,
        at: int,
        door: str,
        signals: dict[str, Any],
        seen: dict[str, int],
        held: str | None = None,
    ) -> LikeAnswer:
        """Send an order to like, to unlike or to show the voter's likes, and return its answer."""
        ...

    async def ticket(self, text: str) -> LikeAnswer | None:
        """Return the outcome of an accepted order by its order ticket; None if the ticket is not one of ours."""
        ...
