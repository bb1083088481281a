"""Decider interface: `decide(command, state) -> events | Refused` and `evolve(state, event, address) -> state`.

Both functions are pure: time and ids are arguments. A refusal is a value with a stable code. An empty list means
"nothing new", and the caller reads the answer from the state. Deciding the same command twice gives nothing new.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from shared.values import unguarded

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal by the domain. `code` is stable, `field` is the path of the wrong field, `detail` has plain values."""

    code: str
    field: str | None = None
    detail: dict[str, Any] = dataclasses.field(default_factory=dict)


Decision = Sequence[object] | Refused


class Decider(Protocol[S]):
    """A service's decisions, and the fold over its own log and the logs that it follows.

    States are values: `evolve` returns a new state and leaves the old one unchanged, because a writer that loses a race
    goes back to the earlier state. An event that the service does not use leaves the state as it is.
    """

    def initial(self) -> S:
        """Return the state before the first event."""

    def evolve(self, state: S, event: Any, address: str) -> S:
        """Return the state after the event at `address` (`<log>/<n>/<i>`)."""

    def decide(self, command: Any, state: S) -> Decision:
        """Return the events that the command causes (none: nothing new), or a refusal."""


@unguarded
@dataclass(frozen=True, slots=True)
class CommandEnvelope:
    """One command on its way to a log, with its id, its actor and its trace.

    `id` is the caller's idempotency key, or `key.digest`: the same key with another digest is refused as
    `idempotency-key-reused`. `seen` names positions of other logs that the decision must have read.
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
    """The result of one command: refused, or events from index `first` of commit `n` (no events: nothing new)."""

    log: str
    n: int
    first: int = 0
    events: tuple[object, ...] = ()
    refused: Refused | None = None
    repeated: bool = False

    @property
    def address(self) -> str:
        """The address of the first event. Where there are no events, no event has this address."""
        return f"{self.log}/{self.n}/{self.first}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the events, in order."""
        return tuple(f"{self.log}/{self.n}/{self.first + k}" for k in range(len(self.events)))


def fold(decider: Decider[S], events: Iterable[object], *, log: str = "log") -> S:
    """Return the state after `events`, for tests and small replays.

    The events get addresses as if each were alone in its commit, numbered from 1.
    """
    state = decider.initial()
    for n, event in enumerate(events, start=1):
        state = decider.evolve(state, event, f"{log}/{n}/0")
    return state
