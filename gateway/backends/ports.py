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
    """A call reached no service, because the broker or the service is unavailable. Nothing was done."""


class ServiceLate(BaijiaError):
    """No answer to a call came by the deadline, or the connection was lost while waiting.

    The call may still take effect.
    """


class ServiceBroken(BaijiaError):
    """A service answered with an exception, or not in the agreed form. Its text goes only to the log."""


@dataclass(frozen=True, slots=True)
class ServiceLogs:
    """The logs that one service folds: its own log, which it appends to, and the logs that it follows."""

    own: str
    followed: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All logs that the service folds, its own log first."""
        return (self.own, *self.followed)


@dataclass(frozen=True, slots=True)
class FoldedLogs:
    """Which logs each service, by its name, and every vote writer fold, that is, read to build their state.

    A call may name only positions in these logs: a service would read any other log from its start.
    """

    services: Mapping[str, ServiceLogs]
    followed_by_writers: tuple[str, ...]


class Services(Protocol):
    """Calls to the five services (submission, moderation, voting, scoring, ranking), each addressed by its name."""

    async def call(self, service: str, method: str, call: Call) -> Answer:
        """Call a method of a service, and return its answer. Waits until `call["deadline"]` (wall time, ms) at most.

        `service_calls.envelope` builds `call`. Raise ServiceAway, ServiceLate or ServiceBroken.
        """
        ...


class LikeOrders(Protocol):
    """Send voters' orders to the vote writers. `like_batches.py` implements it, and describes the answers."""

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
        receipt: str | None = None,
    ) -> LikeAnswer:
        """Send a voter's order (like, unlike, or show the voter's likes) and return its answer.

        `like_batches.Likes.order` describes the arguments.
        """
        ...

    async def ticket(self, text: str) -> LikeAnswer | None:
        """Look up the outcome of an order that was answered `accepted`, by its order ticket.

        Return None if the text is not an order ticket of this campaign.
        """
        ...
