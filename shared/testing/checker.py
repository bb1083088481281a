"""Checker of the simulation's invariants, from the ledger and the history of a schedule alone.

The invariants:

    numbers    numbers are dense from 1, times never go back, no uuid occurs twice
    chain      each commit names the hash of the one before; roots and ids fit
    once       a command id is in the ledger at most once; an accepted command is where its answer says
    legal      each stored command is what its decider decides on the state before it
    durable    an accepted command was in the ledger before it was answered
    absent     a command is in the ledger only if some delivery of it was not refused
    constant   an accepted id always gets the same answer
    fresh      an answer that writes nothing was true at some instant between the command's arrival and the answer,
               at or below the position that the answer names
    one-doc    after an unknown outcome the sender sends the identical document, and no other before it is settled
    applied    each follower applied each commit once, in order
    table      each stored table, and each live one, equals the pure fold at its cut, byte for byte
    forward    the positions of a stored table never go back
    streams    every commit reached its stream
    settled    once faults stop, everything is answered, applied, stored and published, and no process fails

The ledger is the truth for all of them: its fold, that is, applying its events one after the other, gives the state
after every single event. A cut says up to which commit each log was read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from shared.commit import NO_COMMIT, Commit, RecordedEvent
from shared.cut import Cut
from shared.decider import Decision, Outcome, Refused
from shared.errors import Corrupt
from shared.projection import Projection, Projector
from shared.testing.history import Delivery, History, describe, short_repr
from shared.testing.toys import Workload
from shared.writer import REUSED


@dataclass(frozen=True, slots=True)
class Violation:
    """One invariant that a schedule broke, with a sentence that says where and how."""

    invariant: str
    message: str


@dataclass(frozen=True, slots=True)
class Instant:
    """One log after one of its events: `n` is the event's commit, `state` the decider's state then.

    `answered` has the answers to all commands stored so far, by command id, for deciders that remember ids.
    """

    n: int
    state: Any
    answered: dict[str, tuple[str, Outcome]]


@dataclass(slots=True)
class Truth:
    """The truth about one log: its commits as the ledger has them, and the decider's state after every event.

    A state also depends on how far the log that this one follows was read, so there are states for each such position.
    """

    workload: Workload
    commits: list[Commit]
    followed: list[list[RecordedEvent]] = field(default_factory=list)
    events: list[list[RecordedEvent]] = field(default_factory=list)
    _bases: list[Any] = field(default_factory=list)
    _instants: dict[int, list[Instant]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.events = [list(commit.recorded()) for commit in self.commits]

    def instants(self, followed: int) -> list[Instant]:
        """Return the states of this log after each event, given that `followed` commits of the followed log were read.

        The first is the state before the first event, the last that after the last event.
        """
        followed = min(
            followed, len(self.followed)
        )  # a broken writer leaves holes, and then the head is greater than the count
        if followed not in self._instants:
            self._instants[followed] = list(self._walk(followed))
        return self._instants[followed]

    def between(self, first: int, last: int, followed: int) -> Iterator[Instant]:
        """Yield the states of this log from the end of commit `first` to the end of commit `last`.

        `followed` is as for `instants`.
        """
        instants = self.instants(followed)
        for place, instant in enumerate(instants):
            if instant.n > last:
                return
            ends = place + 1 == len(instants) or instants[place + 1].n > instant.n
            if instant.n > first or (instant.n == first and ends):
                yield instant

    def _walk(self, followed: int) -> Iterator[Instant]:
        decider = self.workload.decider
        answered: dict[str, tuple[str, Outcome]] = {}
        state = self._base(followed)
        yield Instant(0, state, answered)
        ends = self._answers() if self.workload.remember else {}
        for commit, events in zip(self.commits, self.events, strict=True):
            for each in events:
                state = decider.evolve(state, each.event, each.address)
                if each.address in ends:
                    key, digest, outcome = ends[each.address]
                    answered = {**answered, key: (digest, outcome)}
                yield Instant(commit.n, state, answered)

    def _base(self, followed: int) -> Any:
        """Return the state after so many commits of the followed log alone."""
        decider = self.workload.decider
        if not self._bases:
            self._bases.append(decider.initial())
        for commit in self.followed[len(self._bases) - 1 : followed]:
            state = self._bases[-1]
            for each in commit:
                state = decider.evolve(state, each.event, each.address)
            self._bases.append(state)
        return self._bases[followed]

    def _answers(self) -> dict[str, tuple[str, str, Outcome]]:
        """Return, by the address of a command's last event, its key, its digest and its first answer."""
        answers = {}
        for commit, events in zip(self.commits, self.events, strict=True):
            for each in commit.commands:
                key, _, digest = each.id.partition(".")
                mine = tuple(e.event for e in events[each.first : each.first + each.count])
                outcome = Outcome(commit.log, commit.n, each.first, mine, repeated=True)
                answers[f"{commit.log}/{commit.n}/{each.first + each.count - 1}"] = key, digest, outcome
        return answers

    def answer(self, delivery: Delivery, instant: Instant) -> Decision | Outcome:
        """Return what a writer that has the state of this instant must answer to the command of a delivery."""
        key, _, digest = delivery.order.id.partition(".")
        if key in instant.answered:
            first_digest, outcome = instant.answered[key]
            return outcome if first_digest == digest else REUSED
        return self.workload.decider.decide(delivery.order.command, instant.state)


class Checker:
    """Check every invariant on the history of one schedule. Call the `check_` methods, then read `violations`."""

    def __init__(self, history: History, truths: Sequence[Truth]) -> None:
        self._history = history
        self._truths = {truth.workload.log: truth for truth in truths}
        self.violations: list[Violation] = []

    def check_logs(self) -> None:
        """Check the invariants `numbers`, `chain`, `once`, `legal` and `absent` for all commits."""
        uuids = Counter(c.uuid for truth in self._truths.values() for c in truth.commits)
        for uuid, times in uuids.items():
            self._expect(times == 1, "numbers", f"uuid {uuid} occurs {times} times")
        for log, truth in self._truths.items():
            self._check_log(log, truth.commits)
            self._check_commands(truth)

    def check_answers(self) -> None:
        """Check the invariants `once`, `durable`, `constant` and `fresh` for all answers to commands."""
        accepted: dict[tuple[str, str], set[tuple[int, int, str]]] = {}
        for delivery in self._history.deliveries:
            outcome = delivery.outcome
            if outcome is None:
                continue
            if outcome.events:
                place = (outcome.n, outcome.first, repr(outcome.events))
                accepted.setdefault((delivery.log, delivery.order.id), set()).add(place)
                self._check_accepted(delivery, outcome)
            else:
                self._check_fresh(delivery, outcome)
        for (_, id_), places in accepted.items():
            self._expect(len(places) == 1, "constant", f"{id_} was answered {sorted(places)}")

    def check_sendings(self) -> None:
        """Check the invariant `one-doc` for all inserts that writers sent."""
        unsettled: dict[str, str] = {}
        for each in self._history.sendings:
            owed = unsettled.get(each.sender)
            if each.what == "sent":
                good = owed in (None, each.uuid)
                self._expect(good, "one-doc", f"{each.sender} sent another {each.id} while one was unsettled")
            if each.what == "unknown":
                unsettled[each.sender] = each.uuid
            elif each.what != "sent":
                unsettled.pop(each.sender, None)

    def check_followers(self) -> None:
        """Check the invariant `applied` for each follower, from each of its starts to the next crash."""
        for following in self._history.followings:
            at = dict(following.start)
            for log, n in following.applied:
                expected = at.get(log, 0) + 1
                self._expect(n == expected, "applied", f"{following.who} applied {log}/{n}, not {log}/{expected}")
                at[log] = n

    def check_tables(self, stored: Sequence[tuple[Cut, bytes]], projection: Projection[Any]) -> None:
        """Check the invariants `forward` and `table` for all tables that were stored, given in that sequence."""
        before = Cut()
        for cut, image in stored:
            self._expect(cut.covers(before), "forward", f"a table at {before} was replaced by one at {cut}")
            before = cut
            self._expect(image == self._fold(projection, cut), "table", f"the table at {cut} is not the fold")

    def check_table(self, who: str, projector: Projector[Any]) -> None:
        """Check the invariant `table` for the table that the live projector `who` has in memory."""
        same = projector.canonical() == self._fold(projector.projection, projector.cut)
        self._expect(same, "table", f"the table of {who} at {projector.cut} is not the fold")

    def check_stream(self, log: str, numbers: Iterable[int]) -> None:
        """Check the invariant `streams` for one log. `numbers` are the numbers of the commits that its stream holds."""
        missing = {c.n for c in self._truths[log].commits} - set(numbers)
        self._expect(not missing, "streams", f"{log}: {sorted(missing)} never reached the stream")

    def broken(self, invariant: str, message: str) -> None:
        """Record that an invariant is broken, with a sentence that says where and how."""
        self._expect(False, invariant, message)

    def _check_log(self, log: str, commits: Sequence[Commit]) -> None:
        before, time = NO_COMMIT, 0
        for expected, commit in enumerate(commits, start=1):
            where = f"{log}/{commit.n}"
            self._expect(commit.n == expected, "numbers", f"{where} is in the place of {expected}")
            self._expect(commit.time >= time, "numbers", f"{where} is older than the commit before")
            self._expect(bytes(commit.document["prev"]) == before, "chain", f"{where} does not name the one before")
            try:
                commit.verify()
            except Corrupt as problem:
                self.broken("chain", str(problem))
            before, time = commit.hash, commit.time

    def _check_commands(self, truth: Truth) -> None:
        """Check once, legal and absent for every stored command."""
        log, remember = truth.workload.log, truth.workload.remember
        seen: Counter[str] = Counter()
        settled = {d.order.id for d in self._history.deliveries if d.log == log and not _refused(d.outcome)}
        for commit, recorded in zip(truth.commits, truth.events, strict=True):
            events = [each.event for each in recorded]
            for each in commit.commands:
                key = each.id.partition(".")[0] if remember else each.id
                seen[key] += 1
                self._expect(seen[key] == 1, "once", f"{each.id} is in {log} a second time, at {commit.n}")
                self._expect(each.id in settled, "absent", f"{each.id} was always refused, but is at {log}/{commit.n}")
                mine = events[each.first : each.first + each.count]
                legal = self._legal(truth, commit.n, each.first, self._history.orders[log][each.id].command, mine)
                self._expect(
                    legal, "legal", f"{each.id} at {log}/{commit.n}/{each.first} is not what the decider decides"
                )

    def _legal(self, truth: Truth, n: int, first: int, command: Any, events: list[Any]) -> bool:
        for followed in range(len(truth.followed) + 1):
            instants = list(truth.between(n - 1, n, followed))
            decision = truth.workload.decider.decide(command, instants[first].state)
            if not isinstance(decision, Refused) and list(decision) == events:
                return True
        return False

    def _check_accepted(self, delivery: Delivery, outcome: Outcome) -> None:
        where = f"{outcome.log}/{outcome.n}"
        answer = f"{delivery.order.id} was answered {describe(outcome)}"
        commits = self._truths[delivery.log].commits
        commit = commits[outcome.n - 1] if 0 < outcome.n <= len(commits) else None
        if commit is None or commit.n != outcome.n:
            self.broken("once", f"{answer}, but {where} is not stored")
            return
        last = outcome.first + len(outcome.events)
        self._expect(
            tuple(commit.events()[outcome.first : last]) == outcome.events,
            "once",
            f"{answer}, but other events are stored",
        )
        found = [(each.id, each.first, each.count) for each in commit.commands]
        mine = (delivery.order.id, outcome.first, len(outcome.events))
        self._expect(mine in found, "once", f"{answer}, but {where} does not name it")
        stored = self._history.stored_at[commit.document["_id"]]
        self._expect(stored <= delivery.ended, "durable", f"{answer} at {delivery.ended}, stored at {stored}")

    def _check_fresh(self, delivery: Delivery, outcome: Outcome) -> None:
        truth = self._truths[delivery.log]
        seen = dict(delivery.order.seen).get(truth.workload.follows or "", 0)
        last = min(delivery.own_after, outcome.n)
        for followed in range(seen, delivery.followed_after + 1):
            for instant in truth.between(delivery.own_before, last, followed):
                if _same(truth.answer(delivery, instant), outcome):
                    return
        span = f"{delivery.own_before} and {last}"
        order = short_repr(delivery.order.command)
        self.broken("fresh", f"{order} was answered {describe(outcome)}: never true between {delivery.log} {span}")

    def _fold(self, projection: Projection[Any], cut: Cut) -> bytes:
        table = projection.initial()
        for log, n in cut.items():
            for recorded in chain.from_iterable(self._truths[log].events[:n]):
                projection.apply(table, recorded.event, recorded.address)
        return Projector(projection, table=table).canonical()

    def _expect(self, holds: bool, invariant: str, message: str) -> None:
        if not holds:
            self.violations.append(Violation(invariant, message))


def _refused(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.refused is not None


def _same(answer: Decision | Outcome, outcome: Outcome) -> bool:
    if isinstance(answer, Refused) or outcome.refused is not None:
        return answer == outcome.refused
    return not isinstance(answer, Outcome) and not answer
