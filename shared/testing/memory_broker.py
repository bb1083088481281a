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
from shared.testing.faults import Weather
from shared.testing.schedule import Process


@dataclass(slots=True)
class Streams:
    """The contents of the broker: message bodies by stream, and their commit numbers."""

    bodies: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def append(self, stream: str, body: bytes) -> None:
        """Add a message to a stream."""
        self.bodies[stream].append(body)
        self.numbers[stream].append(bson.decode(body)["n"])


class SimulatedPublisher:
    """One connection of a relay. Implements `shared.relay.Publisher`."""

    def __init__(self, process: Process, streams: Streams, weather: Weather) -> None:
        self._process, self._streams, self._weather = process, streams, weather
        self._unconfirmed: list[tuple[str, bytes]] = []

    def publish(self, queue: str, body: bytes) -> None:
        self._unconfirmed.append((queue, body))

    def flush(self) -> None:
        batch, self._unconfirmed = self._unconfirmed, []
        arriving, answered = len(batch), True
        if self._weather.strikes("broker"):
            arriving, answered = self._process.world.rng.randint(0, len(batch)), False

        def arrive() -> None:
            for queue, body in batch[:arriving]:
                self._streams.append(queue, body)
            if not answered:
                raise BrokerUnreachable("the connection broke before the confirms")

        self._weather.ask(self._process, arrive, BrokerUnreachable)


def read_stream(process: Process, streams: Streams, weather: Weather, names: list[str]) -> Iterator[Commit | None]:
    """Yield what a consumer sees of the streams, and None when nothing comes.

    It starts at the beginning or at the end; faults make it repeat, swap or leave out messages, and break the
    connection.
    """
    rng = process.world.rng
    at = {name: rng.choice((0, len(streams.bodies[name]))) for name in names}
    if weather.strikes("broker"):
        raise BrokerUnreachable("refused")
    yield None
    while True:
        process.sleep(rng.randint(20, 200))
        if weather.strikes("broker"):
            raise BrokerUnreachable("the connection broke")
        arrived: list[bytes] = []
        for name in names:
            if weather.strikes("disorder"):
                at[name] = min(max(0, at[name] + rng.randint(-4, 3)), len(streams.bodies[name]))
            arrived += streams.bodies[name][at[name] : at[name] + 10]
            at[name] = min(at[name] + 10, len(streams.bodies[name]))
        if weather.strikes("disorder"):
            rng.shuffle(arrived)
        for body in arrived:
            yield Commit(bson.decode(body))
        if not arrived:
            yield None


@dataclass(slots=True)
class SimulatedCursors:
    """Implements `shared.relay.Cursors`. `kept` is shared by all relays, and outlives them."""

    process: Process
    weather: Weather
    kept: dict[str, int]

    def load(self) -> dict[str, int]:
        return dict(self.weather.ask(self.process, lambda: dict(self.kept), Unreachable))

    def keep(self, log: str, n: int) -> None:
        self.weather.ask(self.process, lambda: self.kept.__setitem__(log, n), Unreachable)


@dataclass(slots=True)
class Kept:
    """The stored table with its cut, and every cut that was ever stored, in order."""

    table: bytes | None = None
    cut: Cut = field(default_factory=Cut)
    history: list[tuple[Cut, bytes]] = field(default_factory=list)


@dataclass(slots=True)
class SimulatedTables:
    """In-memory `shared.projection.ProjectionStore`: one write carries table and cut.

    A table with an older cut does not replace a newer one.
    """

    process: Process
    weather: Weather
    kept: Kept

    def load(self, projection: Projection[Any]) -> Projector[Any]:
        table, cut = self.weather.ask(self.process, lambda: (self.kept.table, self.kept.cut), Unreachable)
        if table is None:
            return Projector(projection)
        return Projector(projection, table=projection.load(orjson.loads(table)), cut=cut)

    def keep(self, projector: Projector[Any]) -> bool:
        image, cut = projector.canonical(), projector.cut

        def arrive() -> bool:
            if not cut.covers(self.kept.cut):
                return False
            self.kept.table, self.kept.cut = image, cut
            self.kept.history.append((cut, image))
            return True

        return bool(self.weather.ask(self.process, arrive, Unreachable))
