"""Negative controls: runs of vote writers in memory, each with one defect. The judge must report each.

Two writers serve one partition in turns, as after a handover, so each knows less than it should when its turn
begins. A run with sound writers comes first and must violate nothing, so any violation comes from the control's
own defect.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.moderation.campaign import Window
from services.moderation.events import WindowMoved
from services.voting.domain import (
    CastLike,
    Command,
    PollDecider,
    RetractLike,
    ShowLikes,
)
from services.voting.orders import answer
from services.voting.state import VotingState
from shared.commit import Answered, Commit, Document, form
from shared.decider import CommandEnvelope, Decision, Refused
from shared.events import Sealed
from shared.operations import Steps, drive
from shared.stamps import stamp
from shared.testing.memory_ledger import MemoryLedger
from shared.writer import LogWriter
from tests.faults.evidence import Evidence
from tests.faults.fault_table import RowWriter
from tests.faults.history import (
    LikeSeen,
    ListSeen,
    Ordered,
    Seen,
    WindowRequested,
    WindowShown,
)
from tests.faults.judge import Verdict, judge, lines
from tests.unit.voting.stories import HOUR, NOON, START, opened

pytestmark = [pytest.mark.faults, pytest.mark.slow]

TRIES = 5  # runs of each defective writer, since not every run meets the situation in which its defect shows

KEY = b"k" * 32
LOG = "vote.0"
ORDERS, VOTERS = 400, 4
SLEEP = 4  # orders that one writer takes before the other's turn
MOVED = Window(START, NOON + ORDERS // 2)  # from the middle of the run on, every like is too late


class WithoutLimits(PollDecider):
    """A decider without limits: every voter may like every entry."""

    def decide(self, order: Command, polls: VotingState) -> Any:
        campaign = polls.campaign
        assert campaign is not None
        likes = replace(campaign.likes, per_day=10**6, per_type=10**6)
        return super().decide(order, replace(polls, desk=replace(polls.desk, campaign=replace(campaign, likes=likes))))


class IgnoresMoves(PollDecider):
    """A decider that ignores moved windows."""

    def evolve(self, polls: VotingState, fact: Any, address: str) -> VotingState:
        return polls if isinstance(fact, WindowMoved) else super().evolve(polls, fact, address)


class Forgetful(PollDecider):
    """A decider that forgets what it stored, so that a repeated order counts as a new one."""

    def decide(self, order: Command, polls: VotingState) -> Any:
        return super().decide(order, replace(polls, days=()))


class StoresRefused(PollDecider):
    """A decider that stores the likes it should refuse, while `Run.handle` answers that they are refused."""

    def decide(self, order: Command, polls: VotingState) -> Decision:
        decision = super().decide(order, polls)
        if isinstance(order, CastLike) and not isinstance(decision, list):
            campaign = polls.campaign
            assert campaign is not None
            return WithoutLimits(0).decide(order, polls)
        return decision


class WithoutPointRead(LogWriter[VotingState]):
    """A writer that answers from what it knows, without checking the log for newer commits."""

    def _is_newest(self) -> Steps[bool]:
        yield from ()
        return True


class EarlyAcknowledgingLedger(MemoryLedger):
    """A ledger that reports a commit as stored and stores it later: what is pending is lost when the writer dies."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[Document] = deque()

    def insert(self, document: Document) -> None:
        self.waiting.append(document)
        if len(self.waiting) > 2:
            super().insert(self.waiting.popleft())

    def die(self) -> None:
        """Lose everything that is reported as stored and is not stored yet."""
        self.waiting.clear()


@dataclass
class Run:
    """One run of two writers on one partition, random by its seed."""

    seed: int
    decider: Callable[[int], PollDecider] = PollDecider
    writer: type[LogWriter[VotingState]] = LogWriter
    ledger: Callable[[], MemoryLedger] = MemoryLedger
    lost: float = 0.3  # share of answers that are lost
    claims_refused: bool = False  # whether orders are answered as refused although the defective decider stores them

    def verdict(self) -> Verdict:
        """Run all orders and return the judge's verdict."""
        self.rng, self.store, self.seen = random.Random(f"{self.seed} memory"), self.ledger(), list[Seen]()
        self.desk: list[Commit] = []
        self.append_to_desk(*opened(per_day=2, per_type=1))
        writers = [self.start_writer(), self.start_writer()]
        awake = 0
        for k in range(ORDERS):
            if k % SLEEP == 0:
                awake = 1 - awake
            if k == ORDERS // 2:
                self.move_window()
            if isinstance(self.store, EarlyAcknowledgingLedger) and k % (8 * SLEEP) == SLEEP:
                self.store.die()
                writers = [self.start_writer(), self.start_writer()]
            self.order(writers[awake], k)
        for voter in range(VOTERS):
            self.show(writers[0], f"v{voter}")
        return judge(self.evidence())

    def start_writer(self) -> LogWriter[VotingState]:
        """Start a writer that has read both logs to their ends."""
        writer = self.writer(LOG, self.decider(0), stamp=stamp, remember=False)
        for log in ("moderation", LOG):
            drive(writer.catch_up(log), self.store)
        return writer

    def order(self, writer: LogWriter[VotingState], k: int) -> None:
        """Send one order; lose its answer at random and send it again, or give up."""
        voter, entry = f"v{self.rng.randrange(VOTERS)}", self.rng.choice("abc")
        do, at = ("like" if self.rng.random() < 0.6 else "unlike"), NOON + k
        command = (
            CastLike(voter, entry, at, "web", None, Sealed("c1.x")) if do == "like" else RetractLike(voter, entry, at)
        )
        self.seen.append(Ordered(voter, entry, do, at))
        while self.rng.random() < self.lost:
            self.handle(writer, command)
            self.seen.append(LikeSeen(voter, entry, do, at, "unknown"))
            if self.rng.random() < 0.3:
                return
        told = self.handle(writer, command)
        self.seen.append(LikeSeen(voter, entry, do, at, told["status"], told.get("code", ""), told.get("receipt", "")))

    def handle(self, writer: LogWriter[VotingState], command: Command) -> dict[str, Any]:
        """Let the writer handle a command, and return the answer as the gateway would get it."""
        order = CommandEnvelope(f"o{len(self.seen)}", "test", command, seen=(("moderation", len(self.desk)),))
        if self.claims_refused:
            drive(writer.catch_up(), self.store)
        honest = PollDecider(0).decide(command, writer.state)
        (outcome,) = drive(writer.handle([order]), self.store)
        if self.claims_refused and isinstance(honest, Refused):
            return {"status": "refused", "code": honest.code}
        return answer(command, outcome, writer.state, KEY)

    def show(self, writer: LogWriter[VotingState], voter: str) -> None:
        """Ask the writer for a voter's likes, and note them."""
        told = self.handle(writer, ShowLikes(voter, NOON + ORDERS))
        self.seen.append(ListSeen(voter, tuple(sorted(each["entry"] for each in told["likes"]))))

    def move_window(self) -> None:
        """Move the likes window so that it ends in the middle of the run."""
        self.seen.append(WindowRequested(MOVED.start, MOVED.end))
        self.append_to_desk(WindowMoved("likes", MOVED.start, MOVED.end, "", "o", START + HOUR))
        self.seen.append(WindowShown(MOVED.start, MOVED.end))

    def append_to_desk(self, *events: object) -> None:
        head = LogWriter("moderation", PollDecider(0), stamp=stamp)
        drive(head.catch_up("moderation"), self.store)
        document = form(head.head, events, commands=[Answered("d", "o", "", "", 0, len(events))], stamp=stamp())
        MemoryLedger.insert(self.store, document)
        self.desk.append(Commit(document))

    def evidence(self) -> Evidence:
        count = self.store.head(LOG)
        commits = [found for n in range(1, count + 1) if (found := self.store.get(LOG, n)) is not None]
        return Evidence(seen=self.seen, logs={"moderation": self.desk, LOG: commits}, receipt_key=KEY)


def test_sound_writers_on_a_ledger_in_memory_break_nothing(seed: int, table: RowWriter):
    assert table.add_fault("vote writers in memory, in turns", Run(seed).verdict()) == []


@pytest.mark.parametrize(
    ("name", "column", "run"),
    [
        pytest.param(name, column, run, id=name)
        for name, column, run in (
            ("writer that acknowledges before it stores", "acked", {"ledger": EarlyAcknowledgingLedger}),
            ("writer without the point read", "acked", {"writer": WithoutPointRead, "lost": 0.0}),
            ("writer that forgets what it stored", "unknown", {"decider": Forgetful}),
            ("writer without limits", "limits", {"decider": WithoutLimits}),
            ("writer that ignores moved windows", "window", {"decider": IgnoresMoves}),
            ("writer that stores what it refuses", "refused", {"decider": StoresRefused, "claims_refused": True}),
        )
    ],
)
def test_writer_that_is_broken_on_purpose_is_caught(
    seed: int, table: RowWriter, name: str, column: str, run: dict[str, Any]
):
    verdicts = [Run(seed + k, **run).verdict() for k in range(TRIES)]
    verdict = next((each for each in verdicts if each[column]), verdicts[0])

    assert column in table.add_control(name, verdict), lines(verdict)
