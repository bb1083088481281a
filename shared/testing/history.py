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
    """One delivery of a command to a writer.

    `own_before`, `own_after` and `followed_after` are the heads of the writer's log and of the followed log in the
    ledger, before the delivery and at the answer.
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
    """One step of an insert, as its sender sees it: sent, then stored, taken or unknown."""

    what: str
    sender: str
    id: str
    uuid: str


@dataclass(slots=True)
class Following:
    """One life of one follower: the cut where it started, and the commits that it has applied since."""

    who: str
    start: Cut
    applied: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class History:
    """Everything that the checker needs from a schedule. With `verbose`, also its events as text lines."""

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
        """Add a text line, if the schedule is `verbose`."""
        if self.verbose:
            self.lines.append(f"{self.world.now:>7} ms  {who:<18} {text}")

    def sending(self, sender: str, what: str, document: Document) -> None:
        """Record one step of an insert."""
        self.sendings.append(Sending(what, sender, document["_id"], document["uuid"]))
        self.add_line(sender, f"insert {document['_id']} ({document['uuid'][:6]}, {document['count']} events): {what}")

    def stored(self, document: Document) -> None:
        """Record when a commit was stored."""
        self.stored_at[document["_id"]] = self.world.now
        self.add_line("ledger", f"holds {document['_id']} ({document['uuid'][:6]})")

    def applied(self, following: Following, commit: Commit) -> None:
        """Record that a follower applied a commit."""
        following.applied.append((commit.log, commit.n))
        self.add_line(following.who, f"applies {commit.log}/{commit.n}")

    def answered(self, delivery: Delivery, outcome: Outcome) -> None:
        """Record the answer to a delivery."""
        delivery.outcome, delivery.ended = outcome, self.world.now
        self.add_line(delivery.writer, f"answers {delivery.order.id}: {describe(outcome)}")


def describe(outcome: Outcome) -> str:
    """Describe an outcome in a few words."""
    if outcome.refused is not None:
        return f"refused {outcome.refused.code} (at {outcome.log}/{outcome.n})"
    if not outcome.events:
        return f"nothing new (at {outcome.log}/{outcome.n})"
    repeated = "again " if outcome.repeated else ""
    return f"{repeated}{outcome.addresses[0]}, {len(outcome.events)} events"


def short_repr(value: Any) -> str:
    """Return a value as one short line."""
    text = repr(value)
    return text if len(text) <= 160 else text[:157] + "..."
