"""The ways to the database and to the broker: cut, delayed, half-open and refused in the middle of the work.

Every process of the town goes to its engines through two ports of ours, so that no engine is disturbed by it. The last
test draws faults of every kind from the seed, two at a time.
"""

import os
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from deploy.topology.processes import TABLE
from shared.testing.tcp_proxy import TcpProxy
from tests.faults.load import More, Town, under_load
from tests.faults.standing import asleep
from tests.faults.table import Rows
from tests.faults.towns import judged, town
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

CUTS = 4
DELAY_S = 0.1
UNHEARD = 8  # answers that nobody knows, by which a fault is felt
STEPS = 6  # of the mix


@dataclass(frozen=True, slots=True)
class Scene:
    town: Town
    stack: Stack
    mongo: TcpProxy
    amqp: TcpProxy


@pytest.fixture(scope="module")
def scene(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[Scene]:
    with TcpProxy.before(engines.mongo) as mongo, TcpProxy.before(engines.amqp) as amqp:
        through = Engines(mongo.uri, amqp.uri, engines.pg)
        with town(engines, tmp_path_factory.mktemp("ways"), seed=seed, through=through) as (made, stack):
            yield Scene(made, stack, mongo, amqp)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls one way while the town is at work. Each fault ends with the way whole again."""

    scene: Scene
    way: TcpProxy
    more: More
    rng: random.Random

    def cut(self) -> None:
        """In place of some answer, which one the seed says: an insert is among those that are on the way."""
        for _ in range(CUTS):
            self.way.cut_after(self.rng.randint(1, 30))
            self.more(15)

    def delayed(self) -> None:
        self.way.delay(DELAY_S * (1 + self.rng.random()))
        self.more(15, commands=3)
        self.way.delay(0)

    def half_open(self) -> None:
        """What is asked arrives and nothing comes back, for longer than anybody waits for an answer."""
        self.way.hold_answers()
        felt(self.scene.town)
        self.way.release()

    def half_open_to_the_server(self) -> None:
        """What is on the connections of now arrives much later: its senders have new connections and have gone on."""
        self.way.hold_questions(present_only=True)
        self.more(15)
        self.way.release()

    def refused(self) -> None:
        self.way.refuse()
        felt(self.scene.town)
        self.way.accept()


def felt(town: Town) -> None:
    """Until voters and staff have heard so often what they hear when something is away."""
    heard = len(town.history.seen)
    wait(lambda: len(town.history.seen) > heard + UNHEARD, what="the fault is felt", within_s=60)


@pytest.mark.parametrize("fault", ["cut", "delayed", "half_open", "half_open_to_the_server", "refused"])
def test_way_to_the_database_that_fails_in_mid_insert_breaks_nothing(scene: Scene, table: Rows, fault: str):
    befall(scene, scene.mongo, fault)

    row = f"way to the database {fault.replace('_', ' ')}"
    assert table.fault(row, judged(scene.town, scene.stack)) == []


@pytest.mark.parametrize("fault", ["cut", "delayed", "half_open", "refused"])
def test_way_to_the_broker_that_fails_breaks_nothing(scene: Scene, table: Rows, fault: str):
    befall(scene, scene.amqp, fault)

    row = f"way to the broker {fault.replace('_', ' ')}"
    assert table.fault(row, judged(scene.town, scene.stack)) == []


def befall(scene: Scene, way: TcpProxy, fault: str) -> None:
    rng = random.Random(f"{scene.town.seed} {fault}")
    with under_load(scene.town) as more:
        more(15)
        getattr(Trouble(scene, way, more, rng), fault)()
        more(30, commands=3)


@dataclass(frozen=True, slots=True)
class Mix:
    """Faults of every kind, drawn by the seed."""

    scene: Scene
    more: More
    rng: random.Random

    def kill(self) -> None:
        for pid in self.scene.stack.pids(self.rng.choice([each.name for each in TABLE])):
            os.kill(pid, signal.SIGKILL)

    def sleep(self) -> None:
        pids = self.scene.stack.pids(self.rng.choice(["vote-writer", "relay", "projector", "gateway", "ranking"]))[:1]
        with asleep(*pids):
            felt(self.scene.town)

    def scale(self) -> None:
        self.scene.stack.scale("voting", self.rng.choice((1, 2, 4)))

    def cut(self) -> None:
        self._way().cut_after(self.rng.randint(1, 30))

    def slow(self) -> None:
        way = self._way()
        way.delay(DELAY_S)
        self.more(5)
        way.delay(0)

    def hold(self) -> None:
        way = self._way()
        way.hold_answers()
        felt(self.scene.town)
        way.release()

    def _way(self) -> TcpProxy:
        return self.rng.choice((self.scene.mongo, self.scene.amqp))


def test_faults_of_every_kind_two_at_a_time_break_nothing(scene: Scene, table: Rows):
    town, stack = scene.town, scene.stack
    rng = random.Random(f"{town.seed} mixed")
    with under_load(town) as more:
        mix = Mix(scene, more, rng)
        for _ in range(STEPS):
            for fault in rng.sample((mix.kill, mix.sleep, mix.scale, mix.cut, mix.slow, mix.hold), 2):
                fault()
            more(20)
        stack.scale("voting", 2)
        more(30, commands=3)

    assert table.fault("mixed, two at a time", judged(town, stack)) == []
