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

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from deploy.topology.processes import TABLE
from shared.testing.tcp_proxy import TcpProxy
from tests.faults.fault_table import RowWriter
from tests.faults.load import WaitForMore, Workload, under_load
from tests.faults.process_faults import paused
from tests.faults.running_campaign import judge_when_idle, running_campaign
from tests.integration.threads import wait

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

CUTS = 4
DELAY_S = 0.1
NOTICED_ANSWERS = 8  # answers that must arrive before a fault counts as noticed
STEPS = 6  # steps of the mixed test


@dataclass(frozen=True, slots=True)
class Scene:
    """A running campaign and the two proxies between it and the engines."""

    workload: Workload
    stack: Stack
    mongo: TcpProxy
    amqp: TcpProxy


@pytest.fixture(scope="module")
def scene(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[Scene]:
    with TcpProxy.before(engines.mongo) as mongo, TcpProxy.before(engines.amqp) as amqp:
        through = Engines(mongo.uri, amqp.uri, engines.pg)
        with running_campaign(engines, tmp_path_factory.mktemp("ways"), seed=seed, through=through) as (made, stack):
            yield Scene(made, stack, mongo, amqp)


@dataclass(frozen=True, slots=True)
class ConnectionFault:
    """Faults of one connection under load. Each method ends with the connection working again."""

    scene: Scene
    connection: TcpProxy
    more: WaitForMore
    rng: random.Random

    def cut(self) -> None:
        """Cut the connection in place of a random answer, several times; inserts are among the answers in transit."""
        for _ in range(CUTS):
            self.connection.cut_after(self.rng.randint(1, 30))
            self.more(15)

    def delayed(self) -> None:
        """Delay everything on the connection."""
        self.connection.delay(DELAY_S * (1 + self.rng.random()))
        self.more(15, commands=3)
        self.connection.delay(0)

    def half_open(self) -> None:
        """Let questions pass and hold back the answers, for longer than anybody waits for one."""
        self.connection.hold_answers()
        wait_until_noticed(self.scene.workload)
        self.connection.release()

    def half_open_to_the_server(self) -> None:
        """Hold back what is sent on the present connections until their senders have opened new ones and gone on;
        then deliver it.
        """
        self.connection.hold_requests(present_only=True)
        self.more(15)
        self.connection.release()

    def refused(self) -> None:
        """Refuse new connections until the fault is noticed."""
        self.connection.refuse()
        wait_until_noticed(self.scene.workload)
        self.connection.accept()


def wait_until_noticed(workload: Workload) -> None:
    """Wait until voters and staff have seen several answers, as they are while something is away."""
    heard = len(workload.history.seen)
    wait(lambda: len(workload.history.seen) > heard + NOTICED_ANSWERS, what="clients notice the fault", within_s=60)


@pytest.mark.parametrize("fault", ["cut", "delayed", "half_open", "half_open_to_the_server", "refused"])
def test_way_to_the_database_that_fails_in_mid_insert_breaks_nothing(scene: Scene, table: RowWriter, fault: str):
    inflict(scene, scene.mongo, fault)

    row = f"connection to the database {fault.replace('_', ' ')}"
    assert table.add_fault(row, judge_when_idle(scene.workload, scene.stack)) == []


@pytest.mark.parametrize("fault", ["cut", "delayed", "half_open", "refused"])
def test_way_to_the_broker_that_fails_breaks_nothing(scene: Scene, table: RowWriter, fault: str):
    inflict(scene, scene.amqp, fault)

    row = f"connection to the broker {fault.replace('_', ' ')}"
    assert table.add_fault(row, judge_when_idle(scene.workload, scene.stack)) == []


def inflict(scene: Scene, connection: TcpProxy, fault: str) -> None:
    """Run one fault of a connection under load."""
    rng = random.Random(f"{scene.workload.seed} {fault}")
    with under_load(scene.workload) as more:
        more(15)
        getattr(ConnectionFault(scene, connection, more, rng), fault)()
        more(30, commands=3)


@dataclass(frozen=True, slots=True)
class MixedFaults:
    """Faults of every kind, drawn by the seed."""

    scene: Scene
    more: WaitForMore
    rng: random.Random

    def kill(self) -> None:
        for pid in self.scene.stack.pids(self.rng.choice([each.name for each in TABLE])):
            os.kill(pid, signal.SIGKILL)

    def sleep(self) -> None:
        pids = self.scene.stack.pids(self.rng.choice(["vote-writer", "relay", "projector", "gateway", "ranking"]))[:1]
        with paused(*pids):
            wait_until_noticed(self.scene.workload)

    def scale(self) -> None:
        self.scene.stack.scale("voting", self.rng.choice((1, 2, 4)))

    def cut(self) -> None:
        self._random_connection().cut_after(self.rng.randint(1, 30))

    def slow(self) -> None:
        connection = self._random_connection()
        connection.delay(DELAY_S)
        self.more(5)
        connection.delay(0)

    def hold(self) -> None:
        connection = self._random_connection()
        connection.hold_answers()
        wait_until_noticed(self.scene.workload)
        connection.release()

    def _random_connection(self) -> TcpProxy:
        return self.rng.choice((self.scene.mongo, self.scene.amqp))


def test_faults_of_every_kind_two_at_a_time_break_nothing(scene: Scene, table: RowWriter):
    workload, stack = scene.workload, scene.stack
    rng = random.Random(f"{workload.seed} mixed")
    with under_load(workload) as more:
        mix = MixedFaults(scene, more, rng)
        for _ in range(STEPS):
            for fault in rng.sample((mix.kill, mix.sleep, mix.scale, mix.cut, mix.slow, mix.hold), 2):
                fault()
            more(20)
        stack.scale("voting", 2)
        more(30, commands=3)

    assert table.add_fault("faults of every kind, two at a time", judge_when_idle(workload, stack)) == []
