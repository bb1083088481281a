"""Faults of one schedule: which kinds occur, how often, and until when.

Each seed draws a plan of its own. Most kinds of fault are absent from most schedules, so that each kind is also tested
alone. After `end_ms` no fault occurs any more, and the system has to recover by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import bson

from shared.commit import Commit, Document
from shared.errors import LedgerError, NumberTaken, OutcomeUnknown, Unreachable
from shared.ledger import PAGE, insert_one_by_one
from shared.testing.memory_ledger import Fate, MemoryLedger
from shared.testing.schedule import Process, World

#: The kinds of fault, with the greatest probability that one occurs where it can.
WORST = {
    "lost": 0.15,  # an insert does not arrive
    "unanswered": 0.25,  # an insert arrives, but its answer is lost
    "held": 0.25,  # an insert arrives long after its sender has given up waiting
    "read": 0.15,  # a read or its answer is lost
    "crash": 0.03,  # a process dies between a request and its answer
    "pause": 0.08,  # a process is suspended while others go on
    "broker": 0.15,  # a connection breaks
    "disorder": 0.3,  # a stream repeats, swaps or leaves out messages
    "messages": 0.25,  # a message between client and writer is lost, or arrives twice
    "skew": 1.0,  # clocks differ, and jump
}


@dataclass(slots=True)
class FaultPlan:
    """The plan of faults in one schedule: the odds of each kind, and a count of those that occurred."""

    world: World
    odds: dict[str, float]
    end_ms: int
    in_flight: int = 0
    occurred: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WORST, 0))

    @staticmethod
    def draw(world: World, *, end_ms: int) -> "FaultPlan":
        """Return a random plan: which kinds of fault occur in a schedule, and with which odds."""
        rng = world.rng
        odds = {kind: worst * rng.random() if rng.random() < 0.5 else 0.0 for kind, worst in WORST.items()}
        return FaultPlan(world, odds, end_ms)

    def occurs(self, kind: str) -> bool:
        """Draw whether a fault of this kind occurs now; if it does, count it."""
        odds = self.odds[kind]
        if not odds or self.world.now >= self.end_ms or not self.world.chance(odds):
            return False
        self.occurred[kind] += 1
        return True

    def end(self, *, in_ms: int) -> None:
        """Let no fault occur from `in_ms` milliseconds after now on, if that is sooner than planned."""
        self.end_ms = min(self.end_ms, self.world.now + in_ms)

    def latency(self) -> int:
        """Draw a latency of 1 to 25 ms, mostly short and now and then long."""
        return 1 + int(24 * self.world.rng.random() ** 3)

    def request(self, process: Process, effect: Callable[[], Any], lost: type[Exception]) -> Any:
        """Run `effect` outside a process as a request over the network, and return its result after the latencies.

        A fault may crash or suspend the process meanwhile, or lose request or answer; then it raises `lost`.
        """
        out, back = self.latency(), self.latency()
        self._hit(process, out + back)
        if not self.occurs("read"):
            return process.request(effect, lost, request_ms=out, reply_ms=back)
        reaches = self.world.chance(0.5)

        def half() -> None:
            if reaches:
                effect()
            raise lost("no answer came")

        return process.request(half, lost, request_ms=out, reply_ms=200)

    def send(self, process: Process, claim: Callable[[], None]) -> None:
        """Send an insert from a process to the ledger, where `claim` stores it.

        Raises NumberTaken as `claim` does, or OutcomeUnknown if a fault loses the insert or its answer.
        """
        out, back = self.latency(), self.latency()
        self._hit(process, out + back)
        fate = next((fate for fate in Fate if self.occurs(fate.name.lower())), None)
        if fate is None:
            process.request(claim, NumberTaken, request_ms=out, reply_ms=back)
            return
        if fate is not Fate.LOST:
            self.in_flight += 1
            delay = out if fate is Fate.UNANSWERED else self.world.rng.randint(100, 1500)
            self.world.after(delay, lambda: self._land(claim))
        process.sleep(self.world.rng.randint(50, 400))
        raise OutcomeUnknown(fate.value)

    def _land(self, claim: Callable[[], None]) -> None:
        self.in_flight -= 1
        try:
            claim()
        except NumberTaken:
            return  # the sender has given up waiting

    def _hit(self, process: Process, within_ms: int) -> None:
        """Perhaps crash or suspend the process while its request is on the way."""
        rng = self.world.rng
        if self.occurs("crash"):
            life = process.life

            def crash() -> None:
                if process.life == life:
                    process.crash()

            self.world.after(rng.randint(0, within_ms + 5), crash)
        if self.occurs("pause"):
            self.world.after(rng.randint(0, within_ms), lambda: process.suspend(rng.randint(50, 1500)))


@dataclass(slots=True)
class RemoteLedger:
    """The ledger as one process reaches it, through a network with faults. Implements `shared.ledger.Ledger`."""

    process: Process
    plan: FaultPlan
    store: MemoryLedger
    watch: Callable[[str, Document], None] = lambda _what, _document: None

    def insert(self, document: Document) -> None:
        image = bson.encode(document)
        self.watch("sent", document)
        try:
            self.plan.send(self.process, lambda: self.store.insert(bson.decode(image)))
        except NumberTaken:
            self.watch("taken", document)
            raise
        except OutcomeUnknown:
            self.watch("unknown", document)
            raise
        self.watch("stored", document)

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        return insert_one_by_one(self.insert, documents)

    def get(self, log: str, n: int) -> Commit | None:
        found: Commit | None = self.plan.request(self.process, lambda: self.store.get(log, n), Unreachable)
        return found

    def read(self, log: str, after: int, *, limit: int = PAGE, commands: bool = True) -> list[Commit]:
        found: list[Commit] = self.plan.request(
            self.process, lambda: self.store.read(log, after, limit=limit, commands=commands), Unreachable
        )
        return found

    def head(self, log: str) -> int:
        return int(self.plan.request(self.process, lambda: self.store.head(log), Unreachable))

    def logs_with_new_commits(self, positions: Any) -> set[str]:
        copy = dict(positions)
        found: set[str] = self.plan.request(self.process, lambda: self.store.logs_with_new_commits(copy), Unreachable)
        return found

    def read_many(self, positions: Any, *, each: int) -> dict[str, list[Commit]]:
        copy = dict(positions)
        found: dict[str, list[Commit]] = self.plan.request(
            self.process, lambda: self.store.read_many(copy, each=each), Unreachable
        )
        return found
