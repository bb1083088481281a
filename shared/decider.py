"""Decider interface: `decide(command, state) -> events | Refused` and `evolve(state, event, address) -> state`.

Both functions are pure: time and ids are arguments. A refusal is a value with a stable code. An empty list of events
means that the command changes nothing, and the caller reads the answer from the state. A command that is decided again,
after its events were applied, changes nothing.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from shared.values import unguarded

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Refused:
    """A command that the domain refuses, as a value.

    `code` is stable and clients may rely on it, `field` is the path of the wrong field in the command, if there is one,
    and `detail` has plain values for the message.
    """

    code: str
    field: str | None = None
    detail: dict[str, Any] = dataclasses.field(default_factory=dict)


Decision = Sequence[object] | Refused


class Decider(Protocol[S]):
    """A service's business rules: it decides commands, and folds its own log and the logs that it follows to a state.

    States are values: `evolve` returns a new state and leaves the old state unchanged, because a writer that loses a
    race goes back to it. An event that the service does not use leaves the state as it is.
    """

    def initial(self) -> S:
        """Return the state before the first event."""

    def evolve(self, state: S, event: Any, address: str) -> S:
        """Return the state after the event at `address` (`<log>/<n>/<i>`)."""

    def decide(self, command: Any, state: S) -> Decision:
        """Return the events that the command causes, or a refusal. An empty list means that it changes nothing."""


@unguarded
@dataclass(frozen=True, slots=True)
class CommandEnvelope:
    """One command that is submitted to a log, with its id, the actor who gave it, and its trace.

    `id` is the caller's idempotency key, or `<key>.<digest of the content>`: a key that comes again with another digest
    is refused as `idempotency-key-reused`. `seen` has pairs (log, n) of followed logs: the state on which the command
    is decided includes these commits. `correlation` and `causation` trace the command to the request that caused it.
    """

    id: str
    actor: str
    command: Any
    correlation: str = ""
    causation: str = ""
    seen: tuple[tuple[str, int], ...] = ()


@unguarded
@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one command: a refusal, or the events that it stored in commit `n`, from index `first`.

    Without a refusal and without events the command changed nothing, and `n` is the commit that the answer rests on.
    `repeated` is True where the command id had been accepted before: the outcome is then the first one again.
    """

    log: str
    n: int
    first: int = 0
    events: tuple[object, ...] = ()
    refused: Refused | None = None
    repeated: bool = False

    @property
    def address(self) -> str:
        """The address `<log>/<n>/<i>` of the first event. It names no event where `events` is empty."""
        return f"{self.log}/{self.n}/{self.first}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses `<log>/<n>/<i>` of the events, in order."""
        return tuple(f"{self.log}/{self.n}/{self.first + k}" for k in range(len(self.events)))


def fold(decider: Decider[S], events: Iterable[object], *, log: str = "log") -> S:
    """Return the state after `events`, for tests and small replays.

    Each event gets the address that it would have alone in a commit; the commits of `log` are numbered from 1.
    """
    state = decider.initial()
    for n, event in enumerate(events, start=1):
        state = decider.evolve(state, event, f"{log}/{n}/0")
    return state
