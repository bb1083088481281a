"""History of one schedule, which the checker reads: deliveries and answers, inserts, and applied commits."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from shared.commit import Commit, Document
from shared.cut import Cut
from shared.decider import CommandEnvelope, Outcome
from shared.testing.schedule import World


@dataclass(slots=True)
class Delivery:
    """One delivery of a command to a writer, and the writer's answer.

    `own_before` is the head (the last commit number) of the writer's log before the delivery. `own_after` and
    `followed_after` are the heads of its log and of the followed log at the answer.
    """

    order: CommandEnvelope
    log: str
    writer: str
    began: int
    own_before: int
    outcome: Outcome | None = None
    ended: int = -1
    own_after: int = -1
    followed_after: int = 0


@dataclass(frozen=True, slots=True)
class Sending:
    """One step of an insert, as its sender sees it. `what` is sent, and later stored, taken or unknown.

    Taken means that another commit has the number; unknown means that no answer came.
    """

    what: str
    sender: str
    id: str
    uuid: str


@dataclass(slots=True)
class Following:
    """What one follower did between a start and a crash: the cut where it started, and the commits that it applied.

    A cut says how far each log is read.
    """

    who: str
    start: Cut
    applied: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class History:
    """Everything that happened in a schedule and that the checker needs. With `verbose`, also as lines to read."""

    world: World
    deliveries: list[Delivery] = field(default_factory=list)
    heard: list[tuple[str, CommandEnvelope, Outcome]] = field(default_factory=list)
    sendings: list[Sending] = field(default_factory=list)
    stored_at: dict[str, int] = field(default_factory=dict)
    orders: dict[str, dict[str, CommandEnvelope]] = field(default_factory=lambda: defaultdict(dict))
    followings: list[Following] = field(default_factory=list)
    published: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    lines: list[str] = field(default_factory=list)
    verbose: bool = False

    def add_line(self, who: str, text: str) -> None:
        """Add a line about the process `who` to the readable history, if it is `verbose`."""
        if self.verbose:
            self.lines.append(f"{self.world.now:>7} ms  {who:<18} {text}")

    def sending(self, sender: str, what: str, document: Document) -> None:
        """Record one step (`what`, as in `Sending`) of the insert of a document."""
        self.sendings.append(Sending(what, sender, document["_id"], document["uuid"]))
        self.add_line(sender, f"insert {document['_id']} ({document['uuid'][:6]}, {document['count']} events): {what}")

    def stored(self, document: Document) -> None:
        """Record that the ledger has stored a commit now."""
        self.stored_at[document["_id"]] = self.world.now
        self.add_line("ledger", f"holds {document['_id']} ({document['uuid'][:6]})")

    def applied(self, following: Following, commit: Commit) -> None:
        """Record that a follower applied a commit."""
        following.applied.append((commit.log, commit.n))
        self.add_line(following.who, f"applies {commit.log}/{commit.n}")

    def answered(self, delivery: Delivery, outcome: Outcome) -> None:
        """Record the answer to a delivery, and the time."""
        delivery.outcome, delivery.ended = outcome, self.world.now
        self.add_line(delivery.writer, f"answers {delivery.order.id}: {describe(outcome)}")


def describe(outcome: Outcome) -> str:
    """Return a short text about the outcome of a command, for lines and violations."""
    if outcome.refused is not None:
        return f"refused {outcome.refused.code} (at {outcome.log}/{outcome.n})"
    if not outcome.events:
        return f"nothing new (at {outcome.log}/{outcome.n})"
    repeated = "again " if outcome.repeated else ""
    return f"{repeated}{outcome.addresses[0]}, {len(outcome.events)} events"


def short_repr(value: Any) -> str:
    """Return the repr of a value, cut to 160 characters."""
    text = repr(value)
    return text if len(text) <= 160 else text[:157] + "..."
