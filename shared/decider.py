"""The shape of a decision: `decide(command, state) -> events | Refused`, `evolve(state, event, address) -> state`.

Pure on both sides: time and ids are arguments. A *no* is a value with a stable code; an empty list means
"nothing new", and the caller reads the answer off the state. The same command twice decides nothing new.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from shared.values import unguarded

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Refused:
    """A domain *no*. `code` is stable; `field` is the path of what is wrong; `detail` holds plain values."""

    code: str
    field: str | None = None
    detail: dict[str, Any] = dataclasses.field(default_factory=dict)


Decision = Sequence[object] | Refused


class Decider(Protocol[S]):
    """What a service knows: a fold over its own log and those that it follows, and the decisions on that state.

    States are values: `evolve` returns a new one and leaves the old one as it was, since a writer that loses a race
    goes back to the state before. Events that a service does not care for leave the state as it is.
    """

    def initial(self) -> S: ...

    def evolve(self, state: S, event: Any, address: str) -> S: ...

    def decide(self, command: Any, state: S) -> Decision: ...


@unguarded
@dataclass(frozen=True, slots=True)
class Order:
    """One command on its way to a log.

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
    """What became of one order: refused, or events at `first` of commit `n` (none: nothing new)."""

    log: str
    n: int
    first: int = 0
    events: tuple[object, ...] = ()
    refused: Refused | None = None
    repeated: bool = False

    @property
    def address(self) -> str:
        """The address of the first event; without events, of none."""
        return f"{self.log}/{self.n}/{self.first}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the events, in order."""
        return tuple(f"{self.log}/{self.n}/{self.first + k}" for k in range(len(self.events)))


def fold(decider: Decider[S], events: Iterable[object], *, log: str = "log") -> S:
    """The state after `events`, numbered as one event a commit from 1: for tests and small replays."""
    state = decider.initial()
    for n, event in enumerate(events, start=1):
        state = decider.evolve(state, event, f"{log}/{n}/0")
    return state
