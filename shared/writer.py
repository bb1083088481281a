"""The writer of one log: decides orders on the folded state and appends one commit for all that it is given.

Promises, whatever else writes the same log, and whatever is killed, paused, cut or repeated meanwhile:
- an order is answered only after its events are stored, or after a point read has shown that nothing newer exists;
- a command id that was accepted gets its first answer again and writes nothing (refusals store nothing);
- an order that lost a race is decided again on the newer state, never appended blindly.
Does not promise: an end. While the ledger is away it keeps sending the one document whose outcome is unknown; callers
wait with a deadline of their own (`shared.group`).

What waits behind a commit is planned while that commit is on its way; it is sent once that is stored, and planned again
where the number turns out to be another's. So one insert is in flight a log, as the lemma asks.

A writer that is a fold over many orders without ids (the votes, whose domain repeats itself harmlessly) remembers no
ids: `remember=False`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from shared import metrics
from shared.commit import (
    Answered,
    Commit,
    Document,
    Head,
    Stamp,
    form,
)
from shared.decider import Decider, Order, Outcome, Refused
from shared.errors import (
    FollowerStopped,
    OutcomeUnknown,
    Taken,
    TooManyEvents,
    Unreachable,
)
from shared.events import MAX_EVENTS
from shared.ledger import PAGE
from shared.operations import (
    Get,
    Insert,
    Operation,
    Pause,
    Read,
    Steps,
)

S = TypeVar("S")
REUSED = Refused("idempotency-key-reused", field="Idempotency-Key")


@dataclass(slots=True)
class Plan(Generic[S]):
    """What a batch would do if the number after `head` is still free."""

    head: Head
    state: S
    outcomes: list[Outcome] = field(default_factory=list)
    events: list[object] = field(default_factory=list)
    commands: list[Answered] = field(default_factory=list)
    #: What was decided under which id, here and in the plans before this one that are not stored yet.
    fresh: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    document: Document | None = None
    after: Head | None = None  # the head once `document` is stored
    #: What comes behind, if it was planned while this was on its way.
    next: "Plan[S] | None" = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where an accepted command was answered; `digest` is what its content hashed to, if the caller said."""

    n: int
    first: int
    count: int
    digest: str


class LogWriter(Generic[S]):
    """See the module. Not for two threads at once: `shared.group.GroupCommit` serialises its callers."""

    def __init__(
        self,
        log: str,
        decider: Decider[S],
        *,
        stamp: Callable[[], Stamp],
        remember: bool = True,
        at_most: int = MAX_EVENTS,
    ) -> None:
        """`at_most`: events that are gathered into one commit; those of one order stay together, whatever it says."""
        self.log = log
        self.decider = decider
        self.head = Head(log)
        self.state: S = decider.initial()
        self.positions: dict[str, int] = {}
        self._stamp = stamp
        self._remember = remember
        self._at_most = at_most
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

    def _adopt_head(self, document: Document, head: Head | None = None) -> None:
        self.head = head or self.head.after(document)
        if self._remember:
            for each in Commit(document).commands:
                key, _, digest = each.id.partition(".")
                self._answered[key] = Remembered(self.head.n, each.first, each.count, digest)

    # What is decided

    def handle(self, orders: Sequence[Order]) -> Steps[list[Outcome]]:
        """Decide the orders in turn, append what they decide, answer each in place."""
        for log, n in furthest(orders):
            if log != self.log and self.position(log) < n:
                yield from self.catch_up(log, at_least=n)
        outcomes: list[Outcome] = []
        ahead: Plan[S] | None = None
        while len(outcomes) < len(orders):
            plan = ahead or self.plan(orders[len(outcomes) :])
            rest = orders[len(outcomes) + len(plan.outcomes) :]
            stored = yield from self._store(plan, rest) if plan.events else self._nothing_newer()
            ahead = plan.next if stored else None
            if stored:
                outcomes += (yield from self._first_answers(plan.outcomes)) if self._remember else plan.outcomes
            else:
                yield from self.catch_up()
        return outcomes

    def plan(self, orders: Sequence[Order], *, behind: Plan[S] | None = None) -> Plan[S]:
        """Decide as many orders as fit one commit, each on the state that those before it leave.

        `behind`: on the state that this plan leaves, as if it were stored.
        """
        if behind is None:
            plan = Plan(self.head, self.state)
        else:
            assert behind.after is not None
            plan = Plan(behind.after, behind.state, fresh=dict(behind.fresh))
        for order in orders:
            outcome = self._repeat(order, plan) if self._remember else None
            outcome = outcome or self._decide(order, plan)
            if outcome is None:
                break
            plan.outcomes.append(outcome)
        return plan

    def _form(self, plan: Plan[S]) -> Document:
        if plan.document is None:
            plan.document = form(plan.head, plan.events, commands=plan.commands, stamp=self._stamp())
            plan.after = plan.head.after(plan.document)
        return plan.document

    def _look_ahead(self, plan: Plan[S], rest: Sequence[Order]) -> None:
        """Plan and form what comes behind `plan`."""
        ahead = self.plan(rest, behind=plan)
        if ahead.events:
            self._form(ahead)
        plan.next = ahead

    def _decide(self, order: Order, plan: Plan[S]) -> Outcome | None:
        """The outcome of one order; None where its events belong in the next commit."""
        log, n, first = self.log, plan.head.n + 1, len(plan.events)
        decision = self.decider.decide(order.command, plan.state)
        if not decision or isinstance(decision, Refused):
            # It rests on the last commit, or, with events of the same batch before it, on the one that they will be in.
            return Outcome(log, n if first else n - 1, refused=decision if isinstance(decision, Refused) else None)
        count = len(decision)
        if count > MAX_EVENTS:
            raise TooManyEvents(f"{type(order.command).__name__} decided {count} events")
        if first and first + count > self._at_most:
            return None
        for i, event in enumerate(decision, first):
            plan.state = self.decider.evolve(plan.state, event, f"{log}/{n}/{i}")
        plan.events += decision
        plan.commands.append(Answered(order.id, order.actor, order.correlation, order.causation, first, count))
        outcome = Outcome(log, n, first, tuple(decision))
        if self._remember:
            key, _, digest = order.id.partition(".")
            plan.fresh[key] = outcome, digest
        return outcome

    def _repeat(self, order: Order, plan: Plan[S]) -> Outcome | None:
        key, _, digest = order.id.partition(".")
        if key in plan.fresh:
            first, other = plan.fresh[key]
            if other != digest:
                return Outcome(self.log, first.n, refused=REUSED)
            return Outcome(self.log, first.n, first.first, first.events, repeated=True)
        known = self._answered.get(key)
        if known is None:
            return None
        if known.digest != digest:
            return Outcome(self.log, plan.head.n, refused=REUSED)
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

    def _store(self, plan: Plan[S], rest: Sequence[Order] = ()) -> Steps[bool]:
        """Insert head + 1, the rest planned meanwhile. True: it is ours and adopted. False: the number is another's."""
        document = self._form(plan)
        meanwhile = partial(self._look_ahead, plan, rest) if rest else None
        attempt = 0
        while True:
            try:
                yield Insert(document, meanwhile)
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
            meanwhile = None
            yield Pause(attempt)
            attempt += 1
        self._adopt_head(document, plan.after)
        self.state = plan.state
        metrics.EVENTS_A_COMMIT.labels(self.log).observe(len(plan.events))
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


def furthest(orders: Iterable[Order]) -> list[tuple[str, int]]:
    """Logs and how far any of the orders has seen each."""
    found: dict[str, int] = {}
    for seen in {order.seen for order in orders}:  # the orders of a batch have seen the same
        for log, n in seen:
            found[log] = max(n, found.get(log, 0))
    return sorted(found.items())


__all__ = ["LogWriter", "Operation", "Plan"]
