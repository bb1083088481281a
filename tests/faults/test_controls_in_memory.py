"""Negative controls: whole runs of vote writers, each broken in one way, in memory. Each turns a column red.

Two writers serve one partition by turns, as after a handover, and one of them sleeps at times and knows less than it
should. A run with sound writers goes first and breaks nothing, so what is red is the control's own.
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
from services.voting.state import Polls
from shared.commit import Answered, Commit, Document, form
from shared.decider import Decision, Order, Refused
from shared.events import Sealed
from shared.operations import Steps, drive
from shared.stamps import stamp
from shared.testing.memory_ledger import MemoryLedger
from shared.writer import LogWriter
from tests.faults.evidence import Evidence
from tests.faults.history import (
    LikeSeen,
    ListSeen,
    Ordered,
    Seen,
    WindowAsked,
    WindowShown,
)
from tests.faults.judge import Verdict, judge, lines
from tests.faults.table import Rows
from tests.unit.voting.stories import HOUR, NOON, START, opened

pytestmark = [pytest.mark.faults, pytest.mark.slow]

TRIES = 5  # runs that a broken writer is given: not every one of them meets what it does wrong

KEY = b"k" * 32
LOG = "vote.0"
ORDERS, VOTERS = 400, 4
SLEEP = 4  # orders that the other writer takes meanwhile
MOVED = Window(START, NOON + ORDERS // 2)  # from the middle of the run on, every like is too late


class NoLimits(PollDecider):
    """Lets everybody like everything."""

    def decide(self, order: Command, polls: Polls) -> Any:
        campaign = polls.campaign
        assert campaign is not None
        likes = replace(campaign.likes, per_day=10**6, per_type=10**6)
        return super().decide(order, replace(polls, desk=replace(polls.desk, campaign=replace(campaign, likes=likes))))


class DeafToMoves(PollDecider):
    """Does not hear that a window was moved."""

    def evolve(self, polls: Polls, fact: Any, address: str) -> Polls:
        return polls if isinstance(fact, WindowMoved) else super().evolve(polls, fact, address)


class Forgetful(PollDecider):
    """Does not know what it has stored: an order that comes again is a new one."""

    def decide(self, order: Command, polls: Polls) -> Any:
        return super().decide(order, replace(polls, days=()))


class StoresRefused(PollDecider):
    """Says no, and stores the like nevertheless. `Run.ask` says no."""

    def decide(self, order: Command, polls: Polls) -> Decision:
        decision = super().decide(order, polls)
        if isinstance(order, CastLike) and not isinstance(decision, list):
            campaign = polls.campaign
            assert campaign is not None
            return NoLimits(0).decide(order, polls)
        return decision


class NoPointRead(LogWriter[Polls]):
    """Answers what it knows, without a look at whether anything newer is there."""

    def _nothing_newer(self) -> Steps[bool]:
        yield from ()
        return True


class HastyLedger(MemoryLedger):
    """Says that a commit is stored, and stores it later: what waits is lost when the writer dies."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[Document] = deque()

    def insert(self, document: Document) -> None:
        self.waiting.append(document)
        if len(self.waiting) > 2:
            super().insert(self.waiting.popleft())

    def die(self) -> None:
        self.waiting.clear()


@dataclass
class Run:
    """One run, by the seed."""

    seed: int
    decider: Callable[[int], PollDecider] = PollDecider
    writer: type[LogWriter[Polls]] = LogWriter
    ledger: Callable[[], MemoryLedger] = MemoryLedger
    lost: float = 0.3  # of the answers
    told_refused: bool = False  # whether what is stored against the rules is said to be refused

    def verdict(self) -> Verdict:
        self.rng, self.store, self.seen = random.Random(f"{self.seed} memory"), self.ledger(), list[Seen]()
        self.desk: list[Commit] = []
        self.append_to_desk(*opened(per_day=2, per_type=1))
        writers = [self.started(), self.started()]
        awake = 0
        for k in range(ORDERS):
            if k % SLEEP == 0:
                awake = 1 - awake
            if k == ORDERS // 2:
                self.move_window()
            if isinstance(self.store, HastyLedger) and k % (8 * SLEEP) == SLEEP:
                self.store.die()
                writers = [self.started(), self.started()]
            self.order(writers[awake], k)
        for voter in range(VOTERS):
            self.show(writers[0], f"v{voter}")
        return judge(self.evidence())

    def started(self) -> LogWriter[Polls]:
        writer = self.writer(LOG, self.decider(0), stamp=stamp, remember=False)
        for log in ("moderation", LOG):
            drive(writer.catch_up(log), self.store)
        return writer

    def order(self, writer: LogWriter[Polls], k: int) -> None:
        """One order, whose answer is lost at times, so that it is sent again."""
        voter, entry = f"v{self.rng.randrange(VOTERS)}", self.rng.choice("abc")
        do, at = ("like" if self.rng.random() < 0.6 else "unlike"), NOON + k
        command = (
            CastLike(voter, entry, at, "web", None, Sealed("c1.x")) if do == "like" else RetractLike(voter, entry, at)
        )
        self.seen.append(Ordered(voter, entry, do, at))
        while self.rng.random() < self.lost:
            self.ask(writer, command)
            self.seen.append(LikeSeen(voter, entry, do, at, "unknown"))
            if self.rng.random() < 0.3:
                return
        told = self.ask(writer, command)
        self.seen.append(LikeSeen(voter, entry, do, at, told["status"], told.get("code", ""), told.get("receipt", "")))

    def ask(self, writer: LogWriter[Polls], command: Command) -> dict[str, Any]:
        order = Order(f"o{len(self.seen)}", "test", command, seen=(("moderation", len(self.desk)),))
        if self.told_refused:
            drive(writer.catch_up(), self.store)
        honest = PollDecider(0).decide(command, writer.state)
        (outcome,) = drive(writer.handle([order]), self.store)
        if self.told_refused and isinstance(honest, Refused):
            return {"status": "refused", "code": honest.code}
        return answer(command, outcome, writer.state, KEY)

    def show(self, writer: LogWriter[Polls], voter: str) -> None:
        told = self.ask(writer, ShowLikes(voter, NOON + ORDERS))
        self.seen.append(ListSeen(voter, tuple(sorted(each["entry"] for each in told["likes"]))))

    def move_window(self) -> None:
        self.seen.append(WindowAsked(MOVED.start, MOVED.end))
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


def test_sound_writers_on_a_ledger_in_memory_break_nothing(seed: int, table: Rows):
    assert table.fault("vote writers in memory, by turns", Run(seed).verdict()) == []


@pytest.mark.parametrize(
    ("name", "column", "run"),
    [
        pytest.param(name, column, run, id=name)
        for name, column, run in (
            ("writer that acknowledges before it stores", "acked", {"ledger": HastyLedger}),
            ("writer without the point read", "acked", {"writer": NoPointRead, "lost": 0.0}),
            ("writer that forgets what it stored", "unknown", {"decider": Forgetful}),
            ("writer that knows no limits", "limits", {"decider": NoLimits}),
            ("writer that does not hear of moved windows", "window", {"decider": DeafToMoves}),
            ("writer that stores what it refuses", "refused", {"decider": StoresRefused, "told_refused": True}),
        )
    ],
)
def test_writer_that_is_broken_on_purpose_is_caught(
    seed: int, table: Rows, name: str, column: str, run: dict[str, Any]
):
    verdicts = [Run(seed + k, **run).verdict() for k in range(TRIES)]
    verdict = next((each for each in verdicts if each[column]), verdicts[0])

    assert column in table.control(name, verdict), lines(verdict)
