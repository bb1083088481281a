"""What the gateway needs from outside, as protocols: tests hand in their own, `app.py` the real ones.

Promises of a `Services`: every call ends by its deadline, with the service's answer or with ServiceAway or ServiceLate.
After ServiceLate the order may still take effect; the same id asked again gets the first answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.errors import BaijiaError

Call = dict[str, Any]
Answer = dict[str, Any]
LikeAnswer = dict[str, Any]


class ServiceAway(BaijiaError):
    """Nobody took the call: no broker, or no such service. Nothing was done."""


class ServiceLate(BaijiaError):
    """No answer by the deadline, or the connection went while waiting. It may still take effect."""


class ServiceBroken(BaijiaError):
    """The service answered with an exception. Its name and words are for the log, never for a client."""


@dataclass(frozen=True, slots=True)
class ServiceLogs:
    """The logs that one service folds: the one that it appends to, and those that it follows."""

    own: str
    followed: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.own, *self.followed)


@dataclass(frozen=True, slots=True)
class FoldedLogs:
    """Which logs each service, by its name, and each vote writer folds, as they declare it themselves.

    Only positions in these may be named to them: a service would read any other log from its start.
    """

    services: Mapping[str, ServiceLogs]
    followed_by_writers: tuple[str, ...]


class Services(Protocol):
    """The five services, each known by its name."""

    async def call(self, service: str, method: str, call: Call) -> Answer:
        """Ask, and wait until `call["deadline"]`. Raises ServiceAway, ServiceLate, ServiceBroken."""
        ...


class LikeOrders(Protocol):
    """The like path; see `like_batches.py`."""

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
    ) -> LikeAnswer: ...

    async def ticket(self, text: str) -> LikeAnswer | None: ...
