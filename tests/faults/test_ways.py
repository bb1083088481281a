"""Faults of the connections to the database and to the broker: cut, delayed, half-open and refused while work goes
on.

Every process of the campaign connects to its engines through two proxies of the test, so no engine is disturbed.
The last test draws faults of every kind by the seed, two at a time.
"""

import os
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.processes import TABLE
from deploy.stack import Stack
from deploy.uris import Engines
from shared.testing.tcp_proxy import TcpProxy
from tests.faults.load import More, Town, under_load
from tests.faults.standing import asleep
from tests.faults.table import Rows
from tests.faults.towns import judged, town
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

CUTS = 4
DELAY_S = 0.1
UNHEARD = 8  # answers that must arrive before a fault counts as noticed
STEPS = 6  # steps of the mixed test


@dataclass(frozen=True, slots=True)
class Scene:
    """A running campaign and the two proxies between it and the engines."""

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
    """Faults of one connection under load. Each method ends with the connection working again."""

    scene: Scene
    way: TcpProxy
    more: More
    rng: random.Random

    def cut(self) -> None:
        """Cut the connection in place of a random answer, several times; inserts are among the answers in transit."""
        for _ in range(CUTS):
            self.way.cut_after(self.rng.randint(1, 30))
            self.more(15)

    def delayed(self) -> None:
        """Delay everything on the connection."""
        self.way.delay(DELAY_S * (1 + self.rng.random()))
        self.more(15, commands=3)
        self.way.delay(0)

    def half_open(self) -> None:
        """Let questions pass and hold back the answers, for longer than anybody waits for one."""
        self.way.hold_answers()
        felt(self.scene.town)
        self.way.release()

    def half_open_to_the_server(self) -> None:
        """Hold back what is sent on the present connections until their senders have opened new ones and gone on;
        then deliver it.
        """
        self.way.hold_questions(present_only=True)
        self.more(15)
        self.way.release()

    def refused(self) -> None:
        """Refuse new connections until the fault is noticed."""
        self.way.refuse()
        felt(self.scene.town)
        self.way.accept()


def felt(town: Town) -> None:
    """Wait until voters and staff have seen several answers, as they are while something is away."""
    heard = len(town.history.seen)
    wait(lambda: len(town.history.seen) > heard + UNHEARD, what="clients notice the fault", within_s=60)


@pytest.mark.parametrize("fault", ["cut", "delayed", "half_open", "half_open_to_the_server", "refused"])
def test_way_to_the_database_that_fails_in_mid_insert_breaks_nothing(scene: Scene, table: Rows, fault: str):
    befall(scene, scene.mongo, fault)

    row = f"connection to the database {fault.replace('_', ' ')}"
    assert table.fault(row, judged(scene.town, scene.stack)) == []


@pytest.mark.parametrize("fault", ["cut", "delayed", "half_open", "refused"])
def test_way_to_the_broker_that_fails_breaks_nothing(scene: Scene, table: Rows, fault: str):
    befall(scene, scene.amqp, fault)

    row = f"connection to the broker {fault.replace('_', ' ')}"
    assert table.fault(row, judged(scene.town, scene.stack)) == []


def befall(scene: Scene, way: TcpProxy, fault: str) -> None:
    """Run one fault of a connection under load."""
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

    assert table.fault("faults of every kind, two at a time", judged(town, stack)) == []
