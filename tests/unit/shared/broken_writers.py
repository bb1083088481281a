"""Negative controls: kernel classes with one step done wrong, which the simulation must detect.

Each class overrides a single step. `CONTROLS` names the invariant that each of them breaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import bson

from shared.commit import Commit, Document, form
from shared.cut import Cut
from shared.decider import CommandEnvelope, Outcome
from shared.errors import NumberTaken, OutcomeUnknown
from shared.follower import Follower
from shared.operations import Insert, Pause, Steps
from shared.projection import Projector
from shared.relay import Publisher, Relay
from shared.testing.actors import Code
from shared.testing.memory_broker import SimulatedTables
from shared.writer import LogWriter, Plan

Writer = LogWriter[Any]


class ClaimsAhead(Writer):
    """Sometimes inserts n + 2 where only n was read."""

    def _store(self, plan: Plan[Any], rest: Sequence[CommandEnvelope] = ()) -> Steps[bool]:
        if self.head.n % 3 != 2:
            return (yield from super()._store(plan, rest))
        ahead = replace(self.head, n=self.head.n + 1)
        document = form(ahead, plan.events, commands=plan.commands, stamp=self._stamp())
        return (yield from _insist(self, plan, document))


class AnswersFromMemory(Writer):
    """Answers a batch that writes nothing without the point read."""

    def _is_newest(self) -> Steps[bool]:
        return True
        yield  # makes this a generator, which yields nothing


class AnswersFirst(Writer):
    """Answers first, and inserts before the next batch."""

    owed: Document | None = None

    def handle(self, orders: Sequence[CommandEnvelope]) -> Steps[list[Outcome]]:
        if self.owed is not None:
            yield from _insist(self, None, self.owed)
        return (yield from super().handle(orders))

    def _store(self, plan: Plan[Any], rest: Sequence[CommandEnvelope] = ()) -> Steps[bool]:  # noqa: ARG002
        self.owed = form(self.head, plan.events, commands=plan.commands, stamp=self._stamp())
        self._adopt_head(self.owed)
        self.state = plan.state
        return True
        yield  # makes this a generator, which yields nothing


class ForgetsIds(Writer):
    """Decides a command id that was answered already as if it were new."""

    def _find_repeat(self, order: CommandEnvelope, plan: Any) -> None:  # noqa: ARG002
        return None


class FormsAnew(Writer):
    """After an unknown outcome, sends the same events in another document."""

    def _store(self, plan: Plan[Any], rest: Sequence[CommandEnvelope] = ()) -> Steps[bool]:  # noqa: ARG002
        attempt = 0
        while True:
            document = form(self.head, plan.events, commands=plan.commands, stamp=self._stamp())
            try:
                yield Insert(document)
                break
            except NumberTaken:
                whose = yield from self._wait_for_commit(document["n"])
                if whose.uuid != document["uuid"]:
                    return False
                break
            except OutcomeUnknown:
                yield Pause(attempt)
                attempt += 1
        self._adopt_head(document)
        self.state = plan.state
        return True


class TakesUnknownForStored(Writer):
    """Treats an insert of unknown outcome as stored."""

    def _store(self, plan: Plan[Any], rest: Sequence[CommandEnvelope] = ()) -> Steps[bool]:  # noqa: ARG002
        document = form(self.head, plan.events, commands=plan.commands, stamp=self._stamp())
        try:
            yield Insert(document)
        except NumberTaken:
            return False
        except OutcomeUnknown:
            pass
        self._adopt_head(document)
        self.state = plan.state
        return True


class TakesTakenForOwn(Writer):
    """Does not check whose commit took the number."""

    def _store(self, plan: Plan[Any], rest: Sequence[CommandEnvelope] = ()) -> Steps[bool]:  # noqa: ARG002
        document = form(self.head, plan.events, commands=plan.commands, stamp=self._stamp())
        return (yield from _insist(self, plan, document))


class AppendsBlindly(Writer):
    """After a lost race, appends what it decided on the earlier state."""

    def _store(self, plan: Plan[Any], rest: Sequence[CommandEnvelope] = ()) -> Steps[bool]:
        while not (yield from super()._store(plan, rest)):
            yield from self.catch_up()
            plan.head, plan.document, moved = self.head, None, self.head.n + 1
            plan.outcomes = [replace(each, n=moved) if each.events else each for each in plan.outcomes]
        return True


class IgnoresSeen(Writer):
    """Decides on what it knows of the other logs, whatever the command has seen."""

    def handle(self, orders: Sequence[CommandEnvelope]) -> Steps[list[Outcome]]:
        return (yield from super().handle([replace(order, seen=()) for order in orders]))


def _insist(writer: Writer, plan: Plan[Any] | None, document: Document) -> Steps[bool]:
    """Send the document until it is stored, or until any commit has the number."""
    while True:
        try:
            yield Insert(document)
        except OutcomeUnknown:
            yield Pause(0)
            continue
        except NumberTaken:
            pass
        break
    if plan is not None:
        writer._adopt_head(document)
        writer.state = plan.state
    return True


class SkipsHoles(Follower):
    """Applies the next commit that comes, even where an earlier one is missing."""

    def offer(self, commit: Commit) -> None:
        if commit.n > self.positions[commit.log]:
            self._take(commit)


class AppliesRepeats(Follower):
    """Applies a commit again that it has applied."""

    def offer(self, commit: Commit) -> None:
        have = self.positions[commit.log]
        if commit.n <= have:
            self._take(commit)
            self.positions[commit.log] = have
        else:
            super().offer(commit)


class KeepsCursorFirst(Relay):
    """Moves its cursor before the confirms."""

    def step(self, publisher: Publisher, *, at_most: int = 500) -> int:
        moved = 0
        for log in sorted(self._ledger.logs_with_new_commits(self.positions)):
            commits = self._ledger.read(log, self.positions[log], limit=at_most)
            for commit in commits:
                self.positions[log] = commit.n
                self._cursors.keep(log, commit.n)
                publisher.publish(self._queue(log), bson.encode(commit.document))
            publisher.flush()
            moved += len(commits)
        return moved


class KeepsOlderTables(SimulatedTables):
    """Overwrites a newer table with an older one."""

    def keep(self, projector: Projector[Any]) -> bool:
        self.stored.cut = Cut()
        return super().keep(projector)


class KeepsCutApart(SimulatedTables):
    """Stores the cut and the table in two writes."""

    def keep(self, projector: Projector[Any]) -> bool:
        table, cut = self.stored.table, projector.cut
        if table is not None and cut.covers(self.stored.cut):
            self.stored.cut = cut
            self.process.sleep(400)
        return super().keep(projector)


@dataclass(frozen=True, slots=True)
class Control:
    """The kernel with one broken class, `code`, and the `invariant` that it breaks."""

    name: str
    code: Code
    invariant: str


CONTROLS = [
    Control("claims n + 2", Code(writer=ClaimsAhead), "numbers"),
    Control("answers without the point read", Code(writer=AnswersFromMemory), "fresh"),
    Control("acknowledges before the insert", Code(writer=AnswersFirst), "durable"),
    Control("acknowledges what is lost in a crash", Code(writer=AnswersFirst), "once"),
    Control("drops the dedup of ids", Code(writer=ForgetsIds), "once"),
    Control("changes its answer to an id", Code(writer=ForgetsIds), "constant"),
    Control("forms two documents for one unknown outcome", Code(writer=FormsAnew), "one-doc"),
    Control("takes an unknown outcome for stored", Code(writer=TakesUnknownForStored), "once"),
    Control("takes another's number for its own", Code(writer=TakesTakenForOwn), "once"),
    Control("appends blindly after a lost race", Code(writer=AppendsBlindly), "legal"),
    Control("ignores what the order has seen", Code(writer=IgnoresSeen), "fresh"),
    Control("a follower skips holes", Code(follower=SkipsHoles), "applied"),
    Control("a follower applies repeats", Code(follower=AppliesRepeats), "table"),
    Control("a relay keeps its cursor before the confirms", Code(relay=KeepsCursorFirst), "streams"),
    Control("an older table replaces a newer", Code(tables=KeepsOlderTables), "forward"),
    Control("table and cut are stored in two writes", Code(tables=KeepsCutApart), "table"),
]
