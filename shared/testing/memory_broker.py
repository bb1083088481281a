"""In-memory broker for the simulation: streams with repeats, disorder, gaps and broken connections.

Also holds the cursors and tables that outlive a process. The kernel trusts nothing here: the ledger is the record. As
on the wire, a stream holds the BSON of documents.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bson
import orjson

from shared.commit import Commit
from shared.cut import Cut
from shared.errors import BrokerUnreachable, Unreachable
from shared.projection import Projection, Projector
from shared.testing.faults import FaultPlan
from shared.testing.schedule import Process


@dataclass(slots=True)
class Streams:
    """The streams of the simulated broker: by name, the bodies of their messages and the numbers of their commits."""

    bodies: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def append(self, stream: str, body: bytes) -> None:
        """Add a message, the BSON of a commit, to a stream."""
        self.bodies[stream].append(body)
        self.numbers[stream].append(bson.decode(body)["n"])


class SimulatedPublisher:
    """A relay's connection to the simulated broker, which faults may break. Implements `shared.relay.Publisher`."""

    def __init__(self, process: Process, streams: Streams, faults: FaultPlan) -> None:
        self._process, self._streams, self._faults = process, streams, faults
        self._unconfirmed: list[tuple[str, bytes]] = []

    def publish(self, queue: str, body: bytes) -> None:
        self._unconfirmed.append((queue, body))

    def flush(self) -> None:
        batch, self._unconfirmed = self._unconfirmed, []
        arriving, answered = len(batch), True
        if self._faults.occurs("broker"):
            arriving, answered = self._process.world.rng.randint(0, len(batch)), False

        def arrive() -> None:
            for queue, body in batch[:arriving]:
                self._streams.append(queue, body)
            if not answered:
                raise BrokerUnreachable("the connection broke before the confirms")

        self._faults.request(self._process, arrive, BrokerUnreachable)


def read_stream(process: Process, streams: Streams, faults: FaultPlan, names: list[str]) -> Iterator[Commit | None]:
    """Yield the commits that a consumer receives from these streams, and None when nothing comes.

    Reading starts at the beginning or at the end of each stream. Faults make it repeat, swap or leave out messages, and
    break the connection (BrokerUnreachable).
    """
    rng = process.world.rng
    at = {name: rng.choice((0, len(streams.bodies[name]))) for name in names}
    if faults.occurs("broker"):
        raise BrokerUnreachable("refused")
    yield None
    while True:
        process.sleep(rng.randint(20, 200))
        if faults.occurs("broker"):
            raise BrokerUnreachable("the connection broke")
        arrived: list[bytes] = []
        for name in names:
            if faults.occurs("disorder"):
                at[name] = min(max(0, at[name] + rng.randint(-4, 3)), len(streams.bodies[name]))
            arrived += streams.bodies[name][at[name] : at[name] + 10]
            at[name] = min(at[name] + 10, len(streams.bodies[name]))
        if faults.occurs("disorder"):
            rng.shuffle(arrived)
        for body in arrived:
            yield Commit(bson.decode(body))
        if not arrived:
            yield None


@dataclass(slots=True)
class SimulatedCursors:
    """The positions up to which relays have published each log. Implements `shared.relay.Cursors`.

    `stored` is shared by all relays, and outlives their crashes.
    """

    process: Process
    faults: FaultPlan
    stored: dict[str, int]

    def load(self) -> dict[str, int]:
        return dict(self.faults.request(self.process, lambda: dict(self.stored), Unreachable))

    def keep(self, log: str, n: int) -> None:
        self.faults.request(self.process, lambda: self.stored.__setitem__(log, n), Unreachable)


@dataclass(slots=True)
class StoredTable:
    """The table that projectors store, with its cut (how far each log is read), and all earlier ones in order."""

    table: bytes | None = None
    cut: Cut = field(default_factory=Cut)
    history: list[tuple[Cut, bytes]] = field(default_factory=list)


@dataclass(slots=True)
class SimulatedTables:
    """Store of a projection's table, in memory and through faults. Implements `shared.projection.ProjectionStore`.

    Table and cut are stored in one write. A table with an older cut does not replace a newer one.
    """

    process: Process
    faults: FaultPlan
    stored: StoredTable

    def load(self, projection: Projection[Any]) -> Projector[Any]:
        table, cut = self.faults.request(self.process, lambda: (self.stored.table, self.stored.cut), Unreachable)
        if table is None:
            return Projector(projection)
        return Projector(projection, table=projection.load(orjson.loads(table)), cut=cut)

    def keep(self, projector: Projector[Any]) -> bool:
        image, cut = projector.canonical(), projector.cut

        def arrive() -> bool:
            if not cut.covers(self.stored.cut):
                return False
            self.stored.table, self.stored.cut = image, cut
            self.stored.history.append((cut, image))
            return True

        return bool(self.faults.request(self.process, arrive, Unreachable))
