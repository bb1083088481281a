"""The RPC client and the view reader on the real broker, with a real nameko service, while the connection is cut."""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from yarl import URL

from deploy import engines
from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import create_app
from gateway.backends.broker import Broker
from gateway.backends.nameko_rpc import NamekoServices
from gateway.backends.ports import ServiceAway, ServiceBroken, ServiceLate
from gateway.read_models.cache import Views
from gateway.read_models.stream import ViewReader
from services.ranking.views.stream import ViewStream
from shared.call_signing import GATEWAY, CallSigner
from shared.settings import Settings
from shared.stamps import wall_ms
from shared.streams import connect
from tests.e2e.web_server import free_port, running_server
from tests.files import ROOT

pytestmark = pytest.mark.slow


class BrokerProxy:
    """A connection to the broker that can be cut and restored."""

    def __init__(self, uri: str) -> None:
        self._to = URL(uri)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def uri(self) -> str:
        return str(self._to.with_host("127.0.0.1").with_port(self._port))

    async def restore(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for each in list(self._open):
            each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection(self._to.host, self._to.port)
        self._open |= {writer, upstream[1]}
        try:
            await asyncio.gather(self._copy(reader, upstream[1]), self._copy(upstream[0], writer))
        except OSError:
            pass
        finally:
            for each in (writer, upstream[1]):
                self._open.discard(each)
                each.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
        writer.close()


class GatewayClient:
    """A gateway's broker connection, RPC client and view reader, behind a `BrokerProxy`."""

    def __init__(self, campaign: str, proxy: BrokerProxy, data: Path) -> None:
        self.proxy, self.campaign = proxy, campaign
        self.services, self.views = NamekoServices(campaign, CallSigner(data, campaign, GATEWAY)), Views()
        self.reader = ViewReader(campaign, self.services, self.views)
        self.broker = Broker(proxy.uri, [self.services, self.reader])

    async def up(self) -> None:
        await until(lambda: self.broker.connected)

    async def call(self, method: str, body: Any = None, *, within_ms: int = 3_000) -> Any:
        call = {"body": body, "deadline": wall_ms() + within_ms}
        return await self.services.call("ranking", method, call)


async def until(reached: Any, within_s: float = 120.0) -> None:
    deadline = time.monotonic() + within_s
    while not reached():
        assert time.monotonic() < deadline, "the expected state was not reached in time"
        await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def amqp() -> str:
    return str(engines.up().amqp)


@pytest.fixture(scope="module")
def campaign(amqp: str) -> Iterator[str]:
    """Run a service under a campaign name of its own; its queues are deleted at the end."""
    name = f"e2e-{secrets.token_hex(4)}"
    environment = {**os.environ, "BAIJIA_CAMPAIGN": name, "BAIJIA_AMQP_URI": amqp}
    nameko = str(Path(sys.executable).with_name("nameko"))
    config = str(ROOT / "deploy" / "nameko.yaml")
    service = subprocess.Popen(
        [nameko, "run", "--config", config, "tests.e2e.echo"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    yield name
    service.terminate()
    service.wait(timeout=120)
    with connect(amqp) as connection, connection.channel() as channel:
        for queue in (f"{name}.views", f"rpc-{name}.ranking"):
            channel.queue_delete(queue)


@pytest.fixture
def run_connected(amqp: str, campaign: str, tmp_path: Path) -> Any:
    """Return a function that runs steps while the connection is up."""

    def run(steps: Any) -> Any:
        async def whole() -> Any:
            proxy = BrokerProxy(amqp)
            await proxy.restore()
            client = GatewayClient(campaign, proxy, tmp_path)
            client.broker.start()
            client.reader.start()
            try:
                await client.up()
                await until(lambda: client.views.loaded)
                return await steps(client)
            finally:
                await client.reader.stop()
                await client.broker.stop()
                await proxy.cut()

        return asyncio.run(whole())

    return run


def test_call_reaches_a_service_and_its_answer_comes_back(run_connected: Any):
    async def steps(client: GatewayClient) -> Any:
        return await asyncio.gather(*(client.call("echo", {"n": n, "words": "工会"}) for n in range(50)))

    answers = run_connected(steps)

    assert [each["ok"]["body"] for each in answers] == [{"n": n, "words": "工会"} for n in range(50)]


def test_service_that_nobody_runs_is_away_at_once(run_connected: Any):
    async def steps(client: GatewayClient) -> float:
        started = time.monotonic()
        with pytest.raises(ServiceAway):
            await client.services.call("nobody", "echo", {"deadline": wall_ms() + 60_000})
        return time.monotonic() - started

    assert run_connected(steps) < 30


@pytest.mark.parametrize("method", ["fail", "no_such_method"])
def test_exception_of_a_service_is_broken_and_not_an_answer(run_connected: Any, method: str):
    async def steps(client: GatewayClient) -> None:
        with pytest.raises(ServiceBroken):
            await client.call(method, "x")

    run_connected(steps)


def test_answer_after_the_deadline_is_late_and_disturbs_nobody(run_connected: Any):
    async def steps(client: GatewayClient) -> Any:
        with pytest.raises(ServiceLate):
            await client.call("dawdle", 0.5, within_ms=200)
        await asyncio.sleep(0.6)
        return await client.call("echo", 1)

    assert run_connected(steps)["ok"]["body"] == 1


def test_cut_line_ends_what_waits_and_mended_it_goes_on_by_itself(run_connected: Any):
    async def steps(client: GatewayClient) -> Any:
        waiting = asyncio.create_task(client.call("dawdle", 10, within_ms=30_000))
        await asyncio.sleep(0.3)
        started = time.monotonic()
        await client.proxy.cut()
        with pytest.raises(ServiceLate):
            await waiting
        assert time.monotonic() - started < 5
        await until(lambda: not client.broker.connected)
        with pytest.raises(ServiceAway):
            await client.call("echo", 1)
        await client.proxy.restore()
        await client.up()
        return await client.call("echo", 2)

    assert run_connected(steps)["ok"]["body"] == 2


def test_views_come_by_rpc_first_and_then_by_the_stream(run_connected: Any, amqp: str, campaign: str):
    async def steps(client: GatewayClient) -> tuple[int, int]:
        first = client.views.data("campaign")["clock"]
        stream = ViewStream(amqp, campaign)
        told = {"campaign": {"id": "demo", "rehearsal": True, "clock": 2000}}
        await asyncio.to_thread(stream.publish, told, {"moderation": 2})
        await client.views.reach("campaign", {"moderation": 2}, within_s=60)
        stream.close()
        return first, client.views.campaign_time()

    assert run_connected(steps) == (1000, 2000)


def test_views_go_on_after_the_line_was_cut(run_connected: Any, amqp: str, campaign: str):
    async def steps(client: GatewayClient) -> int:
        await client.proxy.cut()
        await until(lambda: not client.broker.connected)
        await client.proxy.restore()
        await client.up()
        stream = ViewStream(amqp, campaign)
        told = {"campaign": {"id": "demo", "rehearsal": True, "clock": 3000}}
        await asyncio.to_thread(stream.publish, told, {"moderation": 3})
        await client.views.reach("campaign", {"moderation": 3}, within_s=60)
        stream.close()
        return client.views.campaign_time()

    assert run_connected(steps) == 3000


def test_gateway_lives_without_a_broker_and_says_what_it_waits_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    uri = f"amqp://guest:secret@127.0.0.1:{free_port()}//"
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "alone", "BAIJIA_AMQP_URI": uri})

    with running_server(create_app(settings, folded_logs=FOLDED_LOGS)) as address:
        ready = httpx.get(f"{address}/readyz")
        page = httpx.get(address)
        healthy = httpx.get(f"{address}/healthz")

    assert (healthy.status_code, ready.status_code, page.status_code) == (200, 503, 503)
    assert ready.json()["missing"] == ["broker", "likes", "views"]
    said = capfd.readouterr()
    assert "RabbitMQ does not answer at 127.0.0.1" in said.out + said.err
    assert "secret" not in said.out + said.err
