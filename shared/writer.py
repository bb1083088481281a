"""The writer of one log: decides orders on the folded state and appends one commit for all that it is given.

Promises, whatever else writes the same log, and whatever is killed, paused, cut or repeated meanwhile:
- an order is answered only after its events are stored, or after a point read has shown that nothing newer exists;
- a command id that was accepted gets its first answer again and writes nothing (refusals store nothing);
- an order that lost a race is decided again on the newer state, never appended blindly.
Does not promise: an end. While the ledger is away it keeps sending the one document whose outcome is unknown; callers
wait with a deadline of their own (`shared.group`).

A writer that is a fold over many orders without ids (the votes, whose domain repeats itself harmlessly) remembers no
ids: `remember=False`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.commit import Answered, Commit, Document, Head, Stamp, form
from shared.decider import Decider, Order, Outcome, Refused
from shared.errors import FollowerStopped, OutcomeUnknown, Taken, TooManyEvents, Unreachable
from shared.events import MAX_EVENTS
from shared.ledger import PAGE
from shared.operations import Get, Insert, Operation, Pause, Read, Steps

S = TypeVar("S")
REUSED = Refused("idempotency-key-reused", field="Idempotency-Key")


@dataclass(slots=True)
class Plan(Generic[S]):
    """What a batch would do if head + 1 is still free."""

    state: S
    outcomes: list[Outcome] = field(default_factory=list)
    events: list[object] = field(default_factory=list)
    commands: list[Answered] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where an accepted command was answered; `digest` is what its content hashed to, if the caller said."""

    n: int
    first: int
    count: int
    digest: str


class LogWriter(Generic[S]):
    """See the module. Not for two threads at once: `shared.group.GroupCommit` serialises its callers."""

    def __init__(self, log: str, decider: Decider[S], *, stamp: Callable[[], Stamp], remember: bool = True) -> None:
        self.log = log
        self.decider = decider
        self.head = Head(log)
        self.state: S = decider.initial()
        self.positions: dict[str, int] = {}
        self._stamp = stamp
        self._remember = remember
        self._answered: dict[str, Remembered] = {}

    # What is folded

    def catch_up(self, log: str | None = None, *, at_least: int = 0) -> Steps[None]:
        """Read and fold a log (default: its own) to the end that it has now, or until position `at_least` is seen."""
        log = log or self.log
        attempt = 0
        while True:
            try:
                commits = yield Read(log, self.position(log))
            except Unreachable:
                yield Pause(attempt)
                attempt += 1
                continue
            for commit in commits:
                self.fold(commit)
            # A page that is not full ends where the log ended; asking on would never end where writers are quicker.
            if self.position(log) >= at_least and (at_least or len(commits) < PAGE):
                return
            if not commits:
                yield Pause(attempt)
                attempt += 1

    def position(self, log: str) -> int:
        """The number of the last commit of `log` that the state holds."""
        return self.head.n if log == self.log else self.positions.get(log, 0)

    def fold(self, commit: Commit) -> None:
        """Take in the next commit of a log. Raises FollowerStopped where an event does not apply."""
        if commit.n != self.position(commit.log) + 1:
            raise ValueError(f"{commit.log}/{commit.n} does not follow {self.position(commit.log)}")
        self.state = self._evolve_all(self.state, commit)
        if commit.log == self.log:
            self._adopt_head(commit.document)
        else:
            self.positions[commit.log] = commit.n

    def _evolve_all(self, state: S, commit: Commit) -> S:
        where = address = f"{commit.log}/{commit.n}"
        try:
            for run in commit.runs:
                address = f"{where}/{run.first}"
                events = run.events()
                for i in range(run.first, run.first + run.count):
                    address = f"{where}/{i}"
                    state = self.decider.evolve(state, next(events), address)
        except Exception as cause:
            raise FollowerStopped(address, cause) from cause
        return state

    def _adopt_head(self, document: Document) -> None:
        self.head = self.head.after(document)
        if self._remember:
            for each in Commit(document).commands:
                key, _, digest = each.id.partition(".")
                self._answered[key] = Remembered(self.head.n, each.first, each.count, digest)

    # What is decided

    def handle(self, orders: Sequence[Order]) -> Steps[list[Outcome]]:
        """Decide the orders in turn, append what they decide, answer each in place."""
        for log, n in _furthest(orders):
            if log != self.log and self.position(log) < n:
                yield from self.catch_up(log, at_least=n)
        outcomes: list[Outcome] = []
        while len(outcomes) < len(orders):
            plan = self.plan(orders[len(outcomes) :])
            stored = yield from self._store(plan) if plan.events else self._nothing_newer()
            if stored:
                outcomes += (yield from self._first_answers(plan.outcomes)) if self._remember else plan.outcomes
            else:
                yield from self.catch_up()
        return outcomes

    def plan(self, orders: Sequence[Order]) -> Plan[S]:
        """Decide as many orders as fit one commit, each on the state that those before it leave."""
        plan = Plan(self.state)
        fresh: dict[str, tuple[Outcome, str]] = {}
        for order in orders:
            outcome = None
            if self._remember:
                key, _, digest = order.id.partition(".")
                outcome = self._repeat(key, digest, fresh)
            if outcome is None:
                outcome = self._decide(order, plan)
                if outcome is None:
                    break
                if self._remember and outcome.events:
                    fresh[key] = outcome, digest
            plan.outcomes.append(outcome)
        return plan

    def _decide(self, order: Order, plan: Plan[S]) -> Outcome | None:
        """The outcome of one order; None where its events belong in the next commit."""
        log, n, first = self.log, self.head.n + 1, len(plan.events)
        decision = self.decider.decide(order.command, plan.state)
        # What the answer rests on: with events of the same batch before it, the commit that they are about to be in.
        rests_on = n if first else n - 1
        if isinstance(decision, Refused):
            return Outcome(log, rests_on, refused=decision)
        if not decision:
            return Outcome(log, rests_on)
        count = len(decision)
        if count > MAX_EVENTS:
            raise TooManyEvents(f"{type(order.command).__name__} decided {count} events")
        if first + count > MAX_EVENTS:
            return None
        for i, event in enumerate(decision, first):
            plan.state = self.decider.evolve(plan.state, event, f"{log}/{n}/{i}")
        plan.events += decision
        plan.commands.append(Answered(order.id, order.actor, order.correlation, order.causation, first, count))
        return Outcome(log, n, first, tuple(decision))

    def _repeat(self, key: str, digest: str, fresh: dict[str, tuple[Outcome, str]]) -> Outcome | None:
        if key in fresh:
            first, other = fresh[key]
            if other != digest:
                return Outcome(self.log, first.n, refused=REUSED)
            return Outcome(self.log, first.n, first.first, first.events, repeated=True)
        known = self._answered.get(key)
        if known is None:
            return None
        if known.digest != digest:
            return Outcome(self.log, self.head.n, refused=REUSED)
        return Outcome(self.log, known.n, known.first, (None,) * known.count, repeated=True)

    def _first_answers(self, outcomes: Iterable[Outcome]) -> Steps[list[Outcome]]:
        """Give repeats the events that answered them first, read from the ledger."""
        answers = []
        for outcome in outcomes:
            if outcome.repeated and None in outcome.events:
                commit = yield from self._present(outcome.n)
                events = tuple(commit.events()[outcome.first : outcome.first + len(outcome.events)])
                outcome = Outcome(self.log, outcome.n, outcome.first, events, repeated=True)
            answers.append(outcome)
        return answers

    def _present(self, n: int) -> Steps[Commit]:
        attempt = 0
        while True:
            found = yield from self._seen(n)
            if found is not None:
                return found
            yield Pause(attempt)
            attempt += 1

    def _seen(self, n: int) -> Steps[Commit | None]:
        """The commit; None where it is not there for a majority, or no answer came."""
        try:
            found: Commit | None = yield Get(self.log, n)
        except Unreachable:
            return None
        return found

    # What is stored

    def _store(self, plan: Plan[S]) -> Steps[bool]:
        """Insert head + 1. True: it is ours and adopted. False: the number is another's."""
        document = form(self.head, plan.events, commands=plan.commands, stamp=self._stamp())
        attempt = 0
        while True:
            try:
                yield Insert(document)
                break
            except Taken:
                whose = yield from self._seen(document["n"])
                if whose is not None and whose.uuid != document["uuid"]:
                    return False
                if whose is not None:
                    break
            except OutcomeUnknown:
                pass
            # Also where the number is taken by what no majority holds: a failover may still roll that back.
            yield Pause(attempt)
            attempt += 1
        self._adopt_head(document)
        self.state = plan.state
        return True

    def _nothing_newer(self) -> Steps[bool]:
        """Whether head + 1 is absent: only then may a batch that writes nothing be answered."""
        attempt = 0
        while True:
            try:
                newer = yield Get(self.log, self.head.n + 1)
                return newer is None
            except Unreachable:
                yield Pause(attempt)
                attempt += 1


def _furthest(orders: Iterable[Order]) -> list[tuple[str, int]]:
    furthest: dict[str, int] = {}
    for order in orders:
        for log, n in order.seen:
            furthest[log] = max(n, furthest.get(log, 0))
    return sorted(furthest.items())


__all__ = ["LogWriter", "Operation", "Plan"]
