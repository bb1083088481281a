"""Writer of one log: decide commands on the folded state, and append one commit for each batch of them.

Promises, whatever other processes write to the same log, and whatever is killed, paused, cut off or repeated meanwhile:

- A command is answered only after its events are stored, or after a point read has shown that nothing newer exists.
- A command id that was accepted gets its first answer again and writes nothing. (Refusals store nothing.)
- A command that lost a race is decided again on the newer state, never appended blindly.

Does not promise to end. While the ledger is unreachable, the writer keeps sending the one document whose outcome is
unknown; callers wait with a deadline of their own (`shared.group`).

While a commit is being inserted, the writer plans the commands that wait behind it. It sends that plan once the insert
is stored, and plans again where another writer took the number. So one insert at a time is in flight for each log, as
the lemma of `shared.ledger` requires.

A writer that folds very many commands without ids (the votes, whose domain is safe against repeats) remembers no ids:
`remember=False`.
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
from shared.decider import CommandEnvelope, Decider, Outcome, Refused
from shared.errors import (
    FollowerStopped,
    NumberTaken,
    OutcomeUnknown,
    TooManyEvents,
    Unreachable,
)
from shared.events import MAX_EVENTS
from shared.ledger import ReadProgress
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
    """The commit that a batch of commands will append if no other writer takes the number after `head`.

    `state` is the state once the commit is stored; `outcomes` answers the commands, in order.
    """

    head: Head
    state: S
    outcomes: list[Outcome] = field(default_factory=list)
    events: list[object] = field(default_factory=list)
    commands: list[Answered] = field(default_factory=list)
    #: Outcome and digest by command id, of this plan and of the earlier plans that are not stored yet.
    fresh: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    document: Document | None = None
    after: Head | None = None  # the head once `document` is stored
    #: The plan that follows, if it was made while this one was being inserted.
    next: "Plan[S] | None" = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """Where the events of an accepted command are stored: commit `n`, `count` events from index `first`.

    `digest` is the hash of the command's content, empty if the caller gave none.
    """

    n: int
    first: int
    count: int
    digest: str


class LogWriter(Generic[S]):
    """Generator-based writer of one log: its methods yield `shared.operations` and never touch the ledger.

    Promises: see the module docstring.
    Does not promise thread safety: `shared.group.GroupCommit` serialises its callers.
    """

    def __init__(
        self,
        log: str,
        decider: Decider[S],
        *,
        stamp: Callable[[], Stamp],
        remember: bool = True,
        at_most: int = MAX_EVENTS,
    ) -> None:
        """Start with an empty state; call `catch_up` to read the log.

        `at_most` limits how many events of several commands are gathered into one commit. The events of one command
        stay together even where they exceed it.
        """
        self.log = log
        self.decider = decider
        self.head = Head(log)
        self.state: S = decider.initial()
        self.positions: dict[str, int] = {}
        self._stamp = stamp
        self._remember = remember
        self._at_most = at_most
        self._answered: dict[str, StoredAnswer] = {}

    # Folding

    def catch_up(self, log: str | None = None, *, at_least: int = 0) -> Steps[None]:
        """Read and fold a log (default: its own) to its current end, or until position `at_least` is reached.

        Retries for as long as the ledger is unreachable.
        """
        log = log or self.log
        progress = ReadProgress(self.position(log), at_least or None)
        attempt = 0
        while not progress.ended:
            try:
                # Whole pages, also where they go beyond `at_least`: the state may be newer than was asked.
                commits = yield Read(log, progress.after)
            except Unreachable:
                yield Pause(attempt)
                attempt += 1
                continue
            for commit in commits:
                self.fold(commit)
            progress.advance(commits)
            if not commits and not progress.ended:
                yield Pause(attempt)
                attempt += 1

    def position(self, log: str) -> int:
        """Return the number of the last commit of `log` that the state includes, 0 if it includes none."""
        return self.head.n if log == self.log else self.positions.get(log, 0)

    def fold(self, commit: Commit) -> None:
        """Fold the next commit of a log into the state.

        Raises FollowerStopped where an event cannot be applied, ValueError where the commit is not the next one.
        """
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
        """Move the head to a stored document of the own log, and remember the commands that it answers."""
        self.head = head or self.head.after(document)
        if self._remember:
            for each in Commit(document).commands:
                key, _, digest = each.id.partition(".")
                self._answered[key] = StoredAnswer(self.head.n, each.first, each.count, digest)

    # Deciding

    def handle(self, envelopes: Sequence[CommandEnvelope]) -> Steps[list[Outcome]]:
        """Decide the commands in turn, append the events that they decide, and return one outcome for each.

        Reads other logs first, as far as `seen` of the commands requires.
        """
        for log, n in required_positions(envelopes):
            if log != self.log and self.position(log) < n:
                yield from self.catch_up(log, at_least=n)
        outcomes: list[Outcome] = []
        ahead: Plan[S] | None = None
        while len(outcomes) < len(envelopes):
            plan = ahead or self.plan(envelopes[len(outcomes) :])
            rest = envelopes[len(outcomes) + len(plan.outcomes) :]
            stored = yield from self._store(plan, rest) if plan.events else self._is_newest()
            ahead = plan.next if stored else None
            if stored:
                outcomes += (yield from self._load_first_answers(plan.outcomes)) if self._remember else plan.outcomes
            else:
                yield from self.catch_up()
        return outcomes

    def plan(self, envelopes: Sequence[CommandEnvelope], *, behind: Plan[S] | None = None) -> Plan[S]:
        """Decide as many commands as fit one commit, each on the state after the commands before it. Stores nothing.

        With `behind`, plan the commit that follows this earlier plan, as if that were stored.
        """
        if behind is None:
            plan = Plan(self.head, self.state)
        else:
            assert behind.after is not None
            plan = Plan(behind.after, behind.state, fresh=dict(behind.fresh))
        for envelope in envelopes:
            outcome = self._find_repeat(envelope, plan) if self._remember else None
            outcome = outcome or self._decide(envelope, plan)
            if outcome is None:
                break
            plan.outcomes.append(outcome)
        return plan

    def _build_document(self, plan: Plan[S]) -> Document:
        """Build the plan's document once, and the head that follows it."""
        if plan.document is None:
            plan.document = form(plan.head, plan.events, commands=plan.commands, stamp=self._stamp())
            plan.after = plan.head.after(plan.document)
        return plan.document

    def _look_ahead(self, plan: Plan[S], rest: Sequence[CommandEnvelope]) -> None:
        """Plan and form the commit that follows `plan`."""
        ahead = self.plan(rest, behind=plan)
        if ahead.events:
            self._build_document(ahead)
        plan.next = ahead

    def _decide(self, envelope: CommandEnvelope, plan: Plan[S]) -> Outcome | None:
        """Return the outcome of one command, or None where its events belong in the next commit."""
        log, n, first = self.log, plan.head.n + 1, len(plan.events)
        decision = self.decider.decide(envelope.command, plan.state)
        if not decision or isinstance(decision, Refused):
            # The answer rests on the last commit, or on the next one if earlier commands of this batch write to it.
            return Outcome(log, n if first else n - 1, refused=decision if isinstance(decision, Refused) else None)
        count = len(decision)
        if count > MAX_EVENTS:
            raise TooManyEvents(f"{type(envelope.command).__name__} decided {count} events")
        if first and first + count > self._at_most:
            return None
        for i, event in enumerate(decision, first):
            plan.state = self.decider.evolve(plan.state, event, f"{log}/{n}/{i}")
        plan.events += decision
        plan.commands.append(
            Answered(envelope.id, envelope.actor, envelope.correlation, envelope.causation, first, count)
        )
        outcome = Outcome(log, n, first, tuple(decision))
        if self._remember:
            key, _, digest = envelope.id.partition(".")
            plan.fresh[key] = outcome, digest
        return outcome

    def _find_repeat(self, envelope: CommandEnvelope, plan: Plan[S]) -> Outcome | None:
        """Return the first answer to a command id, or the refusal of a reused key; None where the id is new."""
        key, _, digest = envelope.id.partition(".")
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

    def _load_first_answers(self, outcomes: Iterable[Outcome]) -> Steps[list[Outcome]]:
        """Complete the outcomes of repeats with the events that answered them first, read from the ledger."""
        answers = []
        for outcome in outcomes:
            if outcome.repeated and None in outcome.events:
                commit = yield from self._wait_for_commit(outcome.n)
                events = tuple(commit.events()[outcome.first : outcome.first + len(outcome.events)])
                outcome = Outcome(self.log, outcome.n, outcome.first, events, repeated=True)
            answers.append(outcome)
        return answers

    def _wait_for_commit(self, n: int) -> Steps[Commit]:
        """Read commit `n` again and again until a majority holds it."""
        attempt = 0
        while True:
            found = yield from self._get_if_present(n)
            if found is not None:
                return found
            yield Pause(attempt)
            attempt += 1

    def _get_if_present(self, n: int) -> Steps[Commit | None]:
        """Return the commit; None where no majority holds it, or where no answer came."""
        try:
            found: Commit | None = yield Get(self.log, n)
        except Unreachable:
            return None
        return found

    # Storing

    def _store(self, plan: Plan[S], rest: Sequence[CommandEnvelope] = ()) -> Steps[bool]:
        """Insert head + 1, and plan the remaining commands meanwhile.

        Returns True where the commit is stored as ours and adopted, False where another writer has the number.
        """
        document = self._build_document(plan)
        meanwhile = partial(self._look_ahead, plan, rest) if rest else None
        attempt = 0
        while True:
            try:
                yield Insert(document, meanwhile)
                break
            except NumberTaken:
                whose = yield from self._get_if_present(document["n"])
                if whose is not None and whose.uuid != document["uuid"]:
                    return False
                if whose is not None:
                    break
            except OutcomeUnknown:
                pass
            # Retry also where no majority holds the commit that took the number: a failover may still roll it back.
            meanwhile = None
            yield Pause(attempt)
            attempt += 1
        self._adopt_head(document, plan.after)
        self.state = plan.state
        metrics.EVENTS_A_COMMIT.labels(self.log).observe(len(plan.events))
        return True

    def _is_newest(self) -> Steps[bool]:
        """Whether head + 1 is absent. Only then may a batch that writes nothing be answered."""
        attempt = 0
        while True:
            try:
                newer = yield Get(self.log, self.head.n + 1)
                return newer is None
            except Unreachable:
                yield Pause(attempt)
                attempt += 1


def required_positions(envelopes: Iterable[CommandEnvelope]) -> list[tuple[str, int]]:
    """Return (log, n) for each log in `seen` of the commands, sorted by log; `n` is the greatest position required."""
    found: dict[str, int] = {}
    for seen in {envelope.seen for envelope in envelopes}:  # most orders of a batch have seen the same positions
        for log, n in seen:
            found[log] = max(n, found.get(log, 0))
    return sorted(found.items())


__all__ = ["LogWriter", "Operation", "Plan"]
