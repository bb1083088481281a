"""Two small deciders and a projection for the simulation, built to provoke the mistakes that writers make.

- The till (log `till`): sums with a cap. Repeating a command would count twice, so it depends on remembered ids.
- The booth (logs `booth.0` …): a limit of standing likes for each voter and day. It remembers no ids; an order that is
  not newer than the last change of its (voter, entry, day) changes nothing. It follows the till for shut entries.
- `Tally`: the sums and the standing likes over all logs, however these are interleaved.
"""

import random
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from immutables import Map

from shared.commit import Run
from shared.decider import Decider, Decision, Refused
from shared.events import event

CAP = 14
PER_DAY = 2
DAY_MS = 800
ENTRIES = ("A1", "A2", "A3")


@event("toy-added")
@dataclass(frozen=True, slots=True)
class Added:
    """An amount was added to a sum."""

    sum: str
    amount: int


@event("toy-shut")
@dataclass(frozen=True, slots=True)
class Shut:
    """An entry was closed to likes, or opened again."""

    entry: str
    shut: bool


@event("toy-liked")
@dataclass(frozen=True, slots=True)
class Liked:
    """A voter liked an entry."""

    voter: str
    entry: str
    day: str
    at: int


@event("toy-unliked")
@dataclass(frozen=True, slots=True)
class Unliked:
    """A voter withdrew a like; `like` is the address of the like's event."""

    like: str
    voter: str
    entry: str
    day: str
    at: int


# The till


@dataclass(frozen=True, slots=True)
class Add:
    """Command of the till: add `amount` to a sum, `pieces` times, with one event each time."""

    sum: str
    amount: int
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """Command of the till: close an entry to likes, or open it again."""

    entry: str
    shut: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """The state of the till: its sums by name, and which entries are closed to likes."""

    sums: Map[str, int] = field(default_factory=Map)
    shut: Map[str, bool] = field(default_factory=Map)


class TillDecider:
    """Decider of the till: adds to sums, and refuses an amount that exceeds the cap (`full`)."""

    def initial(self) -> Sums:
        return Sums()

    def evolve(self, state: Sums, fact: Any, address: str) -> Sums:  # noqa: ARG002
        match fact:
            case Added():
                return replace(state, sums=state.sums.set(fact.sum, state.sums.get(fact.sum, 0) + fact.amount))
            case Shut():
                return replace(state, shut=state.shut.set(fact.entry, fact.shut))
            case _:
                return state

    def decide(self, command: Any, state: Sums) -> Decision:
        match command:
            case Mark():
                known = state.shut.get(command.entry, False)
                return [] if known is command.shut else [Shut(command.entry, command.shut)]
            case Add():
                total = state.sums.get(command.sum, 0)
                if total + command.amount * command.pieces > CAP * command.pieces:
                    return Refused("full", detail={"total": total})
                return [Added(command.sum, command.amount)] * command.pieces
            case _:
                raise TypeError(f"{command!r} is not a command of the till")


# The booth


@dataclass(frozen=True, slots=True)
class Like:
    """Command of the booth: like an entry."""

    voter: str
    entry: str
    at: int


@dataclass(frozen=True, slots=True)
class Unlike:
    """Command of the booth: withdraw the like of an entry."""

    voter: str
    entry: str
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The last change by a voter to the like of an entry on a day, at the time `at`.

    `like` is the address of the like, None if it was withdrawn.
    """

    like: str | None
    at: int


Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Booth:
    """The state of a booth: the last change of each (voter, entry, day), and which entries are closed.

    `spent` counts the likes of each voter on each day.
    """

    changes: Map[Key, Standing] = field(default_factory=Map)
    spent: Map[tuple[str, str], int] = field(default_factory=Map)
    shut: Map[str, bool] = field(default_factory=Map)

    def changed(self, key: Key, standing: Standing, by: int) -> "Booth":
        """Return the state after a change of one like. `by` (1 or -1) is added to the voter's count of the day."""
        voter, _, day = key
        spent = self.spent.set((voter, day), self.spent.get((voter, day), 0) + by)
        return replace(self, changes=self.changes.set(key, standing), spent=spent)


class BoothDecider:
    """Decider of a booth: at most `PER_DAY` likes that count for each voter and day, none for a closed entry."""

    def initial(self) -> Booth:
        return Booth()

    def evolve(self, state: Booth, fact: Any, address: str) -> Booth:
        match fact:
            case Liked():
                return state.changed((fact.voter, fact.entry, fact.day), Standing(address, fact.at), 1)
            case Unliked():
                return state.changed((fact.voter, fact.entry, fact.day), Standing(None, fact.at), -1)
            case Shut():
                return replace(state, shut=state.shut.set(fact.entry, fact.shut))
            case _:
                return state

    def decide(self, command: Like | Unlike, state: Booth) -> Decision:
        day = f"day-{command.at // DAY_MS}"
        last = state.changes.get((command.voter, command.entry, day), Standing(None, -1))
        match command:
            case Like():
                if last.like is not None or last.at >= command.at:
                    return []
                if state.shut.get(command.entry, False):
                    return Refused("shut")
                if state.spent.get((command.voter, day), 0) >= PER_DAY:
                    return Refused("daily-limit")
                return [Liked(command.voter, command.entry, day, command.at)]
            case Unlike():
                if last.like is None or last.at >= command.at:
                    return []
                return [Unliked(last.like, command.voter, command.entry, day, command.at)]
            case _:
                assert_never(command)


# The logs of the simulation


@dataclass(frozen=True, slots=True)
class Workload:
    """One log of the simulation: its decider, and the random commands that its clients send.

    `order(rng, client, now)` draws a command. With `remember=False` the writer does not remember command ids, so a
    repeated command must be harmless. `follows` names the log that the decider follows, if any.
    """

    log: str
    decider: Decider[Any]
    remember: bool
    order: Any
    follows: str | None = None


def till(log: str = "till") -> Workload:
    """Return the workload of the till, whose clients add amounts and close or open entries."""

    def order(rng: random.Random, client: int, now: int) -> Add | Mark:  # noqa: ARG001
        if rng.random() < 0.4:
            return Mark(rng.choice(ENTRIES), rng.random() < 0.5)
        pieces = 130 if rng.random() < 0.01 else 1
        return Add(rng.choice("xy"), rng.choice((1, 1, 2, 3, -2)), pieces)

    return Workload(log, TillDecider(), True, order)


def booth(partition: int, *, follows: str = "till") -> Workload:
    """Return the workload of one booth, whose clients like and unlike entries."""

    def order(rng: random.Random, client: int, now: int) -> Like | Unlike:
        kind = Like if rng.random() < 0.65 else Unlike
        # Two clients share a voter: one person with two phones.
        return kind(f"v{partition}.{client // 2}", rng.choice(ENTRIES), now)

    return Workload(f"booth.{partition}", BoothDecider(), False, order, follows)


# The projection


class Tally:
    """Projection of the sums and of the likes that count for each entry. Other events are only counted, by type."""

    name = "tally"
    version = 1

    def initial(self) -> dict[str, dict[str, int]]:
        return {"sums": {}, "likes": {}, "others": {}}

    def apply(self, table: dict[str, dict[str, int]], fact: Any, address: str) -> None:  # noqa: ARG002
        match fact:
            case Added():
                _add(table["sums"], fact.sum, fact.amount)
            case Liked():
                _add(table["likes"], fact.entry, 1)
            case Unliked():
                _add(table["likes"], fact.entry, -1)
            case _:
                _add(table["others"], type(fact).__name__, 1)

    def apply_run(self, table: dict[str, dict[str, int]], run: Run, commit: str) -> bool:  # noqa: ARG002
        if run.type not in ("toy-liked", "toy-unliked"):
            return False
        by = 1 if run.type == "toy-liked" else -1
        entry = run.columns.constant("entry")
        if entry is not None:
            _add(table["likes"], entry, by * run.count)
            return True
        for entry in run.columns["entry"]:
            _add(table["likes"], entry, by)
        return True

    def dump(self, table: dict[str, dict[str, int]]) -> Any:
        return {part: dict(rows) for part, rows in table.items()}

    def load(self, data: Any) -> dict[str, dict[str, int]]:
        return {part: dict(rows) for part, rows in data.items()}


def _add(rows: dict[str, int], key: str, by: int) -> None:
    rows[key] = rows.get(key, 0) + by
